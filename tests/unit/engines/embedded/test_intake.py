"""The intake: a badly signed submission leaves nothing behind, under load as without."""

import threading
from collections.abc import Sequence

import pytest

from engines.replay import check_whole, replayed_app_hashes
from xinlian.engines.embedded import engine as engine_module
from xinlian.engines.embedded import intake
from xinlian.engines.signatures import SignatureVerifier
from xinlian.ledger.admission import SignatureFact
from xinlian.ledger.errors import InvalidSignature, Overloaded
from xinlian.ledger.node import NodeStopped, OutcomeStatus
from xinlian.ledger.transaction import decode_transaction, encode_body, encode_transaction
from xinlian.modules.accounts.messages import Transfer
from xinlian.testing import Consortium

TIMEOUT_SECONDS = 30


class Held(SignatureVerifier):
    """Verifies when it is let, and remembers how many facts came together."""

    def __init__(self) -> None:
        super().__init__(in_process=True)
        self.open = threading.Event()
        self.open.set()
        self.reached = threading.Event()
        self.batches: list[int] = []
        self.failure: BaseException | None = None

    def verify(self, facts: Sequence[SignatureFact]) -> list[bool]:
        """Wait for the gate, then verify or fail."""
        self.batches.append(len(facts))
        self.reached.set()
        assert self.open.wait(TIMEOUT_SECONDS)
        if self.failure is not None:
            raise self.failure
        return super().verify(facts)


@pytest.fixture
def verifier(monkeypatch):
    monkeypatch.setattr(engine_module, "INTAKE_FROM", 0)
    held = Held()
    monkeypatch.setattr(engine_module, "SignatureVerifier", lambda: held)
    return held


@pytest.fixture
def c(verifier):
    consortium = Consortium()
    yield consortium
    verifier.open.set()
    consortium.close()


def payment(c: Consortium, amount_minor: int = 1) -> Transfer:
    return Transfer(c.account("core"), c.account("bank"), amount_minor)


def spoilt(raw: bytes) -> bytes:
    """Return the same transaction with another signature."""
    decoded = decode_transaction(raw)
    return encode_transaction(encode_body(decoded.body), (bytes(64),) * len(decoded.signatures))


def hold(verifier: Held) -> None:
    verifier.reached.clear()
    verifier.open.clear()


def test_a_bad_signature_is_told_by_the_future_as_the_refusal_it_is(c):
    bad = c.engine.submit(spoilt(c.sign("core", payment(c)).raw))
    with pytest.raises(InvalidSignature):
        bad.require_admitted()
    with pytest.raises(InvalidSignature):
        bad.result(TIMEOUT_SECONDS)


def test_the_node_tells_it_at_submission_as_without_load(c):
    signed = c.sign("core", payment(c))
    with pytest.raises(InvalidSignature):
        c.node.submit(spoilt(signed.raw))
    assert c.node.outcome(signed.transaction_id).status == OutcomeStatus.UNKNOWN
    assert c.node.submit(signed.raw).result(TIMEOUT_SECONDS).result.succeeded


def test_a_spoilt_copy_does_not_keep_the_true_one_out(c, verifier):
    signed = c.sign("core", payment(c))
    hold(verifier)
    copy = c.engine.submit(spoilt(signed.raw))
    true = c.engine.submit(signed.raw)
    verifier.open.set()
    with pytest.raises(InvalidSignature):
        copy.result(TIMEOUT_SECONDS)
    assert true.result(TIMEOUT_SECONDS).result.succeeded


def test_the_same_transaction_twice_in_a_batch_has_one_outcome(c, verifier):
    hold(verifier)
    c.engine.submit(c.sign("bank", Transfer(c.account("bank"), c.account("core"), 1)).raw)
    assert verifier.reached.wait(TIMEOUT_SECONDS)
    signed = c.sign("core", payment(c))
    twice = [c.engine.submit(signed.raw) for _ in range(2)]
    verifier.open.set()
    first, second = (outcome.result(TIMEOUT_SECONDS) for outcome in twice)
    assert first == second
    assert first.result.succeeded


def test_what_comes_while_a_batch_is_verified_is_the_next_batch(c, verifier):
    hold(verifier)
    outcomes = [c.engine.submit(c.sign("core", payment(c)).raw)]
    assert verifier.reached.wait(TIMEOUT_SECONDS)
    outcomes += [c.engine.submit(c.sign("core", payment(c)).raw) for _ in range(5)]
    assert not c.engine.is_idle()
    verifier.open.set()
    committed = [outcome.result(TIMEOUT_SECONDS) for outcome in outcomes]
    assert verifier.batches[-1] == 5 * verifier.batches[-2]
    places = [(each.height, each.index) for each in committed]
    assert places == sorted(places), "the order of arrival is kept"


def test_unverified_submissions_in_ones_name_take_none_of_ones_room(c, verifier, monkeypatch):
    monkeypatch.setattr("xinlian.engines.embedded.proposals.WAITING_BYTES_MAX", 2_000)
    hold(verifier)
    forged = [c.engine.submit(spoilt(c.sign("core", payment(c)).raw)) for _ in range(3)]
    assert verifier.reached.wait(TIMEOUT_SECONDS)
    mine = [c.engine.submit(c.sign("core", payment(c)).raw) for _ in range(4)]
    verifier.open.set()
    for outcome in forged:
        with pytest.raises(InvalidSignature):
            outcome.result(TIMEOUT_SECONDS)
    assert all(outcome.result(TIMEOUT_SECONDS).result.succeeded for outcome in mine)


@pytest.mark.parametrize("bound", ["INTAKE_MAX", "INTAKE_BYTES_MAX"])
def test_what_finds_no_place_in_the_intake_is_verified_at_once(c, verifier, monkeypatch, bound):
    raw = c.sign("core", payment(c)).raw
    monkeypatch.setattr(intake, bound, 1 if bound == "INTAKE_MAX" else len(raw))
    hold(verifier)
    first = c.engine.submit(raw)
    assert verifier.reached.wait(TIMEOUT_SECONDS)
    with pytest.raises(InvalidSignature):
        c.engine.submit(spoilt(c.sign("core", payment(c)).raw))
    second = c.engine.submit(c.sign("core", payment(c)).raw)
    assert second.result(TIMEOUT_SECONDS).result.succeeded
    verifier.open.set()
    assert first.result(TIMEOUT_SECONDS).result.succeeded


def test_a_full_queue_still_tells_a_payer_to_wait(c, verifier, monkeypatch):
    monkeypatch.setattr("xinlian.engines.embedded.proposals.WAITING_MAX", 0)
    with pytest.raises(Overloaded):
        c.engine.submit(c.sign("core", payment(c)).raw)


def test_closing_settles_what_is_being_verified(c, verifier):
    hold(verifier)
    outcomes = [c.engine.submit(c.sign("core", payment(c)).raw) for _ in range(3)]
    closing = threading.Thread(target=c.engine.close)
    closing.start()
    verifier.open.set()
    closing.join(TIMEOUT_SECONDS)
    assert all(outcome.result(0).result.succeeded for outcome in outcomes)


def test_a_failure_of_the_machine_while_verifying_stops_the_engine_and_is_told(c, verifier):
    verifier.failure = MemoryError("no room")
    outcome = c.engine.submit(c.sign("core", payment(c)).raw)
    with pytest.raises(NodeStopped):
        outcome.require_admitted()
    with pytest.raises(NodeStopped):
        outcome.result(TIMEOUT_SECONDS)
    with pytest.raises(NodeStopped):
        c.engine.submit(c.sign("core", payment(c)).raw)


def test_a_chain_verified_in_batches_replays_to_the_same_hashes_with_nothing_remembered(
    c, verifier
):
    raws = [c.sign("core", payment(c, 1 + number)).raw for number in range(40)]
    outcomes = [c.engine.submit(raw) for raw in raws]
    spoiled = [c.engine.submit(spoilt(c.sign("core", payment(c)).raw)) for _ in range(5)]
    assert all(outcome.result(TIMEOUT_SECONDS).result.succeeded for outcome in outcomes)
    assert all(isinstance(each.exception(TIMEOUT_SECONDS), InvalidSignature) for each in spoiled)
    c.engine.close()
    store = c.engine.application.store
    hashes = list(replayed_app_hashes(store, c.genesis_bytes))
    assert len(hashes) == check_whole(store) + 1
    assert all(stored == replayed for stored, replayed in hashes)
    assert max(verifier.batches) > 2
