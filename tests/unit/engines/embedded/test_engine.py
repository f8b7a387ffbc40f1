"""The embedded engine: acknowledged means durable, a failure stops it and everybody is told."""

import threading

import pytest

from xinlian.ledger import limits
from xinlian.ledger.errors import Duplicate, Overloaded
from xinlian.ledger.node import NodeStopped
from xinlian.ledger.ports import CommitBatch, StoreError
from xinlian.modules.accounts.messages import Transfer
from xinlian.primitives.time import MS_PER_DAY
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium

TIMEOUT_SECONDS = 30


class Gate(MemoryStore):
    """A store whose commits wait until they are let through, or fail."""

    def __init__(self) -> None:
        super().__init__()
        self.open = threading.Event()
        self.open.set()
        self.reached = threading.Event()
        self.failure: Exception | None = None

    def commit(self, batch: CommitBatch) -> None:
        """Wait for the gate, then commit or fail."""
        self.reached.set()
        assert self.open.wait(TIMEOUT_SECONDS)
        if self.failure is not None:
            raise self.failure
        super().commit(batch)


@pytest.fixture
def store():
    return Gate()


@pytest.fixture
def c(store):
    consortium = Consortium(store)
    yield consortium
    store.open.set()
    consortium.close()


def payment(c: Consortium, amount_minor: int = 1) -> Transfer:
    return Transfer(c.account("core"), c.account("bank"), amount_minor)


def hold(store: Gate) -> None:
    store.reached.clear()
    store.open.clear()


def test_nothing_is_acknowledged_before_it_is_durable(c, store):
    hold(store)
    signed = c.sign("core", payment(c))
    outcome = c.engine.submit(signed.raw)
    assert store.reached.wait(TIMEOUT_SECONDS)
    assert not outcome.done()
    assert store.locate(signed.transaction_id) is None
    assert c.engine.is_pending(signed.transaction_id)
    store.open.set()
    committed = outcome.result(TIMEOUT_SECONDS)
    assert store.locate(signed.transaction_id) == (committed.height, committed.index)
    assert not c.engine.is_pending(signed.transaction_id)


def test_what_waits_meanwhile_goes_into_one_block_in_order_of_arrival(c, store):
    hold(store)
    first = c.engine.submit(c.sign("core", payment(c)).raw)
    assert store.reached.wait(TIMEOUT_SECONDS)
    waiting = [c.engine.submit(c.sign("core", payment(c)).raw) for _ in range(5)]
    store.open.set()
    committed = [outcome.result(TIMEOUT_SECONDS) for outcome in waiting]
    assert {each.height for each in committed} == {first.result(TIMEOUT_SECONDS).height + 1}
    assert [each.index for each in committed] == list(range(5))


def test_a_block_holds_no_more_than_its_ceiling(c, store, monkeypatch):
    monkeypatch.setattr(limits, "BLOCK_TRANSACTIONS_MAX", 2)
    hold(store)
    c.engine.submit(c.sign("core", payment(c)).raw)
    assert store.reached.wait(TIMEOUT_SECONDS)
    waiting = [c.engine.submit(c.sign("core", payment(c)).raw) for _ in range(5)]
    store.open.set()
    heights = [outcome.result(TIMEOUT_SECONDS).height for outcome in waiting]
    assert [height - heights[0] for height in heights] == [0, 0, 1, 1, 2]


def test_submitting_again_while_it_waits_gives_the_same_outcome_and_later_a_duplicate(c, store):
    hold(store)
    signed = c.sign("core", payment(c))
    first, second = c.engine.submit(signed.raw), c.engine.submit(signed.raw)
    store.open.set()
    assert first.result(TIMEOUT_SECONDS) == second.result(TIMEOUT_SECONDS)
    with pytest.raises(Duplicate):
        c.engine.submit(signed.raw)


def test_a_full_queue_refuses_and_says_that_it_may_be_tried_again(c, store, monkeypatch):
    monkeypatch.setattr("xinlian.engines.embedded.proposals.WAITING_MAX", 1)
    hold(store)
    c.engine.submit(c.sign("core", payment(c)).raw)
    assert store.reached.wait(TIMEOUT_SECONDS)
    c.engine.submit(c.sign("core", payment(c)).raw)
    with pytest.raises(Overloaded) as refusal:
        c.engine.submit(c.sign("core", payment(c)).raw)
    assert refusal.value.transient


@pytest.mark.parametrize("failure", [StoreError("disk full"), OSError(28, "no space")])
def test_a_store_that_fails_stops_the_engine_and_every_caller_is_told(c, store, failure):
    hold(store)
    first = c.engine.submit(c.sign("core", payment(c)).raw)
    assert store.reached.wait(TIMEOUT_SECONDS)
    second = c.engine.submit(c.sign("core", payment(c)).raw)
    height = c.engine.height()
    store.failure = failure
    store.open.set()
    for outcome in (first, second):
        with pytest.raises(NodeStopped):
            outcome.result(TIMEOUT_SECONDS)
    with pytest.raises(NodeStopped, match=r"stopped"):
        c.engine.submit(c.sign("core", payment(c)).raw)
    with pytest.raises(NodeStopped):
        c.engine.wait_until(lambda: False)
    assert c.engine.height() == height


def test_closing_finishes_what_waits_and_then_takes_nothing_more(c, store):
    hold(store)
    waiting = [c.engine.submit(c.sign("core", payment(c)).raw) for _ in range(3)]
    late = c.sign("core", payment(c))
    closing = threading.Thread(target=c.engine.close)
    closing.start()
    store.open.set()
    closing.join(TIMEOUT_SECONDS)
    assert all(outcome.result(0).result.succeeded for outcome in waiting)
    with pytest.raises(NodeStopped):
        c.engine.submit(late.raw)


def test_listeners_hear_every_height_once_it_is_durable(c, store):
    heard: list[tuple[int, bool]] = []
    c.engine.on_commit(lambda height: heard.append((height, store.block(height) is not None)))
    start = c.engine.height()
    for _ in range(3):
        c.send("core", payment(c))
    c.engine.close()
    assert heard == [(start + number, True) for number in (1, 2, 3)]


def test_due_work_makes_blocks_without_anybody_sending(c):
    target_ms = c.now_ms() + 30 * MS_PER_DAY
    before = c.engine.height()
    c.advance_to(target_ms)
    assert c.now_ms() >= target_ms
    assert c.engine.height() > before
    c.settle_due_work()
    assert c.engine.is_idle()


def test_waiting_above_a_height_ends_with_the_next_block_or_in_time(c):
    height = c.engine.height()
    assert c.engine.wait_above(height, 0.01) == height
    c.send("core", payment(c))
    assert c.engine.wait_above(height, TIMEOUT_SECONDS) == height + 1


def test_a_flooder_is_overloaded_before_its_signatures_are_looked_at_and_others_are_not(
    c, store, monkeypatch
):
    monkeypatch.setattr("xinlian.engines.embedded.proposals.WAITING_MAX", 4)
    hold(store)
    c.engine.submit(c.sign("bank", Transfer(c.account("bank"), c.account("core"), 1)).raw)
    assert store.reached.wait(TIMEOUT_SECONDS)
    mine = [c.sign("core", payment(c)) for _ in range(3)]
    for signed in mine[:2]:
        c.engine.submit(signed.raw)
    badly_signed = mine[2].raw[:-64] + bytes(64)
    with pytest.raises(Overloaded):
        c.engine.submit(badly_signed)
    c.engine.submit(c.sign("bank", Transfer(c.account("bank"), c.account("core"), 2)).raw)
    waiting = c.engine.submit(mine[0].raw)
    store.open.set()
    assert waiting.result(TIMEOUT_SECONDS).result.succeeded
