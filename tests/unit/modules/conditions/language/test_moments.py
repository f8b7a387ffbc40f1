"""Moments, spans and their parts, against the standard library's calendar."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.modules.conditions.errors import EvaluationFailed
from xinlian.modules.conditions.language.moments import (
    TIMESTAMP_PARTS,
    checked_duration,
    checked_timestamp,
    parse_duration,
    parse_offset,
    parse_timestamp,
)
from xinlian.modules.conditions.language.types import TIMESTAMP_NS_MAX, TIMESTAMP_NS_MIN

moments = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30))  # noqa: DTZ001 - local
offsets = st.integers(-23 * 60, 23 * 60)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@given(moments, offsets)
def test_a_moment_is_read_as_the_standard_library_reads_it(local, minutes):
    zoned = local.replace(tzinfo=dt.timezone(dt.timedelta(minutes=minutes)))
    expected = (zoned - EPOCH) // dt.timedelta(microseconds=1) * 1_000
    assert parse_timestamp(zoned.isoformat()) == expected


@given(moments, offsets)
def test_the_parts_of_a_moment_are_those_of_the_local_time(local, minutes):
    sign = "-" if minutes < 0 else "+"
    offset_ns = parse_offset(f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}")
    zoned = local.replace(tzinfo=dt.timezone(dt.timedelta(minutes=minutes)))
    local_ns = parse_timestamp(zoned.isoformat()) + offset_ns
    parts = {name: part(local_ns) for name, part in TIMESTAMP_PARTS.items()}
    assert parts == {
        "getFullYear": local.year,
        "getMonth": local.month - 1,
        "getDate": local.day,
        "getDayOfMonth": local.day - 1,
        "getDayOfWeek": local.isoweekday() % 7,
        "getDayOfYear": local.timetuple().tm_yday - 1,
        "getHours": local.hour,
        "getMinutes": local.minute,
        "getSeconds": local.second,
        "getMilliseconds": local.microsecond // 1_000,
    }


@given(st.integers(-(2**62), 2**62))
def test_a_span_of_nanoseconds_is_read_back(span_ns):
    assert parse_duration(f"{span_ns}ns") == span_ns


@pytest.mark.parametrize(
    ("text", "span_ns"),
    [
        ("0", 0),
        ("1.5s", 1_500_000_000),
        ("-1h1m1s1ms1us1ns", -3_661_001_001_001),
        ("+2µs", 2_000),
        ("0.000000001s", 1),
    ],
)
def test_spans_are_written_in_units(text, span_ns):
    assert parse_duration(text) == span_ns


@pytest.mark.parametrize("text", ["", "5", "-", "1y", "1.s", "s", "1s ", "3000000h", "1e3s"])
def test_what_is_no_span_is_refused(text):
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25",
        "2026-11-25T09:00:00",
        "2026-02-30T00:00:00Z",
        "2026-11-25T24:00:00Z",
        "2026-11-25T23:59:60Z",
        "2026-11-25T09:00:00.1234567890Z",
        "2026-11-25t09:00:00z",
        "0001-01-01T00:00:00+01:00",
        "2026-11-25T09:00:00+08:60",
    ],
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_timestamp(text)


def test_ranges_end_where_their_types_end():
    assert checked_timestamp(TIMESTAMP_NS_MAX) == TIMESTAMP_NS_MAX
    for beyond in (TIMESTAMP_NS_MAX + 1, TIMESTAMP_NS_MIN - 1):
        with pytest.raises(EvaluationFailed):
            checked_timestamp(beyond)
    with pytest.raises(EvaluationFailed):
        checked_duration(2**63)


def test_an_offset_cannot_lead_out_of_the_years():
    with pytest.raises(EvaluationFailed):
        TIMESTAMP_PARTS["getFullYear"](TIMESTAMP_NS_MIN - 1)
