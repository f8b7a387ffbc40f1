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
