"""Thousands of items due at once: one pass, bounded blocks, and guards that do not wait for it."""

import bisect

from unit.ledger.fakes import CHAIN, OpenQuotas, TableView
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES
from xinlian.bootstrap import broken_invariants
from xinlian.contracts.message import Message
from xinlian.contracts.registry import Registry
from xinlian.contracts.runtime import Contracts
from xinlian.ledger import limits
from xinlian.ledger.block import Block
from xinlian.ledger.executor import BlockEnvironment
from xinlian.ledger.overlay import Overlay
from xinlian.modules.members.keeper import MembersAuthority
from xinlian.modules.schedule.keeper import ScheduleQueue, add_item
from xinlian.modules.schedule.types import ITEMS, PARKED
from xinlian.primitives import Rejected
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.consortium import GENESIS_TIME_MS
from xinlian.testing.trade import Trade, reference_of

ITEMS_DUE = 20_000
DUE_MS = 1_000
PLAIN, FAILING, HEAVY, GREEDY = 1, 2, 3, 4


class Poke(Message, frozen=True, tag=0x7F01):
    """A registry needs a message."""


class SortedView(TableView):
    """A state that is scanned as a store scans it, and counts what it gives."""

    def __init__(self, table):
        super().__init__(table)
        self.keys = sorted(table)
        self.steps = 0

    def scan(self, start, end):
        """Yield the entries of [start, end)."""
        for at in range(bisect.bisect_left(self.keys, start), len(self.keys)):
            if self.keys[at] >= end:
                return
            self.steps += 1
            yield self.keys[at], self.table[self.keys[at]]


def number_of(subject):
    return int.from_bytes(subject, "big")


class Backlog:
    """A state with items due, and the executor that performs them."""

    def __init__(self, handlers):
        state = Overlay(TableView())
        for number, handler_no in enumerate(handlers):
            add_item(state, DUE_MS, handler_no, number.to_bytes(20, "big"))
        self.view = SortedView({key: value for key, value in state.writes().items() if value})
        self.ran = []
        registry = Registry()
        registry.add_message(Poke, lambda _context, _message: None)
        registry.add_scheduled(PLAIN, self._plain)
        registry.add_scheduled(FAILING, self._failing)
        registry.add_scheduled(HEAVY, self._heavy)
        registry.add_scheduled(GREEDY, lambda context, _: context.charge(10**9))
        self.contracts = Contracts(registry, MembersAuthority(), ScheduleQueue(), OpenQuotas())

    def _plain(self, context, subject):
        self.ran.append(number_of(subject))
        if number_of(subject) < 10:  # what an item adds runs in the same block if it is due
            add_item(context.state, DUE_MS, PLAIN, (10**6 + number_of(subject)).to_bytes(20, "big"))

    def _failing(self, context, subject):
        add_item(context.state, DUE_MS - 1, PLAIN, subject)  # rolled back with the item
        raise Rejected

    def _heavy(self, context, subject):
        context.charge(99)
        self.ran.append(number_of(subject))

    def block(self, work_max=limits.SCHEDULE_WORK_MAX):
        """Perform one block's due work; return (work, alarms)."""
        state = Overlay(self.view)
        environment = BlockEnvironment(CHAIN, 1, DUE_MS, 1)
        execution, alarms = self.contracts.run_schedule(state, environment, work_max)
        steps = self.view.steps
        self.view.take(state.writes())
        self.view = SortedView(self.view.table)
        self.view.steps = steps
        return execution.work, list(alarms)

    def open_items(self):
        return [number_of(item.subject) for _, item in ITEMS.scan(self.view)]


def test_twenty_thousand_items_are_taken_in_one_pass_and_in_order():
    backlog = Backlog([PLAIN] * ITEMS_DUE)
    work, alarms = backlog.block()
    assert backlog.ran == [*range(ITEMS_DUE), *range(10**6, 10**6 + 10)]
    assert (work, alarms, backlog.open_items()) == (ITEMS_DUE + 10, [], [])
    assert backlog.view.steps <= 4 * ITEMS_DUE


def test_items_that_fail_cost_no_second_walk_over_what_was_taken():
    backlog = Backlog([PLAIN, FAILING] * (ITEMS_DUE // 2))
    _, alarms = backlog.block()
    assert len(alarms) == ITEMS_DUE // 2
    assert [n for n in backlog.ran if n < 10**6] == list(range(0, ITEMS_DUE, 2))
    assert backlog.view.steps <= 4 * ITEMS_DUE
    assert len(list(PARKED.scan(backlog.view))) == ITEMS_DUE // 2
    backlog.block()
    assert len(list(PARKED.scan(backlog.view))) == ITEMS_DUE // 2  # nothing retries them


def test_a_backlog_is_worked_off_over_blocks_each_within_its_work():
    backlog = Backlog([HEAVY] * 95)
    works = []
    while backlog.open_items():
        before = len(backlog.ran)
        works.append(backlog.block(work_max=1_050)[0])
        assert len(backlog.ran) - before <= 10
    assert len(works) == 10
    assert max(works) <= 1_050
    assert backlog.ran == list(range(95))


def test_an_item_that_the_rest_of_a_block_cannot_carry_comes_first_in_the_next():
    backlog = Backlog([PLAIN, HEAVY])
    assert backlog.block(work_max=100) == (100, [])
    assert (backlog.ran[0], backlog.open_items()[0]) == (0, 1)
    backlog.block(work_max=100)
    assert backlog.ran[1] == 1


def test_an_item_that_no_block_can_carry_is_parked():
    backlog = Backlog([GREEDY, PLAIN])
    _, alarms = backlog.block()
    assert len(alarms) == 1
    backlog.block()
    assert backlog.ran[0] == 1
    ((_, parked),) = PARKED.scan(backlog.view)
    assert parked.handler_no == GREEDY


class WeekStopped:
    """A consortium that was stopped for a week; nothing of its due work has run yet."""

    def __init__(self, consortium):
        self.consortium = consortium
        self.application = consortium.engine.application
        self.height = consortium.engine.height() + 1

    def tries(self, name, message):
        """Return what a message would give in the first block after the stop."""
        c = self.consortium
        organisation = c[name]
        offset_ms = c.now_ms() - GENESIS_TIME_MS
        engine_time_ms = GENESIS_TIME_MS + self.height + 7 * MS_PER_DAY
        signed = organisation.intend(
            message, valid_until_ms=engine_time_ms + offset_ms + 60_000
        ).sign(organisation.keys_of("finance-1", "finance-2"))
        outcome = self.application.dry_run(Block(self.height, engine_time_ms, (signed.raw,)))
        return reference_of(outcome.results[0])


def test_after_a_week_every_guard_is_right_before_its_due_work_has_run(monkeypatch):
    c = Consortium()
    trade = Trade(c)
    trade.register()
    _, leaf = trade.certify(300_000_00)
    stale = trade.propose(100_000_00)
    trade.request(leaf)
    monkeypatch.setattr(limits, "SCHEDULE_WORK_MAX", 0)
    stopped = WeekStopped(c)
    # The lock has ended although the item that ends it has not run.
    assert stopped.tries("bank", trade.advance(leaf)) == "supply_chain/window_closed"
    # A draft past its window cannot be issued although nothing has closed it.
    assert stopped.tries("core", trade.promise(stale)) == "supply_chain/window_closed"
    with c.engine.application.store.snapshot() as snapshot:
        assert LEAVES.require(snapshot, leaf).lock_expires_at_ms > c.now_ms()
        assert CERTIFICATES.get(snapshot, stale) is not None
        assert broken_invariants(snapshot) == []
    c.close()
