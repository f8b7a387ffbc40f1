"""Ed25519 under ZIP 215 in the standard library alone: slow, short, and readable.

The stranger's verifier uses it, and tests hold the fast library against it.

Rules this file keeps:
 1. The public key and R may be non-canonical encodings of points, also of small order.
 2. s must be below the group order.
 3. The equation is the cofactored one: [8][s]B = [8]R + [8][k]A.

Source: RFC 8032 section 5.1; ZIP 215.
"""

import hashlib
from typing import Final

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_SQRT_MINUS_ONE: Final = pow(2, (_P - 1) // 4, _P)
_SIGN_BIT: Final = 1 << 255
_KEY_BYTES: Final = 32
_SCALAR_BITS: Final = 256
_WINDOW_BITS: Final = 4
_WINDOW: Final = 1 << _WINDOW_BITS

_Point = tuple[int, int, int, int]
"""Extended coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z."""

_IDENTITY: Final[_Point] = (0, 1, 1, 0)


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether an Ed25519 signature is valid under ZIP 215."""
    if len(public_key) != _KEY_BYTES or len(signature) != 2 * _KEY_BYTES:
        return False
    key_point = _decode_point(public_key)
    r_point = _decode_point(signature[:_KEY_BYTES])
    s = int.from_bytes(signature[_KEY_BYTES:], "little")
    if key_point is None or r_point is None or s >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:_KEY_BYTES] + public_key + message).digest()
    k = int.from_bytes(digest, "little") % _ORDER
    difference = _add(_multiply_both(s, k, _negate(key_point)), _negate(r_point))
    for _ in range(3):
        difference = _add(difference, difference)
    x, y, z, _ = difference
    return x % _P == 0 and (y - z) % _P == 0


def _decode_point(encoded: bytes) -> _Point | None:
    number = int.from_bytes(encoded, "little")
    y = (number & (_SIGN_BIT - 1)) % _P
    x = _recover_x(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % _P)


def _recover_x(y: int, sign: int) -> int | None:
    numerator = (y * y - 1) % _P
    denominator = (_D * y * y + 1) % _P
    x_squared = numerator * pow(denominator, -1, _P) % _P
    x = pow(x_squared, (_P + 3) // 8, _P)
    if (x * x - x_squared) % _P:
        x = x * _SQRT_MINUS_ONE % _P
    if (x * x - x_squared) % _P:
        return None
    return _P - x if x & 1 != sign and x else x


def _add(a: _Point, b: _Point) -> _Point:
    """Return a + b; complete, so it doubles too."""
    first = (a[1] - a[0]) * (b[1] - b[0]) % _P
    second = (a[1] + a[0]) * (b[1] + b[0]) % _P
    third = 2 * a[3] * b[3] * _D % _P
    fourth = 2 * a[2] * b[2] % _P
    e, f, g, h = second - first, fourth - third, fourth + third, second + first
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _negate(a: _Point) -> _Point:
    return -a[0] % _P, a[1], a[2], -a[3] % _P


def _double(a: _Point) -> _Point:
    """Return a + a, with fewer products than ``_add`` takes."""
    x, y, z, _ = a
    xx, yy = x * x % _P, y * y % _P
    h = xx + yy
    e = h - (x + y) * (x + y) % _P
    g = xx - yy
    f = 2 * z * z + g
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiples(point: _Point) -> list[_Point]:
    """Return 0, 1, … 15 times a point."""
    found = [_IDENTITY]
    for _ in range(_WINDOW - 1):
        found.append(_add(found[-1], point))
    return found


def _multiply_both(of_base: int, of_point: int, point: _Point) -> _Point:
    """Return of_base·B + of_point·point: both scalars four bits at a time, one run of doublings."""
    multiples = _multiples(point)
    total = _IDENTITY
    for shift in range(_SCALAR_BITS - _WINDOW_BITS, -1, -_WINDOW_BITS):
        for _ in range(_WINDOW_BITS):
            total = _double(total)
        for table, scalar in ((_BASE_MULTIPLES, of_base), (multiples, of_point)):
            part = scalar >> shift & (_WINDOW - 1)
            if part:
                total = _add(total, table[part])
    return total


def _base_point() -> _Point:
    y = 4 * pow(5, -1, _P) % _P
    x = _recover_x(y, 0)
    if x is None:
        raise ArithmeticError("the base point is not on the curve")
    return x, y, 1, x * y % _P


_BASE: Final = _base_point()
_BASE_MULTIPLES: Final = _multiples(_BASE)
