"""What the ledger asks of a store, as protocols.

Rules this file keeps:
 1. A snapshot is one committed height, unchanged however long it is read.
 2. A commit is all or nothing, durable when it returns, and follows the height before.
 3. A failure of the store is never a transaction's result: it stops the node.
 4. What a store does not have it says: ``Extent`` tells from which height on it has what.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Protocol, Self


class StoreError(Exception):
    """The store cannot do what it must: full, damaged, locked or of another version."""


class StateNotKept(LookupError):  # noqa: N818 - names what is missing
    """The store has no state of this height: not yet, no longer, or never had it."""

    def __init__(self, height: int, oldest: int, newest: int) -> None:
        super().__init__(f"the state of height {height} is not here: {oldest} to {newest} are")
        self.height = height
        self.oldest = oldest
        self.newest = newest


class Extent(NamedTuple):
    """What a store has of its chain; an archive node has all bodies from 0 on."""

    begins_at: int
    """The first height of which it has anything: 0, or that of the snapshot it began from."""
    bodies_from: int
    """The first height with its transactions and events; below are headers and results."""
    states_from: int
    """The oldest height whose state can be read and proven; the head's where no history is kept."""


class StateView(Protocol):
    """Reads of one state."""

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""

    def scan(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries of [start, end) in ascending key order."""


class NodeView(Protocol):
    """Reads of the nodes of one state's tree."""

    def get_node(self, path: bytes) -> bytes | None:
        """Return a node by its path, or None."""


class Snapshot(StateView, NodeView, Protocol):
    """A consistent view of one committed height."""

    @property
    def height(self) -> int:
        """The height that is seen; -1 before genesis."""

    def close(self) -> None:
        """Release the view."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


@dataclasses.dataclass(frozen=True, slots=True)
class CommitBatch:
    """Everything that one height changes.

    ``head``, ``block`` and ``outcome`` are opaque to the store; None removes a key or a node.
    """

    height: int
    head: bytes
    block: bytes
    outcome: bytes
    state_writes: Mapping[bytes, bytes | None]
    node_writes: Mapping[bytes, bytes | None]
    transaction_locations: Mapping[bytes, tuple[int, int]]


@dataclasses.dataclass(frozen=True, slots=True)
class PrunedHeight:
    """What stays of a height without its body: its signed header, and its results."""

    height: int
    head: bytes
    outcome: bytes


class Store(Protocol):
    """A durable store of one chain."""

    def head(self) -> bytes | None:
        """Return the head of the last commit, or None before genesis."""

    def snapshot(self) -> Snapshot:
        """Return a view of the last committed height."""

    def commit(self, batch: CommitBatch) -> None:
        """Make a height durable.

        Raises:
            StoreError: it could not be; nothing of it is there.
        """

    def snapshot_at(self, height: int) -> Snapshot:
        """Return a view of a height that is still kept; raises StateNotKept."""

    def extent(self) -> Extent:
        """Return what the store has of its chain."""

    def origin(self) -> bytes | None:
        """Return the genesis hash of a store that began from a snapshot, else None."""

    def block(self, height: int) -> bytes | None:
        """Return the block of a height, or None."""

    def header(self, height: int) -> bytes | None:
        """Return the signed header of a height that has no block here, or None."""

    def outcome(self, height: int) -> bytes | None:
        """Return the outcome of a height, or None; of a pruned one without its events."""

    def locate(self, transaction_id: bytes) -> tuple[int, int] | None:
        """Return (height, index) of a transaction that consumed its key, or None."""

    def close(self) -> None:
        """Release the store."""


class PrunableStore(Store, Protocol):
    """A store that can forget bodies."""

    def prune(self, heights: Sequence[PrunedHeight]) -> None:
        """Replace the bodies of the next heights by what stays of them; all or nothing.

        Args:
            heights: ascending from ``extent().bodies_from`` on, all below the head's.

        Raises:
            StoreError: they do not follow what was pruned before, or cannot be written.
        """


class RestorableStore(Store, Protocol):
    """An empty store that can begin above genesis."""

    def stage(
        self,
        state_writes: Mapping[bytes, bytes | None],
        node_writes: Mapping[bytes, bytes | None],
    ) -> None:
        """Add to the state of a store that has no head yet; raises StoreError."""

    def begin_at(self, height: int, head: bytes, genesis_hash: bytes) -> None:
        """Make what was staged the state of a height, durably; raises StoreError."""
