"""Days, medians and shares of a portrait, and what late means."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.primitives.time import day_of_iso, iso_of_day
from xinlian.readmodels.portrait import Dealing, median, share_e4, span_of


def dealing(**changes):
    fields = {
        "fact_id": "obligation_a",
        "height": 1,
        "other": "party_b",
        "amount_minor": 100,
        "opened_day": 10,
        "due_day": 20,
        "open_minor": 0,
    }
    return Dealing(**{**fields, **changes})


@given(st.lists(st.integers(0, 500)))
def test_a_median_is_the_lower_middle_one_and_nothing_of_nothing(values):
    assert median(values) == (statistics.median_low(values) if values else None)


def test_a_share_of_nothing_is_no_share():
    assert share_e4(1, 3) == 3_333
    assert share_e4(0, 0) is None


@pytest.mark.parametrize(
    ("as_of", "first", "before", "recent"),
    [
        ("2027-01-11", "2025-02-01", "2026-02-01", "2026-08-01"),
        ("2026-12-31", "2025-01-01", "2026-01-01", "2026-07-01"),
        ("2028-02-29", "2026-03-01", "2027-03-01", "2027-09-01"),
    ],
)
def test_months_are_whole_ones_of_the_calendar(as_of, first, before, recent):
    span = span_of(day_of_iso(as_of))
    assert tuple(map(iso_of_day, span)) == (first, before, recent, as_of)


def test_paid_after_a_default_is_late_and_a_default_that_was_taken_back_is_not():
    cured = dealing(defaulted_day=20, ended_day=23, ended_as="cured")
    undone = dealing(defaulted_day=20, ended_day=23, ended_as="performed")
    assert (cured.is_late, cured.is_paid, cured.days_late(99), cured.decided_day) == (
        True,
        True,
        3,
        20,
    )
    assert (undone.is_late, undone.is_paid, undone.decided_day) == (False, True, 23)


def test_what_is_cancelled_without_a_default_decides_nothing():
    assert not dealing(ended_day=12, ended_as="cancelled").is_decided
    assert dealing(defaulted_day=20, ended_day=25, ended_as="forgiven").is_late


def test_an_open_default_grows_older():
    late = dealing(open_minor=100, defaulted_day=20)
    assert (late.days_late(25), late.days_late(30)) == (5, 10)
