"""Every operation, called as nobody, as a stranger, as a suspended party and as a party to it.

The table names what each gets; an operation without a row fails, so none is forgotten.
"""

import functools
from typing import Any, NamedTuple

import httpx
import pytest

from unit.api.callers import OCTETS, countersigned, refused, send
from unit.api.conftest import CALLERS, Served
from unit.readmodels.stories import INVOICE, NEWCOMER
from xinlian.api import create_app
from xinlian.api.authentication import OPEN_OPERATIONS
from xinlian.ledger.header import decode_block
from xinlian.primitives import format_id

ALL = None
"""The outsider sees as much of a list as the party."""


class Row(NamedTuple):
    """The status that each caller gets, and which items of a list the outsider sees."""

    nobody: int
    outsider: int
    suspended: int
    party: int
    outsider_sees: frozenset[str] | None = frozenset()


OPEN = Row(200, 200, 200, 200)
EVERYBODY_SIGNED_IN = Row(401, 200, 200, 200)
OF_ITS_PARTIES = Row(401, 404, 200, 200)
NOT_OF_A_LATER_HOLDER = Row(401, 404, 404, 200)

TABLE = {
    ("GET", "/v1/health/live"): OPEN,
    ("GET", "/v1/health/ready"): OPEN,
    ("GET", "/v1/genesis"): OPEN,
    ("GET", "/v1/headers"): OPEN._replace(outsider_sees=ALL),
    ("GET", "/v1/headers/{height}"): OPEN,
    ("POST", "/v1/verify"): OPEN,
    ("POST", "/v1/transactions"): OPEN,
    ("POST", "/v1/transactions/dry-run"): Row(401, 403, 403, 422),
    ("GET", "/v1/transactions/{transaction_id}"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/receipts/{transaction_id}"): NOT_OF_A_LATER_HOLDER,
    ("POST", "/v1/receipts/expired"): Row(401, 404, 404, 404),
    ("POST", "/v1/countersignatures"): Row(401, 422, 422, 200),
    ("GET", "/v1/attested-headers/{height}"): EVERYBODY_SIGNED_IN,
    ("POST", "/v1/tokens"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/blocks"): EVERYBODY_SIGNED_IN._replace(outsider_sees=ALL),
    ("GET", "/v1/transactions"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/parties"): EVERYBODY_SIGNED_IN._replace(
        outsider_sees=frozenset({NEWCOMER, "bank"}),
    ),
    ("GET", "/v1/parties/{party_id}"): OF_ITS_PARTIES,
    ("GET", "/v1/keys"): EVERYBODY_SIGNED_IN._replace(
        outsider_sees=frozenset({NEWCOMER, "bank"}),
    ),
    ("GET", "/v1/official-roles"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/validators"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/mandates"): EVERYBODY_SIGNED_IN._replace(outsider_sees=frozenset({NEWCOMER})),
    ("GET", "/v1/policy"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/proposals"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/proposals/{proposal_id}"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/proposals/{proposal_id}/votes"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/accounts"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/accounts/{account_id}"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/accounts/{account_id}/statement"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/balances"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/bank-entries"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/books/trial-balance"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/books/vouchers"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/books/ageing"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/books/closes"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/pending-transfers"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/bank-statements"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/payment-orders"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/obligations"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/late-interest"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/documents"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/documents/{root}"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/invoices"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/invoices/{root}"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/subjects/{root}/facts"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/subjects/{root}/verdicts"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/subjects/{root}/corroboration"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/certificates"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/certificates/{certificate_id}"): OF_ITS_PARTIES,
    ("GET", "/v1/certificates/{certificate_id}/leaves"): OF_ITS_PARTIES,
    ("GET", "/v1/issue-lines"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/leaves"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/leaves/{leaf_id}"): OF_ITS_PARTIES,
    ("GET", "/v1/leaves/{leaf_id}/path"): OF_ITS_PARTIES,
    ("GET", "/v1/transfer-offers"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/encumbrances"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/freezes"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/guarantees"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/disputes"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/finance-calls"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/finance-offers"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/events"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/consents"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/consents/{consent_id}"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/consent-reads"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/credit-records"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/credit-records/{record_id}"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/credit-inquiries"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/credit-objections"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/credit-reports/{inquiry_id}"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/devices"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/devices/{device_id}"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/watches"): EVERYBODY_SIGNED_IN,
    ("GET", "/v1/portraits/{party_id}"): NOT_OF_A_LATER_HOLDER,
    ("GET", "/v1/portraits/{party_id}/facts"): NOT_OF_A_LATER_HOLDER,
}
NAMES = {"outsider": NEWCOMER, "suspended": "supplier2", "party": "core"}
QUERIES = {
    "/v1/balances": "?as_of_height=3",
    "/v1/portraits/{party_id}/facts": "?figure=own_promises",
    "/v1/verify": "?allow_simulated=true",
    "/v1/books/trial-balance": "?period=2026-11",
    "/v1/books/vouchers": "?period=2026-11",
    "/v1/books/ageing": "?period=2026-11",
}


@functools.cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document of an application that serves nothing."""

    class Nothing:
        genesis_bytes = b"{}"
        books = None

    return create_app(Nothing(), Nothing(), Nothing()).openapi()  # type: ignore[arg-type]  # described, never called


def operations() -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, methods in document()["paths"].items()
        for method in methods
    ]


def ordered_by_core(served: Served) -> tuple[str, bytes]:
    """Return (id, bytes) of the first transaction of core: nobody else is a party to it."""
    block = decode_block(served.told.store.block(1) or b"")
    from xinlian.ledger.transaction import decode_transaction

    raw = block.transactions[0]
    return decode_transaction(raw).transaction_id.hex(), raw


def address(served: Served, path: str) -> str:
    """Return an operation's address with the ids of the story in it."""
    told = served.told
    filled = path.format(
        height="1",
        transaction_id=ordered_by_core(served)[0],
        party_id=told.party_text("core"),
        account_id=format_id("account", served.consortium.account("core")),
        root=INVOICE.hex(),
        certificate_id=told.text("cert", "certificate"),
        leaf_id=told.text("leaf", "leaf2"),
        proposal_id=told.text("proposal", "proposal"),
        consent_id=told.text("consent", "consent"),
        device_id=told.text("device", "device"),
        record_id=told.text("record", "record"),
        inquiry_id=told.text("inquiry", "inquiry"),
    )
    return filled + QUERIES.get(path, "")


def body(served: Served, path: str) -> bytes:
    transaction_id, raw = ordered_by_core(served)
    if path == "/v1/verify":
        return served.consortium.node.receipt(bytes.fromhex(transaction_id))
    if path == "/v1/countersignatures":
        return countersigned(served.consortium.node, 1, served.key("core", "finance-1"))
    takes_transaction = path.startswith("/v1/transactions") or path == "/v1/receipts/expired"
    return raw if takes_transaction else b""


def call(served: Served, who: str, method: str, path: str) -> httpx.Response:
    """Call an operation; of an event stream only the head is read."""
    target, content = address(served, path), body(served, path) if method == "POST" else b""
    if who == "nobody":
        headers = OCTETS if content else {}
        return send(served.server.url, method, target, body=content, headers=headers)
    caller = served.caller(NAMES[who])
    if path != "/v1/events":
        return caller.request(method, target, body=content)
    headers = caller.signed_headers(method, target)
    with httpx.stream(method, served.server.url + target, headers=headers) as response:
        return httpx.Response(response.status_code, headers=response.headers)


def test_every_operation_has_a_row_and_every_row_an_operation():
    assert set(operations()) == set(TABLE)


def test_what_needs_no_sign_in_is_exactly_this():
    assert {
        ("GET", "/v1/openapi.json"),
        ("GET", "/v1/health/live"),
        ("GET", "/v1/health/ready"),
        ("GET", "/v1/genesis"),
        ("GET", "/v1/headers"),
        ("GET", "/v1/headers/{height}"),
        ("POST", "/v1/verify"),
        ("POST", "/v1/transactions"),
    } == OPEN_OPERATIONS


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize(("method", "path"), operations())
def test_each_caller_gets_what_the_table_says(served, method, path, who):
    response = call(served, who, method, path)
    assert response.status_code == getattr(TABLE[method, path], who), response.text
    if response.status_code == 401:
        assert refused(response) == "api/not_signed_in"
        assert response.headers["www-authenticate"] == 'Bearer realm="xinlian"'
    if response.status_code == 404:
        assert refused(response) == "api/not_found"


@pytest.mark.parametrize(
    ("method", "path"),
    [key for key in operations() if "{" not in key[1] and key[0] == "GET"],
)
def test_a_stranger_finds_nothing_of_others_in_any_list(served, method, path):
    items = call(served, "outsider", method, path)
    if path == "/v1/events" or "items" not in items.json():
        return
    sees = TABLE[method, path].outsider_sees
    whole = call(served, "party", method, path).json()["items"]
    found = items.json()["items"]
    if sees is ALL:
        assert found == whole
    else:
        expected = {served.told.party_text(name) for name in sees or ()}
        assert {item.get("party_id") for item in found} == expected


READERS = {"/v1/transfer-offers": "supplier1"}
NO_LISTS = {
    "/v1/books/trial-balance",
    "/v1/books/ageing",
    "/v1/attested-headers/{height}",
}
NOT_IN_THIS_STORY = {
    "/v1/official-roles",
    "/v1/validators",
    "/v1/freezes",
    "/v1/disputes",
    "/v1/guarantees",
    "/v1/credit-objections",
    "/v1/watches",
    "/v1/finance-calls",
    "/v1/finance-offers",
    "/v1/late-interest",
    "/v1/books/closes",
    "/v1/pending-transfers",
    "/v1/bank-statements",
}


@pytest.mark.parametrize(
    "path",
    [
        path
        for method, path in operations()
        if method == "GET" and TABLE[method, path] == EVERYBODY_SIGNED_IN
        if path not in {"/v1/events", *NO_LISTS}
    ],
)
def test_the_lists_are_not_empty_for_a_party(served, path):
    found = served.caller(READERS.get(path, "core")).items(path + QUERIES.get(path, ""))
    assert bool(found) == (path not in NOT_IN_THIS_STORY)


def test_every_answer_forbids_framing_guessing_and_referrers(served):
    for path in ("/v1/genesis", "/v1/leaves", "/v1/nothing"):
        headers = send(served.server.url, "GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_another_origin_gets_no_permission(served):
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    response = send(served.server.url, "OPTIONS", "/v1/genesis", headers=headers)
    assert response.status_code == 405
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", "api/not_found"),
        ("GET", "/v1/leaves/", "api/not_found"),
        ("GET", "/docs", "api/not_found"),
        ("GET", "/v1/%00", "api/not_found"),
        ("DELETE", "/v1/leaves", "api/method_not_allowed"),
        ("PUT", "/v1/transactions", "api/method_not_allowed"),
    ],
)
def test_what_does_not_exist_is_a_problem_too(served, method, path, expected):
    assert refused(send(served.server.url, method, path)) == expected
