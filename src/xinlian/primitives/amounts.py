"""Amounts of money and checked integer arithmetic.

Rules this file keeps:
 1. An amount is an integer of minor units in 0…2⁶³−1; every sum is checked.
 2. A fraction is rounded once, at the end of a formula, by the rule its call names.
 3. Shares of a whole add up to the whole: the largest remainders get the rest.
"""

from collections.abc import Sequence
from typing import Final

from xinlian.primitives.errors import InvariantViolation

AMOUNT_MINOR_MAX: Final = 2**63 - 1
RATE_SCALE: Final = 1_000_000_000
"""Rates are integers in 1e-9: 0.05 % is 500 000."""


def checked_amount(amount_minor: int) -> int:
    """Return ``amount_minor`` if it is an amount.

    Raises:
        InvariantViolation: it is negative or above 2⁶³−1.
    """
    if 0 <= amount_minor <= AMOUNT_MINOR_MAX:
        return amount_minor
    raise InvariantViolation("amount_in_range", str(amount_minor))


def checked_sum(amounts_minor: Sequence[int]) -> int:
    """Return the sum of amounts, each and the total within 0…2⁶³−1.

    Raises:
        InvariantViolation: a term or the total is out of range.
    """
    total = 0
    for amount_minor in amounts_minor:
        total = checked_amount(total + checked_amount(amount_minor))
    return total


def floor_div(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded down; denominator > 0."""
    return numerator // denominator


def ceil_div(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded up; denominator > 0."""
    return -(-numerator // denominator)


def half_up_div(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded half up; numerator ≥ 0, denominator > 0.

    >>> [half_up_div(n, 10) for n in (4, 5, 14, 15)]
    [0, 1, 1, 2]
    """
    return (2 * numerator + denominator) // (2 * denominator)


def half_even_div(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded half to even; numerator ≥ 0, denominator > 0.

    >>> [half_even_div(n, 10) for n in (5, 15, 25, 26)]
    [0, 2, 2, 3]
    """
    quotient, remainder = divmod(numerator, denominator)
    doubled = 2 * remainder
    if doubled > denominator or (doubled == denominator and quotient % 2 == 1):
        return quotient + 1
    return quotient


def allocate_largest_remainder(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Split ``total_minor`` in proportion to ``weights`` without losing a unit.

    The caller orders the weights by ascending id: ties of remainders go to the earlier one.

    Args:
        total_minor: the amount to share, ≥ 0.
        weights: each ≥ 0, at least one > 0.

    Raises:
        InvariantViolation: no positive weight, or a negative one.

    >>> allocate_largest_remainder(100, [1, 1, 1])
    [34, 33, 33]
    """
    weight_sum = sum(weights)
    if weight_sum <= 0 or min(weights) < 0:
        raise InvariantViolation("weights_positive", str(weight_sum))
    shares = [total_minor * weight // weight_sum for weight in weights]
    missing = total_minor - sum(shares)
    remainders = [total_minor * weight % weight_sum for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    for i in by_remainder[:missing]:
        shares[i] += 1
    return shares
