"""The reference store: everything in memory, lost with the process.

For tests and for dry runs; it makes no claim of durability.
"""

import bisect
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from xinlian.ledger.ports import CommitBatch, Extent, PrunedHeight, StateNotKept, StoreError


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

    def __init__(self, *, history_heights: int = 0) -> None:
        """Make an empty store that keeps every table of so many heights below the head."""
        self._height = -1
        self._head: bytes | None = None
        self._state: dict[bytes, bytes] = {}
        self._nodes: dict[bytes, bytes] = {}
        self._keys: list[bytes] = []
        self._view = self._view_now()
        """The last committed height as one object, so that no reader sees half a commit."""
        self._blocks: dict[int, bytes] = {}
        self._outcomes: dict[int, bytes] = {}
        self._locations: dict[bytes, tuple[int, int]] = {}
        self._headers: dict[int, bytes] = {}
        self._origin: bytes | None = None
        self._begins_at = 0
        self._bodies_from = 0
        self._history_heights = history_heights
        self._history: dict[int, MemorySnapshot] = {}

    def head(self) -> bytes | None:
        """Return the head of the last commit, or None before genesis."""
        return self._head

    def snapshot(self) -> MemorySnapshot:
        """Return a view of the last committed height."""
        return self._view

    def commit(self, batch: CommitBatch) -> None:
        """Install a height; raises StoreError if it does not follow the last."""
        if batch.height != self._height + 1:
            raise StoreError(f"height {batch.height} does not follow {self._height}")
        if self._height >= 0:
            self._history[self._height] = self.snapshot()
        self._history.pop(batch.height - self._history_heights - 1, None)
        self._state = _merged(self._state, batch.state_writes)
        self._nodes = _merged(self._nodes, batch.node_writes)
        self._keys = sorted(self._state)
        self._blocks[batch.height] = batch.block
        self._outcomes[batch.height] = batch.outcome
        self._locations.update(batch.transaction_locations)
        self._head = batch.head
        self._height = batch.height
        self._view = self._view_now()

    def _view_now(self) -> MemorySnapshot:
        return MemorySnapshot(self._height, self._state, self._nodes, self._keys)

    def snapshot_at(self, height: int) -> MemorySnapshot:
        """Return a view of a height that is still kept; raises StateNotKept."""
        if height == self._height:
            return self.snapshot()
        if height not in self._history:
            raise StateNotKept(height, self.extent().states_from, self._height)
        return self._history[height]

    def extent(self) -> Extent:
        """Return what the store has of its chain."""
        states_from = min(self._history, default=max(self._height, 0))
        return Extent(self._begins_at, self._bodies_from, states_from)

    def origin(self) -> bytes | None:
        """Return the genesis hash of a store that began from a snapshot, else None."""
        return self._origin

    def prune(self, heights: Sequence[PrunedHeight]) -> None:
        """Replace the bodies of the next heights by what stays of them; raises StoreError."""
        for expected, pruned in enumerate(heights, self._bodies_from):
            if pruned.height != expected or expected >= self._height:
                raise StoreError(f"height {pruned.height} cannot be pruned next")
        for pruned in heights:
            del self._blocks[pruned.height]
            self._headers[pruned.height] = pruned.head
            self._outcomes[pruned.height] = pruned.outcome
            self._history.pop(pruned.height, None)
        self._bodies_from += len(heights)

    def stage(
        self,
        state_writes: Mapping[bytes, bytes | None],
        node_writes: Mapping[bytes, bytes | None],
    ) -> None:
        """Add to the state of a store that has no head yet; raises StoreError."""
        if self._head is not None:
            raise StoreError("the store is not empty")
        self._state = _merged(self._state, state_writes)
        self._nodes = _merged(self._nodes, node_writes)
        self._keys = sorted(self._state)
        self._view = self._view_now()

    def begin_at(self, height: int, head: bytes, genesis_hash: bytes) -> None:
        """Make what was staged the state of a height; raises StoreError."""
        if self._head is not None:
            raise StoreError("the store is not empty")
        self._head, self._height, self._origin = head, height, genesis_hash
        self._view = self._view_now()
        self._begins_at, self._bodies_from = height, height + 1
        self._headers[height] = head

    def header(self, height: int) -> bytes | None:
        """Return the signed header of a height that has no block here, or None."""
        return self._headers.get(height)

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
