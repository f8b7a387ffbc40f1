"""What the ledger asks of a store, as protocols.

Rules this file keeps:
 1. A snapshot is one committed height, unchanged however long it is read.
 2. A commit is all or nothing, durable when it returns, and follows the height before.
 3. A failure of the store is never a transaction's result: it stops the node.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Protocol, Self


class StoreError(Exception):
    """The store cannot do what it must: full, damaged, locked or of another version."""


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

    def block(self, height: int) -> bytes | None:
        """Return the block of a height, or None."""

    def outcome(self, height: int) -> bytes | None:
        """Return the outcome of a height, or None."""

    def locate(self, transaction_id: bytes) -> tuple[int, int] | None:
        """Return (height, index) of a transaction that consumed its key, or None."""

    def close(self) -> None:
        """Release the store."""
