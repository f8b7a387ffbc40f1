"""Refusals of the accounts module, in order of precedence within each message."""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction, Rejected, Unauthorised

CODESPACE: Final = "accounts"


class UnknownAccount(Rejected):
    """No such account."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "unknown_account"


class NotAccountOwner(Unauthorised):
    """Only the owner moves value out of an account."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "not_account_owner"


class NotIssuer(Unauthorised):
    """Only the bank whose books an account is in enters bank facts for it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "not_issuer"


class MixedAssets(Rejected):
    """A transfer moves one asset; an exchange is two linked transfers."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "mixed_assets"


class InsufficientBalance(Rejected):
    """The giving account does not have what the transfer asks."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "insufficient_balance"
    transient: ClassVar[bool] = True

    def __init__(self, account: bytes, available_minor: int, required_minor: int) -> None:
        super().__init__(f"available {available_minor}, required {required_minor}")
        self.account = account
        self.available_minor = available_minor
        self.required_minor = required_minor


class DuplicateBankEntry(Rejected):
    """The bank entry with this identity was accepted before; it counts once."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "duplicate_bank_entry"


class SameAccount(InvalidTransaction):
    """A transfer needs two different accounts."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "same_account"


class BalanceTooLarge(Rejected):
    """A balance would leave the range of amounts."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 8
    name: ClassVar[str] = "balance_too_large"


class NotTransferable(Rejected):
    """Claims move only with their certificate, an issue account only with a bank entry."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 9
    name: ClassVar[str] = "not_transferable"


class UnmatchedBankEntry(Rejected):
    """A bank entry names a payment order that is not open for this amount and account."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 10
    name: ClassVar[str] = "unmatched_bank_entry"


class BelowLowerBound(Rejected):
    """The giving account would hold less than its owner chose to keep."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 11
    name: ClassVar[str] = "below_lower_bound"


class AboveUpperBound(Rejected):
    """The receiving account would hold more than its owner chose to hold."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 12
    name: ClassVar[str] = "above_upper_bound"


class CirculationOff(Rejected):
    """By policy deposit does not circulate now; obligations are paid all the same."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 13
    name: ClassVar[str] = "circulation_off"


class UnknownPending(Rejected):
    """No such pending transfer."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 14
    name: ClassVar[str] = "unknown_pending"


class NotSettler(Unauthorised):
    """Only its settler posts a pending transfer; the settler and the receiver void it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 15
    name: ClassVar[str] = "not_settler"


class PendingEnded(Rejected):
    """The transfer was posted, voided or expired before."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 16
    name: ClassVar[str] = "pending_ended"


class PendingExpired(Rejected):
    """The time of the pending transfer is up; its value goes back."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 17
    name: ClassVar[str] = "pending_expired"


class ExpiryOutOfRange(Rejected):
    """A pending transfer ends in the future, within the days that policy allows."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 18
    name: ClassVar[str] = "expiry_out_of_range"


class MoreThanPending(Rejected):
    """A posting asks for more than is left of the pending transfer."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 19
    name: ClassVar[str] = "more_than_pending"


class DepositUnreconciled(Rejected):
    """A bank's statement differs from the ledger; no deposit is created until that is mended."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 20
    name: ClassVar[str] = "deposit_unreconciled"


class NotMirrored(Rejected):
    """The ledger does not mirror this bank account."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 21
    name: ClassVar[str] = "not_mirrored"


class StatementDayInvalid(Rejected):
    """A statement is of a day that is over, and of no day before the latest one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 22
    name: ClassVar[str] = "statement_day_invalid"


class PeriodInvalid(Rejected):
    """A month is closed once it is over, in order, as of a height that was committed."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 23
    name: ClassVar[str] = "period_invalid"


class BookingDayInvalid(Rejected):
    """A bank enters what is booked: the day of its books is today or over."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 24
    name: ClassVar[str] = "booking_day_invalid"
