"""Changing policy: a new dated version of a row, the calendar of a year.

Rules this file keeps:
 1. History is append-only: a version is added after all others and none is ever changed.
 2. Nothing takes effect in the past; the caller says from when on at the earliest.
 3. A value lies within the bounds of its unit, whoever voted for it.
 4. A published calendar may be replaced, but no day changes that has begun.
 5. Banks are never closed for longer than ``CLOSED_DAYS_MAX``: a longer run is a mistake, and would
    leave a due date without a banking day.

Source: docs/concepts/time.md (effect of policy rules, calendars).
"""

from collections.abc import Sequence
from typing import Final

from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState, integer_part
from xinlian.modules.policy.errors import (
    AppliesByUnknown,
    CalendarInvalid,
    EffectTooEarly,
    NotTheLatest,
    RowFull,
    UnknownRow,
    ValueOutOfBounds,
)
from xinlian.modules.policy.keeper import SATURDAY, is_banking_day
from xinlian.modules.policy.types import (
    CALENDAR,
    ROWS,
    VERSIONS_MAX,
    AppliesBy,
    CalendarException,
    CalendarYear,
    PolicyRow,
    PolicyVersion,
    row_part,
)
from xinlian.primitives.time import day_of_date, iso_of_day, weekday_of_day

CLOSED_DAYS_MAX: Final = 30
"""The longest run of days without a banking day; the longest so far in China is 10."""
YEAR_MIN: Final = 1970
YEAR_MAX: Final = 9998
UNIT_BOUNDS: Final = {
    "flag": (0, 1),
    "twelfth": (0, 12),
    "minute-of-day": (0, 24 * 60 - 1),
    "hour": (0, 24 * 366),
    "day": (0, 3_660),
    "banking-day": (0, 366),
    "month": (0, 1_200),
    "e9-per-day": (0, 10**9),
}
"""(lowest, highest) value of a row by its unit; ceilings of the code, not of policy."""
_OTHER_BOUNDS: Final = (0, 2**53 - 1)


def unit_of(state: StateView, name: str) -> str:
    """Return the unit of a row; raises UnknownRow."""
    row = ROWS.get(state, row_part(name))
    if row is None:
        raise UnknownRow(name)
    return row.unit


def check_value(value: int, bounds: tuple[int, int]) -> None:
    """Refuse a value outside its bounds; raises ValueOutOfBounds."""
    low, high = bounds
    if not low <= value <= high:
        raise ValueOutOfBounds(value, low, high)


def bounds_of_unit(unit: str) -> tuple[int, int]:
    """Return the lowest and the highest value that a row of a unit may have."""
    return UNIT_BOUNDS.get(unit, _OTHER_BOUNDS)


def check_version(state: StateView, name: str, version: PolicyVersion, earliest_ms: int) -> None:
    """Refuse a version that cannot be added to a row.

    Args:
        state: where the row is, or none of that name yet.
        name: of the row.
        version: what would be added.
        earliest_ms: publication plus delay; the version may take effect from then on.

    Raises:
        AppliesByUnknown, EffectTooEarly, NotTheLatest, RowFull: in this order.
    """
    if version.applies_by not in list(AppliesBy):
        raise AppliesByUnknown(version.applies_by)
    if version.effective_from_ms < earliest_ms:
        raise EffectTooEarly(earliest_ms)
    row = ROWS.get(state, row_part(name))
    if row is None:
        return
    if version.effective_from_ms <= row.versions[-1].effective_from_ms:
        raise NotTheLatest(str(row.versions[-1].effective_from_ms))
    if len(row.versions) >= VERSIONS_MAX:
        raise RowFull(name)


def add_version(state: WritableState, name: str, unit: str, version: PolicyVersion) -> None:
    """Append a checked version to a row, or begin the row with it."""
    row = ROWS.get(state, row_part(name))
    before = () if row is None else row.versions
    ROWS.put(state, PolicyRow(unit, (*before, version)), row_part(name))


def check_calendar(
    state: StateView,
    year: int,
    exceptions: Sequence[CalendarException],
    today: int,
) -> None:
    """Refuse a calendar that is malformed, or changes what a day was that has begun.

    Raises:
        CalendarInvalid: with the first day that is wrong.
    """
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise CalendarInvalid(f"no year {year}")
    days = [exception.day for exception in exceptions]
    if days != sorted(set(days)):
        raise CalendarInvalid("its days are not ascending")
    first, last = day_of_date(year, 1, 1), day_of_date(year, 12, 31)
    for day in days:
        if not first <= day <= last:
            raise CalendarInvalid(f"day {day} is not of {year}")
    check_closed_days(state, year, exceptions)
    begun = min(_changed_days(state, year, exceptions), default=today + 1)
    if begun <= today:
        raise CalendarInvalid(f"{iso_of_day(begun)} has begun")


def check_closed_days(
    state: StateView,
    year: int,
    exceptions: Sequence[CalendarException],
) -> None:
    """Refuse a year in which, or around whose ends, banks would be closed for too long."""
    would_be = {exception.day: exception.is_working for exception in exceptions}
    first, last = day_of_date(year, 1, 1), day_of_date(year, 12, 31)
    closed_days = 0
    for day in range(first - CLOSED_DAYS_MAX, last + CLOSED_DAYS_MAX + 1):
        if first <= day <= last:
            is_open = would_be.get(day, _is_plain_banking_day(day))
        else:
            is_open = is_banking_day(state, day)
        closed_days = 0 if is_open else closed_days + 1
        if closed_days > CLOSED_DAYS_MAX:
            raise CalendarInvalid(f"no banking day for {closed_days} days until {iso_of_day(day)}")


def publish_year(
    state: WritableState,
    year: int,
    exceptions: Sequence[CalendarException],
) -> int | None:
    """Write the checked calendar of a year; return the first day that it changes, if any."""
    first_changed = min(_changed_days(state, year, exceptions), default=None)
    CALENDAR.put(state, CalendarYear(tuple(exceptions)), integer_part(year))
    return first_changed


def _changed_days(
    state: StateView,
    year: int,
    exceptions: Sequence[CalendarException],
) -> list[int]:
    """Return the days that are a banking day now and would not be one, or the other way round."""
    published = CALENDAR.get(state, integer_part(year))
    before = () if published is None else published.exceptions
    would_be = {exception.day: exception.is_working for exception in exceptions}
    return [
        exception.day
        for exception in (*before, *exceptions)
        if is_banking_day(state, exception.day)
        != would_be.get(exception.day, _is_plain_banking_day(exception.day))
    ]


def _is_plain_banking_day(day: int) -> bool:
    """Return whether a day is one without any calendar."""
    return weekday_of_day(day) < SATURDAY
