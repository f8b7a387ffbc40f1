"""Numbers, dates and times of documents: exact or refused."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.connectors.errors import AmountInvalid, DateInvalid
from xinlian.connectors.values import (
    amount_minor,
    currency_of,
    day_of,
    decimal_text,
    percent_e9,
    quantity_e6,
    scaled,
    time_ms_of,
)
from xinlian.primitives import AMOUNT_MINOR_MAX


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1", "CNY", 100),
        ("1.5", "CNY", 150),
        ("0.01", "CNY", 1),
        ("12.3400", "CNY", 1234),
        ("+7.", "CNY", 700),
        (".5", "CNY", 50),
        ("007", "CNY", 700),
        ("-0.00", "CNY", 0),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("92233720368547758.07", "CNY", AMOUNT_MINOR_MAX),
    ],
)
def test_amounts_become_minor_units_of_their_currency(text, currency, minor):
    assert amount_minor(text, currency, "") == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.345", "CNY"),
        ("0.5", "JPY"),
        ("1.2345", "KWD"),
        ("-0.01", "CNY"),
        ("-5", "CNY"),
        ("92233720368547758.08", "CNY"),
        ("9" * 40, "CNY"),
        ("9" * 41, "CNY"),
        ("", "CNY"),
        (".", "CNY"),
        ("1,000.00", "CNY"),
        ("1 000", "CNY"),
        ("1e3", "CNY"),
        ("0x10", "CNY"),
        ("NaN", "CNY"),
        ("INF", "CNY"),
        ("１２", "CNY"),
        ("1.0\n", "CNY"),
        ("¥5", "CNY"),
    ],
)
def test_what_is_no_exact_amount_is_refused_with_its_place(text, currency):
    with pytest.raises(AmountInvalid) as refused:
        amount_minor(text, currency, "/here")
    assert refused.value.where == "/here"


@given(st.integers(-(10**20), 10**20), st.integers(0, 12), st.integers(0, 9))
def test_scaling_is_exact_or_refused(units, exponent, decimals):
    number = Decimal(units).scaleb(-exponent)
    exact = Fraction(units, 10**exponent) * 10**decimals
    if exact.denominator == 1 and abs(exact) <= AMOUNT_MINOR_MAX:
        assert scaled(number, decimals, "", signed=True) == exact
    else:
        with pytest.raises(AmountInvalid):
            scaled(number, decimals, "", signed=True)


@given(st.integers(0, AMOUNT_MINOR_MAX), st.sampled_from(("CNY", "JPY", "KWD", "CLF")))
def test_what_is_written_as_text_is_read_back(minor, currency):
    assert amount_minor(decimal_text(minor, currency), currency, "") == minor


def test_quantities_and_rates_have_their_own_scale():
    assert quantity_e6("0.000001", "") == 1
    assert quantity_e6("-1.5", "", signed=True) == -1_500_000
    assert quantity_e6(Decimal("2E+2"), "") == 200_000_000
    assert percent_e9("13", "") == 130_000_000
    assert percent_e9("0.05", "") == 500_000
    for text in ("0.0000001", "-1"):
        with pytest.raises(AmountInvalid):
            quantity_e6(text, "")


@pytest.mark.parametrize("text", ["cny", "CN", "CNYX", "", "CN1", "CNY\n"])
def test_a_currency_is_three_capital_letters(text):
    with pytest.raises(AmountInvalid):
        currency_of(text, "")


@given(st.dates(dt.date(1970, 1, 1), dt.date(9998, 12, 31)))
def test_days_are_counted_from_1970(date):
    assert day_of(date.isoformat(), "") == (date - dt.date(1970, 1, 1)).days


def test_a_date_s_offset_does_not_move_its_day():
    assert day_of("2026-09-01+08:00", "") == day_of("2026-09-01Z", "") == day_of("2026-09-01", "")


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "2026-13-01", "20260901", "2026-W01-1", "1969-12-31", "9999-12-31", "26-9-1",
     "", "2026-09-01T00:00:00", "2026-09-01 ", "２０２６-09-01"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text):
    with pytest.raises(DateInvalid):
        day_of(text, "")


@given(
    st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(9998, 12, 30)),  # noqa: DTZ001 - an offset follows
    st.integers(-14 * 60, 14 * 60),
)
def test_times_are_milliseconds_since_1970_rounded_half_up(moment, offset_minutes):
    zone = dt.timezone(dt.timedelta(minutes=offset_minutes))
    aware = moment.replace(tzinfo=zone)
    since = aware - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    micros = (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds
    assert time_ms_of(aware.isoformat(), "") == (micros + 500) // 1_000


def test_a_time_without_an_offset_needs_to_be_told_one():
    assert time_ms_of("1970-01-01T08:00:00", "", default_offset="+08:00") == 0
    with pytest.raises(DateInvalid):
        time_ms_of("1970-01-01T08:00:00", "")


@pytest.mark.parametrize(
    "text",
    ["2026-09-01T24:00:00Z", "2026-09-01T10:60:00Z", "2026-09-01T10:00:60Z", "2026-09-01Z",
     "2026-09-01T10:00Z", "2026-09-01T10:00:00+8", "2026-09-01T10:00:00+15:00",
     "2026-09-01T10:00:00+08:60", "2026-09-01T10:00:00.Z", "1970-01-01T00:00:00+08:00",
     "2026-02-30T10:00:00Z", "9999-01-02T00:00:00Z"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text):
    with pytest.raises(DateInvalid):
        time_ms_of(text, "")


def test_renminbi_is_written_by_its_code():
    with pytest.raises(AmountInvalid, match="write CNY"):
        currency_of("RMB", "/here")
