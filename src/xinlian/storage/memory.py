"""The reference store: everything in memory, lost with the process.

For tests and for dry runs; it makes no claim of durability.
"""

import bisect
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

from xinlian.ledger.ports import CommitBatch, StoreError


class MemorySnapshot:
    """A view of one height; later commits write to new tables, so it never changes."""

    def __init__(
        self,
        height: int,
        state: dict[bytes, bytes],
        nodes: dict[bytes, bytes],
        keys: list[bytes],
    ) -> None:
        self.height = height
        self._state = state
        self._nodes = nodes
        self._keys = keys

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        return self._state.get(key)

    def scan(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries of [start, end) in ascending key order."""
        for at in range(bisect.bisect_left(self._keys, start), len(self._keys)):
            key = self._keys[at]
            if key >= end:
                return
            yield key, self._state[key]

    def get_node(self, path: bytes) -> bytes | None:
        """Return a node by its path, or None."""
        return self._nodes.get(path)

    def close(self) -> None:
        """Release nothing: the tables go with the last view of them."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class MemoryStore:
    """A store of one chain in memory."""

    def __init__(self) -> None:
        self._height = -1
        self._head: bytes | None = None
        self._state: dict[bytes, bytes] = {}
        self._nodes: dict[bytes, bytes] = {}
        self._keys: list[bytes] = []
        self._blocks: dict[int, bytes] = {}
        self._outcomes: dict[int, bytes] = {}
        self._locations: dict[bytes, tuple[int, int]] = {}

    def head(self) -> bytes | None:
        """Return the head of the last commit, or None before genesis."""
        return self._head

    def snapshot(self) -> MemorySnapshot:
        """Return a view of the last committed height."""
        return MemorySnapshot(self._height, self._state, self._nodes, self._keys)

    def commit(self, batch: CommitBatch) -> None:
        """Install a height; raises StoreError if it does not follow the last."""
        if batch.height != self._height + 1:
            raise StoreError(f"height {batch.height} does not follow {self._height}")
        self._state = _merged(self._state, batch.state_writes)
        self._nodes = _merged(self._nodes, batch.node_writes)
        self._keys = sorted(self._state)
        self._blocks[batch.height] = batch.block
        self._outcomes[batch.height] = batch.outcome
        self._locations.update(batch.transaction_locations)
        self._head = batch.head
        self._height = batch.height

    def block(self, height: int) -> bytes | None:
        """Return the block of a height, or None."""
        return self._blocks.get(height)

    def outcome(self, height: int) -> bytes | None:
        """Return the outcome of a height, or None."""
        return self._outcomes.get(height)

    def locate(self, transaction_id: bytes) -> tuple[int, int] | None:
        """Return (height, index) of a transaction, or None."""
        return self._locations.get(transaction_id)

    def close(self) -> None:
        """Release nothing."""


def _merged(
    table: dict[bytes, bytes],
    writes: Mapping[bytes, bytes | None],
) -> dict[bytes, bytes]:
    """Return a copy of a table with the writes applied."""
    copy = dict(table)
    for key, value in writes.items():
        if value is None:
            copy.pop(key, None)
        else:
            copy[key] = value
    return copy
