"""Submitting, trying and following transactions over HTTP."""

import httpx
import pytest

from unit.api.callers import OCTETS, problem_of, refused, send
from unit.readmodels.stories import root_of
from xinlian.api.routes.transactions import BODY_BYTES_MAX
from xinlian.client import Intent
from xinlian.client.builder import SignedTransaction
from xinlian.ledger.limits import TRANSACTION_BYTES_MAX
from xinlian.ledger.transaction import (
    IDEMPOTENCY_KEY_BYTES,
    decode_transaction,
    encode_body,
    encode_transaction,
)
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.members.messages import SuspendParticipant

PATH = "/v1/transactions"


def document(name: str) -> RegisterDocument:
    return RegisterDocument(root_of(name), "invoice", 1)


def submit(fresh, raw: bytes, query: str = "?wait_seconds=30"):
    return send(fresh.server.url, "POST", PATH + query, body=raw, headers=OCTETS)


def badly_signed(signed: SignedTransaction) -> bytes:
    """Return the same body under signatures that do not verify."""
    transaction = decode_transaction(signed.raw)
    signatures = tuple(bytes(64) for _ in transaction.signatures)
    return encode_transaction(encode_body(transaction.body), signatures)


def test_a_transaction_is_committed_and_says_where(fresh):
    signed = fresh.consortium.sign("core", document("a"))
    response = submit(fresh, signed.raw)
    answer = response.json()
    assert response.status_code == 200
    assert answer["status"] == "committed"
    assert answer["transaction_id"] == signed.transaction_id.hex()
    assert answer["committed"]["height"] == answer["height"] == 1
    assert answer["committed"]["code"] == 0
    assert answer["committed"]["error"] == ""


def test_the_same_bytes_give_the_same_outcome_however_often(fresh):
    signed = fresh.consortium.sign("core", document("a"))
    answers = [submit(fresh, signed.raw).json()["committed"] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


def test_the_same_bytes_give_their_outcome_after_they_expired(fresh):
    c = fresh.consortium
    signed = c.sign("core", document("a"))
    first = submit(fresh, signed.raw).json()
    c.advance_to(c.now_ms() + 3_600_000)
    assert submit(fresh, signed.raw).json()["committed"] == first["committed"]


def test_the_same_body_with_other_signatures_is_told_no_outcome(fresh):
    signed = fresh.consortium.sign("core", document("a"))
    submit(fresh, signed.raw)
    response = submit(fresh, badly_signed(signed))
    assert response.status_code == 409
    assert refused(response) == "ledger/duplicate"


def test_without_waiting_a_transaction_is_pending_and_its_address_is_given(fresh):
    fresh.consortium.engine._interval_seconds = 0.5  # how long a block waits for company
    signed = fresh.consortium.sign("core", document("a"))
    response = submit(fresh, signed.raw, "")
    waited = submit(fresh, signed.raw, "?wait_seconds=0.01")
    assert response.status_code == waited.status_code == 202
    assert response.json()["status"] == waited.json()["status"] == "pending"
    assert response.headers["location"] == f"{PATH}/{signed.transaction_id.hex()}"
    assert submit(fresh, signed.raw).json()["status"] == "committed"


def test_a_refused_message_is_an_outcome_with_its_name(fresh):
    c = fresh.consortium
    accounts = c.account("supplier1"), c.account("bank")
    response = submit(fresh, c.sign("supplier1", Transfer(*accounts, 1)).raw)
    committed = response.json()["committed"]
    assert response.status_code == 200
    assert (committed["code"], committed["failed_call"]) != (0, -1)
    assert committed["error"] == "accounts/insufficient_balance"
    assert committed["title"]


def test_a_suspended_party_takes_on_nothing_new(fresh):
    fresh.told.send("bank", SuspendParticipant(fresh.told.party("supplier2")))
    committed = submit(fresh, fresh.consortium.sign("supplier2", document("a")).raw).json()
    assert committed["committed"]["error"] == "members/suspended"


@pytest.mark.parametrize(
    ("raw", "status", "expected"),
    [
        (b"", 422, "ledger/undecodable"),
        (b"garbage", 422, "ledger/undecodable"),
        (b"\x92" * 200_000, 422, "ledger/undecodable"),
        (bytes(TRANSACTION_BYTES_MAX + 1), 413, "ledger/transaction_too_large"),
        (bytes(BODY_BYTES_MAX + 1), 413, "api/body_too_large"),
    ],
    ids=["empty", "garbage", "deep", "too large for the ledger", "too large for the API"],
)
def test_garbage_is_refused_by_name(fresh, raw, status, expected):
    response = submit(fresh, raw)
    assert response.status_code == status
    problem = problem_of(response)
    assert f"{problem.codespace}/{problem.name}" == expected
    assert problem.not_admitted == (problem.codespace == "ledger")


def test_a_body_in_chunks_is_bounded_too(fresh):
    size, step = BODY_BYTES_MAX + 1, 1 << 16
    chunks = (bytes(min(step, size - start)) for start in range(0, size, step))
    with httpx.Client(trust_env=False) as client:
        response = client.post(fresh.server.url + PATH, content=chunks, headers=OCTETS)
    assert refused(response) == "api/body_too_large"


def test_another_encoding_of_a_transaction_is_not_admitted(fresh):
    signed = fresh.consortium.sign("core", document("a"))
    assert refused(submit(fresh, signed.raw + b"\x00")) == "ledger/undecodable"


def test_an_unsigned_or_foreign_transaction_is_not_admitted(fresh):
    c = fresh.consortium
    signed = c.sign("core", document("a"))
    badly = submit(fresh, badly_signed(signed))
    assert badly.status_code == 403
    assert problem_of(badly).not_admitted
    assert refused(badly) == "ledger/invalid_signature"
    core = c["core"]
    calls = ((core.party, document("a")),)
    foreign = Intent("test-other", core.party, calls, c.now_ms() + 60_000)
    response = submit(fresh, foreign.sign(core.keys_of("finance-1")).raw)
    assert refused(response) == "ledger/wrong_chain"


def test_an_expired_transaction_is_not_admitted(fresh):
    c = fresh.consortium
    signed = c.sign("core", document("a"))
    c.advance_to(c.now_ms() + 3_600_000)
    response = submit(fresh, signed.raw)
    assert response.status_code == 422
    assert refused(response) == "ledger/expired"


def test_an_idempotency_key_is_not_used_for_a_second_body(fresh):
    c = fresh.consortium
    core = c["core"]
    until, key = c.now_ms() + 60_000, bytes(IDEMPOTENCY_KEY_BYTES)
    intents = [
        Intent(c.chain_id, core.party, ((core.party, document(name)),), until, key)
        for name in ("a", "b")
    ]
    first, second = (intent.sign(core.keys_of("finance-1")).raw for intent in intents)
    assert submit(fresh, first).json()["status"] == "committed"
    response = submit(fresh, second)
    assert response.status_code == 409
    assert refused(response) == "ledger/idempotency_conflict"


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", ""])
def test_another_media_type_is_refused(fresh, media_type):
    headers = {"Content-Type": media_type} if media_type else {}
    response = send(fresh.server.url, "POST", PATH, body=b"{}", headers=headers)
    assert response.status_code == 415
    assert refused(response) == "api/unsupported_media_type"


@pytest.mark.parametrize("query", ["?wait_seconds=-1", "?wait_seconds=31", "?wait_seconds=nan"])
def test_waiting_is_bounded(fresh, query):
    assert refused(submit(fresh, b"x", query)) == "api/parameters_invalid"


def test_an_outcome_is_told_to_its_parties_alone(fresh):
    signed = fresh.consortium.sign("core", document("a"))
    submit(fresh, signed.raw)
    path = f"{PATH}/{signed.transaction_id.hex()}"
    assert fresh.caller("core").get(path).json()["status"] == "committed"
    assert refused(fresh.caller("bank").get(path)) == "api/not_found"


def test_an_unseen_transaction_is_unknown_until_it_must_have_expired(fresh):
    c = fresh.consortium
    signed = c.sign("core", document("a"))
    until = c.now_ms() + 600_000
    path = f"{PATH}/{signed.transaction_id.hex()}?valid_until_ms={until}"
    caller = fresh.caller("core")
    assert caller.get(path).json()["status"] == "unknown"
    c.advance_to(until + 1)
    assert caller.get(path).json()["status"] == "expired"


@pytest.mark.parametrize("text", ["x", "00", "0" * 63 + "g", "A" * 64, "0" * 65, "%00"])
def test_a_malformed_transaction_id_is_named_so(fresh, text):
    response = fresh.caller("core").get(f"{PATH}/{text}")
    assert response.status_code == 422
    assert refused(response) in ("api/malformed_id", "api/parameters_invalid")


def test_a_dry_run_says_what_would_happen_and_changes_nothing(fresh):
    c = fresh.consortium
    raw = c.sign("core", document("a")).raw
    response = fresh.caller("core").request("POST", f"{PATH}/dry-run", body=raw)
    answer = response.json()
    assert response.status_code == 200
    assert (answer["code"], answer["height"], len(answer["events"])) == (0, 0, 1)
    assert c.node.head().header.height == 0


def test_a_dry_run_tells_what_would_be_refused(fresh):
    c = fresh.consortium
    raw = c.sign("supplier1", Transfer(c.account("supplier1"), c.account("bank"), 1)).raw
    answer = fresh.caller("supplier1").request("POST", f"{PATH}/dry-run", body=raw).json()
    assert answer["error"] == "accounts/insufficient_balance"
    assert answer["events"] == []


def test_a_dry_run_is_told_to_the_parties_of_the_transaction(fresh):
    raw = fresh.consortium.sign("core", document("a")).raw
    response = fresh.caller("bank").request("POST", f"{PATH}/dry-run", body=raw)
    assert response.status_code == 403
    assert refused(response) == "api/not_your_transaction"


def test_a_stopped_node_says_so(fresh):
    raw = fresh.consortium.sign("core", document("a")).raw
    fresh.consortium.engine.close()
    response = submit(fresh, raw)
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert refused(response) == "api/node_stopped"
    ready = send(fresh.server.url, "GET", "/v1/health/ready")
    assert ready.status_code == 503
    assert ready.json()["cause"] == "api/node_stopped"
