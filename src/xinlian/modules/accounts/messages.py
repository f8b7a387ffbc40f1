"""Messages of the accounts module."""

from typing import ClassVar

from xinlian.contracts.errors import FieldInvalid
from xinlian.contracts.fields import Day, Flag, Hash, Id, OptionalId, PositiveMinor
from xinlian.contracts.message import Message
from xinlian.modules.accounts.errors import SameAccount
from xinlian.modules.accounts.types import MODULE_NO
from xinlian.primitives import ID_BYTES

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

    signs: ClassVar[str] = "the bank whose books the account is in"
    observes: ClassVar[str] = "the account's owner and the bank"
    remedy: ClassVar[str] = "accounts.BookEntry with the bank's correcting entry"
    creates_obligation: ClassVar[bool] = False

    identity: Hash
    bank_account: Hash
    amount_minor: PositiveMinor
    is_credit: Flag
    value_day: Day
    end_to_end_id: OptionalId
    document_root: Hash

    def validate_basic(self) -> None:
        """Refuse a malformed payment order id."""
        if len(self.end_to_end_id) not in (0, ID_BYTES):
            raise FieldInvalid("end_to_end_id", "20 bytes or empty")

    def capped_amount_minor(self) -> int:
        """Return the booked amount."""
        return self.amount_minor
