"""A version is added after all others, within its bounds, and never in the past."""

import pytest

from unit.ledger.fakes import TableView
from xinlian.ledger.overlay import Overlay
from xinlian.modules.policy.changes import (
    UNIT_BOUNDS,
    add_version,
    bounds_of_unit,
    check_calendar,
    check_value,
    check_version,
    publish_year,
    unit_of,
)
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.errors import (
    AppliesByUnknown,
    CalendarInvalid,
    EffectTooEarly,
    NotTheLatest,
    RowFull,
    UnknownRow,
    ValueOutOfBounds,
)
from xinlian.modules.policy.keeper import is_banking_day, policy_value, policy_value_or
from xinlian.modules.policy.types import VERSIONS_MAX, CalendarException, PolicyVersion
from xinlian.primitives.time import day_of_iso

ROW = "tests.row"
TODAY = day_of_iso("2026-11-30")


def version(effective_from_ms: int, value: int = 1, applies_by: str = "issue") -> PolicyVersion:
    return PolicyVersion(effective_from_ms, value, applies_by, "a law", verified=False)


@pytest.fixture
def state():
    written = Overlay(TableView())
    add_version(written, ROW, "day", version(100))
    return written


def test_a_version_comes_after_all_others_and_leaves_them_as_they_were(state):
    check_version(state, ROW, version(200, 2), 150)
    add_version(state, ROW, "day", version(200, 2))
    assert [policy_value(state, ROW, happening(at)) for at in (100, 199, 200)] == [1, 1, 2]
    assert unit_of(state, ROW) == "day"


@pytest.mark.parametrize(
    ("added", "refusal"),
    [
        (version(149, applies_by="mood"), AppliesByUnknown),
        (version(149), EffectTooEarly),
        (version(150), None),
    ],
)
def test_refusals_of_a_version_come_in_order(state, added, refusal):
    if refusal is None:
        check_version(state, ROW, added, 150)
        return
    with pytest.raises(refusal):
        check_version(state, ROW, added, 150)


def test_a_version_of_the_same_or_an_earlier_date_is_refused(state):
    for moment in (99, 100):
        with pytest.raises(NotTheLatest):
            check_version(state, ROW, version(moment), 0)


def test_a_full_row_takes_no_more(state):
    for number in range(1, VERSIONS_MAX):
        add_version(state, ROW, "day", version(100 + number))
    with pytest.raises(RowFull):
        check_version(state, ROW, version(10_000), 0)


def test_an_unknown_row_has_no_unit_and_a_default_only_where_one_is_given(state):
    with pytest.raises(UnknownRow):
        unit_of(state, "tests.other")
    assert policy_value_or(state, "tests.other", happening(500), 42) == 42
    assert policy_value_or(state, ROW, happening(99), 42) == 42
    assert policy_value_or(state, ROW, happening(100), 42) == 1


@pytest.mark.parametrize("unit", [*UNIT_BOUNDS, "a unit without a ceiling of its own"])
def test_a_value_lies_within_the_bounds_of_its_unit(unit):
    low, high = bounds_of_unit(unit)
    for value in (low, high):
        check_value(value, (low, high))
    for value in (low - 1, high + 1):
        with pytest.raises(ValueOutOfBounds):
            check_value(value, (low, high))


def day(text: str, *, working: bool = False) -> CalendarException:
    return CalendarException(day_of_iso(text), working)


def test_a_year_is_published_and_published_again_for_days_to_come(state):
    first = (day("2026-12-01"), day("2026-12-05", working=True))
    check_calendar(state, 2026, first, TODAY)
    publish_year(state, 2026, first)
    assert not is_banking_day(state, day_of_iso("2026-12-01"))
    again = (day("2026-12-01"), day("2026-12-06", working=True))
    check_calendar(state, 2026, again, TODAY + 1)
    with pytest.raises(CalendarInvalid):  # the first of December has begun and stays what it was
        check_calendar(state, 2026, again[1:], TODAY + 1)


@pytest.mark.parametrize(
    ("year", "exceptions"),
    [
        (1969, ()),
        (9999, ()),
        (2027, (day("2027-01-02"), day("2027-01-02"))),
        (2027, (day("2027-01-03"), day("2027-01-02"))),
        (2027, (day("2028-01-01"),)),
        (2026, (day("2026-11-30"),)),
    ],
    ids=["before time", "after time", "twice", "not ascending", "another year", "has begun"],
)
def test_a_malformed_calendar_is_refused(state, year, exceptions):
    with pytest.raises(CalendarInvalid):
        check_calendar(state, year, exceptions, TODAY)


def closed(first: str, days: int) -> tuple[CalendarException, ...]:
    return tuple(CalendarException(day_of_iso(first) + n, is_working=False) for n in range(days))


def test_banks_are_never_closed_for_more_than_thirty_days(state):
    check_calendar(state, 2027, closed("2027-06-01", 30), TODAY)
    with pytest.raises(CalendarInvalid, match="no banking day for 31 days"):
        check_calendar(state, 2027, closed("2027-06-01", 31), TODAY)


def test_days_on_both_sides_of_new_year_count_as_one_run(state):
    publish_year(state, 2027, closed("2027-12-13", 19))
    check_calendar(state, 2028, closed("2028-01-01", 9), TODAY)
    with pytest.raises(CalendarInvalid):  # Saturday the 11th of December begins the run
        check_calendar(state, 2028, closed("2028-01-01", 10), TODAY)


def test_publishing_tells_the_first_day_that_changes(state):
    holiday = (day("2027-02-08"), day("2027-02-13"))  # the 13th is a Saturday anyway
    assert publish_year(state, 2027, holiday) == day_of_iso("2027-02-08")
    assert publish_year(state, 2027, holiday) is None
    assert publish_year(state, 2027, holiday[1:]) == day_of_iso("2027-02-08")


def test_a_past_day_may_be_listed_as_what_it_was(state):
    weekend = (day("2026-11-29"), day("2026-12-01"))
    check_calendar(state, 2026, weekend, TODAY)
