"""Opening what was sealed to a public key: HPKE in its base mode.

Sealing draws randomness and is the client's; opening is a function of its arguments alone, so that
every validator opens the same box to the same bytes, or does not open it.

Rules this file keeps:
 1. One suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; no associated data.
 2. A box that does not open is ``None``, whatever is wrong with it: length, key, purpose or tag.
 3. ``purpose`` says which box this is; a box that was sealed for another purpose does not open.

Source: RFC 9180.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BOX_KEY_BYTES: Final = 32
"""Of a public or a private key."""
OVERHEAD_BYTES: Final = 48
"""By how much a box is longer than what is in it: encapsulated key 32, tag 16."""
SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def box_key_of(secret: bytes) -> bytes:
    """Return the public key of a private key of 32 bytes; raises ValueError for another length."""
    private = X25519PrivateKey.from_private_bytes(secret)
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def open_box(secret: bytes, box: bytes, purpose: bytes) -> bytes | None:
    """Return what is in a box, or None where it does not open.

    Args:
        secret: the private key, 32 bytes.
        box: encapsulated key ‖ ciphertext ‖ tag.
        purpose: what the box was sealed for (HPKE's ``info``).

    Raises:
        ValueError: the private key has another length.
    """
    private = X25519PrivateKey.from_private_bytes(secret)
    try:
        return SUITE.decrypt(box, private, info=purpose)
    except InvalidTag:
        return None
