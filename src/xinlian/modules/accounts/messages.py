"""Messages of the accounts module."""

from typing import Annotated, ClassVar, Final

import msgspec

from xinlian.contracts.errors import FieldInvalid
from xinlian.contracts.fields import (
    CLASS_KEY,
    AmountMinor,
    Count,
    Day,
    Flag,
    Hash,
    Id,
    OptionalId,
    PositiveMinor,
    TimeMs,
)
from xinlian.contracts.message import Message
from xinlian.modules.accounts.errors import SameAccount
from xinlian.modules.accounts.types import MODULE_NO
from xinlian.primitives import AMOUNT_MINOR_MAX, ID_BYTES

LINKED_MAX: Final = 16
_MONTHS_PER_YEAR: Final = 12
_YEAR_MIN: Final = 1970
_YEAR_MAX: Final = 9997
_BASE = MODULE_NO * 256


class Transfer(Message, frozen=True, tag=_BASE + 1):
    """The owner of a deposit pays another account holder of the same bank."""

    signs: ClassVar[str] = "the owner of the giving account"
    observes: ClassVar[str] = "both owners and the bank"
    remedy: ClassVar[str] = "accounts.Transfer back, by the receiver"

    from_account: Id
    to_account: Id
    amount_minor: PositiveMinor

    def validate_basic(self) -> None:
        """Refuse a transfer to the same account."""
        if self.from_account == self.to_account:
            raise SameAccount("from_account and to_account are the same")

    def capped_amount_minor(self) -> int:
        """Return what leaves the account."""
        return self.amount_minor


class BookEntry(Message, frozen=True, tag=_BASE + 2):
    """A bank enters a booked entry of its books, identified and accepted once.

    On a mirrored account it creates or removes deposit money, unless it names the payment order
    (``end_to_end_id``) that it executes: then it discharges what the order is for.
    """

    is_kept_for: ClassVar[bool] = True
    signs: ClassVar[str] = "the bank whose books the account is in"
    observes: ClassVar[str] = "the account's owner and the bank"
    remedy: ClassVar[str] = "accounts.BookEntry with the bank's correcting entry"
    creates_obligation: ClassVar[bool] = False

    identity: Hash
    bank_account: Hash
    amount_minor: PositiveMinor
    is_credit: Flag
    value_day: Day
    """From which day on the bank counts the money; it decides whether a payment was on time."""
    booking_day: Day
    """On which day it is in the bank's books; the closing balance of that day has it."""
    end_to_end_id: OptionalId
    document_root: Hash

    def validate_basic(self) -> None:
        """Refuse a malformed payment order id."""
        if len(self.end_to_end_id) not in (0, ID_BYTES):
            raise FieldInvalid("end_to_end_id", "20 bytes or empty")

    def capped_amount_minor(self) -> int:
        """Return the booked amount."""
        return self.amount_minor


class LinkedTransfer(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """One of several transfers that stand or fall together."""

    from_account: Id
    to_account: Id
    amount_minor: PositiveMinor


Links = Annotated[
    tuple[LinkedTransfer, ...],
    msgspec.Meta(min_length=2, max_length=LINKED_MAX, extra={CLASS_KEY: "L"}),
]


class LinkTransfers(Message, frozen=True, tag=_BASE + 3):
    """Several transfers, all or none; each is in one asset, an exchange is two of them.

    Every owner of a giving account signs the transaction, with its own mandate for this message.
    """

    signs: ClassVar[str] = "the owners of all giving accounts"
    observes: ClassVar[str] = "for each transfer both owners and the bank"
    remedy: ClassVar[str] = "accounts.LinkTransfers back, by the receivers"

    transfers: Links

    def validate_basic(self) -> None:
        """Refuse a transfer to the same account, and a sum out of range."""
        if any(link.from_account == link.to_account for link in self.transfers):
            raise SameAccount("from_account and to_account of a transfer are the same")
        if self.capped_amount_minor() > AMOUNT_MINOR_MAX:
            raise FieldInvalid("transfers", "their sum is out of the range of amounts")

    def capped_amount_minor(self) -> int:
        """Return the sum of all transfers, whoever gives."""
        return sum(link.amount_minor for link in self.transfers)


class SetBounds(Message, frozen=True, tag=_BASE + 4):
    """The owner of a deposit chooses what to keep on it at least and to hold at most.

    Bounds hold for transfers that somebody chooses; an obligation is performed and a bank's entry
    is booked whatever they say.
    """

    signs: ClassVar[str] = "the owner of the account"
    observes: ClassVar[str] = "the owner and the bank"
    remedy: ClassVar[str] = "accounts.SetBounds again"
    creates_obligation: ClassVar[bool] = False

    account: Id
    lower_minor: AmountMinor
    upper_minor: AmountMinor

    def validate_basic(self) -> None:
        """Refuse bounds that no balance fits."""
        if self.lower_minor > self.upper_minor:
            raise FieldInvalid("lower_minor", "it is above upper_minor")


class PendTransfer(Message, frozen=True, tag=_BASE + 5):
    """The owner of a deposit sets an amount aside for a receiver until the settler posts it."""

    signs: ClassVar[str] = "the owner of the giving account"
    observes: ClassVar[str] = "both owners, the settler and the bank"
    remedy: ClassVar[str] = "accounts.VoidTransfer by the settler or the receiver; else it expires"

    from_account: Id
    to_account: Id
    settler: Id
    """Who may post it: the giver itself, the receiver, or a third party that both trust."""
    amount_minor: PositiveMinor
    expires_at_ms: TimeMs

    def validate_basic(self) -> None:
        """Refuse a transfer to the same account."""
        if self.from_account == self.to_account:
            raise SameAccount("from_account and to_account are the same")

    def capped_amount_minor(self) -> int:
        """Return what is set aside."""
        return self.amount_minor


class PostTransfer(Message, frozen=True, tag=_BASE + 6):
    """The settler pays a pending transfer, in full or in part; the rest stays pending."""

    signs: ClassVar[str] = "the settler"
    observes: ClassVar[str] = "both owners, the settler and the bank"
    remedy: ClassVar[str] = "accounts.Transfer back, by the receiver"

    pending: Id
    amount_minor: PositiveMinor

    def capped_amount_minor(self) -> int:
        """Return what is paid."""
        return self.amount_minor


class VoidTransfer(Message, frozen=True, tag=_BASE + 7):
    """The settler or the receiver gives up what is left of a pending transfer."""

    signs: ClassVar[str] = "the settler, or the owner of the receiving account"
    observes: ClassVar[str] = "both owners, the settler and the bank"
    remedy: ClassVar[str] = "accounts.PendTransfer again, by the giver"
    creates_obligation: ClassVar[bool] = False

    pending: Id


class BookStatement(Message, frozen=True, tag=_BASE + 8):
    """A bank states what a mirrored account held at the end of a day, as its camt.053 closes.

    Where the ledger has another balance for that day, no deposit of this bank is created until the
    difference is mended.
    """

    is_kept_for: ClassVar[bool] = True
    signs: ClassVar[str] = "the bank whose books the account is in"
    observes: ClassVar[str] = "the account's owner and the bank"
    remedy: ClassVar[str] = "accounts.BookStatement again, or the missing accounts.BookEntry"
    creates_obligation: ClassVar[bool] = False

    bank_account: Hash
    statement_day: Day
    closing_minor: AmountMinor
    is_credit: Flag
    """False when the account is overdrawn by ``closing_minor``."""
    document_root: Hash

    @property
    def signed_minor(self) -> int:
        """The closing balance, negative when overdrawn."""
        return self.closing_minor if self.is_credit else -self.closing_minor


class ClosePeriod(Message, frozen=True, tag=_BASE + 9):
    """A party gives its word on its books of a month that is over."""

    signs: ClassVar[str] = "the party whose books they are"
    observes: ClassVar[str] = "the party"
    remedy: ClassVar[str] = "none: what is found later is booked in a later month"
    creates_obligation: ClassVar[bool] = False

    period: Count
    """Year × 100 + month."""
    as_of_height: Count
    trial_balance_hash: Hash

    def validate_basic(self) -> None:
        """Refuse what is no month."""
        year, month = divmod(self.period, 100)
        if not (_YEAR_MIN <= year <= _YEAR_MAX and 1 <= month <= _MONTHS_PER_YEAR):
            raise FieldInvalid("period", "year × 100 + month, such as 202612")
