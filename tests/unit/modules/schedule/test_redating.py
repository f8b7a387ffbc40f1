"""Open work behind the first changed day is looked at once, over as many blocks as it takes."""

import pytest

from unit.ledger.fakes import CHAIN, OpenQuotas, TableView
from xinlian.contracts.context import Context
from xinlian.contracts.message import Message
from xinlian.contracts.registry import Registry
from xinlian.contracts.runtime import Contracts
from xinlian.ledger import limits
from xinlian.ledger.executor import BlockEnvironment
from xinlian.ledger.overlay import Overlay
from xinlian.modules.members.keeper import MembersAuthority
from xinlian.modules.quotas.types import OPEN_ITEMS
from xinlian.modules.schedule.invariants import INVARIANTS
from xinlian.modules.schedule.keeper import ScheduleQueue, add_item
from xinlian.modules.schedule.ports import FollowsCalendar
from xinlian.modules.schedule.redating import (
    ITEMS_PER_STEP,
    REDATING_HANDLER,
    WORK_PER_ITEM,
    begin_redating,
    date_next_items,
)
from xinlian.modules.schedule.types import ITEMS, PARKED, REDATING
from xinlian.primitives import PartyId, Rejected
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms

NOW_MS = china_midnight_ms(100)
FIRST_CHANGED_DAY = 110
DATED, PLAIN = 1, 2
PARTY = PartyId(b"p" * 20)


class Poke(Message, frozen=True, tag=0x7F01):
    """A registry needs a message."""


class ThreeDaysLater:
    """Work of which every item due on an even day is put off by three days, to an odd one."""

    def __init__(self):
        self.asked = []
        self.is_failing = False

    def date_anew(self, context, subject, due_at_ms):
        del context
        if self.is_failing:
            raise Rejected
        self.asked.append(int.from_bytes(subject, "big"))
        is_even = (due_at_ms // MS_PER_DAY) % 2 == 0
        return due_at_ms + 3 * MS_PER_DAY if is_even else due_at_ms


class Queue:
    """A queue of open work and the executor that dates it anew."""

    def __init__(self):
        self.view = TableView()
        self.dated = ThreeDaysLater()
        registry = Registry()
        registry.add_message(Poke, lambda _context, _message: None)
        registry.add_scheduled(DATED, lambda _context, _subject: None)
        registry.add_scheduled(PLAIN, lambda _context, _subject: None)
        registry.add_scheduled(REDATING_HANDLER, date_next_items)
        registry.ports.provide(FollowsCalendar, DATED, self.dated)
        self.ports = registry.ports
        self.contracts = Contracts(registry, MembersAuthority(), ScheduleQueue(), OpenQuotas())

    def add(self, count, handler_no=DATED, first_day=FIRST_CHANGED_DAY):
        """Queue items of a party, one a day."""
        state = Overlay(self.view)
        queue = ScheduleQueue()
        since = queue.position(state)
        for number in range(count):
            due_at_ms = china_midnight_ms(first_day + number % 50)
            add_item(state, due_at_ms, handler_no, number.to_bytes(20, "big"))
        queue.charge_added(state, since, PARTY, NOW_MS)
        self.view.take(state.writes())

    def begin(self, day=FIRST_CHANGED_DAY):
        """Publish a calendar."""
        state = Overlay(self.view)
        nobody = PartyId(bytes(20))
        context = Context(
            state, CHAIN, 1, NOW_MS, nobody, nobody, (), b"", 0, 1_000_000, self.ports
        )
        begin_redating(context, day)
        self.view.take(state.writes())

    def block(self):
        """Run a block's due work; return its work and alarms."""
        state = Overlay(self.view)
        environment = BlockEnvironment(CHAIN, 1, NOW_MS + 1, 1)
        execution, alarms = self.contracts.run_schedule(
            state, environment, limits.SCHEDULE_WORK_MAX
        )
        self.view.take(state.writes())
        return execution.work, list(alarms)

    def days(self, handler_no=DATED):
        """Return on which days items are due, by their number."""
        return {
            int.from_bytes(item.subject, "big"): int.from_bytes(due, "big")
            for (due, _), item in ITEMS.scan(self.view)
            if item.handler_no == handler_no
        }


@pytest.fixture
def queue():
    return Queue()


def holds(view):
    return [broken for invariant in INVARIANTS for broken in invariant(view)] == []


def test_every_item_that_follows_the_calendar_is_moved_once_and_stays_its_partys(queue):
    queue.add(50)
    before = queue.days()
    queue.begin()
    queue.block()
    after = queue.days()
    assert len(after) == 50
    for number, due_ms in before.items():
        is_even = (due_ms // MS_PER_DAY) % 2 == 0
        assert after[number] == due_ms + 3 * MS_PER_DAY * is_even
    assert OPEN_ITEMS.require(queue.view, PARTY).count == 50
    assert holds(queue.view)
    assert REDATING.get(queue.view) is None


def test_items_before_the_first_changed_day_and_of_other_kinds_are_not_touched(queue):
    queue.add(5, first_day=FIRST_CHANGED_DAY - 6)
    queue.add(5, handler_no=PLAIN)
    before = queue.days(), queue.days(PLAIN)
    queue.begin()
    queue.block()
    assert (queue.days(), queue.days(PLAIN)) == before
    assert queue.dated.asked == []


def test_thousands_of_items_take_several_blocks_each_within_its_work(queue):
    count = 5_000
    queue.add(count)
    queue.begin()
    works = []
    while REDATING.get(queue.view) is not None:
        work, alarms = queue.block()
        works.append(work)
        assert alarms == []
        assert work <= limits.SCHEDULE_WORK_MAX
    assert set(queue.dated.asked) == set(range(count))
    assert len(queue.dated.asked) <= 2 * count, "a moved item is met again where it went"
    assert len(works) >= count * WORK_PER_ITEM // limits.SCHEDULE_WORK_MAX
    assert len(works) > 1
    assert holds(queue.view)


def test_a_second_calendar_sends_the_search_back(queue):
    queue.add(3 * ITEMS_PER_STEP)
    queue.begin(FIRST_CHANGED_DAY + 20)
    queue.begin()
    queue.block()
    assert set(queue.dated.asked) == set(range(3 * ITEMS_PER_STEP))
    queue.dated.asked.clear()
    queue.begin()
    queue.begin(FIRST_CHANGED_DAY + 20)
    queue.block()
    assert set(queue.dated.asked) == set(range(3 * ITEMS_PER_STEP))
    assert REDATING.get(queue.view) is None


def test_a_step_that_fails_is_parked_and_the_next_calendar_goes_on_from_there(queue):
    queue.add(5)
    queue.dated.is_failing = True
    queue.begin()
    _, alarms = queue.block()
    assert len(alarms) == 1
    ((_, parked),) = PARKED.scan(queue.view)
    assert parked.handler_no == REDATING_HANDLER
    queue.dated.is_failing = False
    queue.begin(FIRST_CHANGED_DAY + 200)
    queue.block()
    assert set(queue.dated.asked) == set(range(5))
