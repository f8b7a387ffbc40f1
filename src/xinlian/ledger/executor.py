"""What the state machine needs of the contracts above it, as a protocol."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from xinlian.ledger.block import EventRecord, Misbehaviour
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StateView
from xinlian.ledger.transaction import Transaction
from xinlian.primitives import KeyId, PartyId


class BlockEnvironment(NamedTuple):
    """Everything that execution may know beside the state."""

    chain_id: str
    height: int
    time_ms: int
    app_version: int


class SignerKey(NamedTuple):
    """A registered, active key."""

    party: PartyId
    suite: str
    public_key: bytes


class Execution(NamedTuple):
    """What executing one transaction's messages, or the schedule, produced."""

    events: tuple[EventRecord, ...]
    work: int


class Charge(NamedTuple):
    """What one transaction used of its payer's quotas."""

    transaction_bytes: int
    work: int
    state_bytes: int
    """By how much it made the state grow, removals not counted."""


class Quotas(Protocol):
    """How much each payer may use at one height; implemented by the quotas module."""

    def check(self, state: StateView, transaction: Transaction) -> None:
        """Refuse a transaction that its payer's quotas have no room for; raises LedgerError."""

    def settle(self, state: Overlay, payer: PartyId, charge: Charge) -> None:
        """Count what an applied transaction used, and its marker; raises LedgerError."""

    def charge(self, state: Overlay, payer: PartyId, charge: Charge) -> None:
        """Count what a refused transaction used, and its marker, even beyond the quotas."""

    def release_markers(self, state: Overlay, payer: bytes, count: int) -> None:
        """Give room back for markers that were dropped."""

    def hold_sender(self, state: Overlay, transaction: Transaction, call_index: int) -> None:
        """Hold the sender of a call that met a fault of ours back from repeating it."""

    def drop_ended_holds(self, state: Overlay) -> None:
        """Let go who was held up to an earlier height."""


class CallRefused(Exception):  # noqa: N818 - carries a refusal across the protocol, is not one
    """A message was refused; its position and the refusal travel together."""

    def __init__(self, call_index: int, refusal: Exception, work: int) -> None:
        super().__init__(call_index)
        self.call_index = call_index
        self.refusal = refusal
        self.work = work


class Executor(Protocol):
    """The contracts, as seen by the machine; every method is pure."""

    def quotas_at(self, state: StateView, environment: BlockEnvironment) -> Quotas:
        """Return how much each payer may use at a height."""

    def at_version(self, app_version: int) -> "Executor | None":
        """Return the rules of a version, or None where this release lacks them."""

    def migrate(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        cursor: bytes,
    ) -> bytes | None:
        """Do one block's part of the migration to this version.

        Args:
            state: as the block found it.
            environment: of the block.
            cursor: what the part before returned; empty in the first block of the version.

        Returns:
            Where to go on in the next block, None when the migration has ended.
        """

    def signer_key(self, state: StateView, key_id: KeyId) -> SignerKey | None:
        """Return the active key of an id, or None."""

    def is_kept_for(self, transaction: Transaction) -> bool:
        """Return whether a share of each proposed block is kept for such a transaction."""

    def next_due_at_ms(self, state: StateView) -> int | None:
        """Return when the earliest scheduled item is due, or None when there is none."""

    def report(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        misbehaviours: Sequence[Misbehaviour],
    ) -> tuple[Execution, Sequence[str]]:
        """Do what follows from what the engine showed of validators; return alarms too."""

    def run_schedule(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        work_max: int,
        first_index: int = 0,
    ) -> tuple[Execution, Sequence[str]]:
        """Perform due items in (due, sequence) order within ``work_max``; return alarms too.

        Args:
            state: is changed.
            environment: of the block.
            work_max: in work units.
            first_index: the index of the first item's call.
        """

    def execute(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        transaction: Transaction,
        work_max: int,
    ) -> Execution:
        """Apply every call in order.

        Raises:
            CallRefused: a call was refused; the caller rolls the whole transaction back.
        """
