"""Reading policy: the value in force for an object, and banking days.

Rules this file keeps:
 1. The version in force is the latest that governs the object by the date that the version applies
    by (``dates.py``). Nobody reads a value in another way.
 2. Beyond the published calendar a day is judged by its weekday alone, provisionally.
"""

from typing import Final

from xinlian.ledger.ports import StateView
from xinlian.ledger.records import integer_part
from xinlian.modules.policy.dates import PolicyDates, version_in_force
from xinlian.modules.policy.types import CALENDAR, ROWS, PolicyVersion, row_part
from xinlian.primitives import InvariantViolation
from xinlian.primitives.time import iso_of_day, weekday_of_day

SATURDAY: Final = 5
_SEARCH_DAYS_MAX: Final = 60


def policy_version(state: StateView, name: str, dates: PolicyDates) -> PolicyVersion:
    """Return the version of a row that governs an object.

    Raises:
        InvariantViolation: the row is missing or begins later; genesis should have refused that.
    """
    row = ROWS.get(state, row_part(name))
    found = None if row is None else version_in_force(row.versions, dates)
    if found is None:
        raise InvariantViolation("policy_row_in_force", name)
    return found


def policy_value(state: StateView, name: str, dates: PolicyDates) -> int:
    """Return the value of a row for an object, in the unit its row names."""
    return policy_version(state, name, dates).value


def policy_value_or(state: StateView, name: str, dates: PolicyDates, default: int) -> int:
    """Return the value of a row for an object; the default where no version governs it."""
    row = ROWS.get(state, row_part(name))
    found = None if row is None else version_in_force(row.versions, dates)
    return default if found is None else found.value


def value_in_unit(state: StateView, name: str, unit: str, dates: PolicyDates) -> int | None:
    """Return the value for an object of a row that parties name; None where no such row governs."""
    row = ROWS.get(state, row_part(name))
    found = None if row is None or row.unit != unit else version_in_force(row.versions, dates)
    return None if found is None else found.value


def is_banking_day(state: StateView, day: int) -> bool:
    """Return whether banks work on a local day."""
    year = CALENDAR.get(state, integer_part(int(iso_of_day(day)[:4])))
    if year is not None:
        for exception in year.exceptions:
            if exception.day == day:
                return exception.is_working
    return weekday_of_day(day) < SATURDAY


def banking_day_on_or_after(state: StateView, day: int) -> int:
    """Return the first banking day from a local day on.

    Raises:
        InvariantViolation: there is none within 60 days; the calendar is wrong.
    """
    for candidate in range(day, day + _SEARCH_DAYS_MAX):
        if is_banking_day(state, candidate):
            return candidate
    raise InvariantViolation("calendar_has_banking_days", iso_of_day(day))


def later_banking_day(state: StateView, day: int, banking_days: int) -> int:
    """Return the banking day that comes a number of banking days after a day."""
    for _ in range(banking_days):
        day = banking_day_on_or_after(state, day + 1)
    return day


def is_provisional(state: StateView, first_day: int, last_day: int) -> bool:
    """Return whether banking days of a period are judged by weekdays alone until publication."""
    years = range(int(iso_of_day(first_day)[:4]), int(iso_of_day(last_day)[:4]) + 1)
    return any(CALENDAR.get(state, integer_part(year)) is None for year in years)
