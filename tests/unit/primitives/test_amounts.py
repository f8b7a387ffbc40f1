import fractions
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.primitives import (
    AMOUNT_MINOR_MAX,
    InvariantViolation,
    allocate_largest_remainder,
    ceil_div,
    checked_amount,
    checked_sum,
    floor_div,
    half_even_div,
    half_up_div,
)

numerators, denominators = st.integers(0, 2**80), st.integers(1, 2**40)


@pytest.mark.parametrize("amount", [-1, AMOUNT_MINOR_MAX + 1])
def test_an_amount_lies_within_zero_and_the_largest(amount):
    with pytest.raises(InvariantViolation):
        checked_amount(amount)
    with pytest.raises(InvariantViolation):
        checked_sum([1, amount])
    assert checked_amount(AMOUNT_MINOR_MAX) == AMOUNT_MINOR_MAX


def test_a_sum_is_checked_at_every_term():
    assert checked_sum([]) == 0
    assert checked_sum([AMOUNT_MINOR_MAX, 0]) == AMOUNT_MINOR_MAX
    with pytest.raises(InvariantViolation):
        checked_sum([AMOUNT_MINOR_MAX, 1])


@given(numerators, denominators)
def test_each_rounding_is_what_its_name_says(numerator, denominator):
    exact = fractions.Fraction(numerator, denominator)
    assert floor_div(numerator, denominator) == math.floor(exact)
    assert ceil_div(numerator, denominator) == math.ceil(exact)
    assert half_even_div(numerator, denominator) == round(exact)
    assert half_up_div(numerator, denominator) == math.floor(exact + fractions.Fraction(1, 2))


@given(
    st.integers(0, AMOUNT_MINOR_MAX),
    st.lists(st.integers(0, AMOUNT_MINOR_MAX), min_size=1, max_size=30).filter(any),
)
def test_shares_add_up_and_none_is_a_unit_off_its_exact_part(total, weights):
    shares = allocate_largest_remainder(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        exact = fractions.Fraction(total * weight, sum(weights))
        assert math.floor(exact) <= share <= math.ceil(exact)


@given(st.integers(0, 10**6), st.lists(st.integers(1, 1_000), min_size=1, max_size=12))
def test_the_largest_remainders_get_the_rest_and_the_earlier_of_equals(total, weights):
    shares = allocate_largest_remainder(total, weights)
    remainders = [total * weight % sum(weights) for weight in weights]
    raised = [
        share > total * weight // sum(weights)
        for share, weight in zip(shares, weights, strict=True)
    ]
    for i, got in enumerate(raised):
        for j, other in enumerate(raised):
            if got and not other:
                assert (-remainders[i], i) < (-remainders[j], j)


@pytest.mark.parametrize("weights", [[0], [0, 0], [2, -1], [-1, -2]])
def test_shares_of_nothing_are_our_bug(weights):
    with pytest.raises(InvariantViolation):
        allocate_largest_remainder(5, weights)
