"""Which waiting transactions a block takes: turns of payers, the kept share, room for all."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.engines.embedded import proposals
from xinlian.engines.embedded.proposals import (
    SHARED_BLOCK_BYTES_MIN,
    SHARED_BLOCKS_AHEAD,
    SHARED_SECONDS,
    ProposalQueue,
    Waiting,
)
from xinlian.engines.embedded.submission import Submission
from xinlian.engines.turns import BYTES_PER_WORK, KEPT_PERCENT, QUANTUM_BYTES
from xinlian.ledger import limits

FLOODER = b"flooder"
QUIET = [f"quiet-{number}".encode() for number in range(10)]


def waiting(
    payer: bytes, size: int = 250, number: int = 0, *, work: int = 1, kept: bool = False
) -> Waiting:
    return Waiting(bytes(size), number.to_bytes(4, "big"), payer, work, kept, Submission())


def flooded(count: int = 5_000, size: int = 250, now: float = 0.0) -> ProposalQueue:
    queue = ProposalQueue()
    for number in range(count):
        queue.add(waiting(FLOODER, size, number), now)
    return queue


def payers(batch: list[Waiting]) -> Counter[bytes]:
    return Counter(each.payer for each in batch)


@pytest.mark.parametrize("size", [250, 9_000, QUANTUM_BYTES - 1])
def test_each_block_has_what_every_quiet_payer_waits_with_however_one_floods(size):
    queue, now, ordered = flooded(size=size), 0.0, 0
    for block in range(20):
        for payer in QUIET:
            queue.add(waiting(payer, number=block), now)
        batch = queue.take_block(now)
        found = payers(batch)
        assert {payer: found[payer] for payer in QUIET} == dict.fromkeys(QUIET, 1)
        ordered += found[FLOODER]
        now += 0.02
    assert ordered >= 10, "the flood goes on beside them"
    assert queue.has_backlog


def test_two_floods_get_alike_shares_in_bytes_not_in_transactions():
    queue = ProposalQueue()
    for number in range(3_000):
        queue.add(waiting(b"small", 200, number), 0.0)
        queue.add(waiting(b"large", 2_000, number), 0.0)
    taken: Counter[bytes] = Counter()
    for _ in range(20):
        for each in queue.take_block(0.0):
            taken[each.payer] += len(each.raw)
    assert abs(taken[b"small"] - taken[b"large"]) <= QUANTUM_BYTES + 2_000
    assert taken[b"small"] > 10 * QUANTUM_BYTES


def test_work_counts_as_the_bytes_that_it_displaces():
    assert waiting(b"p", 100, work=1_000).cost_bytes == 1_000 * BYTES_PER_WORK
    assert waiting(b"p", 50_000, work=1).cost_bytes == 50_000


def test_a_payer_alone_fills_blocks_up_to_their_ceilings_where_the_machine_is_fast_enough():
    def second_block(count: int, size: int) -> list[Waiting]:
        queue = flooded(count, size=size)
        queue.note_speed(queue.take_block(0.0), 0.0001)
        return queue.take_block(0.0)

    assert len(second_block(30_001, 100)) == limits.BLOCK_TRANSACTIONS_MAX
    full = limits.BLOCK_BYTES_MAX // limits.TRANSACTION_BYTES_MAX
    assert len(second_block(100, limits.TRANSACTION_BYTES_MAX)) == full


def test_a_payer_alone_makes_no_block_that_a_later_one_would_wait_for_noticeably():
    queue = flooded(20_000)
    batch = queue.take_block(0.0)
    for _ in range(20):
        seconds = sum(each.cost_bytes for each in batch) / 1_000_000
        queue.note_speed(batch, seconds)
        assert seconds < 0.2
        batch = queue.take_block(0.0)
    assert seconds == pytest.approx(0.1, rel=0.2), "at a million bytes a second"


def test_blocks_are_small_only_while_another_payer_has_sent_of_late():
    queue = flooded(20_000, now=0.0)
    queue.add(waiting(QUIET[0]), 0.0)
    assert sum(each.cost_bytes for each in queue.take_block(0.0)) <= SHARED_BLOCK_BYTES_MIN
    queue.add(waiting(FLOODER), SHARED_SECONDS + 0.1)
    alone = sum(each.cost_bytes for each in queue.take_block(SHARED_SECONDS + 0.2))
    assert alone > 10 * SHARED_BLOCK_BYTES_MIN


def test_a_faster_machine_makes_larger_shared_blocks():
    slow, fast = flooded(), flooded()
    for queue, seconds in ((slow, 1.0), (fast, 0.001)):
        queue.add(waiting(QUIET[0]), 0.0)
        queue.note_speed(queue.take_block(0.0), seconds)
        queue.add(waiting(QUIET[0]), 0.0)
    assert len(fast.take_block(0.0)) > 2 * len(slow.take_block(0.0))


def test_blocks_grow_where_all_wait_alike_and_not_with_what_one_of_them_sends():
    def second_block(senders: int, each: int) -> int:
        queue = ProposalQueue()
        for number in range(each):
            for sender in range(senders):
                queue.add(waiting(b"payer-%d" % sender, number=number), 0.0)
        queue.add(waiting(QUIET[0]), 0.0)
        queue.note_speed(queue.take_block(0.0), 0.001)
        queue.add(waiting(QUIET[0]), 0.0)
        return sum(each.cost_bytes for each in queue.take_block(0.0))

    one_flood, larger_flood = second_block(1, 4_000), second_block(1, 8_000)
    assert larger_flood == pytest.approx(one_flood, rel=0.05)
    assert second_block(8, 1_000) > 4 * one_flood


@pytest.mark.parametrize("now", [0.0, 100.0], ids=["shared", "alone"])
def test_what_is_urgent_comes_first_and_has_a_share_of_a_full_block(now):
    queue = flooded(20_000)
    queue.add(waiting(QUIET[0]), 0.0)
    queue.add(waiting(FLOODER), now)
    queue.add(waiting(b"bank", kept=True), now - 10)
    queue.add(waiting(b"bank", kept=True), now - 10)
    batch = queue.take_block(now)
    assert [each.payer for each in batch[:2]] == [b"bank", b"bank"]


def test_a_flood_of_urgent_ones_gets_its_share_and_what_nobody_else_needs():
    queue = ProposalQueue()
    for number in range(20_000):
        queue.add(waiting(b"bank", number=number, kept=True), 0.0)
        queue.add(waiting(FLOODER, number=number), 0.0)
    queue.note_speed(queue.take_block(0.0), 0.0001)
    batch = queue.take_block(100.0)
    share = sum(len(each.raw) for each in batch if each.is_kept_for) / limits.BLOCK_BYTES_MAX
    assert abs(share - KEPT_PERCENT / 100) < 0.01
    queue = ProposalQueue()
    for number in range(300):
        queue.add(waiting(b"bank", number=number, kept=True), 0.0)
    assert len(queue.take_block(100.0)) == 300


def test_a_flood_fills_half_of_the_queue_and_every_next_payer_finds_room(monkeypatch):
    monkeypatch.setattr(proposals, "WAITING_MAX", 1_000)
    queue = ProposalQueue()
    held = []
    for flooder in (b"one", b"two", b"three"):
        count = 0
        while queue.has_room(flooder, 250):
            queue.add(waiting(flooder, number=count), 0.0)
            count += 1
        held.append(count)
    assert held == [500, 250, 125]
    assert all(queue.has_room(payer, 250) for payer in QUIET)


def test_beside_others_a_payer_holds_what_the_next_blocks_can_take_and_no_more():
    queue = flooded(10)
    queue.add(waiting(QUIET[0]), 0.0)
    queue.take_block(0.0)
    count = 0
    while queue.has_room(FLOODER, 250):
        queue.add(waiting(FLOODER, number=count), 0.0)
        count += 1
    assert 0 < count * 250 <= (SHARED_BLOCKS_AHEAD + 1) * SHARED_BLOCK_BYTES_MIN
    assert queue.has_room(QUIET[0], 250)
    queue.take_block(10.0)
    assert queue.has_room(FLOODER, 250), "nobody else sends any more"


def test_room_is_counted_in_bytes_too(monkeypatch):
    monkeypatch.setattr(proposals, "WAITING_BYTES_MAX", 10_000)
    queue = ProposalQueue()
    while queue.has_room(FLOODER, 1_000):
        queue.add(waiting(FLOODER, 1_000), 0.0)
    assert len(queue) == 5
    assert queue.has_room(QUIET[0], 5_000)
    assert not queue.has_room(QUIET[0], 5_001)


arrivals = st.lists(
    st.tuples(
        st.sampled_from([b"a", b"b", b"c"]),
        st.sampled_from([100, 5_000, 40_000, limits.TRANSACTION_BYTES_MAX]),
        st.integers(1, limits.CALLS_MAX),
        st.booleans(),
    ),
    max_size=40,
)


@given(arrivals)
def test_nothing_is_lost_doubled_or_overtaken_by_the_same_payer_in_its_lane(given_arrivals):
    queue = ProposalQueue()
    sent = [
        waiting(payer, size, number, work=work, kept=kept)
        for number, (payer, size, work, kept) in enumerate(given_arrivals)
    ]
    for each in sent:
        queue.add(each, 0.0)
    taken: list[Waiting] = []
    while len(queue):
        batch = queue.take_block(0.0)
        assert batch, "every block makes progress"
        assert sum(len(each.raw) for each in batch) <= limits.BLOCK_BYTES_MAX
        taken += batch
    assert not queue.has_backlog
    assert list(queue) == []
    for payer in (b"a", b"b", b"c"):
        for kept in (False, True):
            of_lane = [w for w in taken if (w.payer, w.is_kept_for) == (payer, kept)]
            assert of_lane == [w for w in sent if (w.payer, w.is_kept_for) == (payer, kept)]
