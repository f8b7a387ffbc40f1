"""Assets, accounts, bounds, reservations, pending transfers, bank entries, statements, closings.

Rules this file keeps:
 1. The unit of conservation is the asset (kind, issuer, currency, scale).
 2. Dr receives, Cr gives: a balance is debits minus credits; only an issue account may be negative.
 3. A reservation holds value on the giving side until it is paid out or released.
 4. A transfer that its owner chose is unbooked on a mirrored account until the bank books it.
 5. A pending transfer is pending, then posted, voided or expired, for good.
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
    Name,
    Number,
    OptionalHash,
    OptionalId,
    TimeMs,
)
from xinlian.crypto.hashing import HASH_BYTES, Domain, tagged_hash
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record
from xinlian.primitives import ID_BYTES, AccountId, AssetId

MODULE_NO: Final = 4
CNY_SCALE: Final = 2


class AssetKind(enum.StrEnum):
    """What an asset is a claim on."""

    DEPOSIT = "deposit"
    CLAIM = "claim"
    INTEREST = "interest"
    LOAN = "loan"


class AccountClass(enum.IntEnum):
    """What an account is for."""

    ISSUE = 1
    """The issuer's side: its balance is minus what circulates."""
    HOLDER = 2


class PendingStatus(enum.IntEnum):
    """The life of a pending transfer."""

    PENDING = 1
    POSTED = 2
    """All of it was paid."""
    VOIDED = 3
    """What was not paid went back by a message."""
    EXPIRED = 4
    """What was not paid went back because its time was up."""


class Asset(Record, frozen=True):
    """A unit of value."""

    kind: Name
    issuer: Id
    currency: Currency
    scale: Count


class Account(Record, frozen=True):
    """An account of one owner in one asset."""

    account_class: Count
    owner: Id
    asset: Id
    number: Count
    mirrored: Flag
    bank_account: OptionalHash
    """Commitment to the account number at the bank, empty where there is none."""
    debits_minor: AmountMinor
    credits_minor: AmountMinor
    reserved_minor: AmountMinor
    bounded: Flag
    """Whether its owner or genesis set bounds; they are in a record of their own."""
    moved_day: Day
    """The last day on which a mirrored account moved by its bank's books, 0 before the first."""
    day_opening_minor: Number
    """What a mirrored account held when that day began."""
    unbooked_in_minor: AmountMinor = 0
    """What chosen transfers brought to a mirrored account and its bank has yet to book."""
    unbooked_out_minor: AmountMinor = 0
    """What they took from it and its bank has yet to book."""

    @property
    def balance_minor(self) -> int:
        """Debits minus credits; reserved value is still in it."""
        return self.debits_minor - self.credits_minor

    @property
    def available_minor(self) -> int:
        """What may be given: the balance without what is reserved."""
        return self.debits_minor - self.credits_minor - self.reserved_minor


class Reservation(Record, frozen=True):
    """Value set aside on an account."""

    account: Id
    left_minor: AmountMinor
    purpose: Id


class AccountBounds(Record, frozen=True):
    """What an account's owner chose to keep on it at least, and to hold at most."""

    lower_minor: AmountMinor
    upper_minor: AmountMinor


class PendingTransfer(Record, frozen=True):
    """Value that is set aside for a receiver until a settler posts it, or it goes back."""

    from_account: Id
    to_account: Id
    settler: Id
    """The party that posts it."""
    amount_minor: AmountMinor
    posted_minor: AmountMinor
    expires_at_ms: TimeMs
    status: Count

    @property
    def left_minor(self) -> int:
        """What may still be posted while it is pending."""
        return self.amount_minor - self.posted_minor


class DayMovement(Record, frozen=True):
    """By how much a mirrored account changed on a day that is over."""

    net_minor: Number


class BankStatement(Record, frozen=True):
    """The latest closing balance that a bank stated for a mirrored account."""

    statement_day: Day
    closing_minor: Number
    ledger_minor: Number
    """What the ledger had for the end of that day when the statement was booked."""
    document_root: Hash


class Difference(Record, frozen=True):
    """A stated closing balance that the ledger does not have: no deposit is created meanwhile."""

    statement_day: Day
    closing_minor: Number


class PeriodClose(Record, frozen=True):
    """A party's word on its books of a month."""

    as_of_height: Count
    """The last height of the month, up to which the books were drawn up."""
    trial_balance_hash: Hash
    """SHA-256 of the trial balance as it is exported."""
    closed_at_ms: TimeMs


class BankRoute(Record, frozen=True):
    """An account at a bank, by its commitment: whose it is, and what mirrors it."""

    owner: Id
    bank: Id
    account: OptionalId
    """The ledger account that mirrors it, empty where none does."""


class BankEntry(Record, frozen=True):
    """An identified entry of a bank's books."""

    bank: Id
    account: OptionalId
    bank_account: Hash
    amount_minor: AmountMinor
    is_credit: Flag
    value_day: Day
    booking_day: Day
    end_to_end_id: OptionalId
    document_root: Hash


ASSETS: Final = Collection(MODULE_NO, 1, Asset, (ID_BYTES,))
ACCOUNTS: Final = Collection(MODULE_NO, 2, Account, (ID_BYTES,))
RESERVATIONS: Final = Collection(MODULE_NO, 3, Reservation, (ID_BYTES,))
BANK_ENTRIES: Final = Collection(MODULE_NO, 4, BankEntry, (ID_BYTES, HASH_BYTES))
BANK_ROUTES: Final = Collection(MODULE_NO, 5, BankRoute, (HASH_BYTES,))
BOUNDS: Final = Collection(MODULE_NO, 6, AccountBounds, (ID_BYTES,))
PENDING: Final = Collection(MODULE_NO, 7, PendingTransfer, (ID_BYTES,))
MOVEMENTS: Final = Collection(MODULE_NO, 8, DayMovement, (ID_BYTES, INTEGER_KEY_BYTES))
STATEMENTS: Final = Collection(MODULE_NO, 9, BankStatement, (ID_BYTES,))
DIFFERENCES: Final = Collection(MODULE_NO, 10, Difference, (ID_BYTES, ID_BYTES))
PERIODS: Final = Collection(MODULE_NO, 11, PeriodClose, (ID_BYTES, INTEGER_KEY_BYTES))


def asset_id(kind: AssetKind, issuer: bytes, currency: str, scale: int) -> AssetId:
    """Return the id of an asset."""
    return AssetId(
        tagged_hash(
            Domain.ASSET_ID,
            kind.value.encode("ascii"),
            issuer,
            currency.encode("ascii"),
            scale.to_bytes(1, "big"),
        )[:ID_BYTES],
    )


def account_id(owner: bytes, asset: bytes, number: int = 0) -> AccountId:
    """Return the id of an owner's account in an asset; one owner may number several."""
    return AccountId(
        tagged_hash(Domain.ACCOUNT_ID, owner, asset, number.to_bytes(4, "big"))[:ID_BYTES],
    )


def bank_account_commitment(bank: bytes, account_number: str) -> bytes:
    """Return how an organisation's account number at a bank appears on the ledger."""
    return tagged_hash(Domain.BANK_ACCOUNT, bank, account_number.encode("utf-8"))


def bank_entry_identity(bank: bytes, bank_account: bytes, servicer_reference: str) -> bytes:
    """Return the identity of a bank entry: (servicer, account, AcctSvcrRef), accepted once.

    A bank names it; nothing on the ledger can check the reference, so it counts for that bank only.
    """
    return tagged_hash(
        Domain.BANK_ENTRY,
        bank,
        bank_account,
        servicer_reference.encode("utf-8"),
    )


def bank_entry_id(bank: bytes, identity: bytes) -> bytes:
    """Return the id of an entry among those of all banks, whatever identity its bank gave it."""
    return tagged_hash(Domain.BANK_ENTRY, bank, identity)
