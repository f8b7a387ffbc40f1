"""SHA-256 with domain separation: no hash of one use is ever a hash of another.

Rules this file keeps:
 1. A hash is ``sha256(domain byte ‖ for each field: 4-byte big-endian length ‖ field)``.
 2. Every use has a domain byte of its own; numbers are never reused.
"""

import enum
import hashlib
from typing import Final

HASH_BYTES: Final = 32


class Domain(enum.IntEnum):
    """The first byte of every hash: what the hash is for."""

    TRANSACTION_ID = 0x01
    TRANSACTION_SIGNATURE = 0x02
    GENESIS = 0x03
    APP_HASH = 0x04
    HEADER = 0x05
    HEADER_SIGNATURE = 0x06
    COUNTERSIGNATURE = 0x07
    MERKLE_LEAF = 0x10
    MERKLE_NODE = 0x11
    MERKLE_EMPTY = 0x12
    STATE_KEY = 0x20
    STATE_ENTRY = 0x21
    STATE_PAGE = 0x22
    STATE_NODE = 0x23
    SNAPSHOT_CHUNK = 0x24
    FIELD_LEAF = 0x30
    FIELD_NODE = 0x31
    FIELD_LIST = 0x32
    FIELD_PAD = 0x33
    DOCUMENT_ROOT = 0x34
    PARTY_ID = 0x40
    KEY_ID = 0x41
    OBJECT_ID = 0x42
    ASSET_ID = 0x43
    ACCOUNT_ID = 0x44
    POSSESSION = 0x45
    BANK_ACCOUNT = 0x46
    BANK_ENTRY = 0x47


_PREFIX: Final = tuple(bytes((number,)) for number in range(256))


def tagged_hash(domain: Domain, *fields: bytes) -> bytes:
    """Return the 32-byte hash of the fields under a domain."""
    data = _PREFIX[domain]
    for field in fields:
        data += len(field).to_bytes(4, "big") + field
    return hashlib.sha256(data).digest()
