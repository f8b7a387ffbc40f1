"""What money costs a year: the internal rate of return over dated cash flows.

The rate r solves ``Σ amount / (1 + r)^(days / 365) = 0``, the days counted from the first flow.  It
is the rate that spreadsheets call XIRR.

Rules this file keeps:
 1. Decimals of 60 digits, never floats: with x = (1 + r)^(-1/365) the sum is a polynomial in x with
    whole exponents, and r = x^-365 - 1.
 2. The flows change their sign once, so that there is exactly one rate (Descartes); whoever gets
    money and pays it back later has such flows.
 3. The rate is rounded once, at the end, half to even.
"""

import decimal
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

DAYS_PER_YEAR: Final = 365
DAYS_MAX: Final = 40_000
RATE_STEP: Final = Decimal("1e-8")
RATE_MAX: Final = 1_000_000
"""A hundred million percent: whoever sees more has mistaken a day or an amount."""
_DIGITS: Final = 60
_HALVINGS: Final = 160


class CashFlow(NamedTuple):
    """Money that comes in, or goes out (negative), on a day."""

    day: int
    """In days since 1970-01-01."""
    amount_minor: int


class NoAnnualRate(ValueError):  # noqa: N818 - names what the flows lack
    """These flows have no rate, or more than one; the text says why."""


def annual_rate(flows: Iterable[CashFlow]) -> Decimal:
    """Return the rate a year of flows of which each sign comes together, rounded to 1e-8.

    Raises:
        NoAnnualRate: the flows do not change their sign exactly once, fall on one day, are more
            than a century apart, or give a rate above ``RATE_MAX``.

    Source: Microsoft's description of XIRR; numpy-financial's ``irr`` for whole years.
    """
    dated = sorted(flow for flow in flows if flow.amount_minor)
    _check(dated)
    with decimal.localcontext(prec=_DIGITS):
        factor = _root([(flow.day - dated[0].day, Decimal(flow.amount_minor)) for flow in dated])
        rate = factor**-DAYS_PER_YEAR - 1
        if rate > RATE_MAX:
            raise NoAnnualRate(f"the rate is above {RATE_MAX}")
        return rate.quantize(RATE_STEP, rounding=decimal.ROUND_HALF_EVEN)


def simple_rate(received_minor: int, given_minor: int, days: int) -> Decimal:
    """Return what one payment costs a year without interest on interest, rounded to 1e-8.

    Args:
        received_minor: what comes in, above 0.
        given_minor: what goes out once, ``days`` later.
        days: between the two, above 0.

    Raises:
        NoAnnualRate: nothing comes in, or both are on one day.
    """
    if received_minor <= 0 or days <= 0:
        raise NoAnnualRate("money comes in first and goes out on a later day")
    with decimal.localcontext(prec=_DIGITS):
        cost = Decimal(given_minor - received_minor) * DAYS_PER_YEAR
        rate = cost / (Decimal(received_minor) * days)
        return rate.quantize(RATE_STEP, rounding=decimal.ROUND_HALF_EVEN)


def _check(dated: Sequence[CashFlow]) -> None:
    signs = [flow.amount_minor > 0 for flow in dated]
    if sum(one != other for one, other in pairwise(signs)) != 1:
        raise NoAnnualRate("the flows change between in and out exactly once")
    turn = signs.index(not signs[0])
    if dated[turn].day == dated[turn - 1].day:
        raise NoAnnualRate("what comes in and what goes out are on different days")
    if dated[-1].day - dated[0].day > DAYS_MAX:
        raise NoAnnualRate(f"the flows lie within {DAYS_MAX} days")


def _root(terms: Sequence[tuple[int, Decimal]]) -> Decimal:
    """Return the one positive x at which the sum of amount · x^days is 0."""
    is_positive_first = terms[0][1] > 0

    def is_below(x: Decimal) -> bool:
        """Return whether x is below the root: the first sign still outweighs the other."""
        return (sum(amount * x**days for days, amount in terms) > 0) == is_positive_first

    low, high = Decimal(0), Decimal(1)
    while is_below(high):
        low, high = high, high * 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return (low + high) / 2
