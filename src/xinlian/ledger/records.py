"""Typed access to the authenticated key space.

Rules this file keeps:
 1. A key is module (2 bytes) ‖ collection (1 byte) ‖ parts of fixed width.
 2. A value is the canonical encoding of one record type.
 3. A scan is bounded by its caller: it is an iterator, never a list.
"""

from collections.abc import Iterator
from typing import Final, Generic, Protocol, TypeVar

import msgspec

from xinlian.ledger.overlay import ABOVE_EVERY_KEY, READS_KEPT_MAX, Overlay
from xinlian.ledger.ports import StateView
from xinlian.primitives import InvariantViolation


class WritableState(StateView, Protocol):
    """A state that a keeper may write."""

    def put(self, key: bytes, value: bytes, record: object = None) -> None:
        """Write a value; ``record`` is what it decodes to, where the caller has it."""

    def delete(self, key: bytes) -> None:
        """Remove a key."""


class Record(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """Base of every value in the state."""


RecordT = TypeVar("RecordT", bound=Record)

_ENCODE: Final = msgspec.msgpack.Encoder().encode
INTEGER_KEY_BYTES: Final = 8
_PAIR: Final = 2


def integer_part(value: int) -> bytes:
    """Return the 8-byte big-endian key part of a non-negative integer."""
    return value.to_bytes(INTEGER_KEY_BYTES, "big")


class Collection(Generic[RecordT]):
    """One collection of records of one module."""

    __slots__ = ("_decode", "_only_width", "_pair_widths", "_widths", "prefix", "record_type")

    def __init__(
        self,
        module_no: int,
        collection_no: int,
        record_type: type[RecordT],
        widths: tuple[int, ...],
    ) -> None:
        self.prefix: Final = module_no.to_bytes(2, "big") + bytes((collection_no,))
        self.record_type: Final = record_type
        self._widths: Final = widths
        self._only_width: Final = widths[0] if len(widths) == 1 else -1
        self._pair_widths: Final = widths if len(widths) == _PAIR else (-1, -1)
        self._decode = msgspec.msgpack.Decoder(record_type).decode

    def key(self, *parts: bytes) -> bytes:
        """Return the state key of a full set of parts."""
        return self._key_of(parts)

    def get(self, state: StateView, *parts: bytes) -> RecordT | None:
        """Return the record at the parts, or None."""
        if len(parts) == 1 and len(parts[0]) == self._only_width:  # spares the most common a call
            key = self.prefix + parts[0]
        else:
            key = self._key_of(parts)
        if not isinstance(state, Overlay):
            value = state.get(key)
            return None if value is None else self._decode(value)
        # Records are frozen: one that was decoded for somebody else is as good as a new one.
        record: RecordT | None = state.records.get(key)
        if type(record) is self.record_type:
            return record
        value = state.get(key)
        if value is None:
            return None
        record = self._decode(value)
        if len(state.records) < READS_KEPT_MAX:
            state.records[key] = record
        return record

    def require(self, state: StateView, *parts: bytes) -> RecordT:
        """Return a record that must exist.

        Raises:
            InvariantViolation: it does not; the caller's own bookkeeping is broken.
        """
        record = self.get(state, *parts)
        if record is None:
            raise InvariantViolation("record_exists", self.record_type.__name__)
        return record

    def put(self, state: WritableState, record: RecordT, *parts: bytes) -> None:
        """Write the record at the parts."""
        state.put(self._key_of(parts), _ENCODE(record), record)

    def delete(self, state: WritableState, *parts: bytes) -> None:
        """Remove the record at the parts."""
        state.delete(self._key_of(parts))

    def scan(
        self,
        state: StateView,
        *leading: bytes,
        after: tuple[bytes, ...] = (),
    ) -> Iterator[tuple[tuple[bytes, ...], RecordT]]:
        """Yield (parts, record) of all keys that begin with ``leading``, ascending.

        Args:
            state: where to read.
            leading: the first parts of the key, in full.
            after: parts behind ``leading``; only keys above them are given.
        """
        head = self.prefix + b"".join(leading)
        start = head + b"".join(after) + b"\0" if after else head
        for key, value in state.scan(start, head + ABOVE_EVERY_KEY):
            yield self.parts_of(key), self._decode(value)

    def decode(self, value: bytes) -> RecordT:
        """Return the record of its bytes."""
        return self._decode(value)

    def _key_of(self, parts: tuple[bytes, ...]) -> bytes:
        # Most collections have one part or two: their widths are compared without a loop.
        if len(parts) == 1 and len(parts[0]) == self._only_width:
            return self.prefix + parts[0]
        if len(parts) == _PAIR:
            first, second = parts
            if (len(first), len(second)) == self._pair_widths:
                return self.prefix + first + second
        if tuple(map(len, parts)) != self._widths:
            raise InvariantViolation("key_width", f"{self.record_type.__name__}")
        return self.prefix + b"".join(parts)

    def parts_of(self, key: bytes) -> tuple[bytes, ...]:
        """Return the parts of a state key of this collection."""
        parts: list[bytes] = []
        position = len(self.prefix)
        for width in self._widths:
            parts.append(key[position : position + width])
            position += width
        return tuple(parts)
