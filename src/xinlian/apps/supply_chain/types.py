"""Invoices, root certificates, leaves, orders.

Who signs, who answers: the obligor promises with two keys and answers for the debt; the first
supplier accepts; a holder alone splits, transfers and asks for finance; the financier disburses on
its own verifier's verdict; the settlement bank answers for the bank facts it enters.

Rules this file keeps:
 1. A leaf is an unspent output: a split or transfer consumes it and creates its children.
 2. ``life`` and ``finance`` are independent axes.
 3. Amounts are minor units of the deposit in which the certificate is paid.
"""

import enum
from typing import Final

from xinlian.contracts.fields import (
    AmountMinor,
    Count,
    Currency,
    Day,
    Flag,
    Hash,
    Id,
    OptionalHash,
    OptionalId,
    RateE9,
    TimeMs,
)
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.ledger.records import Collection, Record
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 16
LEAVES_PER_CERTIFICATE_MAX: Final = 1_000
HOPS_MAX: Final = 32


class Life(enum.IntEnum):
    """The life of a certificate or a leaf."""

    DRAFT = 1
    OFFERED = 2
    ACTIVE = 3
    DUE = 4
    OVERDUE = 5
    RECOURSE = 6
    """Overdue, and its financier asks the money back from the one it paid."""
    DISCHARGED = 7
    VOID = 8
    CANCELLED = 9
    SPENT = 10


class Finance(enum.IntEnum):
    """Whether a leaf secures an advance."""

    NONE = 1
    LOCKED = 2
    PLEDGED = 3
    ASSIGNED = 4


class OrderStatus(enum.IntEnum):
    """A payment order at a bank."""

    OPEN = 1
    EXECUTED = 2
    EXPIRED = 3


class Invoice(Record, frozen=True):
    """A registered invoice and how much of it is spoken for."""

    seller: Id
    buyer: Id
    currency: Currency
    gross_minor: AmountMinor
    occupied_minor: AmountMinor
    paid_minor: AmountMinor
    registered_at_ms: TimeMs
    lowered_minor: AmountMinor = 0
    """What credit notes and payments outside the ledger took off it since (SC-I3)."""

    @property
    def free_minor(self) -> int:
        """What may still be certified."""
        return max(self._left_minor, 0)

    @property
    def over_minor(self) -> int:
        """How much more is occupied and paid than is left of it; above 0 it is over-occupied."""
        return max(-self._left_minor, 0)

    @property
    def _left_minor(self) -> int:
        return self.gross_minor - self.lowered_minor - self.occupied_minor - self.paid_minor


class IssueLine(Record, frozen=True):
    """How much an obligor may have promised at one time."""

    limit_minor: AmountMinor
    used_minor: AmountMinor
    overdue_certificates: Count
    """How many of them are overdue now; whether the obligor may issue, its stop flag says."""


class StopFlag(Record, frozen=True):
    """That an obligor may not issue (SC-R6); it stands as long as its record."""

    set_at_ms: TimeMs
    lifts_at_ms: TimeMs
    """When the clock lifts it (SC-T23); 0 while anything of the obligor is overdue."""


class Certificate(Record, frozen=True):
    """A root certificate; its id is also that of its obligation."""

    obligor: Id
    first_holder: Id
    proposer: Id
    deposit: Id
    face_minor: AmountMinor
    invoice_root: Hash
    contract_root: Hash
    promise_root: OptionalHash
    life: Count
    proposed_at_ms: TimeMs
    issued_at_ms: TimeMs
    window_ends_at_ms: TimeMs
    """Until when a draft may be issued, or an offer accepted."""
    due_day: Day
    outstanding_minor: AmountMinor
    discharged_minor: AmountMinor
    account: OptionalId
    authority_cap_minor: AmountMinor
    authority_until_ms: TimeMs
    late_rate_e9_per_day: RateE9
    interest_fixed_minor: AmountMinor
    live_leaves: Count
    cancelled_minor: AmountMinor = 0
    """What obligor and first supplier took back together (SC-T18)."""
    reduced_minor: AmountMinor = 0
    """What disputes that were upheld took off (SC-T22)."""


class Leaf(Record, frozen=True):
    """A holder's share of a certificate."""

    certificate: Id
    parent: OptionalId
    holder: Id
    amount_minor: AmountMinor
    discharged_minor: AmountMinor
    awaiting_minor: AmountMinor
    life: Count
    finance: Count
    hops: Count
    sequence_no: Count
    financier: OptionalId
    lock_expires_at_ms: TimeMs
    disputed_minor: AmountMinor = 0
    """Inside outstanding, outside what banks are bringing; the rest runs on (SC-T16)."""
    taken_over_minor: AmountMinor = 0
    """What the guarantor that holds it paid for it (SC-T10); 0 on any other leaf."""
    interest_from_day: Day = 0
    """When that was: late interest runs from then; 0 where it runs from the due day."""

    @property
    def payable_minor(self) -> int:
        """What is outstanding, undisputed and not on its way through a bank."""
        return self.outstanding_minor - self.awaiting_minor - self.disputed_minor

    @property
    def outstanding_minor(self) -> int:
        """What is still owed to the holder; nothing when it was cancelled."""
        if self.life == Life.CANCELLED:
            return 0
        return self.amount_minor - self.discharged_minor

    @property
    def is_financed(self) -> bool:
        """True when it secures an advance that was paid: assigned or pledged."""
        return self.finance in (Finance.ASSIGNED, Finance.PLEDGED)

    @property
    def is_live(self) -> bool:
        """True when something may still be owed on it."""
        return self.life in (Life.ACTIVE, Life.DUE, Life.OVERDUE, Life.RECOURSE)


class LeafOfCertificate(Record, frozen=True):
    """An entry of the index of a certificate's live leaves."""


class Encumbrance(Record, frozen=True):
    """An assignment or a pledge to a financier."""

    financier: Id
    seller: Id
    advance_minor: AmountMinor
    discount_minor: AmountMinor
    register_no: Hash
    disbursed_at_ms: TimeMs
    secured_minor: AmountMinor = 0
    """Under a pledge: what is still owed to the financier."""
    awaiting_minor: AmountMinor = 0
    """What payment orders at banks are bringing to it; inside secured."""
    with_recourse: Flag = False
    retained_minor: AmountMinor = 0
    """What the financier owes the seller when the leaf is paid in full (the retained part)."""
    obligation: OptionalId = b""
    """The pledge loan, or the open recourse."""
    retained_obligation: OptionalId = b""
    covered_minor: AmountMinor = 0
    """What the financier of an assigned leaf was paid of its advance before it had this id, and by
    guarantors."""
    loan_leaf: OptionalId = b""
    """Whose loan asset shows the loan, where the leaf came of another."""


class TransferOffer(Record, frozen=True):
    """A holder's offer of a part of its leaf; it binds nobody until accepted."""

    leaf: Id
    leaf_sequence_no: Count
    to: Id
    amount_minor: AmountMinor
    evidence_root: Hash
    expires_at_ms: TimeMs


class PaymentOrder(Record, frozen=True):
    """An order to the settlement bank; its id is the EndToEndId."""

    certificate: Id
    leaf: Id
    payee: Id
    bank: Id
    account: Id
    amount_minor: AmountMinor
    ordered_at_ms: TimeMs
    expires_at_ms: TimeMs
    status: Count


class Allocation(Record, frozen=True):
    """What a leaf gets of the payment that is being carried out."""

    amount_minor: AmountMinor


class Payment(Record, frozen=True):
    """A payment of a certificate that is being carried out, chunk by chunk."""

    amount_minor: AmountMinor
    started_at_ms: TimeMs
    call: OptionalId = b""
    """The call of a guarantor that is paid; empty where the obligor pays."""


class LateInterest(Record, frozen=True):
    """What an obligation of late interest is for."""

    certificate: Id
    leaf: Id
    creditor: Id


class FinanceRequest(Record, frozen=True):
    """An entry of the index of locked leaves by their invoice, with the terms that were asked."""

    as_pledge: Flag = False
    with_recourse: Flag = False
    keeps_rest: Flag = False
    """The part beyond the advance stays the seller's."""


class AskedFinancier(Record, frozen=True):
    """An entry of the index of requests by invoice and by whom they ask."""


class AssignmentOffer(Record, frozen=True):
    """A financier's offer of an assigned leaf at a price; it binds nobody until accepted."""

    leaf_sequence_no: Count
    to: Id
    price_minor: AmountMinor
    to_account: Id
    expires_at_ms: TimeMs


class CancellationProposal(Record, frozen=True):
    """One side's wish to cancel a leaf; it binds nobody until the other agrees."""

    leaf_sequence_no: Count
    proposer: Id
    expires_at_ms: TimeMs


class TermExamination(Record, frozen=True):
    """That a member examined the term of a draft; its key names certificate and examiner."""

    grounds_root: Hash
    examined_at_ms: TimeMs


class EarlyDiscount(Record, frozen=True):
    """What a holder lets the obligor keep that pays its leaf early."""

    leaf_sequence_no: Count
    discount_minor: AmountMinor
    expires_at_ms: TimeMs


class FinanceDue(Record, frozen=True):
    """What an obligation between a financier and the one it paid is for."""

    certificate: Id
    leaf: Id
    debtor: Id
    creditor: Id
    payee_account: OptionalId


class Registration(Record, frozen=True):
    """That a financing is in the public register, before money moves."""

    register_no: Hash
    recorded_at_ms: TimeMs


INVOICES: Final = Collection(MODULE_NO, 1, Invoice, (HASH_BYTES,))
LINES: Final = Collection(MODULE_NO, 2, IssueLine, (ID_BYTES,))
CERTIFICATES: Final = Collection(MODULE_NO, 3, Certificate, (ID_BYTES,))
LEAVES: Final = Collection(MODULE_NO, 4, Leaf, (ID_BYTES,))
LEAVES_OF: Final = Collection(MODULE_NO, 5, LeafOfCertificate, (ID_BYTES, ID_BYTES))
ENCUMBRANCES: Final = Collection(MODULE_NO, 6, Encumbrance, (ID_BYTES,))
OFFERS: Final = Collection(MODULE_NO, 7, TransferOffer, (ID_BYTES,))
ORDERS: Final = Collection(MODULE_NO, 8, PaymentOrder, (ID_BYTES,))
ALLOCATIONS: Final = Collection(MODULE_NO, 9, Allocation, (ID_BYTES, ID_BYTES))
PAYMENTS: Final = Collection(MODULE_NO, 10, Payment, (ID_BYTES,))
LATE_INTEREST: Final = Collection(MODULE_NO, 11, LateInterest, (ID_BYTES,))
REQUESTS: Final = Collection(MODULE_NO, 12, FinanceRequest, (HASH_BYTES, ID_BYTES))
REGISTRATIONS: Final = Collection(MODULE_NO, 13, Registration, (ID_BYTES,))
FINANCE_DUES: Final = Collection(MODULE_NO, 14, FinanceDue, (ID_BYTES,))
ASSIGNMENT_OFFERS: Final = Collection(MODULE_NO, 15, AssignmentOffer, (ID_BYTES,))
EARLY_DISCOUNTS: Final = Collection(MODULE_NO, 16, EarlyDiscount, (ID_BYTES,))
CANCELLATIONS: Final = Collection(MODULE_NO, 17, CancellationProposal, (ID_BYTES,))
TERM_EXAMINATIONS: Final = Collection(MODULE_NO, 18, TermExamination, (ID_BYTES, ID_BYTES))
STOP_FLAGS: Final = Collection(MODULE_NO, 19, StopFlag, (ID_BYTES,))
ASKED: Final = Collection(MODULE_NO, 20, AskedFinancier, (HASH_BYTES, ID_BYTES, ID_BYTES))
