"""Writes on top of a read-only state, with cheap rollback.

Rules this file keeps:
 1. The state below is never written; ``writes()`` is all that changed.
 2. ``rollback(mark())`` restores exactly what a reader saw at the mark.
 3. A scan sees the merged view in ascending key order and stays within one collection.
 4. A value of the state below is read once: that state never changes while it is overlaid.
 5. Taking the first entry of a collection again and again costs no more the ten thousandth time:
    what a scan found empty is not walked again.
"""

import bisect
from collections.abc import Iterator
from typing import Final

from xinlian.ledger import limits
from xinlian.ledger.ports import StateView
from xinlian.primitives import InvariantViolation

COLLECTION_PREFIX_BYTES: Final = 3
"""Module (2 bytes) and collection (1 byte)."""

READS_KEPT_MAX: Final = 100_000
"""How many values of the state below are remembered; later ones are read again each time."""

_ABSENT: Final = object()
_NO_GAP: Final = (b"", b"")


class Overlay:
    """A mutable view of a state; the only thing that handlers write to."""

    __slots__ = (
        "_below",
        "_gaps",
        "_journal",
        "_marked",
        "_read",
        "_scanned",
        "_sorted_keys",
        "_written",
    )

    def __init__(self, below: StateView) -> None:
        self._below = below
        self._read: dict[bytes, bytes | None] = {}
        self._written: dict[bytes, bytes | None] = {}
        self._journal: list[tuple[bytes, object]] = []
        self._sorted_keys: dict[bytes, list[bytes]] = {}
        self._scanned: set[bytes] = set()
        self._gaps: dict[bytes, tuple[bytes, bytes]] = {}
        """By collection: a range [from, to) in which nothing is present."""
        self._marked: tuple[int, dict[bytes, tuple[bytes, bytes]]] = (0, {})
        """The last mark, with the gaps of that moment."""

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

    def put(self, key: bytes, value: bytes) -> None:
        """Write a value within the ceilings of key and value size."""
        if len(key) > limits.STATE_KEY_BYTES_MAX or len(value) > limits.STATE_VALUE_BYTES_MAX:
            raise InvariantViolation("state_entry_size", f"{len(key)} and {len(value)} bytes")
        self._write(key, value)

    def delete(self, key: bytes) -> None:
        """Remove a key; removing an absent one changes nothing."""
        if self.get(key) is not None:
            self._write(key, None)

    def scan(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries of [start, end), ascending; both lie in one collection.

        The view is fixed key by key while it is consumed: entries written behind the cursor are
        not seen, entries ahead of it are.
        """
        prefix = start[:COLLECTION_PREFIX_BYTES]
        gap_from, cursor = self._gap_at(prefix, start)
        below = self._below.scan(cursor, end)
        below_entry = next(below, None)
        is_gap = True
        while True:
            written_key = self._next_written(prefix, cursor, end)
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
                if is_gap:
                    self._gaps[prefix] = (gap_from, key)
                    is_gap = False
                yield key, value

    def mark(self) -> int:
        """Return a point to roll back to."""
        position = len(self._journal)
        self._marked = (position, dict(self._gaps))
        return position

    def rollback(self, mark: int) -> None:
        """Undo every write since the mark."""
        journal = self._journal
        marked_at, gaps = self._marked
        while len(journal) > mark:
            key, before = journal.pop()
            if before is not None:  # the key may be present again: the gap ends before it
                self._shrink_gap(key)
            if before is _ABSENT:
                del self._written[key]
            else:
                self._written[key] = before  # type: ignore[assignment]  # bytes or None was stored
        if marked_at == mark:  # what was empty at the mark is empty again
            self._gaps = dict(gaps)

    def position(self) -> int:
        """Return a point for ``keys_written_since``; unlike a mark, nothing is kept for it."""
        return len(self._journal)

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

    def _write(self, key: bytes, value: bytes | None) -> None:
        before = self._written.get(key, _ABSENT)
        self._journal.append((key, before))
        prefix = key[:COLLECTION_PREFIX_BYTES]
        if before is _ABSENT:
            self._list_key(prefix, key)
        self._written[key] = value
        if value is not None:
            self._shrink_gap(key)

    def _shrink_gap(self, key: bytes) -> None:
        """End the gap in which a key lies just before the key."""
        prefix = key[:COLLECTION_PREFIX_BYTES]
        gap_from, gap_to = self._gaps.get(prefix, _NO_GAP)
        if gap_from <= key < gap_to:
            self._gaps[prefix] = (gap_from, key)

    def _list_key(self, prefix: bytes, key: bytes) -> None:
        """Add a key to those of its collection; they are kept in order once they are scanned."""
        keys = self._sorted_keys.setdefault(prefix, [])
        if prefix not in self._scanned:
            keys.append(key)
            return
        at = bisect.bisect_left(keys, key)
        if at == len(keys) or keys[at] != key:
            keys.insert(at, key)

    def _gap_at(self, prefix: bytes, start: bytes) -> tuple[bytes, bytes]:
        """Return a range in which nothing is present: it reaches to, or begins at, ``start``."""
        gap_from, gap_to = self._gaps.get(prefix, _NO_GAP)
        return (gap_from, gap_to) if gap_from <= start < gap_to else (start, start)

    def _next_written(self, prefix: bytes, cursor: bytes, end: bytes) -> bytes | None:
        """Return the first overlaid key in [cursor, end) that is still written."""
        keys = self._sorted_keys.get(prefix)
        if keys is None:
            return None
        if prefix not in self._scanned:
            keys[:] = sorted(set(keys))
            self._scanned.add(prefix)
        for position in range(bisect.bisect_left(keys, cursor), len(keys)):
            key = keys[position]
            if key >= end:
                return None
            if key in self._written:  # a rolled-back key stays in the list
                return key
        return None
