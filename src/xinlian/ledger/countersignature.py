"""Countersignatures of heads: members' word that they saw a head, and no other of its height.

They are no part of consensus: a chain without any is as valid.  They stand beside it, and what is
shown of it is stronger by them: to show two strangers two histories, every countersigner would have
to sign both.

Rules this file keeps:
 1. A countersignature is of a header's hash, under a domain of its own.
 2. One spelling: what re-encodes to other bytes is no countersignature.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Protocol

import msgspec

from xinlian.crypto.ed25519 import PUBLIC_KEY_BYTES, SIGNATURE_BYTES
from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.primitives.misfits import misfit_words

COUNTERSIGNATURE_BYTES_MAX: Final = 256


class CountersignatureMalformed(ValueError):  # noqa: N818 - names the state of the bytes
    """The bytes are not the one spelling of a countersignature."""


class Countersignature(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A signature of the head of a height."""

    height: int
    public_key: bytes
    signature: bytes


class CountersignatureStore(Protocol):
    """Where a node keeps countersignatures, beside the chain."""

    def add(self, entry: Countersignature) -> None:
        """Keep an entry, durably; one a height and key, a second one replaces nothing.

        Raises:
            StoreError: it could not be kept.
        """

    def between(
        self,
        first: int,
        last: int,
        count_max: int,
        keys: AbstractSet[bytes] | None = None,
    ) -> Sequence[Countersignature]:
        """Return the first entries of the heights first … last, ascending by height and key.

        With ``keys`` only theirs, so that others take no room of theirs.
        """

    def close(self) -> None:
        """Release the store."""


class MemoryCountersignatures:
    """Countersignatures in memory: for tests, and for a chain in memory."""

    def __init__(self) -> None:
        self._entries: dict[tuple[int, bytes], Countersignature] = {}

    def add(self, entry: Countersignature) -> None:
        """Keep an entry."""
        self._entries.setdefault((entry.height, entry.public_key), entry)

    def between(
        self,
        first: int,
        last: int,
        count_max: int,
        keys: AbstractSet[bytes] | None = None,
    ) -> Sequence[Countersignature]:
        """Return the first entries of the heights first … last, of some keys or of all."""
        places = sorted(
            place
            for place in self._entries
            if first <= place[0] <= last and (keys is None or place[1] in keys)
        )
        return [self._entries[place] for place in places[:count_max]]

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Countersignature).decode


def countersigning_bytes(hashed_header: bytes) -> bytes:
    """Return the 32 bytes that a member signs of a header's hash."""
    return tagged_hash(Domain.COUNTERSIGNATURE, hashed_header)


def encode_countersignature(entry: Countersignature) -> bytes:
    """Return the bytes in which a countersignature is posted and kept."""
    return _encode(entry)


def decode_countersignature(data: bytes) -> Countersignature:
    """Return the countersignature of its bytes; raises CountersignatureMalformed."""
    if len(data) > COUNTERSIGNATURE_BYTES_MAX:
        raise CountersignatureMalformed("too many bytes / 字节过多")
    try:
        entry = _decode(data)
    except msgspec.DecodeError as error:
        raise CountersignatureMalformed(f"no countersignature: {misfit_words(error)}") from None
    sizes = (len(entry.public_key), len(entry.signature))
    if entry.height < 0 or sizes != (PUBLIC_KEY_BYTES, SIGNATURE_BYTES) or _encode(entry) != data:
        raise CountersignatureMalformed(
            "not a height, a key of 32 and a signature of 64 bytes / "
            "应依次为高度、32 字节公钥与 64 字节签名"
        )
    return entry
