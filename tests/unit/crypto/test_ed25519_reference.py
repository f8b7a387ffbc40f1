"""The reference's own arithmetic; its verdicts are tested beside the library's."""

import random

from xinlian.crypto import ed25519_reference as reference

ORDER = 2**252 + 27742317777372353535851937790883648493


def multiply(scalar: int, point: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Add by the definition: a bit at a time."""
    total = reference._IDENTITY
    for bit in f"{scalar:b}":
        total = reference._add(total, total)
        if bit == "1":
            total = reference._add(total, point)
    return total


def is_identity(point: tuple[int, int, int, int]) -> bool:
    x, y, z, _ = point
    return x % reference._P == 0 and (y - z) % reference._P == 0


def test_the_base_point_is_that_of_rfc_8032_and_has_the_group_order():
    x, y, _, _ = reference._BASE
    assert x == 15112221349535400772501151409588531511454012693041857206046113283949847762202
    assert y == 46316835694926478169428394003475163141307993866256225615783033603165251855960
    assert is_identity(multiply(ORDER, reference._BASE))
    assert not is_identity(multiply(ORDER - 1, reference._BASE))


def test_addition_is_complete_and_negation_is_its_inverse():
    two = reference._add(reference._BASE, reference._BASE)
    assert is_identity(reference._add(two, reference._negate(multiply(2, reference._BASE))))
    assert is_identity(reference._add(reference._double(reference._BASE), reference._negate(two)))
    assert is_identity(reference._add(reference._IDENTITY, reference._IDENTITY))


def test_two_multiples_at_once_are_what_they_are_one_by_one():
    random_source = random.Random(8032)
    point = multiply(random_source.randrange(ORDER), reference._BASE)
    scalars = [(0, 0), (1, 0), (0, 1), (ORDER - 1, ORDER - 1), (2**256 - 1, 2**256 - 1)]
    scalars += [(random_source.randrange(ORDER), random_source.randrange(ORDER)) for _ in range(8)]
    for of_base, of_point in scalars:
        expected = reference._add(multiply(of_base, reference._BASE), multiply(of_point, point))
        found = reference._multiply_both(of_base, of_point, point)
        assert is_identity(reference._add(found, reference._negate(expected)))
