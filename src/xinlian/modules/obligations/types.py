"""Obligations, the terms that parties agreed on, and the securities that perform them.

Rules this file keeps:
 1. performed + open + released = amount, at every height.
 2. An authority names one obligation; it is never used for another, beyond its cap or its end.
 3. The due moment is the opening of the due banking day; default is at the cut-off. Both are as the
    banking calendar was when they were written; ``moments.current`` says how it is now.
 4. Certificates know their creditors themselves; every other obligation has ``Terms``.
"""

import enum
from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import (
    CLASS_KEY,
    AmountMinor,
    Count,
    Day,
    Flag,
    Hash,
    Id,
    Name,
    OptionalHash,
    OptionalId,
    RateE9,
    TimeMs,
)
from xinlian.crypto.hashing import HASH_BYTES
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 5
GUARANTORS_MAX: Final = 4
GRACE_DAYS_MAX: Final = 90
EXECUTED_ACCOUNTS_MAX: Final = 4
CONDITIONS_PER_SUBJECT_MAX: Final = 16
"""So that a fact wakes a bounded number of obligations."""


class ObligationStatus(enum.IntEnum):
    """The life of an obligation."""

    PROPOSED = 1
    OPEN = 2
    DUE = 3
    PERFORMED = 4
    DEFAULTED = 5
    CURED = 6
    CANCELLED = 7
    PART_PERFORMED = 8
    """A part is performed; the rest is open and not in default."""
    DISPUTED = 9
    """Only a disputed amount is open."""
    CALLED = 10
    """In default, and the guarantors are called."""
    FORGIVEN = 11
    SUBROGATED = 12
    """Guarantors paid the rest: the debtor owes them instead."""
    ENFORCED = 13
    """Performed after default, and not without a court's order."""


class SourceKind(enum.IntEnum):
    """What an obligation arises from; also the number of its source's port."""

    CERTIFICATE = 1
    LATE_INTEREST = 2
    AGREED = 3
    """Made by its parties with messages of this module."""
    AGREED_INTEREST = 4
    """Late interest of an agreed obligation."""
    GUARANTEE_CALL = 5
    """What a guarantor owes after the default of the debtor."""
    RECOURSE = 6
    """What the debtor owes a guarantor that paid."""
    RETURN = 7
    """What a creditor owes back that received more than was owed."""
    PLEDGE_LOAN = 8
    """What the holder of a pledged claim owes its financier."""
    FINANCE_RECOURSE = 9
    """What the seller of a claim owes its financier after default, where it was agreed."""
    RETAINED_PART = 10
    """What a financier owes the seller of a claim that it did not pay in full."""
    CERTIFICATE_CALL = 11
    """What a guarantor of a certificate owes after the default of its obligor."""


class Security(enum.IntEnum):
    """What an agreed obligation is performed from."""

    NONE = 1
    AUTHORITY = 2
    """A standing authority over an account of the debtor."""
    LOCKED = 3
    """Money that is set aside when the obligation opens."""
    GUARANTEE = 4
    """Guarantors, called in their order; the debtor may give an authority too."""


class PartTerm(enum.IntEnum):
    """When a part may be performed from an authority."""

    AT_CUTOFF = 0
    """Whole before the cut-off; at it, and after, whatever is there."""
    NEVER = 1
    ALWAYS = 2


class ReleaseReason(enum.IntEnum):
    """Why an amount is owed no more although nobody performed it."""

    FORGIVEN = 1
    VOIDED = 2
    """Its condition was not met in time."""
    CANCELLED = 3
    REDUCED = 4
    """A dispute was conceded, or another who owes the same has paid."""
    SUBROGATED = 5
    """A guarantor paid; the debtor owes the guarantor instead."""


class Obligation(Record, frozen=True):
    """A promise of a debtor to pay an amount of deposit money."""

    debtor: Id
    asset: Id
    """The deposit in which it is paid."""
    amount_minor: AmountMinor
    performed_minor: AmountMinor
    released_minor: AmountMinor
    awaiting_minor: AmountMinor
    """What payment orders at banks are executing; inside open."""
    due_day: Day
    """The legal due date, which never moves."""
    due_at_ms: TimeMs
    cutoff_at_ms: TimeMs
    status: Count
    source_kind: Count
    account: OptionalId
    """The debtor's account of the authority or of the locked money, empty without one."""
    authority_cap_minor: AmountMinor
    authority_until_ms: TimeMs
    """As the debtor gave it; 0 when it was let go. See ``moments.authority_ends_at_ms``."""
    disputed_minor: AmountMinor = 0
    """Inside open, outside what banks are executing."""
    part_term: Count = PartTerm.AT_CUTOFF
    is_locked: Flag = False
    """True where the open amount is set aside under this obligation's id."""
    cutoff_from_day: Day = 0
    """The cut-off is on the banking day on or after this day; 0 where it follows no calendar."""
    outside_banking_days: Count = 0
    """How many banking days later, where banks' entries must come first."""
    owed_again_from_day: Day = 0
    """Not before the banking day on or after this day: a disputed amount came to be owed again."""
    contract_at_ms: TimeMs = 0
    """When what it follows from was agreed; policy that applies by contract asks it."""
    issued_at_ms: TimeMs = 0
    """When it came to bind, or its certificate was issued."""
    is_enforced: Flag = False
    """True while a court's order to execute it is in force."""
    enforced_minor: AmountMinor = 0
    """What of the performed amount courts' orders brought, outside any authority."""

    @property
    def open_minor(self) -> int:
        """What is neither performed nor released."""
        return self.amount_minor - self.performed_minor - self.released_minor

    @property
    def payable_minor(self) -> int:
        """What is open, undisputed and not already on its way through a bank."""
        return self.open_minor - self.awaiting_minor - self.disputed_minor


ExecutedAccounts = Annotated[
    tuple[Id, ...],
    msgspec.Meta(min_length=1, max_length=EXECUTED_ACCOUNTS_MAX, extra={CLASS_KEY: "L"}),
]


class CourtAct(enum.IntEnum):
    """What a case did to an obligation."""

    DECISION = 1
    """Decided what was disputed."""
    ENFORCEMENT = 2
    """Ordered that it be executed from accounts of the debtor."""


class CourtCase(Record, frozen=True):
    """An act of a court on an obligation, so that its case acts once."""

    court: Id
    act: Count
    order_root: Hash
    decided_at_ms: TimeMs


class EnforcementStatus(enum.IntEnum):
    """Where a court's order to execute an obligation stands."""

    IN_FORCE = 1
    """It executes from its moment on, while the obligation is in default."""
    LIFTED = 2
    EXECUTED = 3
    """All that it was for has been moved."""
    ENDED = 4
    """The obligation has ended without all of it."""


class Enforcement(Record, frozen=True):
    """The latest order of a court to execute an obligation from accounts of its debtor."""

    court: Id
    case_root: Hash
    order_root: Hash
    accounts: ExecutedAccounts
    amount_minor: AmountMinor
    """What it executes at most."""
    paid_minor: AmountMinor
    ordered_minor: AmountMinor
    """What a bank is executing because of it."""
    from_ms: TimeMs
    status: Count

    @property
    def left_minor(self) -> int:
        """What it may still move."""
        return self.amount_minor - self.paid_minor - self.ordered_minor


class Waiting(Record, frozen=True):
    """An entry of the index of obligations that wait for money on an account."""


class Awaited(Record, frozen=True):
    """An entry of the index of obligations that wait for a fact about a subject."""


NOTHING: Final = "none"
"""In a field that names a row or a fact: there is none."""


class Guarantee(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A second debtor: what it answers for at most, and from what it is paid."""

    party: Id
    liability_minor: AmountMinor
    """0 until the guarantor has accepted."""
    account: OptionalId
    authority_until_ms: TimeMs
    claim: OptionalId
    """The obligation of the guarantor, empty until it is called."""


Guarantees = Annotated[
    tuple[Guarantee, ...],
    msgspec.Meta(max_length=GUARANTORS_MAX, extra={CLASS_KEY: "L"}),
]
GuarantorIds = Annotated[
    tuple[Id, ...],
    msgspec.Meta(max_length=GUARANTORS_MAX, extra={CLASS_KEY: "L"}),
]


class Terms(Record, frozen=True):
    """What creditor, debtor and guarantors agreed on, and what has come of it."""

    creditor: Id
    proposer: Id
    source_root: OptionalHash
    """The document that the promise is from, empty where it is from another obligation."""
    origin: OptionalId
    """The obligation that this one follows from: its interest, its guarantee, a recourse."""
    payee_account: OptionalId
    """The creditor's account, empty where it is paid through its bank."""
    security: Count
    guarantees: Guarantees
    grace_days: Count
    late_row: Name
    """The policy row of late interest, ``none`` where none is owed."""
    late_rate_e9_per_day: RateE9
    window_ends_at_ms: TimeMs
    is_accepted: Flag
    cancel_asked_by: OptionalId
    condition_kind: Name
    """The kind of fact that makes it due, ``none`` where the due day does."""
    condition_grade: Name
    condition_subject: OptionalHash
    condition_met_at_ms: TimeMs
    late_base_minor: AmountMinor
    """What is in default and has not been paid yet; it bears the late interest."""
    interest_fixed_minor: AmountMinor
    ordered_day: Day
    order_banking_days: Count
    """For how many banking days after that day the order holds."""
    order_expires_at_ms: TimeMs
    debited_minor: AmountMinor
    """Three witnesses of one payment outside the ledger: bank of the debtor, bank of the creditor,
    the creditor's receipts. The largest total counts, so none discharges twice."""
    credited_minor: AmountMinor
    receipted_minor: AmountMinor
    ledger_paid_minor: AmountMinor = 0
    """What was paid on the ledger to the payee's account."""
    debit_booked_minor: AmountMinor = 0
    """How much of that the bank has booked on the debtor's account."""
    credit_booked_minor: AmountMinor = 0
    """How much of that the bank has booked on the creditor's account."""
    surplus_minor: AmountMinor = 0
    """What was paid beyond what was owed: it is an obligation of the creditor now."""

    @property
    def is_conditional(self) -> bool:
        """True where a fact makes it due, not the due day."""
        return self.condition_kind != NOTHING

    @property
    def is_waiting(self) -> bool:
        """True while that fact is missing."""
        return self.is_conditional and not self.condition_met_at_ms

    @property
    def outside_minor(self) -> int:
        """What was paid outside the ledger."""
        return max(self.debited_minor, self.credited_minor, self.receipted_minor)


OBLIGATIONS: Final = Collection(MODULE_NO, 1, Obligation, (ID_BYTES,))
WAITING: Final = Collection(MODULE_NO, 2, Waiting, (ID_BYTES, INTEGER_KEY_BYTES, ID_BYTES))
TERMS: Final = Collection(MODULE_NO, 3, Terms, (ID_BYTES,))
AWAITED: Final = Collection(MODULE_NO, 4, Awaited, (HASH_BYTES, ID_BYTES))
COURT_CASES: Final = Collection(MODULE_NO, 5, CourtCase, (ID_BYTES, HASH_BYTES))
ENFORCEMENTS: Final = Collection(MODULE_NO, 6, Enforcement, (ID_BYTES,))


def subject_of(obligation_id: bytes) -> bytes:
    """Return the subject under which facts about an obligation are recorded."""
    return obligation_id + bytes(HASH_BYTES - ID_BYTES)


def first_terms(creditor: bytes, payee_account: bytes, **fields: object) -> Terms:
    """Return terms under which nothing has happened yet."""
    plain = Terms(
        creditor=creditor,
        proposer=creditor,
        source_root=b"",
        origin=b"",
        payee_account=payee_account,
        security=Security.NONE,
        guarantees=(),
        grace_days=0,
        late_row=NOTHING,
        late_rate_e9_per_day=0,
        window_ends_at_ms=0,
        is_accepted=True,
        cancel_asked_by=b"",
        condition_kind=NOTHING,
        condition_grade=NOTHING,
        condition_subject=b"",
        condition_met_at_ms=0,
        late_base_minor=0,
        interest_fixed_minor=0,
        ordered_day=0,
        order_banking_days=0,
        order_expires_at_ms=0,
        debited_minor=0,
        credited_minor=0,
        receipted_minor=0,
    )
    return msgspec.structs.replace(plain, **fields)
