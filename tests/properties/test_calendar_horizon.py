"""Whenever and in whatever order calendars are published, the same banking days come of it.

A promise is dated when it is made, by the calendar of that hour. The test publishes the calendars
of two years in any order at any hours before the first day that they change, replaces one of them,
and compares each moment of due and of default with a calendar that is worked out here by itself.
"""

import dataclasses
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from unit.ledger.fakes import CHAIN, OpenQuotas, TableView
from xinlian.contracts.context import Context
from xinlian.contracts.message import Message
from xinlian.contracts.registry import Registry
from xinlian.contracts.runtime import Contracts
from xinlian.ledger.executor import BlockEnvironment
from xinlian.ledger.overlay import Overlay
from xinlian.modules.members.keeper import MembersAuthority
from xinlian.modules.obligations import keeper
from xinlian.modules.obligations.moments import with_moments
from xinlian.modules.obligations.policy import CUTOFF_ROW, OPENING_ROW, OUTSIDE_BANKING_DAYS
from xinlian.modules.obligations.ports import ONLY, ObligationListener, ObligationSource
from xinlian.modules.obligations.redating import DatedCutoff, DatedDue
from xinlian.modules.obligations.types import (
    Obligation,
    ObligationStatus,
    SourceKind,
    first_terms,
)
from xinlian.modules.policy.changes import add_version, check_calendar, publish_year
from xinlian.modules.policy.types import CalendarException, PolicyVersion
from xinlian.modules.schedule.keeper import ScheduleQueue
from xinlian.modules.schedule.ports import FollowsCalendar
from xinlian.modules.schedule.redating import REDATING_HANDLER, begin_redating, date_next_items
from xinlian.modules.schedule.types import PARKED
from xinlian.modules.standing.keeper import KeepsStanding
from xinlian.primitives import PartyId
from xinlian.primitives.time import (
    MS_PER_DAY,
    MS_PER_HOUR,
    MS_PER_MINUTE,
    china_day,
    china_midnight_ms,
    day_of_date,
)

YEARS: Final = (2027, 2028)
BEGIN_MS: Final = china_midnight_ms(day_of_date(2026, 11, 30))
OPENING_MINUTE, CUTOFF_MINUTE = 9 * 60, 17 * 60
NOBODY: Final = PartyId(bytes(20))
DEBTOR, CREDITOR = b"d" * 20, b"c" * 20


class Poke(Message, frozen=True, tag=0x7F01):
    """A registry needs a message."""


class Penniless:
    """A source whose debtor never has money: what is due is in default at its cut-off."""

    def __init__(self) -> None:
        self.due: dict[bytes, int] = {}
        self.default: dict[bytes, int] = {}

    def on_due(self, context: Context, obligation: bytes) -> None:
        """Note the moment."""
        assert obligation not in self.due
        self.due[obligation] = context.time_ms

    def pay(self, context: Context, obligation: bytes, amount_minor: int) -> None:
        """Nobody pays."""
        raise AssertionError((context, obligation, amount_minor))

    def on_default(self, context: Context, obligation: bytes) -> None:
        """Note the moment."""
        assert obligation not in self.default
        self.default[obligation] = context.time_ms

    def is_paying(self, context: Context, obligation: bytes) -> bool:
        """Nobody does."""
        del context, obligation
        return False


@dataclasses.dataclass(frozen=True)
class Promise:
    """When something is promised for."""

    due_day: int
    grace_days: int
    outside_banking_days: int


class Ledger:
    """The schedule and the promises in its queue, block by block."""

    def __init__(self, *, is_dating: bool) -> None:
        self.view = TableView()
        self.source = Penniless()
        self.time_ms = BEGIN_MS
        registry = Registry()
        registry.add_message(Poke, lambda _context, _message: None)
        registry.add_scheduled(keeper.DUE_HANDLER, keeper.fall_due)
        registry.add_scheduled(keeper.CUTOFF_HANDLER, keeper.pass_cutoff)
        registry.add_scheduled(
            REDATING_HANDLER, date_next_items if is_dating else (lambda _context, _subject: None)
        )
        registry.ports.provide(ObligationSource, SourceKind.AGREED, self.source)
        registry.ports.provide(ObligationListener, ONLY, KeepsStanding())
        registry.ports.provide(FollowsCalendar, keeper.DUE_HANDLER, DatedDue())
        registry.ports.provide(FollowsCalendar, keeper.CUTOFF_HANDLER, DatedCutoff())
        self.ports = registry.ports
        self.schedule = ScheduleQueue()
        self.contracts = Contracts(registry, MembersAuthority(), self.schedule, OpenQuotas())
        state = Overlay(self.view)
        for row, value in ((OPENING_ROW, OPENING_MINUTE), (CUTOFF_ROW, CUTOFF_MINUTE)):
            version = PolicyVersion(0, value, "issue", "test", verified=False)
            add_version(state, row, "minute-of-day", version)
        self.view.take(state.writes())

    def context(self, state: Overlay) -> Context:
        """Return the context of a call now."""
        return Context(
            state, CHAIN, 1, self.time_ms, NOBODY, NOBODY, (), b"", 0, 1_000_000, self.ports
        )

    def promise(self, number: int, promise: Promise) -> None:
        """Open a promise without an account."""
        state = Overlay(self.view)
        context = self.context(state)
        row = PolicyVersion(
            BEGIN_MS + number, promise.outside_banking_days, "issue", "test", verified=False
        )
        self.time_ms = BEGIN_MS + number
        add_version(state, OUTSIDE_BANKING_DAYS, "banking-day", row)
        plain = Obligation(
            debtor=DEBTOR,
            asset=bytes(20),
            amount_minor=100,
            performed_minor=0,
            released_minor=0,
            awaiting_minor=0,
            due_day=promise.due_day,
            due_at_ms=0,
            cutoff_at_ms=0,
            status=ObligationStatus.PROPOSED,
            source_kind=SourceKind.AGREED,
            account=b"",
            authority_cap_minor=0,
            authority_until_ms=0,
        )
        terms = first_terms(CREDITOR, b"", grace_days=promise.grace_days)
        context = self.context(state)
        dated = with_moments(context, plain, terms, promise.due_day)
        keeper.open_obligation(context, number.to_bytes(20, "big"), dated)
        self.view.take(state.writes())

    def publish(self, at_ms: int, year: int, days: dict[int, bool]) -> None:
        """Publish a calendar at a moment; due work comes first, as in a block."""
        self.run_until(at_ms)
        exceptions = tuple(CalendarException(day, days[day]) for day in sorted(days))
        state = Overlay(self.view)
        check_calendar(state, year, exceptions, china_day(self.time_ms))
        first_changed_day = publish_year(state, year, exceptions)
        if first_changed_day is not None:
            begin_redating(self.context(state), first_changed_day)
        self.view.take(state.writes())

    def run_until(self, time_ms: int) -> None:
        """Make a block at every moment at which something is due."""
        while True:
            due_at_ms = self.schedule.next_due_at_ms(self.view)
            if due_at_ms is None or due_at_ms > time_ms:
                self.time_ms = max(self.time_ms, time_ms)
                return
            self.time_ms = max(self.time_ms, due_at_ms)
            state = Overlay(self.view)
            _, alarms = self.contracts.run_schedule(
                state, BlockEnvironment(CHAIN, 1, self.time_ms, 1), 200_000
            )
            assert list(alarms) == []
            self.view.take(state.writes())
            assert not list(PARKED.scan(self.view))


def is_open(day: int, calendars: dict[int, dict[int, bool]]) -> bool:
    """Return whether banks work: the calendars one after another, else Monday to Friday."""
    for days in calendars.values():
        if day in days:
            return days[day]
    return (day + 3) % 7 < 5  # the first of January 1970 was a Thursday


def moments(promise: Promise, calendars: dict[int, dict[int, bool]]) -> tuple[int, int]:
    """Return (due, default) of a promise if these calendars had always been there."""
    days = range(promise.due_day, promise.due_day + 800)
    due = next(day for day in days if is_open(day, calendars))
    last = [
        day
        for day in days
        if day >= promise.due_day + promise.grace_days and is_open(day, calendars)
    ][promise.outside_banking_days]
    return (
        china_midnight_ms(due) + OPENING_MINUTE * MS_PER_MINUTE,
        china_midnight_ms(last) + CUTOFF_MINUTE * MS_PER_MINUTE,
    )


FIRST_DAY, LAST_DAY = day_of_date(2027, 12, 10), day_of_date(2028, 1, 25)
"""Around the turn of a year, where two calendars meet."""
PERIODS: Final = {
    2027: (FIRST_DAY, day_of_date(2027, 12, 31)),
    2028: (day_of_date(2028, 1, 1), LAST_DAY),
}


def days_of(year: int) -> st.SearchStrategy[dict[int, bool]]:
    """Return holidays of up to twelve days in a row, and single days either way."""
    first, last = PERIODS[year]
    runs = st.tuples(st.integers(first, last), st.integers(1, 12)).map(
        lambda run: dict.fromkeys(range(run[0], min(run[0] + run[1], last + 1)), False)
    )
    singles = st.dictionaries(st.integers(first, last), st.booleans(), max_size=12)
    return st.tuples(runs, singles).map(lambda parts: parts[0] | parts[1])


promises = st.lists(
    st.builds(
        Promise,
        st.integers(FIRST_DAY - 3, LAST_DAY),
        st.integers(0, 10),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=20,
)


@st.composite
def publications(
    draw: st.DrawFn,
) -> tuple[list[tuple[int, int, dict[int, bool]]], dict[int, dict[int, bool]]]:
    """Return publications in order of time, and the calendars that hold in the end."""
    final = {year: draw(days_of(year)) for year in YEARS}
    found = []
    for year in YEARS:
        before_ms = china_midnight_ms(PERIODS[year][0]) - 1
        at_ms = draw(st.integers(BEGIN_MS + MS_PER_HOUR, before_ms))
        if draw(st.booleans()):  # another calendar first, which is replaced
            first_ms = draw(st.integers(BEGIN_MS + MS_PER_HOUR, at_ms))
            found.append((first_ms, year, draw(days_of(year))))
        found.append((at_ms, year, final[year]))
    return sorted(found, key=lambda publication: publication[0]), final


@given(promised=promises, published=publications())
def test_order_and_hour_of_publication_change_no_final_date(promised, published):
    found, final = published
    ledger = Ledger(is_dating=True)
    for number, promise in enumerate(promised):
        ledger.promise(number, promise)
    for publication in found:
        ledger.publish(*publication)
    ledger.run_until(china_midnight_ms(LAST_DAY + 90))
    for number, promise in enumerate(promised):
        obligation = number.to_bytes(20, "big")
        due_ms, default_ms = moments(promise, final)
        assert ledger.source.due[obligation] == due_ms
        assert ledger.source.default[obligation] == max(due_ms, default_ms)


@given(promised=promises, published=publications())
def test_without_the_search_nothing_is_due_or_in_default_before_its_final_moment(
    promised, published
):
    found, final = published
    ledger = Ledger(is_dating=False)
    for number, promise in enumerate(promised):
        ledger.promise(number, promise)
    for publication in found:
        ledger.publish(*publication)
    ledger.run_until(china_midnight_ms(LAST_DAY + 90) + MS_PER_DAY)
    for number, promise in enumerate(promised):
        obligation = number.to_bytes(20, "big")
        due_ms, default_ms = moments(promise, final)
        assert ledger.source.due[obligation] >= due_ms
        assert ledger.source.default[obligation] >= max(due_ms, default_ms)
