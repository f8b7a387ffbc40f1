import calendar
import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.primitives.time import (
    TIME_MS_MAX,
    add_months,
    china_day,
    china_midnight_ms,
    day_of_date,
    day_of_iso,
    iso_of_day,
    iso_of_ms,
    weekday_of_day,
)

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
moments = st.integers(china_midnight_ms(day_of_iso("1992-01-01")), TIME_MS_MAX - 1)
"""China has kept UTC+8 without daylight saving since 1992."""


@given(moments)
def test_local_dates_agree_with_the_time_zone_database(at_ms):
    local = dt.datetime.fromtimestamp(at_ms // 1000, SHANGHAI)
    assert iso_of_day(china_day(at_ms)) == local.date().isoformat()
    assert iso_of_ms(at_ms)[:19] == local.isoformat()[:19]
    assert weekday_of_day(china_day(at_ms)) == local.weekday()
    midnight = china_midnight_ms(china_day(at_ms))
    assert midnight <= at_ms < midnight + 86_400_000


@given(st.dates(dt.date(1900, 1, 1), dt.date(9000, 1, 1)), st.integers(0, 600))
def test_months_clamp_to_the_months_end(date, months):
    index = date.year * 12 + date.month - 1 + months
    year, month = index // 12, index % 12 + 1
    last = calendar.monthrange(year, month)[1]
    expected = dt.date(year, month, min(date.day, last))
    day = day_of_date(date.year, date.month, date.day)
    assert iso_of_day(add_months(day, months)) == expected.isoformat()


@pytest.mark.parametrize(
    "text",
    ["2026-02-29", "2026-13-01", "20260101", "2026-W01-1", "2026-1-1", "", "x", "２０２６-01-01"],
)
def test_only_dashed_calendar_dates_are_read(text):
    with pytest.raises(ValueError, match=r"."):
        day_of_iso(text)
