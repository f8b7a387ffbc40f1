"""The reference's own arithmetic; its verdicts are tested beside the library's."""

from xinlian.crypto import ed25519_reference as reference

ORDER = 2**252 + 27742317777372353535851937790883648493


def is_identity(point: tuple[int, int, int, int]) -> bool:
    x, y, z, _ = point
    return x % reference._P == 0 and (y - z) % reference._P == 0


def test_the_base_point_is_that_of_rfc_8032_and_has_the_group_order():
    x, y, _, _ = reference._BASE
    assert x == 15112221349535400772501151409588531511454012693041857206046113283949847762202
    assert y == 46316835694926478169428394003475163141307993866256225615783033603165251855960
    assert is_identity(reference._multiply(ORDER, reference._BASE))
    assert not is_identity(reference._multiply(ORDER - 1, reference._BASE))


def test_addition_is_complete_and_negation_is_its_inverse():
    two = reference._add(reference._BASE, reference._BASE)
    assert is_identity(
        reference._add(two, reference._negate(reference._multiply(2, reference._BASE)))
    )
    assert is_identity(reference._add(reference._IDENTITY, reference._IDENTITY))
