"""Writes on top of a read-only state, with cheap rollback.

Rules this file keeps:
 1. The state below is never written; ``writes()`` is all that changed.
 2. ``rollback(mark())`` restores exactly what a reader saw at the mark.
 3. A scan sees the merged view in ascending key order and stays within one collection.
 4. The state below never changes while it is overlaid: a value of it is read once, and a range of
    it that a scan found empty is not walked again.
 5. A decoded record is kept until its entry changes; a rollback changes it too.
"""

import bisect
import itertools
from collections.abc import Iterator
from typing import Any, Final

from xinlian.ledger import limits
from xinlian.ledger.ports import StateView
from xinlian.primitives import InvariantViolation

COLLECTION_PREFIX_BYTES: Final = 3
"""Module (2 bytes) and collection (1 byte)."""

READS_KEPT_MAX: Final = 100_000
"""How many values of the state below are remembered; later ones are read again each time."""

_ABSENT: Final = object()
_NOTHING: Final[Iterator[tuple[bytes, bytes]]] = iter(())

ABOVE_EVERY_KEY: Final = b"\xff" * limits.STATE_KEY_BYTES_MAX
"""Behind the beginning of a key: above all keys that begin so."""


class Overlay:
    """A mutable view of a state; the only thing that handlers write to."""

    __slots__ = ("_below", "_empty", "_journal", "_listed", "_read", "_written", "records")

    def __init__(self, below: StateView) -> None:
        self._below = below
        self._read: dict[bytes, bytes | None] = {}
        self._written: dict[bytes, bytes | None] = {}
        self._journal: list[tuple[bytes, object]] = []
        self._listed: dict[bytes, list[bytes]] = {}
        """By collection, once it was scanned: its written keys, ascending."""
        self._empty: dict[bytes, _EmptyRanges] = {}
        """By collection: where nothing is present in the state below."""
        self.records: Final[dict[bytes, Any]] = {}
        """What present entries decode to, as far as somebody asked: for ``records.py`` alone."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        value = self._written.get(key, _ABSENT)
        if value is _ABSENT:
            value = self._read.get(key, _ABSENT)
        if value is _ABSENT:
            value = self._below.get(key)
            if len(self._read) < READS_KEPT_MAX:
                self._read[key] = value
        return value  # type: ignore[return-value]  # the sentinel is excluded above

    def put(self, key: bytes, value: bytes, record: object = None) -> None:
        """Write a value within the ceilings of key and value size.

        Args:
            key: module, collection and parts.
            value: the entry.
            record: what the value decodes to, where the caller has it.
        """
        if len(key) > limits.STATE_KEY_BYTES_MAX or len(value) > limits.STATE_VALUE_BYTES_MAX:
            raise InvariantViolation("state_entry_size", f"{len(key)} and {len(value)} bytes")
        self._note(key)
        self._written[key] = value
        if record is None:
            self.records.pop(key, None)
        else:
            self.records[key] = record

    def delete(self, key: bytes) -> None:
        """Remove a key; removing an absent one changes nothing."""
        if self.get(key) is not None:
            self._note(key)
            self._written[key] = None
            self.records.pop(key, None)

    def scan(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Return the entries of [start, end), ascending; both lie in one collection.

        The view is fixed key by key while it is consumed: entries written behind the cursor are
        not seen, entries ahead of it are.
        """
        prefix = start[:COLLECTION_PREFIX_BYTES]
        written = self._listed.get(prefix)
        if written is None:
            written = self._list_written(prefix)
        empty = self._empty[prefix]
        if not written and empty.end_of(start) >= end:
            return _NOTHING
        return self._scan_both(written, empty, start, end)

    def _scan_both(
        self,
        written: list[bytes],
        empty: "_EmptyRanges",
        start: bytes,
        end: bytes,
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries of [start, end) from the written keys and the state below, merged."""
        below = self._scan_below(empty, start, end)
        below_entry = next(below, None)
        cursor = start
        while True:
            written_key = self._next_written(written, cursor, end) if written else None
            if below_entry is not None and (written_key is None or below_entry[0] <= written_key):
                key, fallback = below_entry
                below_entry = next(below, None)
            elif written_key is not None:
                key, fallback = written_key, None
            else:
                return
            value = self._written.get(key, fallback)
            cursor = key + b"\0"
            if value is not None:
                yield key, value

    def mark(self) -> int:
        """Return a point to roll back to."""
        return len(self._journal)

    def rollback(self, mark: int) -> None:
        """Undo every write since the mark."""
        journal = self._journal
        while len(journal) > mark:
            key, before = journal.pop()
            self.records.pop(key, None)
            if before is _ABSENT:
                del self._written[key]
            else:
                self._written[key] = before  # type: ignore[assignment]  # bytes or None was stored

    def keys_written_since(self, mark: int) -> dict[bytes, object]:
        """Return the keys written since a mark, in the order of their first write."""
        return dict.fromkeys(key for key, _ in self._journal[mark:])

    def bytes_grown_since(self, mark: int) -> int:
        """Return by how many bytes entries grew or came since a mark; removals give nothing."""
        grown = 0
        written, read = self._written, self._read
        for key, before in dict(reversed(self._journal[mark:])).items():
            value = written[key]
            if value is None:
                continue
            old = read.get(key, _ABSENT) if before is _ABSENT else before
            if old is _ABSENT:  # written without being read
                old = self._below.get(key)
            if old is None:
                grown += len(key) + len(value)
            elif len(value) > len(old):  # type: ignore[arg-type]  # bytes: the sentinel is excluded
                grown += len(value) - len(old)  # type: ignore[arg-type]  # as above
        return grown

    def writes(self) -> dict[bytes, bytes | None]:
        """Return every changed key with its new value, None for a removed one."""
        return self._written

    def _note(self, key: bytes) -> None:
        """Keep what a key had before it is written."""
        before = self._written.get(key, _ABSENT)
        self._journal.append((key, before))
        if before is _ABSENT:
            listed = self._listed.get(key[:COLLECTION_PREFIX_BYTES])
            if listed is not None:
                _insert(listed, key)

    def _list_written(self, prefix: bytes) -> list[bytes]:
        """Return the list of a collection's written keys; from now on it is kept up to date."""
        listed = sorted(key for key in self._written if key.startswith(prefix))
        self._listed[prefix] = listed
        self._empty[prefix] = _EmptyRanges()
        return listed

    def _next_written(self, keys: list[bytes], cursor: bytes, end: bytes) -> bytes | None:
        """Return the first of a collection's keys in [cursor, end) that is still written."""
        for position in range(bisect.bisect_left(keys, cursor), len(keys)):
            key = keys[position]
            if key >= end:
                return None
            if key in self._written:  # a rolled-back key stays in the list
                return key
        return None

    def _scan_below(
        self,
        empty: "_EmptyRanges",
        start: bytes,
        end: bytes,
    ) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries of [start, end) in the state below; learn from what is not there."""
        cursor = empty.end_of(start)
        if cursor >= end:
            return
        collection_end = start[:COLLECTION_PREFIX_BYTES] + ABOVE_EVERY_KEY
        entries = self._below.scan(cursor, collection_end)
        first = next(entries, None)
        empty.add(start, collection_end if first is None else first[0])
        if first is not None and first[0] < end:
            yield first
            yield from itertools.takewhile(lambda entry: entry[0] < end, entries)


class _EmptyRanges:
    """Ranges [from, to) in which nothing is present; whatever ``to`` is, it is present."""

    __slots__ = ("_begins", "_ends")

    def __init__(self) -> None:
        self._ends: list[bytes] = []
        self._begins: dict[bytes, bytes] = {}

    def end_of(self, key: bytes) -> bytes:
        """Return the end of the range that a key lies in; the key itself where it is in none."""
        at = bisect.bisect_right(self._ends, key)
        if at < len(self._ends) and self._begins[self._ends[at]] <= key:
            return self._ends[at]
        return key

    def add(self, begin: bytes, end: bytes) -> None:
        """Remember a range."""
        if begin < end:
            _insert(self._ends, end)
            self._begins[end] = min(begin, self._begins.get(end, begin))


def _insert(keys: list[bytes], key: bytes) -> None:
    """Add a key to ascending ones, once."""
    at = bisect.bisect_left(keys, key)
    if at == len(keys) or keys[at] != key:
        keys.insert(at, key)
