"""A reading: what a device says once, signed with its registered key.

Rules this file keeps:
 1. The signed bytes have one fixed form, which a small device can write::

        "XINLIAN-READING-1"   17 bytes
        chain                 32 bytes, SHA-256 of the chain's name in UTF-8
        device                20 bytes, the id that its registration gave
        number                 8 bytes, from 1, ascending
        taken at               8 bytes, milliseconds since 1970-01-01 UTC
        value                  8 bytes, signed, thousandths of the unit of its kind
        has a position         1 byte, 0 or 1
        latitude, longitude    4 bytes each, signed, 1e-7 degrees; 0 without a position

    Numbers are big-endian.  The signature is Ed25519 over these bytes.
 2. It travels as a small JSON text.  What is larger, malformed or out of range is refused before
    its signature is looked at; a refusal quotes nothing of it.
 3. The leaf of a reading in a Merkle tree is its signed bytes followed by the signature, so whoever
    is given a reading checks both.
"""

import hashlib
import struct
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec

from xinlian.crypto.ed25519 import SIGNATURE_BYTES, SigningKey, verify
from xinlian.crypto.merkle import merkle_root
from xinlian.primitives import format_id, parse_id
from xinlian.primitives.ids import MalformedId

PAYLOAD_BYTES_MAX: Final = 1_024
_LABEL: Final = b"XINLIAN-READING-1"
_NUMBERS: Final = struct.Struct(">QQqBii")
_VALUE_MAX: Final = 10**12
_Number = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
_Time = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
_Value = Annotated[int, msgspec.Meta(ge=-_VALUE_MAX, le=_VALUE_MAX)]
_Latitude = Annotated[int, msgspec.Meta(ge=-900_000_000, le=900_000_000)]
_Longitude = Annotated[int, msgspec.Meta(ge=-1_800_000_000, le=1_800_000_000)]


class ReadingRefused(ValueError):  # noqa: N818 - names what happened to the reading
    """A reading was not taken; ``reason`` is one of a closed list, for counting."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Reading(msgspec.Struct, frozen=True):
    """What a device says once."""

    device: bytes
    no: int
    taken_at_ms: int
    value_e3: int
    latitude_e7: int | None
    longitude_e7: int | None
    signature: bytes

    @property
    def position(self) -> tuple[int, int] | None:
        """Latitude and longitude in 1e-7 degrees, or None."""
        if self.latitude_e7 is None or self.longitude_e7 is None:
            return None
        return self.latitude_e7, self.longitude_e7


class _Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    device: Annotated[str, msgspec.Meta(max_length=48)]
    no: _Number
    taken_at_ms: _Time
    value_e3: _Value
    signature: Annotated[str, msgspec.Meta(min_length=128, max_length=128)]
    latitude_e7: _Latitude | None = None
    longitude_e7: _Longitude | None = None


_DECODE: Final = msgspec.json.Decoder(_Payload).decode
_ENCODE: Final = msgspec.json.Encoder().encode


def read_payload(data: bytes) -> Reading:
    """Return the reading of a payload; its signature is not checked yet.

    Raises:
        ReadingRefused: ``too_large`` or ``malformed``.
    """
    if len(data) > PAYLOAD_BYTES_MAX:
        raise ReadingRefused("too_large")
    try:
        found = _DECODE(data)
        reading = Reading(
            device=parse_id("device", found.device),
            no=found.no,
            taken_at_ms=found.taken_at_ms,
            value_e3=found.value_e3,
            latitude_e7=found.latitude_e7,
            longitude_e7=found.longitude_e7,
            signature=bytes.fromhex(found.signature),
        )
    except (msgspec.MsgspecError, UnicodeDecodeError, MalformedId, ValueError, RecursionError):
        raise ReadingRefused("malformed") from None
    is_half_placed = (found.latitude_e7 is None) != (found.longitude_e7 is None)
    if is_half_placed or len(reading.signature) != SIGNATURE_BYTES:
        raise ReadingRefused("malformed")
    return reading


def payload_of(reading: Reading) -> bytes:
    """Return the payload of a reading."""
    return _ENCODE(
        _Payload(
            device=format_id("device", reading.device),
            no=reading.no,
            taken_at_ms=reading.taken_at_ms,
            value_e3=reading.value_e3,
            signature=reading.signature.hex(),
            latitude_e7=reading.latitude_e7,
            longitude_e7=reading.longitude_e7,
        )
    )


def signed_bytes(chain_id: str, reading: Reading) -> bytes:
    """Return the bytes that a device signs."""
    latitude, longitude = reading.position or (0, 0)
    numbers = _NUMBERS.pack(
        reading.no,
        reading.taken_at_ms,
        reading.value_e3,
        reading.position is not None,
        latitude,
        longitude,
    )
    return _LABEL + hashlib.sha256(chain_id.encode()).digest() + reading.device + numbers


def sign_reading(key: SigningKey, chain_id: str, reading: Reading) -> Reading:
    """Return a reading with its signature."""
    signature = key.sign(signed_bytes(chain_id, reading))
    return msgspec.structs.replace(reading, signature=signature)


def is_signed_by(public_key: bytes, chain_id: str, reading: Reading) -> bool:
    """Return whether a device's key signed a reading of this chain."""
    return verify(public_key, signed_bytes(chain_id, reading), reading.signature)


def leaf_of(chain_id: str, reading: Reading) -> bytes:
    """Return what stands for a reading in a Merkle tree."""
    return signed_bytes(chain_id, reading) + reading.signature


def readings_root(chain_id: str, readings: Sequence[Reading]) -> bytes:
    """Return the Merkle root of readings, oldest first."""
    return merkle_root([leaf_of(chain_id, reading) for reading in readings])
