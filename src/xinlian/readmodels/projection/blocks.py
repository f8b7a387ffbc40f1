"""One block at a time: its header, its transactions, and the handler of each of its events.

Rules this file keeps:
 1. Rows follow from the block, its outcome and earlier rows alone: a rebuild gives the same.
 2. Events are applied in their order: the schedule's, then those of each transaction.
 3. A transaction that did not consume its key is no outcome and has no row.
 4. An event without a handler changes no row but is listed among the events.
"""

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, Final, NamedTuple, overload

import msgspec

from xinlian.apps.credit import events as credit_events
from xinlian.apps.supply_chain import dispute_events, guarantee_events, offer_events
from xinlian.apps.supply_chain import events as supply_chain
from xinlian.contracts.message import Event, Message, type_name
from xinlian.contracts.runtime import Contracts
from xinlian.ledger.application import StoredOutcome
from xinlian.ledger.block import EventGroup, TransactionResult
from xinlian.ledger.header import Header, StoredBlock, header_hash
from xinlian.ledger.transaction import Call, decode_transaction
from xinlian.modules.accounts import events as accounts_events
from xinlian.modules.consent import events as consent_events
from xinlian.modules.devices import events as device_events
from xinlian.modules.documents import events as documents_events
from xinlian.modules.evidence import events as evidence_events
from xinlian.modules.evidence import watch_events
from xinlian.modules.governance import events as governance_events
from xinlian.modules.members import events as members_events
from xinlian.modules.obligations import events as obligations_events
from xinlian.modules.validators import events as validators_events
from xinlian.primitives import LedgerError
from xinlian.readmodels.errors import SchemaUnknown
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.projection import (
    accounts,
    certificates,
    consents,
    credit,
    devices,
    disputes,
    evidence,
    finance,
    finance_offers,
    freezes,
    governance,
    guarantees,
    leaves,
    members,
    obligations,
    validators,
)
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rights import grant_transaction
from xinlian.readmodels.rows import (
    AccountRow,
    BlockRow,
    CertificateRow,
    EventRow,
    LeafRow,
    MessageRow,
    ObligationRow,
    Row,
    TransactionRow,
)
from xinlian.readmodels.subjects import about
from xinlian.readmodels.text import FIELD_KINDS, Kinds, event_json, id_text, transfer_json

Handler = Callable[[Writer, Any, Cause], object]
HANDLERS: Final[Mapping[type[Event], Handler]] = {
    members_events.PartyAdmitted: members.party_admitted,
    members_events.KeyRegistered: members.key_registered,
    members_events.KeyRevoked: members.key_revoked,
    members_events.PartyStatusChanged: members.party_status_changed,
    members_events.SponsorChanged: members.sponsor_changed,
    members_events.KeyRecovered: members.key_recovered,
    members_events.RoleGiven: members.role_given,
    members_events.RoleWithdrawn: members.role_withdrawn,
    validators_events.ValidatorDecided: validators.validator_decided,
    validators_events.ValidatorKeyDecided: validators.validator_key_decided,
    validators_events.PowerSet: validators.power_set,
    validators_events.DoubleSigned: validators.double_signed,
    validators_events.VotesSuspended: validators.votes_suspended,
    validators_events.VotesRestored: validators.votes_restored,
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
    obligations_events.DisputeDecided: obligations.dispute_decided,
    obligations_events.EnforcementOrdered: obligations.enforcement_ordered,
    obligations_events.EnforcementExecuted: obligations.enforcement_executed,
    obligations_events.EnforcementEnded: obligations.enforcement_ended,
    device_events.DeviceRegistered: devices.device_registered,
    device_events.DeviceRetired: devices.device_retired,
    device_events.BatchRecorded: devices.batch_recorded,
    device_events.AlertRaised: devices.alert_raised,
    device_events.AlertCleared: devices.alert_cleared,
    watch_events.WatchBegun: devices.watch_begun,
    watch_events.WatchEnded: devices.watch_ended,
    consent_events.ConsentGiven: consents.consent_given,
    consent_events.ConsentTakenBack: consents.consent_taken_back,
    consent_events.ConsentEnded: consents.consent_ended,
    consent_events.ReadRecorded: consents.read_recorded,
    credit_events.RecordPublished: credit.record_published,
    credit_events.RecordEnded: credit.record_ended,
    credit_events.InquiryAnswered: credit.inquiry_answered,
    credit_events.InquiryDenied: credit.inquiry_denied,
    credit_events.ScoreGiven: credit.score_given,
    credit_events.ObjectionFiled: credit.objection_filed,
    credit_events.ObjectionAnswered: credit.objection_answered,
    credit_events.ObjectionTimedOut: credit.objection_timed_out,
    credit_events.RulePublished: credit.rule_published,
    offer_events.OffersCalled: finance_offers.offers_called,
    offer_events.BankInvited: finance_offers.bank_invited,
    offer_events.OfferSealed: finance_offers.offer_sealed,
    offer_events.OfferWithdrawn: finance_offers.offer_withdrawn,
    offer_events.CallOpened: finance_offers.call_opened,
    offer_events.OfferOpened: finance_offers.offer_opened,
    offer_events.OfferUnreadable: finance_offers.offer_unreadable,
    offer_events.OfferAccepted: finance_offers.offer_accepted,
    offer_events.CallEnded: finance_offers.call_ended,
    supply_chain.FreezeOrdered: freezes.freeze_ordered,
    supply_chain.FreezeConfirmed: freezes.freeze_confirmed,
    supply_chain.FreezeEnded: freezes.freeze_ended,
    supply_chain.PaymentHeld: freezes.payment_held,
    guarantee_events.GuaranteeGiven: guarantees.guarantee_given,
    guarantee_events.GuaranteeCalled: guarantees.guarantee_called,
    guarantee_events.CallRaised: guarantees.call_raised,
    guarantee_events.GuaranteeEnded: guarantees.guarantee_ended,
    guarantee_events.LeafTakenOver: guarantees.leaf_taken_over,
    dispute_events.DisputeOpened: disputes.dispute_opened,
    dispute_events.OutcomeProposed: disputes.outcome_proposed,
    dispute_events.DisputeEnded: disputes.dispute_ended,
    dispute_events.LeafReduced: disputes.leaf_reduced,
    dispute_events.LeafOverdue: disputes.leaf_overdue,
    dispute_events.InvoiceLowered: disputes.invoice_lowered,
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
    supply_chain.FinanceRegistered: leaves.finance_registered,
    supply_chain.LeafAssigned: leaves.leaf_assigned,
    supply_chain.CertificateDue: leaves.certificate_due,
    supply_chain.CertificateOverdue: leaves.certificate_overdue,
    supply_chain.LeafDischarged: leaves.leaf_discharged,
    supply_chain.PaymentOrdered: leaves.payment_ordered,
    supply_chain.PaymentOrderEnded: leaves.payment_order_ended,
    supply_chain.PaymentOrderMoved: leaves.payment_order_moved,
    supply_chain.LateInterestFixed: leaves.late_interest_fixed,
    supply_chain.LeafPledged: finance.leaf_pledged,
    supply_chain.PledgeReleased: finance.pledge_released,
    supply_chain.LeafReassigned: finance.leaf_reassigned,
    supply_chain.LeafBoughtBack: finance.leaf_bought_back,
    supply_chain.RecourseStarted: finance.recourse_started,
    supply_chain.RecourseEnded: finance.recourse_ended,
    supply_chain.LeafCancelled: leaves.leaf_cancelled,
}


_Happened = tuple[int, Event]
"""The index of a call and what it caused."""


class _Source(NamedTuple):
    """Where a group of events comes from; the schedule has no transaction and no calls."""

    transaction_id: str
    acting_for: tuple[str, ...]
    messages: Sequence[Message | None]


class _Messages(Sequence[Message | None]):
    """The messages of calls, decoded when a handler looks; None for one that is malformed."""

    def __init__(self, contracts: Contracts, calls: Sequence[Call]) -> None:
        self._contracts = contracts
        self._calls = calls

    def __len__(self) -> int:
        return len(self._calls)

    @overload
    def __getitem__(self, index: int) -> Message | None: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Message | None]: ...
    def __getitem__(self, index: int | slice) -> Message | Sequence[Message | None] | None:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        try:
            return self._contracts.decode(bytes(self._calls[index].message))
        except LedgerError:
            return None


_SCHEDULE: Final = _Source("", (), ())
_ROW_OF_FIELD: Final[Mapping[str, type[Row]]] = {
    "account": AccountRow,
    "leaf": LeafRow,
    "cert": CertificateRow,
    "obligation": ObligationRow,
}
"""Which row an event's id leads to, by the kind of the id: looked up together, a block at once."""
_HEAD_BYTES: Final = 4
_SHORT_NUMBER: Final = b"\xcd"
"""An array of at most 15 fields, then a number of two bytes: calls that were applied and begin
alike are of one type, so one of them is decoded."""
_event_name = functools.cache(type_name)
_FETCH_FROM: Final = 8
"""Fewer ids than so many are looked up when they are needed."""


class BlockProjection:
    """Turns blocks into rows, each by the types of the application version of its height."""

    def __init__(self, contracts: Contracts) -> None:
        self._contracts = contracts
        self._decoders: dict[int, Callable[[msgspec.Raw], Event]] = {}

    def apply(self, writer: Writer, block: StoredBlock, outcome: StoredOutcome) -> str:
        """Write the rows of a block; return the text of its header's hash.

        Raises:
            SchemaUnknown: it holds an event, or is of a version, that this release does not know.
            InvariantViolation: an event names a row that no earlier one made.
        """
        header = block.signed_header.header
        writer.height, writer.time_ms = header.height, header.time_ms
        contracts = self._contracts_of(header.app_version, header.height)
        hashed = header_hash(header).hex()
        writer.log(_block_row(block, outcome, hashed))
        groups = [self._decoded(group, header) for group in outcome.event_groups]
        _fetch(writer, groups)
        position = _events(writer, contracts, _SCHEDULE, groups[0], 0)
        for index, result in enumerate(outcome.results):
            raw, events = block.transactions[index], groups[index + 1]
            source = _transaction(writer, contracts, index, raw, result, events, position)
            position = _events(writer, contracts, source, events, position)
        return hashed

    def _contracts_of(self, app_version: int, height: int) -> Contracts:
        found = self._contracts.at_version(app_version)
        if found is None:
            raise SchemaUnknown(f"height {height} is of application version {app_version}")
        return found

    def _decoded(self, group: EventGroup, header: Header) -> list[_Happened]:
        decode = self._decoders.get(header.app_version)
        if decode is None:
            registry = self._contracts_of(header.app_version, header.height).registry
            union: Any = reduce(or_, registry.events.values())
            decode = self._decoders[header.app_version] = msgspec.msgpack.Decoder(union).decode
        try:
            return [(record.call_index, decode(record.event)) for record in group.events]
        except msgspec.DecodeError:
            raise SchemaUnknown(f"an event at height {header.height}") from None


def _fetch(writer: Writer, groups: Sequence[Sequence[_Happened]]) -> None:
    """Look up the rows that the events of a block name, many at once."""
    wanted: dict[type[Row], dict[str, None]] = {}
    for group in groups:
        for _, event in group:
            for field, kind, row_type in _fetched_fields(type(event)):
                raw = getattr(event, field)
                if raw:
                    wanted.setdefault(row_type, {})[id_text(kind, raw)] = None
    for row_type, ids in wanted.items():
        if len(ids) >= _FETCH_FROM:
            writer.fetch(row_type, ids)


@functools.cache
def _fetched_fields(event_type: type[Event]) -> tuple[tuple[str, str, type[Row]], ...]:
    kinds = [(field, FIELD_KINDS.get(field, "")) for field in event_type.__struct_fields__]
    return tuple((f, kind, _ROW_OF_FIELD[kind]) for f, kind in kinds if kind in _ROW_OF_FIELD)


def _transaction(
    writer: Writer,
    contracts: Contracts,
    index: int,
    raw: bytes,
    result: TransactionResult,
    events: Sequence[_Happened],
    position: int,
) -> _Source:
    """Write the rows of a transaction and of its calls; say what its events come from."""
    if not result.consumed:
        return _SCHEDULE
    transaction = decode_transaction(raw)
    calls = transaction.body.calls
    messages = _Messages(contracts, calls)
    names = _names_of(calls, messages, is_applied=result.code == 0)
    acting_for = tuple(id_text("party", call.acting_for) for call in calls)
    row = TransactionRow(
        **writer.born(),
        transaction_id=transaction.transaction_id.hex(),
        transaction_index=index,
        payer=id_text("party", transaction.payer),
        first_message=names[0],
        call_count=len(calls),
        codespace=result.codespace,
        code=result.code,
        failed_call=result.failed_call,
    )
    writer.log(row)
    grant_transaction(writer, row, list(dict.fromkeys(acting_for)))
    _runs(writer, row.transaction_id, acting_for, names, [call for call, _ in events], position)
    return _Source(row.transaction_id, acting_for, messages)


def _names_of(
    calls: Sequence[Call],
    messages: Sequence[Message | None],
    *,
    is_applied: bool,
) -> list[str]:
    """Return the public names of the calls' messages, empty for one that cannot be decoded."""
    names: dict[bytes, str] = {}
    found: list[str] = []
    for index, call in enumerate(calls):
        head = bytes(call.message)[:_HEAD_BYTES]
        name = names.get(head) if is_applied and head[1:2] == _SHORT_NUMBER else None
        if name is None:
            message = messages[index]
            name = names[head] = "" if message is None else type_name(type(message))
        found.append(name)
    return found


def _runs(
    writer: Writer,
    transaction_id: str,
    acting_for: Sequence[str],
    names: Sequence[str],
    event_calls: Sequence[int],
    position: int,
) -> None:
    """Write one row for each run of calls that are alike, with the range of their events."""
    counts = Counter(event_calls)
    first = 0
    for (party, name), run in itertools.groupby(zip(acting_for, names, strict=True)):
        length = sum(1 for _ in run)
        event_count = sum(counts[call] for call in range(first, first + length))
        writer.log(
            MessageRow(
                **writer.born(),
                transaction_id=transaction_id,
                call_index=first,
                call_count=length,
                acting_for=party,
                message_type=name,
                position=position,
                event_count=event_count,
            ),
        )
        first += length
        position += event_count


def _events(
    writer: Writer,
    contracts: Contracts,
    source: _Source,
    group: Sequence[_Happened],
    first: int,
) -> int:
    """Write the rows of a source's events; return the position after them."""
    kinds = Kinds([event for _, event in group])
    for position, (call_index, event) in enumerate(group, first):
        cause = Cause(position, source.transaction_id, call_index, source.messages, kinds)
        if type(event) is accounts_events.TransferPosted:
            transfer = accounts.transfer_posted(writer, event, cause)
            object_kind, object_id = Kind.TRANSFER.value, transfer.transfer_id
            data_json = transfer_json(transfer)
        else:
            HANDLERS.get(type(event), _no_rows)(writer, event, cause)
            object_kind, object_id = about(event, writer.height, position)
            data_json = event_json(event, kinds, contracts.registry)
        writer.log(
            EventRow(
                height=writer.height,
                time_ms=writer.time_ms,
                position=position,
                transaction_id=source.transaction_id,
                call_index=call_index,
                event_type=_event_name(type(event)),
                object_kind=object_kind,
                object_id=object_id,
                data_json=data_json,
            ),
        )
        if object_kind and object_kind != Kind.TRANSFER:
            writer.note_event(object_kind, object_id, position)
    return first + len(group)


def _no_rows(writer: Writer, event: Event, cause: Cause) -> None:
    """An event without a handler changes no row."""


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
