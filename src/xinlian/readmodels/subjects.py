"""Which object each event is about, and the ids of objects that are made of several parts.

Rules this file keeps:
 1. An event is about one object, and is read by the readers of that object.
 2. An event type without a rule is about nothing that anybody reads.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from xinlian.apps.credit import events as credit
from xinlian.apps.supply_chain import dispute_events, offer_events
from xinlian.apps.supply_chain import events as supply_chain
from xinlian.apps.supply_chain import guarantee_events as guarantees
from xinlian.contracts.message import Event
from xinlian.modules.accounts import events as accounts
from xinlian.modules.conditions import events as conditions
from xinlian.modules.consent import events as consent
from xinlian.modules.devices import events as devices
from xinlian.modules.documents import events as documents
from xinlian.modules.evidence import events as evidence
from xinlian.modules.evidence import watch_events
from xinlian.modules.governance import events as governance
from xinlian.modules.members import events as members
from xinlian.modules.obligations import events as obligations
from xinlian.modules.schedule import events as schedule
from xinlian.modules.standing import events as standing
from xinlian.modules.validators import events as validators
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.text import id_text

CHAIN_CLOCK: Final = "chain"
"""The one object of kind ``clock``."""


def fact_id(subject: str, document_root: str) -> str:
    """Return the id of a fact: a document counts once for a subject."""
    return f"{subject}.{document_root}"


def verdict_id(subject: str, party: str) -> str:
    """Return the id of a party's latest verdict about a subject."""
    return f"{subject}.{party}"


def watch_id(subject: str, device_id: str) -> str:
    """Return the id of a device's watch over a subject."""
    return f"{subject}.{device_id}"


def transfer_id(height: int, position: int) -> str:
    """Return the id of a transfer: the position of its event."""
    return f"{height}.{position}"


def entry_id(bank: str, identity: str) -> str:
    """Return the id of an entry of a bank's books."""
    return f"{bank}.{identity}"


def statement_id(account_id: str, statement_day: int) -> str:
    """Return the id of the closing balance that a bank stated for a day."""
    return f"{account_id}.{statement_day:05}"


def official_role_id(official_role: str, party: str) -> str:
    """Return the id of what a party is for the consortium."""
    return f"{official_role}.{party}"


def read_id(consent_id: str, read_no: int) -> str:
    """Return the id of a read under a consent."""
    return f"{consent_id}.{read_no}"


def finance_offer_id(call_id: str, bank: str) -> str:
    """Return the id of what a bank offers under a call."""
    return f"{call_id}.{bank}"


def close_id(party: str, period: int) -> str:
    """Return the id of the closing of a party's month."""
    return f"{party}.{period}"


def guarantee_id(certificate_id: str, order_no: int) -> str:
    """Return the id of a guarantee: its place among those of its certificate."""
    return f"{certificate_id}.{order_no}"


def obligation_of(certificate_id: str) -> str:
    """Return the text of the obligation that has the id of a certificate."""
    return certificate_id.replace("cert_", "obligation_", 1)


class About(NamedTuple):
    """The object of an event: its kind, and the kind of id in the field that names it."""

    kind: Kind
    id_kind: str
    field: str


_COMMITMENT: Final = "hex"
_PROPOSAL: Final = About(Kind.PROPOSAL, "proposal", "proposal")
_CALL: Final = About(Kind.CALL, "call", "call")
_VALIDATOR: Final = About(Kind.VALIDATOR, _COMMITMENT, "public_key")
_ABOUT: Final[Mapping[type[Event], About]] = {
    schedule.ClockAdvancing: About(Kind.CLOCK, "", ""),
    schedule.ClockConfirmed: About(Kind.CLOCK, "", ""),
    schedule.ClockVoted: About(Kind.CLOCK, "", ""),
    members.PartyAdmitted: About(Kind.PARTY, "party", "party"),
    members.KeyRegistered: About(Kind.PARTY, "party", "party"),
    members.KeyRevoked: About(Kind.PARTY, "party", "party"),
    members.PartyStatusChanged: About(Kind.PARTY, "party", "party"),
    members.MandateSet: About(Kind.MANDATE, "party", "party"),
    members.SponsorAsked: About(Kind.PARTY, "party", "party"),
    members.SponsorChanged: About(Kind.PARTY, "party", "party"),
    members.GroupDeclared: About(Kind.PARTY, "party", "party"),
    members.RelationAdded: About(Kind.PARTY, "party", "party"),
    members.RelationEnded: About(Kind.PARTY, "party", "party"),
    members.RoleGiven: About(Kind.PARTY, "party", "party"),
    members.RoleWithdrawn: About(Kind.PARTY, "party", "party"),
    members.KeyRecovered: About(Kind.PARTY, "party", "party"),
    validators.ValidatorDecided: _VALIDATOR,
    validators.ValidatorKeyDecided: _VALIDATOR,
    validators.PowerSet: _VALIDATOR,
    validators.DoubleSigned: _VALIDATOR,
    validators.MisbehaviourShown: _VALIDATOR,
    validators.VotesSuspended: _VALIDATOR,
    validators.VotesRestored: _VALIDATOR,
    governance.ProposalPublished: _PROPOSAL,
    governance.VoteCast: _PROPOSAL,
    governance.ProposalPassed: _PROPOSAL,
    governance.ProposalEnacted: _PROPOSAL,
    governance.ProposalExpired: _PROPOSAL,
    governance.ProposalLapsed: _PROPOSAL,
    governance.RecoveryVetoed: _PROPOSAL,
    governance.IdentityEvidenceFiled: _PROPOSAL,
    governance.PolicyChanged: _PROPOSAL,
    governance.CalendarPublished: _PROPOSAL,
    governance.MemberAdmitted: _PROPOSAL,
    governance.UpgradeDecided: _PROPOSAL,
    governance.UpgradeCancelled: _PROPOSAL,
    governance.ParkedRetried: _PROPOSAL,
    accounts.AccountOpened: About(Kind.ACCOUNT, "account", "account"),
    accounts.ValueReserved: About(Kind.ACCOUNT, "account", "account"),
    accounts.ReservationReleased: About(Kind.ACCOUNT, "account", "account"),
    accounts.ReservationMoved: About(Kind.ACCOUNT, "account", "account"),
    accounts.BoundsSet: About(Kind.ACCOUNT, "account", "account"),
    accounts.StatementBooked: About(Kind.ACCOUNT, "account", "account"),
    accounts.DifferenceResolved: About(Kind.ACCOUNT, "account", "account"),
    accounts.TransferPended: About(Kind.PENDING, "pending", "pending"),
    accounts.PendingPosted: About(Kind.PENDING, "pending", "pending"),
    accounts.PendingClosed: About(Kind.PENDING, "pending", "pending"),
    documents.DocumentRegistered: About(Kind.DOCUMENT, _COMMITMENT, "root"),
    documents.DocumentCountersigned: About(Kind.DOCUMENT, _COMMITMENT, "root"),
    obligations.ObligationOpened: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ObligationDue: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ObligationPerformed: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ObligationDefaulted: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ObligationEnded: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ObligationProposed: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ObligationAgreed: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ConditionMet: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ObligationReleased: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.DisputeChanged: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.DefaultFixed: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.DefaultCured: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.GuarantorCalled: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.CancellationAsked: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.AuthorityEnded: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ObligationOrdered: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ObligationOrderHeld: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ObligationOrderEnded: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.OutsideDischarge: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.GuarantorNamed: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.BankingDayMoved: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.ObligationOrderMoved: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.SurplusOwedBack: About(Kind.OBLIGATION, "obligation", "obligation"),
    obligations.DisputeDecided: About(Kind.OBLIGATION, "obligation", "obligation"),
    **dict.fromkeys(
        (
            obligations.EnforcementOrdered,
            obligations.EnforcementNamed,
            obligations.EnforcementExecuted,
            obligations.EnforcementEnded,
        ),
        About(Kind.OBLIGATION, "obligation", "obligation"),
    ),
    evidence.ContradictionEnded: About(Kind.INVOICE, _COMMITMENT, "subject"),
    supply_chain.InvoiceRegistered: About(Kind.INVOICE, _COMMITMENT, "root"),
    supply_chain.InvoiceOccupied: About(Kind.INVOICE, _COMMITMENT, "root"),
    supply_chain.CertificateProposed: About(Kind.CERTIFICATE, "cert", "certificate"),
    supply_chain.CertificateIssued: About(Kind.CERTIFICATE, "cert", "certificate"),
    supply_chain.CertificateAccepted: About(Kind.CERTIFICATE, "cert", "certificate"),
    supply_chain.CertificateVoided: About(Kind.CERTIFICATE, "cert", "certificate"),
    supply_chain.TermExamined: About(Kind.CERTIFICATE, "cert", "certificate"),
    guarantees.GuaranteeCalled: About(Kind.OBLIGATION, "obligation", "claim"),
    guarantees.CallRaised: About(Kind.OBLIGATION, "obligation", "claim"),
    guarantees.LeafTakenOver: About(Kind.LEAF, "leaf", "leaf"),
    supply_chain.CertificateDue: About(Kind.CERTIFICATE, "cert", "certificate"),
    supply_chain.CertificateOverdue: About(Kind.CERTIFICATE, "cert", "certificate"),
    supply_chain.TransferOffered: About(Kind.OFFER, "offer", "offer"),
    supply_chain.TransferOfferEnded: About(Kind.OFFER, "offer", "offer"),
    supply_chain.LeafSpent: About(Kind.LEAF, "leaf", "leaf"),
    supply_chain.LeafCreated: About(Kind.LEAF, "leaf", "leaf"),
    supply_chain.LeafLocked: About(Kind.LEAF, "leaf", "leaf"),
    supply_chain.LeafUnlocked: About(Kind.LEAF, "leaf", "leaf"),
    supply_chain.LeafDischarged: About(Kind.LEAF, "leaf", "leaf"),
    **dict.fromkeys(
        (
            supply_chain.FinanceTermsAsked,
            supply_chain.LeafPledged,
            supply_chain.PledgeReleased,
            supply_chain.AssignmentOffered,
            supply_chain.LeafReassigned,
            supply_chain.LeafBoughtBack,
            supply_chain.RecourseStarted,
            supply_chain.RecourseEnded,
            supply_chain.DiscountAgreed,
            supply_chain.LeafPaidEarly,
            supply_chain.CancellationProposed,
            supply_chain.LeafCancelled,
        ),
        About(Kind.LEAF, "leaf", "leaf"),
    ),
    **dict.fromkeys(
        (
            supply_chain.FreezeOrdered,
            supply_chain.FreezeConfirmed,
            supply_chain.FreezeEnded,
            supply_chain.PaymentHeld,
        ),
        About(Kind.FREEZE, "freeze", "freeze"),
    ),
    **dict.fromkeys(
        (
            dispute_events.DisputeOpened,
            dispute_events.OutcomeProposed,
            dispute_events.DisputeEnded,
        ),
        About(Kind.DISPUTE, "dispute", "dispute"),
    ),
    dispute_events.InvoiceLowered: About(Kind.INVOICE, _COMMITMENT, "root"),
    dispute_events.ReversalAsked: About(Kind.INVOICE, _COMMITMENT, "root"),
    dispute_events.LeafReduced: About(Kind.LEAF, "leaf", "leaf"),
    dispute_events.CorrectionProposed: About(Kind.LEAF, "leaf", "leaf"),
    dispute_events.LeafCorrected: About(Kind.LEAF, "leaf", "leaf"),
    dispute_events.LeafOverdue: About(Kind.LEAF, "leaf", "leaf"),
    offer_events.OffersCalled: _CALL,
    offer_events.CallOpened: _CALL,
    offer_events.OfferAccepted: _CALL,
    offer_events.CallEnded: _CALL,
    supply_chain.LeafAssigned: About(Kind.ENCUMBRANCE, "leaf", "leaf"),
    supply_chain.StopFlagChanged: About(Kind.ISSUE_LINE, "party", "obligor"),
    supply_chain.PaymentOrdered: About(Kind.PAYMENT_ORDER, "order", "order"),
    supply_chain.PaymentOrderEnded: About(Kind.PAYMENT_ORDER, "order", "order"),
    supply_chain.PaymentOrderMoved: About(Kind.PAYMENT_ORDER, "order", "order"),
    supply_chain.FinanceRegistered: About(Kind.CASE, "leaf", "leaf"),
    conditions.CaseDecided: About(Kind.CASE, "leaf", "case"),
    conditions.RulePackSigned: About(Kind.RULE_PACK, "party", "principal"),
    conditions.RulePackEnded: About(Kind.RULE_PACK, "party", "principal"),
    **dict.fromkeys(
        (
            devices.DeviceRegistered,
            devices.DeviceRetired,
            devices.BatchRecorded,
            devices.AlertRaised,
            devices.AlertCleared,
        ),
        About(Kind.DEVICE, "device", "device"),
    ),
    consent.ConsentGiven: About(Kind.CONSENT, "consent", "consent"),
    consent.ConsentTakenBack: About(Kind.CONSENT, "consent", "consent"),
    consent.ConsentEnded: About(Kind.CONSENT, "consent", "consent"),
    consent.ReadRecorded: About(Kind.CONSENT, "consent", "consent"),
    credit.RecordPublished: About(Kind.CREDIT_RECORD, "record", "credit_record"),
    credit.RecordEnded: About(Kind.CREDIT_RECORD, "record", "credit_record"),
    credit.InquiryAnswered: About(Kind.CREDIT_INQUIRY, "inquiry", "inquiry"),
    credit.InquiryDenied: About(Kind.CREDIT_INQUIRY, "inquiry", "inquiry"),
    credit.ObjectionFiled: About(Kind.CREDIT_OBJECTION, "objection", "objection"),
    credit.ObjectionAnswered: About(Kind.CREDIT_OBJECTION, "objection", "objection"),
    credit.ObjectionTimedOut: About(Kind.CREDIT_OBJECTION, "objection", "objection"),
    credit.ScoreGiven: About(Kind.CREDIT_INQUIRY, "inquiry", "inquiry"),
    credit.RulePublished: About(Kind.CREDIT_RULE, "party", "authority"),
    standing.CreditFactRecorded: About(Kind.STANDING, "party", "party"),
    standing.DutyMissed: About(Kind.STANDING, "party", "party"),
    supply_chain.LateInterestFixed: About(Kind.OBLIGATION, "obligation", "obligation"),
}


def about(event: Event, height: int, position: int) -> tuple[str, str]:
    """Return (kind, id) of the object that an event is about.

    An event type without a rule is about nothing that anybody reads.
    """
    if type(event) is accounts.TransferPosted:
        return Kind.TRANSFER, transfer_id(height, position)
    composed = _COMPOSED.get(type(event))
    if composed is not None:
        kind, compose = composed
        return kind, compose(event)
    rule = _ABOUT.get(type(event))
    if rule is None:
        return "", ""
    if rule.kind is Kind.CLOCK:
        return rule.kind, CHAIN_CLOCK
    raw: bytes = getattr(event, rule.field)
    is_commitment = rule.id_kind == _COMMITMENT
    return rule.kind, raw.hex() if is_commitment else id_text(rule.id_kind, raw)


def _finance_offer(event: Any) -> str:  # noqa: ANN401 - one of the events about a bank's offer
    return finance_offer_id(id_text("call", event.call), id_text("party", event.bank))


def _guarantee_of(event: Any) -> str:  # noqa: ANN401 - any of the three below
    return guarantee_id(id_text("cert", event.certificate), event.order_no)


_COMPOSED: Final[Mapping[type[Event], tuple[Kind, Callable[[Any], str]]]] = {
    guarantees.GuaranteeGiven: (Kind.GUARANTEE, _guarantee_of),
    guarantees.GuaranteeReleaseAgreed: (Kind.GUARANTEE, _guarantee_of),
    guarantees.GuaranteeEnded: (Kind.GUARANTEE, _guarantee_of),
    offer_events.BankInvited: (Kind.FINANCE_OFFER, _finance_offer),
    offer_events.OfferSealed: (Kind.FINANCE_OFFER, _finance_offer),
    offer_events.OfferWithdrawn: (Kind.FINANCE_OFFER, _finance_offer),
    offer_events.OfferOpened: (Kind.FINANCE_OFFER, _finance_offer),
    offer_events.OfferUnreadable: (Kind.FINANCE_OFFER, _finance_offer),
    accounts.BankEntryAccepted: (
        Kind.BANK_ENTRY,
        lambda event: entry_id(id_text("party", event.bank), event.identity.hex()),
    ),
    accounts.PeriodClosed: (
        Kind.PERIOD,
        lambda event: close_id(id_text("party", event.party), event.period),
    ),
    evidence.FactRecorded: (
        Kind.FACT,
        lambda event: fact_id(event.subject.hex(), event.document_root.hex()),
    ),
    evidence.VerdictGiven: (
        Kind.VERDICT,
        lambda event: verdict_id(event.subject.hex(), id_text("party", event.party)),
    ),
    **dict.fromkeys(
        (watch_events.WatchBegun, watch_events.WatchEnded),
        (Kind.WATCH, lambda e: watch_id(e.subject.hex(), id_text("device", e.device))),
    ),
    evidence.VerdictsDisagree: (
        Kind.VERDICT,
        lambda event: verdict_id(event.subject.hex(), id_text("party", event.party)),
    ),
}
"""Objects whose id is made of several parts."""
