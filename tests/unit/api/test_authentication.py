"""Who asks: signatures and tokens, and each way in which one is not accepted."""

import pytest

from unit.api.callers import Caller, refused, send
from unit.readmodels.stories import NEWCOMER
from xinlian.api.replay import TOKEN_LIFE_SECONDS
from xinlian.crypto.http_signature import content_digest
from xinlian.modules.members.messages import RevokeKey, SuspendParticipant
from xinlian.modules.members.types import key_id_of
from xinlian.primitives import format_id

PATH = "/v1/leaves?limit=1"
DRY_RUN = "/v1/transactions/dry-run"


@pytest.fixture
def core(served) -> Caller:
    caller: Caller = served.caller("core")
    return caller


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_signature_signs_one_request_in(core):
    assert core.get(PATH).status_code == 200


def test_a_captured_signature_is_not_used_twice(core):
    headers = core.signed_headers("GET", PATH)
    assert send(core.url, "GET", PATH, headers=headers).status_code == 200
    assert refused(send(core.url, "GET", PATH, headers=headers)) == "api/signature_replayed"


def test_two_keys_may_draw_the_same_nonce(served):
    for role in ("finance-1", "finance-2"):
        response = served.caller("core", role).get(PATH, nonce="the-same-nonce-twice")
        assert response.status_code == 200


def test_a_nonce_is_free_again_when_its_signature_has_ended(served, core):
    nonce = "a-nonce-for-a-minute"
    assert core.get(PATH, nonce=nonce).status_code == 200
    served.clock.seconds += 61
    assert core.get(PATH, nonce=nonce).status_code == 200


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-61, "api/signature_expired"),
        (61, "api/signature_from_the_future"),
    ],
)
def test_a_signature_is_of_this_minute(served, core, seconds, expected):
    response = core.get(PATH, created=served.clock.seconds + seconds)
    assert response.status_code == 401
    assert refused(response) == expected


def test_a_signature_lives_no_longer_than_a_minute(core):
    assert refused(core.get(PATH, lifetime=61)) == "api/signature_parameters"


def test_another_partys_key_does_not_sign_for_mine(served, core):
    mine = format_id("key", key_id_of(core.key.suite, core.key.public_key))
    assert refused(served.caller("bank").get(PATH, key_id=mine)) == "api/signature_wrong"


@pytest.mark.parametrize("key_id", [format_id("key", bytes(20)), "key_", "leaf_x"])
def test_an_unknown_key_is_nobodys(core, key_id):
    assert refused(core.get(PATH, key_id=key_id)) == "api/key_not_active"


def test_a_revoked_key_signs_nothing_any_more(served):
    spare = format_id("key", served.told.ids["spare"])
    assert refused(served.caller("supplier2").get(PATH, key_id=spare)) == "api/key_not_active"


def test_revoking_a_key_ends_its_tokens_at_once(fresh):
    token = fresh.caller("core", "operations").token()
    core = fresh.consortium["core"]
    key = core.keys["operations"]
    url = fresh.server.url
    assert send(url, "GET", PATH, headers=bearer(token)).status_code == 200
    fresh.told.send("core", RevokeKey(key_id_of(key.suite, key.public_key)))
    assert refused(send(url, "GET", PATH, headers=bearer(token))) == "api/key_not_active"


def test_a_signature_for_another_node_is_not_passed_on(core):
    host = {"Host": "other.example"}
    headers = core.signed_headers("GET", PATH, authority="other.example") | host
    response = send(core.url, "GET", PATH, headers=headers)
    assert response.status_code == 421
    assert refused(response) == "api/authority_wrong"


@pytest.mark.parametrize("name", ["localhost", "[::1]"])
def test_a_node_on_loopback_knows_its_own_names(core, name):
    authority = core.url.removeprefix("http://").replace("127.0.0.1", name)
    headers = core.signed_headers("GET", PATH, authority=authority) | {"Host": authority}
    assert send(core.url, "GET", PATH, headers=headers).status_code == 200


def test_a_node_answers_to_its_public_name(core):
    headers = core.signed_headers("GET", PATH, authority="node.example")
    response = send(core.url, "GET", PATH, headers=headers | {"Host": "Node.Example"})
    assert response.status_code == 200


def test_the_query_is_signed_too(core):
    headers = core.signed_headers("GET", PATH)
    response = send(core.url, "GET", "/v1/leaves?limit=2", headers=headers)
    assert refused(response) == "api/signature_wrong"


def test_a_body_needs_its_digest_signed(core):
    assert (
        refused(core.request("POST", DRY_RUN, body=b"x", digest="")) == "api/content_digest_wrong"
    )


def test_a_wrong_digest_is_refused(core):
    response = core.request("POST", DRY_RUN, body=b"x", digest=content_digest(b"y"))
    assert refused(response) == "api/content_digest_wrong"


def test_a_body_changed_under_way_is_refused(core):
    headers = core.signed_headers("POST", DRY_RUN, body=b"x")
    response = send(core.url, "POST", DRY_RUN, body=b"y", headers=headers)
    assert refused(response) == "api/content_digest_wrong"


@pytest.mark.parametrize(
    "headers",
    [
        {"Signature": "garbage"},
        {"Signature": "garbage", "Signature-Input": "garbage"},
        {"Signature": "x" * 2_000, "Signature-Input": "y" * 2_000},
    ],
    ids=["alone", "garbage", "oversized"],
)
def test_garbage_for_a_signature_is_named_so(core, headers):
    assert refused(send(core.url, "GET", PATH, headers=headers)) == "api/signature_malformed"


def test_two_signatures_in_one_request_are_refused(core):
    headers = core.signed_headers("GET", PATH)
    response = send(core.url, "GET", PATH, headers=[*headers.items(), *headers.items()])
    assert refused(response) == "api/signature_malformed"


def test_a_token_reads_as_its_party_for_a_quarter_of_an_hour(served, core):
    token = core.token()
    mine = send(core.url, "GET", "/v1/leaves", headers=bearer(token))
    assert mine.json() == core.get("/v1/leaves").json()
    served.clock.seconds += TOKEN_LIFE_SECONDS - 1
    assert send(core.url, "GET", PATH, headers=bearer(token)).status_code == 200
    served.clock.seconds += 1
    ended = send(core.url, "GET", PATH, headers=bearer(token))
    assert refused(ended) == "api/token_invalid"


def test_a_token_does_not_beget_a_token(core):
    response = send(core.url, "POST", "/v1/tokens", headers=bearer(core.token()))
    assert refused(response) == "api/token_invalid"


@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer x", "Bearer xlt_" + "A" * 43, "Basic Zm9vOmJhcg==", "bearer xlt_", ""],
)
def test_what_is_no_token_of_this_node_is_refused(core, value):
    response = send(core.url, "GET", PATH, headers={"Authorization": value})
    assert response.status_code == 401
    assert refused(response) == "api/token_invalid"


def test_a_key_has_sixteen_tokens_and_the_oldest_ends(served):
    caller = served.caller("settle")
    tokens = [caller.token() for _ in range(17)]
    statuses = [
        send(caller.url, "GET", PATH, headers=bearer(token)).status_code for token in tokens
    ]
    assert statuses == [401] + [200] * 16


def test_the_tokens_answer_says_who_and_how_long(served, core):
    answer = core.request("POST", "/v1/tokens").json()
    assert answer["party"] == served.told.party_text("core")
    assert answer["expires_in_seconds"] == TOKEN_LIFE_SECONDS
    assert answer["token_type"] == "Bearer"


def test_the_suspended_read_as_before(fresh):
    supplier = fresh.caller("supplier2")
    before = [supplier.get(path).json()["items"] for path in ("/v1/accounts", "/v1/obligations")]
    fresh.told.send("bank", SuspendParticipant(fresh.told.party("supplier2")))
    fresh.catch_up()
    after = [supplier.get(path).json()["items"] for path in ("/v1/accounts", "/v1/obligations")]
    assert after == before
    assert (
        supplier.get(f"/v1/parties/{fresh.told.party_text('supplier2')}").json()["item"]["status"]
        == "suspended"
    )


def test_a_party_admitted_later_signs_in_from_then_on(served):
    assert served.caller(NEWCOMER).get(PATH).status_code == 200
