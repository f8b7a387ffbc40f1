"""One block at a time: its header, its transactions, and the handler of each of its events.

Rules this file keeps:
 1. Rows follow from the block, its outcome and earlier rows alone: a rebuild gives the same.
 2. Events are applied in their order: the schedule's, then those of each transaction.
 3. A transaction that did not consume its key is no outcome and has no row.
 4. An event without a handler changes no row but is listed among the events.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import Any, Final, NamedTuple

import msgspec

from xinlian.apps.supply_chain import events as supply_chain
from xinlian.contracts.message import Event, Message, type_name
from xinlian.contracts.runtime import Contracts
from xinlian.ledger.application import StoredOutcome
from xinlian.ledger.block import EventGroup, TransactionResult
from xinlian.ledger.header import StoredBlock, header_hash
from xinlian.ledger.transaction import Transaction, decode_transaction
from xinlian.modules.accounts import events as accounts_events
from xinlian.modules.documents import events as documents_events
from xinlian.modules.evidence import events as evidence_events
from xinlian.modules.governance import events as governance_events
from xinlian.modules.members import events as members_events
from xinlian.modules.obligations import events as obligations_events
from xinlian.primitives import LedgerError
from xinlian.readmodels.errors import SchemaUnknown
from xinlian.readmodels.projection import (
    accounts,
    certificates,
    evidence,
    governance,
    leaves,
    members,
    obligations,
)
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rights import about
from xinlian.readmodels.rows import BlockRow, EventRow, MessageRow, TransactionRow
from xinlian.readmodels.text import event_json, id_text, kinds_of

Handler = Callable[[Writer, Any, Cause], None]
HANDLERS: Final[Mapping[type[Event], Handler]] = {
    members_events.PartyAdmitted: members.party_admitted,
    members_events.KeyRegistered: members.key_registered,
    members_events.KeyRevoked: members.key_revoked,
    members_events.PartyStatusChanged: members.party_status_changed,
    members_events.SponsorChanged: members.sponsor_changed,
    members_events.KeyRecovered: members.key_recovered,
    governance_events.ProposalPublished: governance.proposal_published,
    governance_events.VoteCast: governance.vote_cast,
    governance_events.ProposalPassed: governance.proposal_passed,
    governance_events.ProposalEnacted: governance.proposal_enacted,
    governance_events.ProposalExpired: governance.proposal_expired,
    governance_events.ProposalLapsed: governance.proposal_lapsed,
    governance_events.RecoveryVetoed: governance.recovery_vetoed,
    governance_events.IdentityEvidenceFiled: governance.evidence_filed,
    governance_events.PolicyChanged: governance.policy_changed,
    governance_events.MemberAdmitted: governance.member_admitted,
    accounts_events.AccountOpened: accounts.account_opened,
    accounts_events.TransferPosted: accounts.transfer_posted,
    accounts_events.ValueReserved: accounts.value_reserved,
    accounts_events.ReservationMoved: accounts.reservation_moved,
    accounts_events.ReservationReleased: accounts.reservation_released,
    accounts_events.BankEntryAccepted: accounts.bank_entry_accepted,
    accounts_events.TransferPended: accounts.transfer_pended,
    accounts_events.PendingPosted: accounts.pending_posted,
    accounts_events.PendingClosed: accounts.pending_closed,
    accounts_events.StatementBooked: accounts.statement_booked,
    accounts_events.DifferenceResolved: accounts.difference_resolved,
    accounts_events.PeriodClosed: accounts.period_closed,
    documents_events.DocumentRegistered: evidence.document_registered,
    documents_events.DocumentCountersigned: evidence.document_countersigned,
    evidence_events.FactRecorded: evidence.fact_recorded,
    evidence_events.VerdictGiven: evidence.verdict_given,
    obligations_events.ObligationOpened: obligations.obligation_opened,
    obligations_events.ObligationDue: obligations.obligation_due,
    obligations_events.ObligationPerformed: obligations.obligation_performed,
    obligations_events.ObligationDefaulted: obligations.obligation_defaulted,
    obligations_events.ObligationEnded: obligations.obligation_ended,
    obligations_events.ObligationProposed: obligations.obligation_proposed,
    obligations_events.GuarantorNamed: obligations.guarantor_named,
    obligations_events.ConditionMet: obligations.condition_met,
    obligations_events.ObligationReleased: obligations.obligation_released,
    obligations_events.DisputeChanged: obligations.dispute_changed,
    obligations_events.GuarantorCalled: obligations.guarantor_called,
    obligations_events.AuthorityEnded: obligations.authority_ended,
    obligations_events.ObligationOrdered: obligations.obligation_ordered,
    obligations_events.ObligationOrderEnded: obligations.obligation_order_ended,
    obligations_events.BankingDayMoved: obligations.banking_day_moved,
    supply_chain.InvoiceRegistered: certificates.invoice_registered,
    supply_chain.InvoiceOccupied: certificates.invoice_occupied,
    supply_chain.CertificateProposed: certificates.certificate_proposed,
    supply_chain.CertificateIssued: certificates.certificate_issued,
    supply_chain.CertificateAccepted: certificates.certificate_accepted,
    supply_chain.CertificateVoided: certificates.certificate_voided,
    supply_chain.StopFlagChanged: certificates.stop_flag_changed,
    supply_chain.TransferOffered: leaves.transfer_offered,
    supply_chain.TransferOfferEnded: leaves.transfer_offer_ended,
    supply_chain.LeafSpent: leaves.leaf_spent,
    supply_chain.LeafCreated: leaves.leaf_created,
    supply_chain.LeafLocked: leaves.leaf_locked,
    supply_chain.LeafUnlocked: leaves.leaf_unlocked,
    supply_chain.LeafAssigned: leaves.leaf_assigned,
    supply_chain.CertificateDue: leaves.certificate_due,
    supply_chain.CertificateOverdue: leaves.certificate_overdue,
    supply_chain.LeafDischarged: leaves.leaf_discharged,
    supply_chain.PaymentOrdered: leaves.payment_ordered,
    supply_chain.PaymentOrderEnded: leaves.payment_order_ended,
    supply_chain.PaymentOrderMoved: leaves.payment_order_moved,
    supply_chain.LateInterestFixed: leaves.late_interest_fixed,
}


class _Source(NamedTuple):
    """Where a group of events comes from; the schedule has no transaction and no calls."""

    transaction_id: str
    acting_for: tuple[str, ...]
    messages: tuple[Message | None, ...]


_SCHEDULE: Final = _Source("", (), ())


class BlockProjection:
    """Turns blocks into rows by the types of one application version."""

    def __init__(self, contracts: Contracts) -> None:
        self._contracts = contracts
        union: Any = reduce(or_, contracts.registry.events.values())
        self._decode_event = msgspec.msgpack.Decoder(union).decode

    def apply(self, writer: Writer, block: StoredBlock, outcome: StoredOutcome) -> str:
        """Write the rows of a block; return the text of its header's hash.

        Raises:
            SchemaUnknown: it holds an event that this release does not know.
            InvariantViolation: an event names a row that no earlier one made.
        """
        header = block.signed_header.header
        writer.height, writer.time_ms = header.height, header.time_ms
        hashed = header_hash(header).hex()
        writer.add(_block_row(block, outcome, hashed))
        sources = [_SCHEDULE]
        for index, result in enumerate(outcome.results):
            sources.append(self._transaction(writer, index, block.transactions[index], result))
        position = 0
        for source, group in zip(sources, outcome.event_groups, strict=True):
            position = self._events(writer, source, group, position)
        return hashed

    def _transaction(
        self,
        writer: Writer,
        index: int,
        raw: bytes,
        result: TransactionResult,
    ) -> _Source:
        """Write the rows of a transaction and of its calls; say what its events come from."""
        if not result.consumed:
            return _SCHEDULE
        transaction = decode_transaction(raw)
        messages = tuple(self._messages(transaction))
        transaction_id = transaction.transaction_id.hex()
        acting_for = tuple(id_text("party", c.acting_for) for c in transaction.body.calls)
        writer.add(
            TransactionRow(
                **writer.born(),
                transaction_id=transaction_id,
                transaction_index=index,
                payer=id_text("party", transaction.payer),
                first_message=_name_of(messages[0]),
                call_count=len(messages),
                codespace=result.codespace,
                code=result.code,
                failed_call=result.failed_call,
            ),
        )
        for call_index, message in enumerate(messages):
            writer.add(
                MessageRow(
                    **writer.born(),
                    transaction_id=transaction_id,
                    call_index=call_index,
                    acting_for=acting_for[call_index],
                    message_type=_name_of(message),
                ),
            )
        return _Source(transaction_id, acting_for, messages)

    def _messages(self, transaction: Transaction) -> list[Message | None]:
        """Return the messages of a transaction; None for one that was refused as malformed."""
        messages: list[Message | None] = []
        for call in transaction.body.calls:
            try:
                messages.append(self._contracts.decode(bytes(call.message)))
            except LedgerError:
                messages.append(None)
        return messages

    def _events(self, writer: Writer, source: _Source, group: EventGroup, first: int) -> int:
        """Write the rows of a source's events; return the position after them."""
        try:
            events = [self._decode_event(record.event) for record in group.events]
        except msgspec.DecodeError:
            raise SchemaUnknown(f"an event at height {writer.height}") from None
        kinds = kinds_of(events)
        for offset, (record, event) in enumerate(zip(group.events, events, strict=True)):
            call_index = record.call_index
            cause = Cause(
                position=first + offset,
                transaction_id=source.transaction_id,
                acting_for=source.acting_for[call_index] if source.acting_for else "",
                message=source.messages[call_index] if source.messages else None,
                kinds=kinds,
            )
            self._event(writer, event, call_index, cause)
        return first + len(events)

    def _event(self, writer: Writer, event: Event, call_index: int, cause: Cause) -> None:
        handler = HANDLERS.get(type(event))
        if handler is not None:
            handler(writer, event, cause)
        object_kind, object_id = about(event, writer.height, cause.position)
        writer.add(
            EventRow(
                **writer.born(),
                position=cause.position,
                transaction_id=cause.transaction_id,
                call_index=call_index,
                event_type=type_name(type(event)),
                object_kind=object_kind,
                object_id=object_id,
                data_json=event_json(event, cause.kinds, self._contracts.registry),
            ),
        )


def _name_of(message: Message | None) -> str:
    return "" if message is None else type_name(type(message))


def _block_row(block: StoredBlock, outcome: StoredOutcome, hashed: str) -> BlockRow:
    header = block.signed_header.header
    return BlockRow(
        height=header.height,
        time_ms=header.time_ms,
        header_hash=hashed,
        previous_hash=header.previous_hash.hex(),
        app_hash=header.app_hash.hex(),
        state_root=header.state_root.hex(),
        transactions_root=header.transactions_root.hex(),
        results_root=header.results_root.hex(),
        events_root=header.events_root.hex(),
        app_version=header.app_version,
        simulated=header.simulated,
        transaction_count=header.transaction_count,
        event_count=sum(len(group.events) for group in outcome.event_groups),
    )
