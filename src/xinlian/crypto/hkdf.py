"""HKDF with SHA-256: many salts from one secret.

Source: RFC 5869.
"""

import hmac
from typing import Final

from xinlian.crypto.hashing import HASH_BYTES

OUTPUT_BYTES_MAX: Final = 255 * HASH_BYTES


def hkdf_sha256(key: bytes, salt: bytes, info: bytes, length_bytes: int) -> bytes:
    """Return ``length_bytes`` (1…8 160) of key material from ``key``.

    Raises:
        ValueError: the length is out of range.
    """
    return expand(extract(key, salt), info, length_bytes)


def extract(key: bytes, salt: bytes) -> bytes:
    """Return the pseudorandom key of 32 bytes; an empty salt counts as 32 zero bytes.

    Source: RFC 5869 section 2.2.
    """
    return hmac.digest(salt or bytes(HASH_BYTES), key, "sha256")


def expand(prk: bytes, info: bytes, length_bytes: int) -> bytes:
    """Return ``length_bytes`` (1…8 160) of key material from a pseudorandom key.

    Raises:
        ValueError: the length is out of range.

    Source: RFC 5869 section 2.3.
    """
    if not 0 < length_bytes <= OUTPUT_BYTES_MAX:
        raise ValueError(f"1 to {OUTPUT_BYTES_MAX} bytes can be derived, not {length_bytes}")
    block, blocks = b"", b""
    for counter in range(1, -(-length_bytes // HASH_BYTES) + 1):
        block = hmac.digest(prk, block + info + bytes((counter,)), "sha256")
        blocks += block
    return blocks[:length_bytes]
