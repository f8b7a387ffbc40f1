"""The node port: what interfaces ask of a running node, whichever engine drives it.

Rules this file keeps:
 1. A submission has one of three outcomes: pending, committed with its code, expired for ever.
    ``unknown`` says that this node never saw it and that it may still be ordered;
    ``unknown_before`` that it may be in a block before the snapshot from which the node began.
 2. ``expired`` is said only when consensus time has passed ``valid_until`` and no block has it.
 3. Reads are of the last committed height and carry it.
"""

import dataclasses
import enum
from collections.abc import Sequence
from concurrent.futures import Future
from typing import NamedTuple, Protocol

from xinlian.ledger.block import EventRecord, TransactionResult
from xinlian.ledger.countersignature import CountersignatureStore
from xinlian.ledger.genesis import Genesis
from xinlian.ledger.header import SignedHeader
from xinlian.ledger.ports import Store


@dataclasses.dataclass(frozen=True, slots=True)
class Committed:
    """The outcome of an ordered transaction, and where it stands."""

    height: int
    index: int
    time_ms: int
    result: TransactionResult


class OutcomeStatus(enum.StrEnum):
    """What is known of a submission."""

    PENDING = "pending"
    COMMITTED = "committed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    UNKNOWN_BEFORE = "unknown_before"


class Outcome(NamedTuple):
    """What is known of a submission at a height; ``committed`` only with that status."""

    status: OutcomeStatus
    at_height: int
    committed: Committed | None = None
    since_height: int = 0
    """From which height on this node knows outcomes; above 0 where it began from a snapshot."""


class DryRun(NamedTuple):
    """What a transaction would do if it were ordered alone now; nothing is kept."""

    at_height: int
    result: TransactionResult
    events: tuple[EventRecord, ...]


class NodeStopped(RuntimeError):  # noqa: N818 - names the state of the node
    """The node does not run: it was closed, or a failure stopped it; the text says which."""


class NoReceipt(LookupError):  # noqa: N818 - names what is missing
    """The node has no such transaction, or no longer."""


class BodyPruned(NoReceipt):
    """The node pruned the body of a height; archive members have it."""

    def __init__(self, height: int, bodies_from: int, archives: Sequence[str]) -> None:
        names = "; ".join(archives) or "policy names none"
        super().__init__(
            f"the body of height {height} is not here, bodies are from height {bodies_from} on; "
            f"ask an archive member: {names}",
        )


class Node(Protocol):
    """A running node."""

    @property
    def genesis_bytes(self) -> bytes:
        """The genesis file."""

    @property
    def genesis(self) -> Genesis:
        """The genesis file, checked."""

    @property
    def store(self) -> Store:
        """The store, for reading."""

    @property
    def countersignatures(self) -> CountersignatureStore:
        """Members' countersignatures of its heads, beside the chain."""

    def submit(self, raw: bytes) -> Future[Committed]:
        """Queue a transaction; the future gives its outcome once durable.

        Raises:
            LedgerError: it was not admitted, which is advice and no outcome.
            NodeStopped: the node does not run.
        """

    def dry_run(self, raw: bytes) -> DryRun:
        """Return what a signed transaction would do.

        Raises:
            LedgerError: its envelope does not verify.
        """

    def outcome(self, transaction_id: bytes, valid_until_ms: int | None = None) -> Outcome:
        """Return what is known of a submission; ``expired`` needs its ``valid_until``."""

    def head(self) -> SignedHeader:
        """Return the last committed header."""

    def header(self, height: int) -> SignedHeader | None:
        """Return the header of a height, or None."""

    def attested_header(self, signed: SignedHeader) -> bytes:
        """Return a header as receipts carry it, with who countersigned it or a later one."""

    def receipt(
        self,
        transaction_id: bytes | None,
        state_keys: Sequence[bytes] = (),
        at_height: int | None = None,
    ) -> bytes:
        """Return a receipt file for a transaction, for state entries, or both.

        Args:
            transaction_id: 32 bytes, or None for state entries alone.
            state_keys: keys whose entries, or whose absence, are proven.
            at_height: as of which height they are; the head's by default.

        Raises:
            NoReceipt: no transaction with this id consumed its key here.
            BodyPruned: it did, in a block whose body is no longer here.
            StateNotKept: the state of that height is not here; it says which are.
        """

    def expiry_proof(self, raw: bytes) -> bytes:
        """Return a receipt file that a transaction was never ordered and never will be.

        Raises:
            LedgerError: the bytes are no transaction.
            NoReceipt: it may still be ordered, was ordered, or expired over 24 hours ago.
        """

    def wait_above(self, height: int, timeout_seconds: float) -> int:
        """Block until the head is above a height or time is up; return the head's height."""

    def require_running(self) -> None:
        """Raise NodeStopped with its cause when the node does not run."""
