"""What must hold at every height for value; each returns what it found broken, in words."""

from collections import defaultdict
from collections.abc import Iterator

from xinlian.ledger.ports import StateView
from xinlian.modules.accounts.types import ACCOUNTS, RESERVATIONS, AccountClass


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


INVARIANTS = (value_is_conserved, reservations_are_covered)
