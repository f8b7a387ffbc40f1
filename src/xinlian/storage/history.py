"""Old versions of state entries and tree nodes: for each height, what it replaced.

Layout of the table ``history``::

    height 8 ‖ kind 1 (0 entry, 1 node) ‖ key or path   →   record
    record     00                                        there was none before
               01 ‖ old bytes                            this was there before
               02 ‖ prefix 2 ‖ suffix 2 ‖ middle         the new bytes with other bytes in between

Rules this file keeps:
 1. A record of height h says what h - 1 had; a view of a height undoes the heights above it, from
    the head down.  The head's own tables never change their form.
 2. Records are appended in key order, so a commit adds pages at one end of the table, and
    forgetting a height removes them at the other.
 3. A node is kept as its difference where that is shorter: a changed page of 64 entries mostly
    differs in one.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Protocol

import lmdb

from xinlian.ledger.ports import CommitBatch, StoreError

HEIGHT_BYTES: Final = 8
ENTRY: Final = b"\x00"
NODE: Final = b"\x01"
DROPPED_PER_COMMIT_MAX: Final = 50_000
"""How many old records one commit forgets at most, when the window was narrowed."""

_ABSENT: Final = b"\x00"
_WHOLE: Final = b"\x01"
_DIFFERENCE: Final = b"\x02"
_LENGTH_BYTES: Final = 2
_DIFFERENCE_GRAIN_BYTES: Final = 32
_MIDDLE_AT: Final = 1 + 2 * _LENGTH_BYTES


class Tables(Protocol):
    """The tables of a store by name."""

    def __getitem__(self, name: str, /) -> lmdb._Database: ...


def record_replaced(
    transaction: lmdb.Transaction,
    tables: Tables,
    batch: CommitBatch,
    root_prefix: bytes,
) -> None:
    """Write what a batch is about to replace; call it before the batch is written."""
    height = batch.height.to_bytes(HEIGHT_BYTES, "big")
    records: list[tuple[bytes, bytes]] = []
    with transaction.cursor(db=tables["state"]) as cursor:
        for key in sorted(batch.state_writes):
            old = bytes(cursor.value()) if cursor.set_key(key) else None
            records.append((height + ENTRY + key, _ABSENT if old is None else _WHOLE + old))
    with transaction.cursor(db=tables["nodes"]) as cursor:
        for path in sorted(batch.node_writes):
            old = bytes(cursor.value()) if cursor.set_key(root_prefix + path) else None
            records.append((height + NODE + path, replaced(old, batch.node_writes[path])))
    with transaction.cursor(db=tables["history"]) as cursor:
        cursor.putmulti(records, append=True)


def forget(
    transaction: lmdb.Transaction,
    table: lmdb._Database,
    last_height: int,
    count_max: int = DROPPED_PER_COMMIT_MAX,
) -> None:
    """Remove the records of all heights up to one, the oldest first."""
    end = (last_height + 1).to_bytes(HEIGHT_BYTES, "big")
    with transaction.cursor(db=table) as cursor:
        found = cursor.first()
        while found and count_max and bytes(cursor.key()) < end:
            found = cursor.delete()
            count_max -= 1


def replaced(old: bytes | None, new: bytes | None) -> bytes:
    """Return the record from which, with the new bytes, the old ones are had again."""
    if old is None:
        return _ABSENT
    if new is None:
        return _WHOLE + old
    shorter = min(len(old), len(new))
    prefix = _equal_start(old[:shorter], new[:shorter])
    rest = shorter - prefix
    suffix = _equal_end(old[len(old) - rest :], new[len(new) - rest :]) if rest else 0
    middle = old[prefix : len(old) - suffix]
    if _MIDDLE_AT + len(middle) > len(old):
        return _WHOLE + old
    lengths = prefix.to_bytes(_LENGTH_BYTES, "big") + suffix.to_bytes(_LENGTH_BYTES, "big")
    return _DIFFERENCE + lengths + middle


def restored(record: bytes, new: bytes | None) -> bytes | None:
    """Return what was there before the new bytes; raises StoreError for a damaged record."""
    kind = record[:1]
    if kind == _ABSENT:
        return None
    if kind == _WHOLE:
        return record[1:]
    if kind != _DIFFERENCE or new is None or len(record) < _MIDDLE_AT:
        raise StoreError("the history of the tree is damaged: a record fits no node")
    prefix = int.from_bytes(record[1 : 1 + _LENGTH_BYTES], "big")
    suffix = int.from_bytes(record[1 + _LENGTH_BYTES : _MIDDLE_AT], "big")
    return new[:prefix] + record[_MIDDLE_AT:] + new[len(new) - suffix :]


class Undone:
    """What the heights above one replaced, seen from a read transaction at the head."""

    def __init__(
        self,
        transaction: lmdb.Transaction,
        table: lmdb._Database,
        height: int,
        head: int,
    ) -> None:
        self._transaction = transaction
        self._table = table
        self._height = height
        self._heights = [
            above.to_bytes(HEIGHT_BYTES, "big") for above in range(height + 1, head + 1)
        ]

    def entry(self, key: bytes, current: bytes | None) -> bytes | None:
        """Return the value that a key had: the first replacement above the height tells it."""
        for height in self._heights:
            record = self._transaction.get(height + ENTRY + key, db=self._table)
            if record is not None:
                return restored(bytes(record), None)
        return current

    def node(self, path: bytes, current: bytes | None) -> bytes | None:
        """Return the node that was at a path, undoing one replacement after the other."""
        for height in reversed(self._heights):
            record = self._transaction.get(height + NODE + path, db=self._table)
            if record is not None:
                current = restored(bytes(record), current)
        return current

    def entries(self) -> dict[bytes, bytes | None]:
        """Return all keys that were replaced above the height, with what they had."""
        first = (self._height + 1).to_bytes(HEIGHT_BYTES, "big")
        found: dict[bytes, bytes | None] = {}
        with self._transaction.cursor(db=self._table) as cursor:
            if not cursor.set_range(first):
                return found
            for replaced_key, record in cursor:
                key = bytes(replaced_key)
                if key[HEIGHT_BYTES : HEIGHT_BYTES + 1] == ENTRY:
                    found.setdefault(key[HEIGHT_BYTES + 1 :], restored(bytes(record), None))
        return found


def merged(
    entries: Iterator[tuple[bytes, bytes]],
    other: Mapping[bytes, bytes | None],
    start: bytes,
    end: bytes,
) -> Iterator[tuple[bytes, bytes]]:
    """Yield sorted entries with other values, or none, for some keys of [start, end)."""
    keys = sorted(key for key in other if start <= key < end)
    at = 0
    for key, value in entries:
        while at < len(keys) and keys[at] < key:
            yield from _present(keys[at], other)
            at += 1
        if at < len(keys) and keys[at] == key:
            yield from _present(key, other)
            at += 1
        else:
            yield key, value
    for key in keys[at:]:
        yield from _present(key, other)


def _present(key: bytes, table: Mapping[bytes, bytes | None]) -> Iterator[tuple[bytes, bytes]]:
    value = table[key]
    if value is not None:
        yield key, value


def _equal_start(left: bytes, right: bytes) -> int:
    """Return how far two equally long strings agree from the start, or up to 32 bytes less.

    Halving compares few long runs in C; looking for the exact byte costs more than it saves.
    """
    low, high = 0, len(left)
    if left == right:
        return high
    while high - low > _DIFFERENCE_GRAIN_BYTES:
        middle = (low + high) >> 1
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _equal_end(left: bytes, right: bytes) -> int:
    """Return how far two equally long strings agree from the end, or up to 32 bytes less."""
    low, high = 0, len(left)
    while high - low > _DIFFERENCE_GRAIN_BYTES:
        middle = (low + high) >> 1
        if left[middle:high] == right[middle:high]:
            high = middle
        else:
            low = middle
    return len(left) - high
