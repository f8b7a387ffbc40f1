"""What accounts asks of the modules above it."""

from typing import Protocol

from xinlian.contracts.context import Context


class CreditListener(Protocol):
    """Is told when value arrives on an account, so that what waits for it can be performed."""

    def on_credit(self, context: Context, account: bytes) -> None:
        """Queue what waits for this account."""


class OrderListener(Protocol):
    """Knows the payment orders that banks execute."""

    def on_executed(
        self,
        context: Context,
        order: bytes,
        bank: bytes,
        account: bytes,
        amount_minor: int,
        value_day: int,
        booking_day: int,
    ) -> bool:
        """Discharge what an order is for; return False when it does not fit the entry."""

    def is_order(self, context: Context, named: bytes) -> bool:
        """Return whether an EndToEndId is that of a payment order, open or not."""


class EntryListener(Protocol):
    """Is told of every other bank entry that names something by its EndToEndId."""

    def on_named(
        self,
        context: Context,
        named: bytes,
        owner: bytes,
        account: bytes,
        amount_minor: int,
        value_day: int,
        booking_day: int,
        *,
        is_credit: bool,
    ) -> bool:
        """Discharge what the entry names; return False where that is nothing of the listener's."""


ONLY: int = 0
"""The number of a port that has one implementation."""
