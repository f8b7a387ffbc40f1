"""The annual rate against published examples, and against what compounding says back.

Sources: Microsoft's help page of XIRR (its one example); the documentation of numpy-financial's
``irr`` (its examples with one change of sign, a year apart).
"""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.client.annual_rate import (
    DAYS_MAX,
    RATE_MAX,
    RATE_STEP,
    CashFlow,
    NoAnnualRate,
    annual_rate,
    simple_rate,
)


def day(text: str) -> int:
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days


def yearly(*amounts: int) -> list[CashFlow]:
    return [CashFlow(365 * year, amount) for year, amount in enumerate(amounts)]


def test_the_example_of_the_spreadsheet_comes_out_to_its_last_digit():
    flows = [
        CashFlow(day("2008-01-01"), -10_000),
        CashFlow(day("2008-03-01"), 2_750),
        CashFlow(day("2008-10-30"), 4_250),
        CashFlow(day("2009-02-15"), 3_250),
        CashFlow(day("2009-04-01"), 2_750),
    ]
    published = Decimal("0.373362535")
    assert abs(annual_rate(flows) - published) <= RATE_STEP
    assert annual_rate(reversed(flows)) == annual_rate(flows)


@pytest.mark.parametrize(
    ("amounts", "published"),
    [((-100, 39, 59, 55, 20), "0.28095"), ((-100, 0, 0, 74), "-0.0955")],
)
def test_flows_a_year_apart_give_the_published_rates(amounts, published):
    digits = Decimal(published)
    assert annual_rate(yearly(*amounts)).quantize(digits) == digits
    assert annual_rate(yearly(*(-amount for amount in amounts))).quantize(digits) == digits


@given(st.integers(1, 10**15), st.integers(1, 10**15), st.integers(1, 2_000))
def test_of_two_flows_the_rate_is_the_ratio_compounded(received, given_back, days):
    expected = (Decimal(given_back) / received) ** (Decimal(365) / days) - 1
    flows = [CashFlow(0, received), CashFlow(days, -given_back)]
    if expected > RATE_MAX:
        with pytest.raises(NoAnnualRate):
            annual_rate(flows)
        return
    rate = annual_rate(flows)
    assert abs(rate - expected) <= max(RATE_STEP, abs(expected) * Decimal("1e-20"))


def test_a_whole_year_costs_the_same_compounded_and_simple():
    for given_back in (90_00, 100_00, 104_35, 250_00):
        compounded = annual_rate([CashFlow(7, 100_00), CashFlow(7 + 365, -given_back)])
        assert compounded == simple_rate(100_00, given_back, 365)


def test_simple_interest_is_in_proportion_to_its_days():
    """Of 980 000 for 90 days, 1 000 000 is due: 20 000 · 365 / (980 000 · 90)."""
    assert simple_rate(980_000_00, 1_000_000_00, 90) == Decimal("0.08276644")


@pytest.mark.parametrize(
    "flows",
    [
        [],
        [CashFlow(0, 1)],
        [CashFlow(0, 1), CashFlow(1, 1)],
        [CashFlow(0, 1), CashFlow(1, -2), CashFlow(2, 1)],
        [CashFlow(3, 1), CashFlow(3, -1)],
        [CashFlow(0, 1), CashFlow(DAYS_MAX + 1, -1)],
    ],
)
def test_flows_without_one_rate_are_refused(flows):
    with pytest.raises(NoAnnualRate):
        annual_rate(flows)


@pytest.mark.parametrize(("received", "days"), [(0, 1), (-1, 1), (1, 0), (1, -1)])
def test_simple_interest_needs_money_and_time(received, days):
    with pytest.raises(NoAnnualRate):
        simple_rate(received, 1, days)
