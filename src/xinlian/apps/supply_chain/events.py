"""Events of supply-chain finance."""

from typing import Final

from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import (
    AmountMinor,
    Count,
    Currency,
    Day,
    Flag,
    Hash,
    Id,
    OptionalId,
    RateE9,
    TimeMs,
)
from xinlian.contracts.message import Event

_BASE: Final = MODULE_NO * 256


class InvoiceRegistered(Event, frozen=True, tag=_BASE + 1):
    """An invoice is on the ledger."""

    root: Hash
    seller: Id
    buyer: Id
    currency: Currency
    gross_minor: AmountMinor


class InvoiceOccupied(Event, frozen=True, tag=_BASE + 2):
    """How much of an invoice is spoken for, and how much was paid, has changed."""

    root: Hash
    occupied_minor: AmountMinor
    paid_minor: AmountMinor


class CertificateProposed(Event, frozen=True, tag=_BASE + 3):
    """SC-T1: a draft exists."""

    certificate: Id
    obligor: Id
    first_holder: Id
    invoice_root: Hash
    face_minor: AmountMinor
    due_day: Day
    proposer: Id
    contract_root: Hash
    deposit: Id
    window_ends_at_ms: TimeMs
    late_rate_e9_per_day: RateE9


class CertificateIssued(Event, frozen=True, tag=_BASE + 4):
    """SC-T2: the obligor has promised."""

    certificate: Id
    account: OptionalId
    authority_cap_minor: AmountMinor
    window_ends_at_ms: TimeMs
    authority_until_ms: TimeMs
    promise_root: Hash
    late_rate_e9_per_day: RateE9
    """Of its contract or its issue, as the policy row applies by; a default fixes it."""


class CertificateAccepted(Event, frozen=True, tag=_BASE + 5):
    """SC-T3: the claim exists; its first leaf is the whole."""

    certificate: Id
    leaf: Id
    holder: Id
    amount_minor: AmountMinor


class CertificateVoided(Event, frozen=True, tag=_BASE + 6):
    """SC-T1a or SC-T4: withdrawn, declined or lapsed."""

    certificate: Id
    was_offered: Flag


class TransferOffered(Event, frozen=True, tag=_BASE + 7):
    """SC-T5: a part of a leaf is offered."""

    offer: Id
    leaf: Id
    to: Id
    amount_minor: AmountMinor
    expires_at_ms: TimeMs


class LeafSpent(Event, frozen=True, tag=_BASE + 8):
    """SC-T5: a leaf was consumed; the obligor is on notice from this moment."""

    leaf: Id
    certificate: Id


class LeafCreated(Event, frozen=True, tag=_BASE + 9):
    """SC-T5: a child of a spent leaf."""

    leaf: Id
    certificate: Id
    parent: Id
    holder: Id
    amount_minor: AmountMinor
    hops: Count


class LeafLocked(Event, frozen=True, tag=_BASE + 10):
    """SC-T6: finance is requested."""

    leaf: Id
    financier: Id
    expires_at_ms: TimeMs


class LeafUnlocked(Event, frozen=True, tag=_BASE + 11):
    """SC-T8: the request ended without finance."""

    leaf: Id


class LeafAssigned(Event, frozen=True, tag=_BASE + 12):
    """SC-T7: the financier holds the leaf and has paid."""

    leaf: Id
    financier: Id
    seller: Id
    advance_minor: AmountMinor
    discount_minor: AmountMinor
    register_no: Hash


class CertificateDue(Event, frozen=True, tag=_BASE + 13):
    """SC-T11: the due banking day has opened for all its leaves."""

    certificate: Id


class LeafDischarged(Event, frozen=True, tag=_BASE + 14):
    """SC-T12, SC-T14: an amount was paid to the holder."""

    leaf: Id
    certificate: Id
    holder: Id
    amount_minor: AmountMinor
    outstanding_minor: AmountMinor
    by_order: OptionalId


class CertificateOverdue(Event, frozen=True, tag=_BASE + 15):
    """SC-T13: the cut-off passed; every leaf with an open amount is overdue."""

    certificate: Id
    obligor: Id
    open_minor: AmountMinor
    late_rate_e9_per_day: RateE9
    """The rate of late interest for good."""


class StopFlagChanged(Event, frozen=True, tag=_BASE + 16):
    """SC-R6, SC-T23: the obligor may not issue, or may again."""

    obligor: Id
    is_set: Flag
    lifts_at_ms: TimeMs
    """When the clock will lift it; 0 while something is overdue, and when it is lifted."""


class PaymentOrdered(Event, frozen=True, tag=_BASE + 17):
    """A payment goes out through the settlement bank; the order id is the EndToEndId."""

    order: Id
    certificate: Id
    leaf: Id
    payee: Id
    bank: Id
    account: Id
    amount_minor: AmountMinor
    expires_at_ms: TimeMs


class PaymentOrderEnded(Event, frozen=True, tag=_BASE + 18):
    """The bank executed the order, or did not in time."""

    order: Id
    status: Count


class LateInterestFixed(Event, frozen=True, tag=_BASE + 19):
    """A late payment turned its interest into an obligation of fixed amount."""

    obligation: Id
    certificate: Id
    leaf: Id
    creditor: Id
    base_minor: AmountMinor
    days: Count
    amount_minor: AmountMinor


class PaymentOrderMoved(Event, frozen=True, tag=_BASE + 20):
    """A published calendar moved the last banking day of a payment order."""

    order: Id
    expires_at_ms: TimeMs


class TransferOfferEnded(Event, frozen=True, tag=_BASE + 21):
    """An offer that nobody accepted in time is no more."""

    offer: Id
    leaf: Id


class FinanceRegistered(Event, frozen=True, tag=_BASE + 22):
    """The financing that a holder asked for is in the public register."""

    leaf: Id
    financier: Id
    register_no: Hash


class FinanceTermsAsked(Event, frozen=True, tag=_BASE + 23):
    """SC-T6: on which terms a holder asked for finance."""

    leaf: Id
    financier: Id
    as_pledge: Flag
    with_recourse: Flag
    keeps_rest: Flag


class LeafPledged(Event, frozen=True, tag=_BASE + 24):
    """SC-T7: the leaf secures a loan; its holder stays."""

    leaf: Id
    financier: Id
    holder: Id
    advance_minor: AmountMinor
    discount_minor: AmountMinor
    register_no: Hash
    obligation: Id


class PledgeReleased(Event, frozen=True, tag=_BASE + 25):
    """SC-T20: what was secured is paid; the leaf is free."""

    leaf: Id
    financier: Id


class AssignmentOffered(Event, frozen=True, tag=_BASE + 26):
    """SC-T9, SC-T21: an assigned leaf is offered at a price."""

    leaf: Id
    to: Id
    price_minor: AmountMinor
    expires_at_ms: TimeMs


class LeafReassigned(Event, frozen=True, tag=_BASE + 27):
    """SC-T9: another financier holds the leaf and has paid for it."""

    leaf: Id
    financier: Id
    seller: Id
    price_minor: AmountMinor
    register_no: Hash


class LeafBoughtBack(Event, frozen=True, tag=_BASE + 28):
    """SC-T21: who sold the leaf holds it again, free."""

    leaf: Id
    holder: Id
    seller: Id
    price_minor: AmountMinor


class RecourseStarted(Event, frozen=True, tag=_BASE + 29):
    """SC-T15: the seller is asked for the advance."""

    leaf: Id
    seller: Id
    obligation: Id
    amount_minor: AmountMinor


class RecourseEnded(Event, frozen=True, tag=_BASE + 30):
    """SC-T14, SC-T15a, SC-T15b: paid by the obligor or the seller, or withdrawn."""

    leaf: Id
    holder: Id
    finance: Count
    paid_minor: AmountMinor
    """What the seller paid, 0 where it did not."""


class DiscountAgreed(Event, frozen=True, tag=_BASE + 31):
    """SC-T12a: the holder lets the obligor pay early for less."""

    leaf: Id
    discount_minor: AmountMinor
    expires_at_ms: TimeMs


class LeafPaidEarly(Event, frozen=True, tag=_BASE + 32):
    """SC-T12a: the obligor has paid a leaf before it was due."""

    leaf: Id
    certificate: Id
    paid_minor: AmountMinor
    discount_minor: AmountMinor


class CancellationProposed(Event, frozen=True, tag=_BASE + 33):
    """SC-T18: one side wishes to cancel a leaf."""

    leaf: Id
    proposer: Id
    amount_minor: AmountMinor
    expires_at_ms: TimeMs


class LeafCancelled(Event, frozen=True, tag=_BASE + 34):
    """SC-T18: obligor and first supplier took a leaf back; it is owed no more."""

    leaf: Id
    certificate: Id
    holder: Id
    amount_minor: AmountMinor
    certificate_outstanding_minor: AmountMinor


class TermExamined(Event, frozen=True, tag=_BASE + 35):
    """SC-R1: a bank found the term of a draft reasonable, on grounds that it registered."""

    certificate: Id
    examiner: Id
    grounds_root: Hash


class FreezeOrdered(Event, frozen=True, tag=_BASE + 45):
    """SC-T17: a court ordered that claims be held; nothing is held yet."""

    freeze: Id
    authority: Id
    certificate: Id
    leaf: OptionalId
    holder: OptionalId
    case_root: Hash
    order_root: Hash
    account: Id
    expires_at_ms: TimeMs


class FreezeConfirmed(Event, frozen=True, tag=_BASE + 46):
    """SC-T17: a member of governance confirmed an order; it holds from now on."""

    freeze: Id
    confirmed_by: Id


class FreezeEnded(Event, frozen=True, tag=_BASE + 47):
    """SC-T17: the court lifted an order, or its time was up."""

    freeze: Id
    status: Count


class PaymentHeld(Event, frozen=True, tag=_BASE + 48):
    """A payment of a held leaf, or its interest, went into the account of the order."""

    freeze: Id
    leaf: Id
    account: Id
    amount_minor: AmountMinor
