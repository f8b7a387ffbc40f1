import pytest

from unit.ledger.fakes import TableView
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import integer_part
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import (
    banking_day_on_or_after,
    is_banking_day,
    is_provisional,
    later_banking_day,
    policy_value,
    policy_version,
)
from xinlian.modules.policy.types import (
    CALENDAR,
    ROWS,
    CalendarException,
    CalendarYear,
    PolicyRow,
    PolicyVersion,
    row_part,
)
from xinlian.primitives import InvariantViolation
from xinlian.primitives.time import day_of_iso, iso_of_day


@pytest.fixture
def state():
    written = Overlay(TableView())
    versions = tuple(
        PolicyVersion(moment, value, "issue", "a law", verified=True)
        for moment, value in ((100, 1), (200, 2), (300, 3))
    )
    ROWS.put(written, PolicyRow("day", versions), row_part("tests.row"))
    exceptions = tuple(
        CalendarException(day_of_iso(date), is_working)
        for date, is_working in (
            ("2026-10-01", False),
            ("2026-10-02", False),
            ("2026-10-05", False),
            ("2026-10-10", True),
        )
    )
    CALENDAR.put(written, CalendarYear(exceptions), integer_part(2026))
    return written


@pytest.mark.parametrize(("at_ms", "value"), [(100, 1), (199, 1), (200, 2), (299, 2), (10**9, 3)])
def test_the_version_in_force_is_the_latest_whose_date_has_come(state, at_ms, value):
    assert policy_value(state, "tests.row", happening(at_ms)) == value
    assert policy_version(state, "tests.row", happening(at_ms)).citation == "a law"


@pytest.mark.parametrize(("name", "at_ms"), [("tests.row", 99), ("tests.other", 500)])
def test_a_row_that_is_missing_or_not_yet_in_force_is_our_bug(state, name, at_ms):
    with pytest.raises(InvariantViolation, match="policy_row_in_force"):
        policy_value(state, name, happening(at_ms))


@pytest.mark.parametrize(
    ("date", "banking_day"),
    [
        ("2026-09-30", "2026-09-30"),
        ("2026-10-01", "2026-10-06"),
        ("2026-10-03", "2026-10-06"),
        ("2026-10-10", "2026-10-10"),
        ("2026-10-11", "2026-10-12"),
        ("2027-10-02", "2027-10-04"),
    ],
    ids=[
        "plain",
        "holidays and a weekend",
        "from within",
        "working Saturday",
        "Sunday",
        "unpublished",
    ],
)
def test_banking_days_follow_the_calendar_and_beyond_it_the_weekday(state, date, banking_day):
    found = banking_day_on_or_after(state, day_of_iso(date))
    assert iso_of_day(found) == banking_day
    assert is_banking_day(state, found)


def test_a_calendar_without_banking_days_is_our_bug(state):
    first = day_of_iso("2028-01-01")
    closed = tuple(CalendarException(first + offset, is_working=False) for offset in range(120))
    CALENDAR.put(state, CalendarYear(closed), integer_part(2028))
    with pytest.raises(InvariantViolation, match="calendar_has_banking_days"):
        banking_day_on_or_after(state, first)


def test_counted_banking_days_skip_holidays_and_what_is_unpublished_is_provisional(state):
    thursday = day_of_iso("2026-09-30")
    assert iso_of_day(later_banking_day(state, thursday, 0)) == "2026-09-30"
    assert iso_of_day(later_banking_day(state, thursday, 2)) == "2026-10-07"
    assert not is_provisional(state, thursday, day_of_iso("2026-12-31"))
    assert is_provisional(state, day_of_iso("2026-12-31"), day_of_iso("2027-01-04"))
