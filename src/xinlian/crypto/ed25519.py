"""Signature suites: Ed25519 under ZIP 215, and how a key of one is made and checked.

Rules this file keeps:
 1. Validity in consensus is ZIP 215: the cofactored equation, non-canonical point encodings
    accepted in signatures, s below the group order.
 2. A key is accepted for registration only if it is canonical and not of small order, so such an
    encoding never belongs to anybody.
 3. A suite is ``verify(public_key, message, blob)``; what is unknown does not verify.
 4. A private key is never in a repr, an error or a log.
"""

from collections.abc import Callable, Mapping
from typing import Final

import ed25519_zebra
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SUITE_ED25519: Final = "ed25519"
PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
SEED_BYTES: Final = 32
_FIELD_PRIME: Final = 2**255 - 19
_SIGN_BIT: Final = 1 << 255

_ORDER_8_Y: Final = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL_ORDER_Y: Final = frozenset(
    {0, 1, _FIELD_PRIME - 1, _ORDER_8_Y, _FIELD_PRIME - _ORDER_8_Y},
)
"""y of the points whose order divides 8 (the published list; checked by a test)."""


class InvalidPublicKey(ValueError):  # noqa: N818 - names the state of the key
    """A public key is not canonical, not on the curve, or of small order."""


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether an Ed25519 signature is valid under ZIP 215."""
    if len(public_key) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    return bool(ed25519_zebra.ed_verify(signature, message, public_key))


SUITES: Final[Mapping[str, Callable[[bytes, bytes, bytes], bool]]] = {SUITE_ED25519: verify}


def verify_signature(suite: str, public_key: bytes, message: bytes, blob: bytes) -> bool:
    """Return whether ``blob`` is a valid signature under a key of a named suite."""
    check = SUITES.get(suite)
    return check is not None and check(public_key, message, blob)


def check_public_key(suite: str, public_key: bytes) -> None:
    """Refuse a key that may not be registered.

    Raises:
        InvalidPublicKey: unknown suite, wrong length, non-canonical or of small order.
    """
    if suite not in SUITES or len(public_key) != PUBLIC_KEY_BYTES:
        raise InvalidPublicKey(f"not a public key of suite {suite!r}")
    y = int.from_bytes(public_key, "little") & (_SIGN_BIT - 1)
    if y >= _FIELD_PRIME:
        raise InvalidPublicKey("not the canonical encoding of a point")
    if y in _SMALL_ORDER_Y:
        raise InvalidPublicKey("a point of small order")
    if not _is_on_curve(y):
        raise InvalidPublicKey("not a point of the curve")


def _is_on_curve(y: int) -> bool:
    """Return whether x² = (y² − 1) / (d y² + 1) has a root."""
    d = -121665 * pow(121666, -1, _FIELD_PRIME) % _FIELD_PRIME
    x_squared = (y * y - 1) * pow(d * y * y + 1, -1, _FIELD_PRIME) % _FIELD_PRIME
    return pow(x_squared, (_FIELD_PRIME - 1) // 2, _FIELD_PRIME) in (0, 1)


class SigningKey:
    """A private Ed25519 key."""

    __slots__ = ("_private", "public_key")

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key: bytes = self._private.public_key().public_bytes(
            Encoding.Raw,
            PublicFormat.Raw,
        )

    @property
    def suite(self) -> str:
        """The name of the signature suite."""
        return SUITE_ED25519

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of a message (RFC 8032)."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey(public_key={self.public_key.hex()})"
