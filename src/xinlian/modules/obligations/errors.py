"""Refusals of the obligations module.

Order of precedence within each message, by code; other modules' codes carry their name::

    ProposeObligation    5, 2, members/1, 5, 6, 8, 15, 7
    AcceptObligation     1, 2, 3, 4, 12, 13, 6, 7, 14, accounts/5, evidence/10
    AcceptGuarantee      1, 2, 3, 4, 12, 13, 6, 7, 14, accounts/5, evidence/10
    CancelObligation     1, 2, 3, 13, 10, 12
    EndAuthority         1, 2, 3, 10
    DisputeObligation    1, 2, 3, 11, 9
    SettleDispute        1, 2, 3, 9
    ForgiveObligation    1, 2, 3, 9
    DischargeByReceipt   1, 2, 3, 10, 9
    ConfirmPayment       1, 2, 3, 12
    OrderEnforcement     5, members/28, 19, 1, 16, 17, 3, 20, 10, 18, 9, 21
    LiftEnforcement      members/28, 1, 3, 22
    DecideDispute        5, members/28, 19, 1, 16, 17, 3, 18, 13
"""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction, Rejected, Unauthorised

CODESPACE: Final = "obligations"


class UnknownObligation(Rejected):
    """No obligation of that id was made by messages."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "unknown_obligation"


class NotEntitled(Unauthorised):
    """Only another party of the obligation may do this."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "not_entitled"


class WrongState(Rejected):
    """The obligation is not in a state that allows this."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "wrong_state"


class WindowClosed(Rejected):
    """The time to accept the proposal has passed."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "window_closed"


class TermsInvalid(InvalidTransaction):
    """The terms contradict one another."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "terms_invalid"


class DueDayInvalid(Rejected):
    """The due day has passed, or the money is no deposit of the ledger."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "due_day_invalid"


class SecurityInvalid(Rejected):
    """The account is foreign, or the authority's cap or end is too small."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "security_invalid"


class ConditionInvalid(Rejected):
    """The condition names no kind of fact, or a subject that has other sides."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 8
    name: ClassVar[str] = "condition_invalid"


class AmountTooLarge(Rejected):
    """The amount is more than what is open, or disputed, or not at a bank."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 9
    name: ClassVar[str] = "amount_too_large"


class PaymentUnderWay(Rejected):
    """A bank is executing a payment; wait for its entry or the order's end."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 10
    name: ClassVar[str] = "payment_under_way"
    transient: ClassVar[bool] = True


class TooLateToDispute(Rejected):
    """The obligation is due: what was promised is performed, and settled elsewhere if wrong."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 11
    name: ClassVar[str] = "too_late_to_dispute"


class AlreadyAgreed(Rejected):
    """This party has said so already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 12
    name: ClassVar[str] = "already_agreed"


class AmountDiffers(Rejected):
    """The amount is not that of the obligation as it stands."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 13
    name: ClassVar[str] = "amount_differs"


class TooManyConditions(Rejected):
    """As many obligations as may do wait for facts about this subject."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 14
    name: ClassVar[str] = "too_many_conditions"


class UnknownLateRow(Rejected):
    """The policy has no such row of late interest in e9-per-day."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 15
    name: ClassVar[str] = "unknown_late_row"


class CourtIsParty(Unauthorised):
    """A party to the obligation is no court about it; another court acts."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 16
    name: ClassVar[str] = "court_is_party"


class PartiesDiffer(Rejected):
    """The obligation is between others than the order names; look its id up again."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 17
    name: ClassVar[str] = "parties_differ"


class CaseUsed(Rejected):
    """This case has acted on the obligation before; a further order has a case of its own."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 18
    name: ClassVar[str] = "case_used"


class OfBusiness(Rejected):
    """It is the debt of a business, such as a certificate: freeze its claims instead."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 19
    name: ClassVar[str] = "of_business"


class AlreadyEnforced(Rejected):
    """An order of a court executes it already; that one is lifted first."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 20
    name: ClassVar[str] = "already_enforced"


class AccountNotExecutable(Rejected):
    """Not a deposit account of the debtor in the obligation's money, or it keeps others' money."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 21
    name: ClassVar[str] = "account_not_executable"


class OtherCourtsOrder(Unauthorised):
    """The court that ordered it lifts it, while it is one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 22
    name: ClassVar[str] = "other_courts_order"
