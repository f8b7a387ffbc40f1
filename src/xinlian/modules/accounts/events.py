"""Events of the accounts module."""

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
    OptionalId,
    TimeMs,
)
from xinlian.contracts.message import Event
from xinlian.modules.accounts.types import MODULE_NO

_BASE = MODULE_NO * 256


class AccountOpened(Event, frozen=True, tag=_BASE + 1):
    """An account exists from now on."""

    account: Id
    owner: Id
    asset: Id
    account_class: Count
    mirrored: Flag
    asset_kind: Name
    issuer: Id
    currency: Currency
    scale: Count


class TransferPosted(Event, frozen=True, tag=_BASE + 2):
    """Value moved: ``debit_account`` received what ``credit_account`` gave."""

    asset: Id
    debit_account: Id
    credit_account: Id
    amount_minor: AmountMinor
    purpose: Id
    """The object the transfer is for: a leaf, an obligation, a pending transfer; an id of its own
    where its owner chose it; the mirrored account itself for a bank's entry. Between holders it is
    the EndToEndId that the bank's entries name."""
    reservation: OptionalId
    """The reservation it was paid from, empty where there was none."""


class ValueReserved(Event, frozen=True, tag=_BASE + 3):
    """Value was set aside on an account."""

    reservation: Id
    account: Id
    amount_minor: AmountMinor


class ReservationReleased(Event, frozen=True, tag=_BASE + 4):
    """What was left of a reservation is available again."""

    reservation: Id
    account: Id
    amount_minor: AmountMinor


class BankEntryAccepted(Event, frozen=True, tag=_BASE + 5):
    """A bank fact is on the ledger."""

    identity: Hash
    """Among the entries of all banks: ``bank_entry_id``, not what the bank named alone."""
    bank: Id
    account: OptionalId
    amount_minor: AmountMinor
    is_credit: Flag
    value_day: Day
    booking_day: Day
    end_to_end_id: OptionalId


class ReservationMoved(Event, frozen=True, tag=_BASE + 6):
    """A part of a reservation is set aside for something of its own from now on."""

    reservation: Id
    new_reservation: Id
    account: Id
    amount_minor: AmountMinor


class BoundsSet(Event, frozen=True, tag=_BASE + 7):
    """An account's owner chose what to keep on it at least and to hold at most."""

    account: Id
    lower_minor: AmountMinor
    upper_minor: AmountMinor


class TransferPended(Event, frozen=True, tag=_BASE + 8):
    """Value was set aside for a receiver."""

    pending: Id
    from_account: Id
    to_account: Id
    settler: Id
    amount_minor: AmountMinor
    expires_at_ms: TimeMs


class PendingPosted(Event, frozen=True, tag=_BASE + 9):
    """A part of a pending transfer, or all of it, was paid."""

    pending: Id
    amount_minor: AmountMinor
    left_minor: AmountMinor


class PendingClosed(Event, frozen=True, tag=_BASE + 10):
    """A pending transfer was posted, voided or expired; what was not paid went back."""

    pending: Id
    status: Count
    returned_minor: AmountMinor


class StatementBooked(Event, frozen=True, tag=_BASE + 11):
    """A bank stated what a mirrored account held at the end of a day."""

    account: Id
    bank: Id
    statement_day: Day
    closing_minor: Number
    ledger_minor: Number
    differs: Flag


class DifferenceResolved(Event, frozen=True, tag=_BASE + 12):
    """The ledger has what the bank stated: this account keeps no deposit from being created."""

    account: Id
    statement_day: Day


class PeriodClosed(Event, frozen=True, tag=_BASE + 13):
    """A party gave its word on its books of a month."""

    party: Id
    period: Count
    as_of_height: Count
    trial_balance_hash: Hash
