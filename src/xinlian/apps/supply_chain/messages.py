"""Messages of supply-chain finance; SC-T numbers name the transition of a certificate's life."""

from typing import ClassVar, Final

from xinlian.apps.supply_chain.errors import AmountInvalid
from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import (
    AmountMinor,
    Currency,
    Day,
    Flag,
    Hash,
    Id,
    PositiveMinor,
    TimeMs,
)
from xinlian.contracts.message import Message
from xinlian.primitives.currencies import meant_by

_BASE: Final = MODULE_NO * 256
_PARTIES: Final = "obligor, first supplier, holders up to their own leaf's path, financier"


class RegisterInvoice(Message, frozen=True, tag=_BASE + 1):
    """A seller registers its invoice on a buyer; facts about the trade are collected under it."""

    signs: ClassVar[str] = "the seller"
    observes: ClassVar[str] = "seller and buyer"
    remedy: ClassVar[str] = "a credit note"

    root: Hash
    buyer: Id
    currency: Currency
    gross_minor: PositiveMinor
    prepaid_minor: AmountMinor
    """What the buyer paid in advance: it can be certified no more."""

    def validate_basic(self) -> None:
        """Refuse a currency that is none, and a prepayment that leaves nothing to certify."""
        if meant := meant_by(self.currency):
            raise AmountInvalid(f"{self.currency} is no code of ISO 4217: write {meant}")
        if self.prepaid_minor >= self.gross_minor:
            raise AmountInvalid("the prepayment is not below the gross amount")


class ProposeCertificate(Message, frozen=True, tag=_BASE + 2):
    """SC-T1: obligor or supplier proposes a certificate on an invoice."""

    signs: ClassVar[str] = "obligor or supplier"
    observes: ClassVar[str] = "obligor and first supplier"
    remedy: ClassVar[str] = "supply_chain.WithdrawCertificate"

    invoice_root: Hash
    contract_root: Hash
    deposit: Id
    face_minor: PositiveMinor
    due_day: Day

    def capped_amount_minor(self) -> int:
        """Return the face."""
        return self.face_minor


class IssueCertificate(Message, frozen=True, tag=_BASE + 3):
    """SC-T2: the obligor promises to pay, with a standing authority over its account."""

    signs: ClassVar[str] = "the obligor, two of its keys"
    observes: ClassVar[str] = "obligor and first supplier"
    remedy: ClassVar[str] = "supply_chain.DeclineCertificate by the supplier"

    certificate: Id
    promise_root: Hash
    account: Id
    authority_cap_minor: PositiveMinor
    authority_until_ms: TimeMs

    def capped_amount_minor(self) -> int:
        """Return how much the authority lets the ledger pay."""
        return self.authority_cap_minor


class AcceptCertificate(Message, frozen=True, tag=_BASE + 4):
    """SC-T3: the supplier accepts of its free choice; the claim exists from now on."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the first supplier"
    observes: ClassVar[str] = "obligor and first supplier"
    remedy: ClassVar[str] = "supply_chain.ProposeCancellation, agreed by both"

    certificate: Id
    free_choice: Flag


class DeclineCertificate(Message, frozen=True, tag=_BASE + 5):
    """SC-T4: the supplier declines; invoice and line are free again."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the first supplier"
    observes: ClassVar[str] = "obligor and first supplier"
    remedy: ClassVar[str] = "supply_chain.ProposeCertificate"
    creates_obligation: ClassVar[bool] = False

    certificate: Id


class WithdrawCertificate(Message, frozen=True, tag=_BASE + 6):
    """SC-T1a: the proposer withdraws its draft."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the proposer"
    observes: ClassVar[str] = "obligor and first supplier"
    remedy: ClassVar[str] = "supply_chain.ProposeCertificate"
    creates_obligation: ClassVar[bool] = False

    certificate: Id


class OfferTransfer(Message, frozen=True, tag=_BASE + 7):
    """SC-T5, first half: a holder offers a part of its leaf to pay its own debt."""

    signs: ClassVar[str] = "the holder"
    observes: ClassVar[str] = _PARTIES
    remedy: ClassVar[str] = "none needed: it binds nobody until accepted, and expires"

    leaf: Id
    to: Id
    amount_minor: PositiveMinor
    evidence_root: Hash
    expires_at_ms: TimeMs

    def capped_amount_minor(self) -> int:
        """Return what is offered."""
        return self.amount_minor


class AcceptTransfer(Message, frozen=True, tag=_BASE + 8):
    """SC-T5, second half: the transferee accepts; the leaf is spent, its children exist."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the transferee"
    observes: ClassVar[str] = _PARTIES
    remedy: ClassVar[str] = "supply_chain.OfferTransfer back"

    offer: Id


class RequestFinance(Message, frozen=True, tag=_BASE + 9):
    """SC-T6: a holder asks a financier; the leaf is locked for it until the request expires."""

    signs: ClassVar[str] = "the holder"
    observes: ClassVar[str] = "holder and financier"
    remedy: ClassVar[str] = "supply_chain.ReleaseLock"

    leaf: Id
    financier: Id
    expires_at_ms: TimeMs


class ReleaseLock(Message, frozen=True, tag=_BASE + 10):
    """SC-T8: the holder withdraws its request, or the financier rejects it."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the holder or the financier"
    observes: ClassVar[str] = "holder and financier"
    remedy: ClassVar[str] = "supply_chain.RequestFinance"
    creates_obligation: ClassVar[bool] = False

    leaf: Id


class Disburse(Message, frozen=True, tag=_BASE + 11):
    """SC-T7: the financier takes the leaf by assignment and pays in the linked transfer."""

    signs: ClassVar[str] = "the financier"
    observes: ClassVar[str] = "holder, financier, obligor, the bank of the accounts"
    remedy: ClassVar[str] = "buy-back by both (not in this version)"

    leaf: Id
    advance_minor: PositiveMinor
    discount_minor: AmountMinor
    register_no: Hash
    from_account: Id
    to_account: Id

    def validate_basic(self) -> None:
        """Refuse a discount that eats the advance."""
        if self.discount_minor >= self.advance_minor:
            raise AmountInvalid("the discount is not below the advance")

    def capped_amount_minor(self) -> int:
        """Return what is advanced."""
        return self.advance_minor


class RecordRegistration(Message, frozen=True, tag=_BASE + 12):
    """The financier says under which number a requested financing stands in the public register.

    Where the financier signed rules for disbursing, this completes the case.

    Source: PBOC and others, No. 77 of 2025, article 13; before money moves by our own rule.
    """

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the financier, also by a key that may not disburse"
    observes: ClassVar[str] = "holder and financier"
    remedy: ClassVar[str] = "supply_chain.RecordRegistration again, until money has moved"

    leaf: Id
    register_no: Hash


class RequestFinanceOnTerms(Message, frozen=True, tag=_BASE + 13):
    """SC-T6 on terms: pledge in place of assignment, recourse, or the rest kept by the seller."""

    signs: ClassVar[str] = "the holder"
    observes: ClassVar[str] = "holder and financier"
    remedy: ClassVar[str] = "supply_chain.ReleaseLock"

    leaf: Id
    financier: Id
    expires_at_ms: TimeMs
    as_pledge: Flag
    with_recourse: Flag
    keeps_rest: Flag

    def validate_basic(self) -> None:
        """Refuse terms that a pledge has of itself."""
        if self.as_pledge and (self.with_recourse or self.keeps_rest):
            raise AmountInvalid("a pledge is a loan: its rest stays the holder's without a term")


class PledgeLeaf(Message, frozen=True, tag=_BASE + 14):
    """SC-T7 as a pledge: the financier lends in the linked transfer; the holder stays."""

    signs: ClassVar[str] = "the financier"
    observes: ClassVar[str] = "holder, financier, obligor, the bank of the accounts"
    remedy: ClassVar[str] = "supply_chain.RepayPledge or supply_chain.ReleasePledge"

    leaf: Id
    advance_minor: PositiveMinor
    discount_minor: AmountMinor
    register_no: Hash
    from_account: Id
    to_account: Id

    def validate_basic(self) -> None:
        """Refuse a discount that eats the advance."""
        if self.discount_minor >= self.advance_minor:
            raise AmountInvalid("the discount is not below the advance")

    def capped_amount_minor(self) -> int:
        """Return what is lent."""
        return self.advance_minor


class ReleasePledge(Message, frozen=True, tag=_BASE + 15):
    """SC-T20: the financier confirms that the secured sum was paid outside; the leaf is free."""

    signs: ClassVar[str] = "the financier"
    observes: ClassVar[str] = "holder, financier, obligor"
    remedy: ClassVar[str] = "supply_chain.RequestFinanceOnTerms anew"

    leaf: Id
    amount_minor: PositiveMinor
    """The secured sum."""

    def capped_amount_minor(self) -> int:
        """Return what was paid."""
        return self.amount_minor


class RepayPledge(Message, frozen=True, tag=_BASE + 16):
    """SC-T20: the holder pays the secured sum in the same message; the leaf is free."""

    signs: ClassVar[str] = "the holder"
    observes: ClassVar[str] = "holder, financier, obligor, the bank of the accounts"
    remedy: ClassVar[str] = "supply_chain.RequestFinanceOnTerms anew"

    leaf: Id
    amount_minor: PositiveMinor
    """The secured sum."""
    from_account: Id
    to_account: Id

    def capped_amount_minor(self) -> int:
        """Return what is paid."""
        return self.amount_minor


class OfferAssignment(Message, frozen=True, tag=_BASE + 17):
    """SC-T9, SC-T21, first half: the holder of an assigned leaf offers it at a price."""

    signs: ClassVar[str] = "the financier that holds the leaf"
    observes: ClassVar[str] = "both sides"
    remedy: ClassVar[str] = "none needed: it binds nobody until accepted, and expires"

    leaf: Id
    to: Id
    price_minor: PositiveMinor
    to_account: Id
    expires_at_ms: TimeMs

    def capped_amount_minor(self) -> int:
        """Return the price."""
        return self.price_minor


class AcceptAssignment(Message, frozen=True, tag=_BASE + 18):
    """SC-T9, or SC-T21 by who sold the leaf: the other side accepts the price and pays it."""

    signs: ClassVar[str] = "the other financier, or the seller that buys back"
    observes: ClassVar[str] = "both sides, obligor, the bank of the accounts"
    remedy: ClassVar[str] = "supply_chain.OfferAssignment back"

    leaf: Id
    price_minor: PositiveMinor
    register_no: Hash
    """Under which the change of the financier, or its end, stands in the public register."""
    from_account: Id

    def capped_amount_minor(self) -> int:
        """Return the price."""
        return self.price_minor


class StartRecourse(Message, frozen=True, tag=_BASE + 19):
    """SC-T15: a financier asks its money back, where the leaf's financing agreed recourse."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the financier"
    observes: ClassVar[str] = "seller, financier, obligor"
    remedy: ClassVar[str] = "supply_chain.WithdrawRecourse"

    leaf: Id


class PayRecourse(Message, frozen=True, tag=_BASE + 20):
    """SC-T15a: the seller pays what is asked, and holds the leaf again."""

    signs: ClassVar[str] = "the seller"
    observes: ClassVar[str] = "seller, financier, obligor, the bank of the accounts"
    remedy: ClassVar[str] = "none: the claim on the obligor is the seller's again"

    leaf: Id
    amount_minor: PositiveMinor
    """What is asked."""
    from_account: Id
    to_account: Id

    def capped_amount_minor(self) -> int:
        """Return what is paid."""
        return self.amount_minor


class WithdrawRecourse(Message, frozen=True, tag=_BASE + 21):
    """SC-T15b: the financier asks no more."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the financier"
    observes: ClassVar[str] = "seller, financier, obligor"
    remedy: ClassVar[str] = "supply_chain.StartRecourse"
    creates_obligation: ClassVar[bool] = False

    leaf: Id


class AgreeDiscount(Message, frozen=True, tag=_BASE + 22):
    """SC-T12a: the holder lets the obligor pay a leaf early for less."""

    signs: ClassVar[str] = "the holder"
    observes: ClassVar[str] = "holder and obligor"
    remedy: ClassVar[str] = "none needed: it expires"

    leaf: Id
    discount_minor: PositiveMinor
    expires_at_ms: TimeMs

    def capped_amount_minor(self) -> int:
        """Return what the holder gives up."""
        return self.discount_minor


class DischargeEarly(Message, frozen=True, tag=_BASE + 23):
    """SC-T12a: the obligor pays a leaf before it is due, less a discount that was agreed."""

    signs: ClassVar[str] = "the obligor"
    observes: ClassVar[str] = "holder, financier, obligor, the bank of the accounts"
    remedy: ClassVar[str] = "none: the leaf is paid"

    leaf: Id
    amount_minor: PositiveMinor
    """What is paid: what is outstanding, less the discount."""
    discount_minor: AmountMinor
    from_account: Id

    def capped_amount_minor(self) -> int:
        """Return what is paid."""
        return self.amount_minor


class ProposeCancellation(Message, frozen=True, tag=_BASE + 24):
    """SC-T18, first half: obligor or first supplier wishes to cancel a leaf."""

    signs: ClassVar[str] = "the obligor or the first supplier"
    observes: ClassVar[str] = "obligor and first supplier"
    remedy: ClassVar[str] = "none needed: it binds nobody until agreed, and expires"
    creates_obligation: ClassVar[bool] = False

    leaf: Id
    amount_minor: PositiveMinor
    """What is outstanding of the leaf."""
    expires_at_ms: TimeMs

    def capped_amount_minor(self) -> int:
        """Return what would be cancelled."""
        return self.amount_minor


class AgreeCancellation(Message, frozen=True, tag=_BASE + 25):
    """SC-T18, second half: the other side agrees; the leaf is owed no more."""

    signs: ClassVar[str] = "the other of obligor and first supplier"
    observes: ClassVar[str] = "obligor and first supplier"
    remedy: ClassVar[str] = "supply_chain.ProposeCertificate anew"
    creates_obligation: ClassVar[bool] = False

    leaf: Id
    amount_minor: PositiveMinor
    """What is outstanding of the leaf."""

    def capped_amount_minor(self) -> int:
        """Return what is cancelled."""
        return self.amount_minor
