"""Bad parameters of every operation: ids, cursors, limits, unknown names."""

import pytest

from unit.api.callers import problem_of, refused
from unit.api.test_app import TABLE
from xinlian.api import problems
from xinlian.api.parameters import checked_hash, checked_id, hash_bytes
from xinlian.api.problems import ApiProblem
from xinlian.primitives import format_id

LISTS = sorted(
    path for method, path in TABLE if method == "GET" and "{" not in path and "health" not in path
)
NOT_PAGED = (
    "/v1/genesis",
    "/v1/events",
    "/v1/headers",
    "/v1/books/trial-balance",
    "/v1/books/ageing",
    "/v1/mandates",
)
PAGED = [path for path in LISTS if path not in NOT_PAGED]
WITH_ID = {
    "/v1/parties/{}": "party",
    "/v1/accounts/{}": "account",
    "/v1/accounts/{}/statement": "account",
    "/v1/certificates/{}": "cert",
    "/v1/certificates/{}/leaves": "cert",
    "/v1/leaves/{}": "leaf",
    "/v1/leaves/{}/path": "leaf",
    "/v1/consents/{}": "consent",
    "/v1/credit-records/{}": "record",
    "/v1/credit-reports/{}": "inquiry",
    "/v1/devices/{}": "device",
    "/v1/portraits/{}": "party",
    "/v1/portraits/{}/facts": "party",
    "/v1/proposals/{}": "proposal",
    "/v1/proposals/{}/votes": "proposal",
}
WITH_HASH = [
    "/v1/documents/{}",
    "/v1/invoices/{}",
    "/v1/subjects/{}/facts",
    "/v1/subjects/{}/verdicts",
    "/v1/subjects/{}/corroboration",
    "/v1/transactions/{}",
    "/v1/receipts/{}",
]
ID_FILTERS = [
    "/v1/transactions?payer=",
    "/v1/keys?party_id=",
    "/v1/official-roles?party_id=",
    "/v1/accounts?owner=",
    "/v1/bank-entries?bank_account=",
    "/v1/payment-orders?certificate_id=",
    "/v1/obligations?debtor=",
    "/v1/late-interest?certificate_id=",
    "/v1/documents?owner=",
    "/v1/invoices?seller=",
    "/v1/invoices?buyer=",
    "/v1/certificates?invoice_root=",
    "/v1/leaves?holder=",
    "/v1/transfer-offers?leaf_id=",
    "/v1/encumbrances?certificate_id=",
    "/v1/consents?subject=",
    "/v1/devices?owner=",
    "/v1/devices?serves=",
    "/v1/watches?subject=",
    "/v1/watches?device_id=",
    "/v1/consent-reads?consent_id=",
    "/v1/credit-records?subject=",
    "/v1/credit-inquiries?inquirer=",
    "/v1/credit-objections?record_id=",
]


def extra(path: str) -> str:
    needed = {"/v1/balances": "as_of_height=1&", "/v1/books/vouchers": "period=2026-11&"}
    return needed.get(path, "")


HEIGHTS = {"/v1/headers/{height}", "/v1/attested-headers/{height}"}
"""Operations whose parameter is a number."""


def test_every_operation_with_an_id_is_tried_here():
    with_id = {path for _, path in TABLE if "{" in path} - HEIGHTS
    tried = [*WITH_ID, *WITH_HASH]
    assert {path.split("{")[0] + path.split("}")[1] for path in with_id} == {
        path.replace("{}", "") for path in tried
    }


@pytest.mark.parametrize("path", LISTS)
def test_an_unknown_parameter_is_refused(served, path):
    response = served.caller("core").get(f"{path}?{extra(path)}colour=red")
    assert response.status_code == 422
    assert refused(response) == "api/unknown_parameter"
    assert "red" not in response.text


@pytest.mark.parametrize("limit", ["0", "-1", "201", "x", "1e3", "", "9" * 30])
@pytest.mark.parametrize("path", [*PAGED, "/v1/headers"])
def test_a_limit_is_one_to_two_hundred(served, path, limit):
    response = served.caller("core").get(f"{path}?{extra(path)}limit={limit}")
    assert response.status_code == 422
    assert refused(response) == "api/parameters_invalid"


@pytest.mark.parametrize("cursor", ["x", "AAAA", "W10", "%00", "钥", "WyJsZWF2ZXMiLC0xXQ"])
@pytest.mark.parametrize("path", PAGED)
def test_a_malformed_cursor_is_refused(served, path, cursor):
    response = served.caller("core").get(f"{path}?{extra(path)}cursor={cursor}")
    assert response.status_code == 422
    assert refused(response) == "readmodels/cursor_invalid"


@pytest.mark.parametrize("path", PAGED)
def test_a_cursor_has_a_ceiling(served, path):
    response = served.caller("core").get(f"{path}?{extra(path)}cursor={'A' * 513}")
    assert refused(response) == "api/parameters_invalid"


def test_a_cursor_of_one_list_is_no_cursor_of_another(served):
    caller = served.caller("core")
    cursor = caller.get("/v1/documents?limit=1").json()["next_cursor"]
    assert refused(caller.get(f"/v1/facts-no?cursor={cursor}")) == "api/not_found"
    assert refused(caller.get(f"/v1/leaves?cursor={cursor}")) == "readmodels/cursor_invalid"


def test_a_parameter_given_twice_is_refused(served):
    response = served.caller("core").get("/v1/leaves?limit=1&limit=2")
    assert refused(response) == "api/parameters_invalid"


@pytest.mark.parametrize("path", WITH_ID)
def test_a_malformed_id_is_refused_and_another_kind_too(served, path):
    kind = WITH_ID[path]
    good = format_id(kind, bytes(20))
    other = format_id("offer", bytes(20))
    for text in ("xyzzy", other, good.upper(), good + "a", good[:-1], f"{kind}_", "%00", "'--"):
        response = served.caller("core").get(path.format(text))
        assert response.status_code == 422, text
        assert refused(response) == "api/malformed_id"
        assert "xyzzy" not in problem_of(response).detail
    assert refused(served.caller("core").get(path.format("x" * 65))) == "api/parameters_invalid"
    assert refused(served.caller("core").get(path.format(good))) == "api/not_found"


@pytest.mark.parametrize("path", WITH_HASH)
def test_a_malformed_hash_is_refused(served, path):
    for text in ("x", "0" * 63, "F" * 64, "0" * 63 + "%20"):
        response = served.caller("core").get(path.format(text))
        assert response.status_code == 422, text
        assert refused(response) == "api/malformed_id"


@pytest.mark.parametrize("path", ID_FILTERS)
def test_a_malformed_id_is_refused_in_a_filter(served, path):
    assert refused(served.caller("core").get(f"{path}x")) == "api/malformed_id"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/certificates?life=%00",
        "/v1/leaves?life=A%27",
        "/v1/documents?schema=" + "x" * 65,
        "/v1/balances?as_of_height=-1",
        "/v1/balances?as_of_height=x",
        "/v1/balances",
    ],
)
def test_a_malformed_filter_is_refused(served, path):
    assert refused(served.caller("core").get(path)) == "api/parameters_invalid"


@pytest.mark.parametrize(
    "path",
    ["/v1/balances?as_of_height=999999", "/v1/accounts/{}/statement?from_height=5&to_height=4"],
)
def test_a_height_that_is_not_there_is_named_so(served, path):
    account = format_id("account", served.consortium.account("core"))
    response = served.caller("core").get(path.format(account))
    assert refused(response) == "readmodels/height_unknown"


def test_ids_are_checked_in_their_one_text_form():
    text = format_id("leaf", bytes(range(20)))
    assert checked_id("leaf", text) == text
    assert hash_bytes("ab" * 32) == b"\xab" * 32
    assert checked_hash("ab" * 32) == "ab" * 32
    with pytest.raises(ApiProblem) as caught:
        checked_id("cert", text)
    assert caught.value.kind is problems.MALFORMED_ID
