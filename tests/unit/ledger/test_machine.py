"""Blocks: replay rules, rollback, internal faults, failures of the machine."""

import pytest

from unit.ledger.fakes import (
    OTHER,
    OTHER_KEY,
    PAYER,
    START_MS,
    Chain,
    TableView,
    badly_signed,
    body,
    signed,
)
from xinlian.crypto.ed25519 import verify_signature
from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.ledger import limits
from xinlian.ledger.application import SignatureCache
from xinlian.ledger.block import Block, app_hash_of
from xinlian.ledger.errors import BlockFull, Duplicate, Expired, IdempotencyConflict
from xinlian.ledger.executor import Charge
from xinlian.ledger.machine import NO_CALL, apply_block
from xinlian.ledger.outcomes import MARKERS
from xinlian.ledger.ports import StoreError
from xinlian.ledger.transaction import encode_body, transaction_id_of
from xinlian.primitives import InvariantViolation, Rejected

SPENT = b"\x00\x10\x01" + bytes(20)


class Refused(Rejected):
    """A refusal of the tests."""

    codespace = "tests"
    code = 7
    name = "refused"


def write_then(failure):
    def program(state):
        state.put(SPENT, b"written")
        state.delete(SPENT)
        state.put(SPENT, b"again")
        if failure is not None:
            raise failure

    return program


def chain_with(failure=None) -> Chain:
    return Chain({b"ok": lambda _: None, b"fail": write_then(failure), b"write": write_then(None)})


def code(error):
    return (error.codespace, error.code, False)


def test_the_very_same_transaction_is_a_duplicate_and_another_body_a_conflict():
    chain = Chain({b"ok": lambda _: None, b"other": lambda _: None})
    assert chain.codes(signed(body())) == [("", 0, True)]
    assert chain.codes(signed(body())) == [code(Duplicate)]
    assert chain.codes(signed(body(b"other"))) == [code(IdempotencyConflict)]
    assert chain.codes(signed(body(payer=OTHER, signers=[OTHER_KEY]), [OTHER_KEY])) == [
        ("", 0, True)
    ]


def test_a_duplicate_inside_one_block_is_told_too():
    raw = signed(body())
    assert chain_with().codes(raw, raw) == [("", 0, True), code(Duplicate)]


def test_a_result_that_consumed_nothing_names_its_transaction_where_the_bytes_are_one():
    raw, unsigned, nothing = signed(body()), badly_signed(body(b"other")), b"no transaction"
    results = chain_with().apply(raw, raw, unsigned, nothing).results
    assert [result.consumed for result in results] == [True, False, False, False]
    own, again, refused, undecodable = (result.transaction_id for result in results)
    assert own == again == transaction_id_of(encode_body(body()))
    assert refused == transaction_id_of(encode_body(body(b"other")))
    assert undecodable == tagged_hash(Domain.TRANSACTION_ID, nothing)


def test_a_refused_transaction_consumes_its_key_and_can_never_succeed_later():
    chain = chain_with(Refused())
    refused = signed(body(b"fail"))
    assert chain.codes(refused) == [("tests", 7, True)]
    chain.executor.programs[b"fail"] = lambda _: None
    assert chain.codes(refused) == [code(Duplicate)]
    assert chain.codes(signed(body(b"ok"))) == [code(IdempotencyConflict)]


def test_all_messages_apply_or_none_and_the_result_names_the_refused_one():
    chain = chain_with(Refused())
    outcome = chain.apply(signed(body(b"write", b"ok", b"fail", b"ok")))
    assert outcome.results[0].failed_call == 2
    assert chain.state.get(SPENT) is None
    assert outcome.event_groups[1].events == ()
    assert chain.codes(signed(body(b"write", b"ok", key=b"2" * 16))) == [("", 0, True)]
    assert chain.state.get(SPENT) == b"again"


def test_a_refused_transaction_does_not_disturb_its_neighbours():
    chain = chain_with(Refused())
    transactions = [
        signed(body(message, key=bytes((number,)) * 16))
        for number, message in enumerate((b"ok", b"fail", b"write"))
    ]
    assert chain.codes(*transactions) == [("", 0, True), ("tests", 7, True), ("", 0, True)]
    assert chain.state.get(SPENT) == b"again"


@pytest.mark.parametrize(
    ("failure", "expected_code"),
    [
        (InvariantViolation("sums", "debits and credits differ"), 1),
        (ZeroDivisionError("our bug"), 2),
        (KeyError("our bug"), 2),
        (AssertionError("our bug"), 2),
    ],
)
def test_our_own_bugs_become_internal_results_roll_back_and_raise_an_alarm(failure, expected_code):
    chain = chain_with(failure)
    outcome = chain.apply(signed(body(b"fail")))
    result = outcome.results[0]
    assert (result.codespace, result.code, result.consumed) == ("internal", expected_code, True)
    assert chain.state.get(SPENT) is None
    (alarm,) = outcome.alarms
    assert result.transaction_id.hex() in alarm
    assert type(failure).__name__ in alarm


def test_only_a_broken_invariant_holds_its_sender_back():
    for failure, held in ((InvariantViolation("x"), 1), (ValueError("x"), 0), (Refused(), 0)):
        chain = chain_with(failure)
        chain.apply(signed(body(b"fail")))
        assert len(chain.executor.quotas.held) == held


@pytest.mark.parametrize(
    "failure", [MemoryError(), RecursionError(), OSError(5, "disk"), StoreError("damaged")]
)
def test_failures_of_the_machine_pass_through_and_never_become_a_result(failure):
    chain = chain_with(failure)
    with pytest.raises(type(failure)):
        chain.apply(signed(body(b"fail")))
    assert chain.height == 0


@pytest.mark.parametrize("failure", [MemoryError(), OSError(5, "disk"), StoreError("damaged")])
def test_a_state_that_cannot_be_read_stops_the_block(failure):
    class Failing(TableView):
        def get(self, key):
            if key[:3] == MARKERS.prefix:
                raise failure
            return super().get(key)

    chain = Chain()
    chain.state = Failing(chain.state.table)
    with pytest.raises(type(failure)):
        chain.apply(signed(body()))


def test_a_block_that_does_not_follow_stops_the_node():
    chain = Chain()
    for height in (0, 2):
        with pytest.raises(InvariantViolation, match="block_follows"):
            apply_block(chain.state, Block(height, 0, ()), chain.executor)


def test_consensus_time_strictly_increases_whatever_the_engine_says():
    chain = Chain()
    times = [chain.apply(engine_time_ms=ms).time_ms for ms in (0, START_MS - 5, START_MS + 9, 3)]
    assert times == [START_MS + 1, START_MS + 2, START_MS + 9, START_MS + 10]


def test_what_the_block_has_no_work_left_for_is_not_consumed():
    chain = Chain(work=limits.BLOCK_WORK_MAX)
    first, second = (signed(body(key=bytes((number,)) * 16)) for number in (1, 2))
    assert chain.codes(first, second) == [("", 0, True), code(BlockFull)]
    assert chain.codes(second) == [("", 0, True)]


def test_a_marker_is_kept_for_a_day_after_its_validity_and_its_absence_then_proves_expiry():
    valid_until_ms = START_MS + 60_000
    used, unused = signed(body(key=b"u" * 16)), signed(body(key=b"n" * 16))
    chain = Chain()
    chain.apply(used)

    def marker(key):
        return MARKERS.get(chain.state, PAYER, key * 16)

    kept_until_ms = valid_until_ms + limits.MARKER_RETENTION_MS
    for at_ms in (valid_until_ms + 1, kept_until_ms):
        assert chain.codes(unused, engine_time_ms=at_ms) == [code(Expired)]
        found = marker(b"u")
        assert found is not None
        assert (found.height, found.index, found.code) == (1, 0, 0)
        assert marker(b"n") is None
    chain.apply(engine_time_ms=kept_until_ms + 1)
    assert marker(b"u") is None
    assert chain.codes(used, unused) == [code(Expired), code(Expired)]


def test_markers_are_dropped_a_bounded_number_a_block(monkeypatch):
    monkeypatch.setattr(limits, "MARKERS_DROPPED_PER_BLOCK_MAX", 3)
    chain = Chain()
    chain.apply(*(signed(body(key=bytes((number,)) * 16)) for number in range(8)))
    late_ms = START_MS + 60_000 + limits.MARKER_RETENTION_MS + 1
    left = []
    for _ in range(4):
        chain.apply(engine_time_ms=late_ms)
        left.append(sum(1 for _ in MARKERS.scan(chain.state)))
    assert left == [5, 2, 0, 0]


def test_a_quota_that_is_used_up_refuses_before_signatures_and_consumes_nothing():
    chain = Chain()
    chain.executor.quotas.refusal = Refused()
    assert chain.codes(signed(body()), badly_signed(body())) == [("tests", 7, False)] * 2
    assert chain.executor.quotas.charges == []
    chain.executor.quotas.refusal = None
    assert chain.codes(signed(body())) == [("", 0, True)]


def test_effects_beyond_the_quota_are_rolled_back_and_the_key_is_consumed():
    chain = chain_with()
    chain.executor.quotas.refusal_of_effects = Refused()
    outcome = chain.apply(signed(body(b"write")))
    assert [(r.code, r.consumed, r.failed_call) for r in outcome.results] == [(7, True, NO_CALL)]
    assert SPENT not in outcome.writes
    ((payer, charge),) = chain.executor.quotas.charges
    assert (payer, charge.work, charge.state_bytes) == (PAYER, 1, 0)


def test_an_outcome_is_charged_with_its_bytes_work_and_growth_of_the_state():
    chain = chain_with(Refused())
    written, refused = signed(body(b"write")), signed(body(b"fail", key=b"f" * 16))
    chain.apply(written, refused, badly_signed(body(key=b"b" * 16)))
    assert [charge for _, charge in chain.executor.quotas.charges] == [
        Charge(len(written), 1, len(SPENT) + len(b"again")),
        Charge(len(refused), 1, 0),
    ]


def test_dropped_markers_give_their_room_back():
    chain = Chain()
    chain.apply(*(signed(body(key=bytes((number,)) * 16)) for number in range(3)))
    chain.apply(engine_time_ms=START_MS + 60_000 + limits.MARKER_RETENTION_MS + 1)
    assert chain.executor.quotas.released == [(PAYER, 3)]


def mixed_block() -> tuple[bytes, ...]:
    both = [signed(body(message, key=message * 4)) for message in (b"okay", b"fail", b"writ")]
    return (*both, both[0], badly_signed(body(key=b"x" * 16)), b"garbage")


def hashes_of(signature_check) -> list[bytes]:
    chain = Chain(
        {b"okay": lambda _: None, b"fail": write_then(Refused()), b"writ": write_then(None)}
    )
    block = Block(1, 0, mixed_block())
    found = []
    for _ in range(2):
        outcome = apply_block(chain.state, block, chain.executor, signature_check)
        root = tagged_hash(Domain.STATE_PAGE, *map(repr_bytes, sorted(outcome.writes.items())))
        found.append(app_hash_of(outcome, root, 1))
    return found


def repr_bytes(item: object) -> bytes:
    return repr(item).encode()


def test_the_same_block_gives_the_same_hash_with_a_cold_warm_or_poisoned_cache():
    warm = SignatureCache()
    poisoned = SignatureCache(entries_max=10)
    for number in range(50):
        poisoned._verified["ed25519", bytes((number,)) * 32, b"m" * 32, b"s" * 64] = None
    tiny = SignatureCache(entries_max=1)
    found = {
        hashed
        for check in (verify_signature, warm.check, warm.check, poisoned.check, tiny.check)
        for hashed in hashes_of(check)
    }
    assert len(found) == 1


def test_a_cache_remembers_no_failure_and_stays_bounded():
    cache = SignatureCache(entries_max=2)
    key = OTHER_KEY.key
    for number in range(5):
        message = bytes((number,))
        assert cache.check("ed25519", key.public_key, message, key.sign(message))
        assert cache.check("ed25519", key.public_key, message, key.sign(message))
        assert not cache.check("ed25519", key.public_key, message, bytes(64))
        assert not cache.check("sm2", key.public_key, message, key.sign(message))
    assert len(cache._verified) == 2
