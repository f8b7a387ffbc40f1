"""Periods are months and quarters of local time, and nothing else."""

import pytest

from xinlian.primitives.time import iso_of_day, iso_of_ms
from xinlian.readmodels.books.periods import parse_period
from xinlian.readmodels.errors import PeriodUnknown


def test_a_month_and_a_quarter_begin_and_end_at_local_midnight():
    december, quarter = parse_period("2026-12"), parse_period("2026-Q4")
    assert iso_of_ms(december.start_ms) == "2026-12-01T00:00:00.000+08:00"
    assert (iso_of_day(quarter.first_day), iso_of_day(quarter.end_day)) == (
        "2026-10-01",
        "2027-01-01",
    )
    assert december.end_ms == quarter.end_ms
    assert (december.month, quarter.month) == (202612, 0)


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-13", "2026-00", "2026-Q5", "2026-1", "1969-12", "9999-01", "2026-1\n"],
)
def test_anything_else_is_refused(text):
    with pytest.raises(PeriodUnknown):
        parse_period(text)
