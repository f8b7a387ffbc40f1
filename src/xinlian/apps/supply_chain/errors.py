"""Refusals of supply-chain finance.

Order of precedence within each message, by code; other modules' codes carry their name::

    RegisterInvoice      1, members/1, documents/2, 7, 3, 29, evidence/10
    ProposeCertificate   2, 29, documents/2, 13, 14, 15, 16, 1
    IssueCertificate     4, 6, members/6, 11, 12, 13, 14, 35, 15, 16, 17, 18, 19, 20
    AcceptCertificate    4, 7, 11, 12, 11 (no free choice), 13
    DeclineCertificate   4, 7, 11, 12
    WithdrawCertificate  4, 29, 11, 12
    OfferTransfer        5, 8, members/1, documents/2, 29, 11, 23, 28, 40, 60, 17, 1, 21, 22, 25
    AcceptTransfer       24, 10, 25, 24 (the leaf has changed), 11, 23, 28, 40, 60, 17, 1, 21, 22
    RequestFinance       5, 17, 8, members/1, 29, 11, 23, 28, 40, 60, 12
    ReleaseLock          5, 8, 11
    Disburse             1, 5, 17, 9, 12, 11, 23, 28, 40, 60, 19, 72, 26, 31 (not as accepted),
                         accounts/1,
                         27, 31 (not as asked), then accounts/
                         below_lower_bound, above_upper_bound, insufficient_balance
    RecordRegistration   5, 9, 12
    RequestFinanceOnTerms   1, then as RequestFinance
    PledgeLeaf           as Disburse
    ReleasePledge        5, 11, 9, 28, 40, 34
    RepayPledge          5, 11, 8, 28, 34, accounts/1, 27, then accounts/ as Disburse
    OfferAssignment      5, 8, members/1, 11, 29, 11, 23, 28, 40, 60, 31, 25
    AcceptAssignment     5, 24, 10, 25, 24, 11, 23, 28, 40, 60, 31, accounts/1, 27,
                         then accounts/ as
                         Disburse
    StartRecourse        5, 9, 11, 32, 28, 40, 60
    PayRecourse          5, 11, 8, 28, 40, 34, accounts/1, 27, then accounts/ as Disburse
    WithdrawRecourse     5, 9, 11
    AgreeDiscount        5, 8, 11, 12, 40, 33
    DischargeEarly       5, 6, 11, 17, 28, 60, 40, 33, 34, accounts/1, 27,
                         then accounts/ as Disburse
    ProposeCancellation  5, 29, 11, 17, 28, 40, 60, 34, 25
    AgreeCancellation    5, 24, 29, 25, 24, 11, 17, 28, 40, 60, 34
    ExamineTerm          4, 36, documents/2, 36, 11, 12
    OrderFreeze          42, members/not_in_role, documents/2, 44, 4, 29, 5, 11, 43, accounts/1, 45,
                         29
    ConfirmFreeze        41, 46, 29, 11, 44, 11, 5, accounts/1, 45, 29, 48
    LiftFreeze           41, members/not_in_role, 47, documents/2, 44, 11

A rule pack for Disburse: conditions/13, 15, 14, then 30, accounts/1, 27.

In public a refusal for double use says ``occupied`` and nothing else (SC-I4).
"""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction, Rejected, Unauthorised

CODESPACE: Final = "supply_chain"


class AmountInvalid(InvalidTransaction):
    """An amount is zero, or its parts do not fit together."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "amount_invalid"


class UnknownInvoice(Rejected):
    """No invoice is registered under this root."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "unknown_invoice"


class InvoiceExists(Rejected):
    """The invoice is registered already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "invoice_exists"


class UnknownCertificate(Rejected):
    """No such certificate."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "unknown_certificate"


class UnknownLeaf(Rejected):
    """No such leaf."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "unknown_leaf"


class NotObligor(Unauthorised):
    """Only the obligor may do this."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "not_obligor"


class NotSupplier(Unauthorised):
    """Only the first supplier may do this."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "not_supplier"


class NotHolder(Unauthorised):
    """Only the holder of the leaf may do this."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 8
    name: ClassVar[str] = "not_holder"


class NotFinancier(Unauthorised):
    """Only the financier that the leaf is locked for may do this."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 9
    name: ClassVar[str] = "not_financier"


class NotTransferee(Unauthorised):
    """Only the party that a transfer is offered to may accept it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 10
    name: ClassVar[str] = "not_transferee"


class WrongState(Rejected):
    """The certificate or leaf is not in a state that allows this."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 11
    name: ClassVar[str] = "wrong_state"


class WindowClosed(Rejected):
    """The time for this step has passed."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 12
    name: ClassVar[str] = "window_closed"


class DueDateInvalid(Rejected):
    """The due date has passed."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 13
    name: ClassVar[str] = "due_date_invalid"


class TermTooLong(Rejected):
    """The term is longer than policy allows at the issue date (SC-R1)."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 14
    name: ClassVar[str] = "term_too_long"


class StopIssue(Rejected):
    """The obligor let something become overdue; until its stop flag is lifted it may not issue."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 15
    name: ClassVar[str] = "stop_issue"


class LineExceeded(Rejected):
    """The obligor's issue line does not have the face free (SC-I7)."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 16
    name: ClassVar[str] = "line_exceeded"


class Occupied(Rejected):
    """The invoice or leaf is spoken for already (SC-I3, SC-I4)."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 17
    name: ClassVar[str] = "occupied"


class NotCorroborated(Rejected):
    """A flow is not corroborated by facts of sufficient grade."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 18
    name: ClassVar[str] = "not_corroborated"


class VerdictMissing(Rejected):
    """A required verdict is missing, stale or does not pass."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 19
    name: ClassVar[str] = "verdict_missing"


class AuthorityInvalid(Rejected):
    """The standing authority names a foreign account, or a cap or end too small."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 20
    name: ClassVar[str] = "authority_invalid"


class SplitTooSmall(Rejected):
    """A child would be below a thousandth of the face."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 21
    name: ClassVar[str] = "split_too_small"


class TooManyHops(Rejected):
    """The leaf has been transferred as often as it may be."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 22
    name: ClassVar[str] = "too_many_hops"


class TooNearDue(Rejected):
    """Too near to the due date for a split, transfer or finance request."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 23
    name: ClassVar[str] = "too_near_due"


class UnknownOffer(Rejected):
    """No such offer is open, or its leaf has changed since."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 24
    name: ClassVar[str] = "unknown_offer"


class OfferExpired(Rejected):
    """The offer has expired."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 25
    name: ClassVar[str] = "offer_expired"


class AdvanceInvalid(Rejected):
    """The advance is above the leaf's amount, or the discount above the advance."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 26
    name: ClassVar[str] = "advance_invalid"


class AccountMismatch(Rejected):
    """The money accounts are not those of financier and holder in the certificate's deposit."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 27
    name: ClassVar[str] = "account_mismatch"


class PaymentUnderWay(Rejected):
    """A payment of this certificate is being carried out."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 28
    name: ClassVar[str] = "payment_under_way"


class PartiesInvalid(Rejected):
    """The parties of the claim do not fit: one party twice, or not admitted."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 29
    name: ClassVar[str] = "parties_invalid"


class TermsInvalid(Rejected):
    """The terms of a rule pack are not those by which an advance is computed."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 30
    name: ClassVar[str] = "terms_invalid"


class TermsMismatch(Rejected):
    """The holder asked for finance on other terms: assignment or pledge."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 31
    name: ClassVar[str] = "terms_mismatch"


class RecourseNotAgreed(Rejected):
    """The financing of this leaf was agreed without recourse, or the financier has its money."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 32
    name: ClassVar[str] = "recourse_not_agreed"


class DiscountNotAgreed(Rejected):
    """The holder has not agreed to this discount for early payment, or no longer."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 33
    name: ClassVar[str] = "discount_not_agreed"


class AmountNotOwed(Rejected):
    """What is to be paid is not what is owed now: read the leaf again, and pay that."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 34
    name: ClassVar[str] = "amount_not_owed"


class TermNotExamined(Rejected):
    """A term beyond the ordinary cap needs a bank's examination on the ledger first (SC-R1)."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 35
    name: ClassVar[str] = "term_not_examined"


class NotExaminer(Unauthorised):
    """Who examines a term is a member, no party to the claim, and registers its grounds itself."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 36
    name: ClassVar[str] = "not_examiner"


class LeafFrozen(Rejected):
    """A court's order holds this leaf: only payments go on, into the account of the order."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 40
    name: ClassVar[str] = "leaf_frozen"


class UnknownFreeze(Rejected):
    """No such freeze order."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 41
    name: ClassVar[str] = "unknown_freeze"


class FreezeScopeInvalid(InvalidTransaction):
    """A freeze order names one leaf or one holder: not both, not neither."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 42
    name: ClassVar[str] = "freeze_scope_invalid"


class FreezePeriodInvalid(Rejected):
    """A freeze order ends in the future, and no later than policy allows."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 43
    name: ClassVar[str] = "freeze_period_invalid"


class CourtDocumentInvalid(Unauthorised):
    """The court registers its order or decision itself, and the others name that document."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 44
    name: ClassVar[str] = "court_document_invalid"


class HeldAccountInvalid(Rejected):
    """Payments go meanwhile into a mirrored deposit account of a licensed keeper: name one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 45
    name: ClassVar[str] = "held_account_invalid"


class NotFreezeOfficer(Unauthorised):
    """A freeze is confirmed by a member with a vote, apart from the court: ask another one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 46
    name: ClassVar[str] = "not_freeze_officer"


class NotOrderingCourt(Unauthorised):
    """The court that ordered a freeze lifts it; ask that court."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 47
    name: ClassVar[str] = "not_ordering_court"


class TooManyFreezes(Rejected):
    """As many orders as may be in force at once hold this already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 48
    name: ClassVar[str] = "too_many_freezes"
