"""What must hold at every height for value; each returns what it found broken, in words."""

from collections import defaultdict
from collections.abc import Iterator

from xinlian.ledger.ports import StateView
from xinlian.modules.accounts.keeper import balance_at_end_of
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    BOUNDS,
    DIFFERENCES,
    PENDING,
    RESERVATIONS,
    AccountClass,
    PendingStatus,
)


def value_is_conserved(state: StateView) -> Iterator[str]:
    """The balances of each asset sum to zero; no holder is below zero."""
    totals: dict[bytes, int] = defaultdict(int)
    for (account_id,), account in ACCOUNTS.scan(state):
        totals[account.asset] += account.balance_minor
        if account.account_class == AccountClass.HOLDER and account.available_minor < 0:
            yield f"account {account_id.hex()} has {account.available_minor} available"
    for asset, total_minor in totals.items():
        if total_minor:
            yield f"asset {asset.hex()} sums to {total_minor}"


def reservations_are_covered(state: StateView) -> Iterator[str]:
    """What accounts have reserved is what their reservations hold."""
    reserved: dict[bytes, int] = defaultdict(int)
    for _, reservation in RESERVATIONS.scan(state):
        reserved[reservation.account] += reservation.left_minor
    for (account_id,), account in ACCOUNTS.scan(state):
        if account.reserved_minor != reserved[account_id]:
            yield f"account {account_id.hex()} reserves {account.reserved_minor}"


def pending_is_set_aside(state: StateView) -> Iterator[str]:
    """What is pending is reserved on the giver's account; what has ended reserves nothing."""
    for (pending_id,), pending in PENDING.scan(state):
        reservation = RESERVATIONS.get(state, pending_id)
        held_minor = 0 if reservation is None else reservation.left_minor
        is_pending = pending.status == PendingStatus.PENDING
        if held_minor != (pending.left_minor if is_pending else 0):
            yield f"pending transfer {pending_id.hex()} has {held_minor} set aside"
        if reservation is not None and reservation.account != pending.from_account:
            yield f"pending transfer {pending_id.hex()} is set aside on another account"


def bounds_are_where_accounts_say(state: StateView) -> Iterator[str]:
    """An account says that it is bounded exactly where its bounds are."""
    for (account_id,), account in ACCOUNTS.scan(state):
        if account.bounded != (BOUNDS.get(state, account_id) is not None):
            yield f"account {account_id.hex()} and its bounds disagree"


def differences_are_real(state: StateView) -> Iterator[str]:
    """A difference stands only while the ledger has another balance than was stated."""
    for (_, account_id), difference in DIFFERENCES.scan(state):
        ledger_minor = balance_at_end_of(state, account_id, difference.statement_day)
        if ledger_minor == difference.closing_minor:
            yield f"account {account_id.hex()} has no difference any more"


def unbooked_is_of_mirrored_accounts(state: StateView) -> Iterator[str]:
    """Only a mirrored account waits for its bank, for no more than has ever moved on it."""
    for (account_id,), account in ACCOUNTS.scan(state):
        is_possible = (
            0 <= account.unbooked_in_minor <= account.debits_minor
            and 0 <= account.unbooked_out_minor <= account.credits_minor
        )
        is_waiting = account.unbooked_in_minor or account.unbooked_out_minor
        if not is_possible or (is_waiting and not account.mirrored):
            yield f"account {account_id.hex()} waits for bookings that cannot come"


INVARIANTS = (
    value_is_conserved,
    reservations_are_covered,
    pending_is_set_aside,
    bounds_are_where_accounts_say,
    differences_are_real,
    unbooked_is_of_mirrored_accounts,
)
