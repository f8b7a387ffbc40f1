"""Runs messages and due items against the state: the executor behind the ledger.

Rules this file keeps:
 1. Decode, ``validate_basic``, authority, handler: in this order for every message.
 2. What a call wrote and emitted stays only if all calls of the transaction apply.
 3. A due item runs like a call: refused or failed, it is rolled back alone and parked, and the
    rest goes on.  Guards compare time themselves, so parking hides no deadline.
 4. An item that needs more than is left of the block's work stays due and comes first in the next
    block; one that a whole block cannot carry is parked.
 5. Whatever a handler adds to the schedule is charged to the party in whose name it was called.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from xinlian.contracts.context import SCHEDULE_PARTY, Context, lasting_key
from xinlian.contracts.errors import (
    MessageMalformed,
    NonCanonicalMessage,
    UnknownMessageType,
    WorkExceeded,
)
from xinlian.contracts.malformed import explain, unknown_number
from xinlian.contracts.message import Message, claimed_no
from xinlian.contracts.registry import Registry
from xinlian.ledger import limits
from xinlian.ledger.block import EventRecord, Misbehaviour
from xinlian.ledger.executor import BlockEnvironment, CallRefused, Execution, Quotas, SignerKey
from xinlian.ledger.machine import HALTING_ERRORS
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StateView
from xinlian.ledger.transaction import Transaction
from xinlian.primitives import KeyId, PartyId

_ENCODE: Final = msgspec.msgpack.Encoder().encode


class Authority(Protocol):
    """Who may send what: implemented by the members module."""

    def signer_key(self, state: StateView, key_id: KeyId) -> SignerKey | None:
        """Return an active key, or None."""

    def authorise(self, context: Context, message: Message) -> None:
        """Refuse a message that the signers may not send for ``acting_for``."""


class Position(NamedTuple):
    """A point of the overlay's journal, and the last number that the schedule gave then."""

    journal: int
    sequence: bytes | None


class DueItem(Protocol):
    """A scheduled item that is due."""

    @property
    def handler_no(self) -> int:
        """The number of its handler."""

    @property
    def subject(self) -> bytes:
        """The id of what it is about."""

    @property
    def charged_to(self) -> bytes:
        """Whose quota of open items it counts towards; empty where nobody's."""


class DueWork(Protocol):
    """What is due in one block, in (due, sequence) order."""

    def take(self) -> DueItem | None:
        """Remove and return the earliest item, or None when none is due any more."""

    def inherit_added(self, since: Position, item: DueItem) -> None:
        """Charge what a due item added to whom the item itself was charged."""


class Schedule(Protocol):
    """The queue of due work: implemented by the schedule module."""

    def next_due_at_ms(self, state: StateView) -> int | None:
        """Return when the earliest item is due, or None."""

    def due_work(self, state: Overlay, time_ms: int) -> DueWork:
        """Return what is due in a block."""

    def position(self, state: Overlay) -> Position:
        """Return a point after which added items can be charged."""

    def charge_added(
        self,
        state: Overlay,
        since: Position,
        party: PartyId,
        time_ms: int,
    ) -> Position:
        """Charge a party for the items that its message added; raises LedgerError.

        Returns:
            The point after which the next message's items are looked for.
        """

    def park(self, state: Overlay, item: DueItem) -> None:
        """Keep an item that failed for an upgrade or a governance message."""


class QuotaBook(Protocol):
    """What payers used and may use: implemented by the quotas module."""

    def at(self, state: StateView, environment: BlockEnvironment) -> Quotas:
        """Return the quotas at a height."""


class Migration(Protocol):
    """Brings the state from one version to the next, a bounded part a block."""

    def __call__(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        cursor: bytes,
    ) -> bytes | None:
        """Do a part from ``cursor`` on; return where to go on, None at the end."""


class Contracts:
    """The executor: a registry with the two modules that the runtime itself asks."""

    def __init__(
        self,
        registry: Registry,
        authority: Authority,
        schedule: Schedule,
        quotas: QuotaBook,
        *,
        app_version: int = 1,
        migration: Migration | None = None,
        others: "Sequence[Contracts]" = (),
    ) -> None:
        """Build the rules of one version.

        Args:
            registry: everything that exists at this version.
            authority: who may send what.
            schedule: the queue of due work.
            quotas: how much each payer may use.
            app_version: the version's number.
            migration: brings the state from the version before to this one; None changes nothing.
            others: the rules of the other versions that this release carries.
        """
        self.registry: Final = registry
        self.app_version: Final = app_version
        self._versions = {rules.app_version: rules for rules in (*others, self)}
        self._migration = migration
        self._authority = authority
        self._schedule = schedule
        self._quotas = quotas
        self._handlers = registry.handlers
        self._kept_for = {no for no, kind in registry.messages.items() if kind.is_kept_for}
        union: Any = reduce(or_, registry.messages.values())
        self._decode_message = msgspec.msgpack.Decoder(union).decode

    def at_version(self, app_version: int) -> "Contracts | None":
        """Return the rules of a version, or None where this release lacks them."""
        return self._versions.get(app_version)

    def migrate(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        cursor: bytes,
    ) -> bytes | None:
        """Do one block's part of the migration to this version; None when it has ended."""
        if self._migration is None:
            return None
        return self._migration(state, environment, cursor)

    def signer_key(self, state: StateView, key_id: KeyId) -> SignerKey | None:
        """Return the active key of an id, or None."""
        return self._authority.signer_key(state, key_id)

    def quotas_at(self, state: StateView, environment: BlockEnvironment) -> Quotas:
        """Return how much each payer may use at a height."""
        return self._quotas.at(state, environment)

    def is_kept_for(self, transaction: Transaction) -> bool:
        """Return whether all its messages are of those that a share of each block is kept for."""
        numbers = {claimed_no(call.message) for call in transaction.body.calls}
        return numbers <= self._kept_for

    def next_due_at_ms(self, state: StateView) -> int | None:
        """Return when the schedule's earliest item is due, or None."""
        return self._schedule.next_due_at_ms(state)

    def decode(self, raw: bytes) -> Message:
        """Return a typed message of its canonical bytes.

        Raises:
            UnknownMessageType: no such number.
            MessageMalformed: the fields break their types or bounds.
            NonCanonicalMessage: a second spelling.
        """
        try:
            message: Message = self._decode_message(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._undecoded(raw) from None
        if _ENCODE(message) != raw:
            raise NonCanonicalMessage("re-encode the message")
        return message

    def _undecoded(self, raw: bytes) -> UnknownMessageType | MessageMalformed:
        number = claimed_no(raw)
        message_type = None if number is None else self.registry.messages.get(number)
        if message_type is None:
            return UnknownMessageType(str(unknown_number(number)))
        return MessageMalformed(str(explain(message_type, raw)))

    def execute(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        transaction: Transaction,
        work_max: int,
    ) -> Execution:
        """Apply every call of a transaction in order; raises CallRefused."""
        context = self._context(state, environment, work_max, 0, transaction)
        since = self._schedule.position(state)
        for index, call in enumerate(transaction.body.calls):
            context.begin_call(index, PartyId(call.acting_for))
            try:
                since = self._apply_call(context, call.message, since)
            except HALTING_ERRORS:
                raise
            except Exception as refusal:
                raise CallRefused(index, refusal, work_max - max(context.work_left, 0)) from refusal
        return Execution(tuple(context.events), work_max - context.work_left)

    def report(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        misbehaviours: Sequence[Misbehaviour],
    ) -> tuple[Execution, Sequence[str]]:
        """Do what follows from what the engine showed; what fails is rolled back alone, alarmed."""
        handler = self.registry.misbehaviour
        events: list[EventRecord] = []
        alarms: list[str] = []
        if handler is None or not misbehaviours:
            return Execution((), 0), alarms
        for index, shown in enumerate(misbehaviours):
            context = self._context(state, environment, limits.BLOCK_WORK_MAX, index)
            mark = state.mark()
            try:
                handler(context, shown)
                events += context.events
            except HALTING_ERRORS:
                raise
            except Exception as failure:  # noqa: BLE001 - alarmed; the chain goes on
                state.rollback(mark)
                alarms.append(
                    f"misbehaviour of {shown.public_key.hex()} at height {environment.height}: "
                    f"{type(failure).__name__}: {failure}",
                )
        return Execution(tuple(events), len(misbehaviours)), alarms

    def run_schedule(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        work_max: int,
        first_index: int = 0,
    ) -> tuple[Execution, Sequence[str]]:
        """Perform due items in (due, sequence) order until none is due or the work is used."""
        due_work = self._schedule.due_work(state, environment.time_ms)
        events: list[EventRecord] = []
        alarms: list[str] = []
        work_left = work_max
        count = 0
        while work_left > 0:
            before = state.mark()
            item = due_work.take()
            if item is None:
                break
            context = self._context(state, environment, work_left, first_index + count)
            mark = state.mark()
            since = self._schedule.position(state)
            try:
                context.charge(1)
                self.registry.scheduled[item.handler_no](context, item.subject)
                due_work.inherit_added(since, item)
                events += context.events
            except HALTING_ERRORS:
                raise
            except Exception as failure:  # noqa: BLE001 - parked and alarmed; the chain goes on
                if isinstance(failure, WorkExceeded) and count:
                    state.rollback(before)
                    work_left = 0
                    break
                state.rollback(mark)
                self._schedule.park(state, item)
                alarms.append(
                    f"due item {item.handler_no} of {item.subject.hex()} at height "
                    f"{environment.height}: {type(failure).__name__}: {failure}",
                )
            work_left = max(context.work_left, 0)
            count += 1
        return Execution(tuple(events), work_max - work_left), alarms

    def _apply_call(self, context: Context, raw: bytes, since: Position) -> Position:
        """Apply a message; return the point after what it added to the schedule."""
        message = self.decode(raw)
        message.validate_basic()
        context.charge(message.work)
        self._authority.authorise(context, message)
        self._handlers[type(message)](context, message)
        return self._schedule.charge_added(
            context.state,
            since,
            context.acting_for,
            context.time_ms,
        )

    def _context(
        self,
        state: Overlay,
        environment: BlockEnvironment,
        work_left: int,
        call_index: int,
        transaction: Transaction | None = None,
    ) -> Context:
        """Return the context of a transaction's calls, or of a due item."""
        return Context(
            state=state,
            chain_id=environment.chain_id,
            height=environment.height,
            time_ms=environment.time_ms,
            acting_for=SCHEDULE_PARTY,
            payer=SCHEDULE_PARTY if transaction is None else transaction.payer,
            signers=() if transaction is None else transaction.signers,
            idempotency_key=b"" if transaction is None else _lasting_key_of(transaction),
            call_index=call_index,
            work_left=work_left,
            ports=self.registry.ports,
        )


def _lasting_key_of(transaction: Transaction) -> bytes:
    return lasting_key(transaction.body.idempotency_key, transaction.body.valid_until_ms)
