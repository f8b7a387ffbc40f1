"""Handlers of the accounts module: closings here, the others beside; and the registration."""

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.ledger.records import integer_part
from xinlian.modules.accounts import events
from xinlian.modules.accounts.errors import PeriodInvalid
from xinlian.modules.accounts.messages import (
    BookEntry,
    BookStatement,
    ClosePeriod,
    LinkTransfers,
    PendTransfer,
    PostTransfer,
    SetBounds,
    Transfer,
    VoidTransfer,
)
from xinlian.modules.accounts.pending import (
    EXPIRY_HANDLER,
    expire_transfer,
    pend_transfer,
    post_transfer,
    void_transfer,
)
from xinlian.modules.accounts.reconciliation import book_entry, book_statement
from xinlian.modules.accounts.transfers import link_transfers, set_bounds, transfer
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    ASSETS,
    BANK_ENTRIES,
    BANK_ROUTES,
    BOUNDS,
    DIFFERENCES,
    MOVEMENTS,
    PENDING,
    PERIODS,
    RESERVATIONS,
    STATEMENTS,
    PeriodClose,
)
from xinlian.primitives.time import add_months, china_midnight_ms, day_of_date


def close_period(context: Context, message: ClosePeriod) -> None:
    """Record a party's word on its books of a month that is over."""
    # VALIDATE
    year, month = divmod(message.period, 100)
    ends_at_ms = china_midnight_ms(add_months(day_of_date(year, month, 1), 1))
    if context.time_ms < ends_at_ms or message.as_of_height >= context.height:
        raise PeriodInvalid("the month, or its last height, is still to come")
    part = integer_part(message.period)
    after = (integer_part(message.period - 1),)
    for _ in PERIODS.scan(context.state, context.acting_for, after=after):
        raise PeriodInvalid("this month or a later one is closed")
    # WRITE
    PERIODS.put(
        context.state,
        PeriodClose(message.as_of_height, message.trial_balance_hash, context.time_ms),
        context.acting_for,
        part,
    )
    # EMIT
    context.emit(
        events.PeriodClosed(
            context.acting_for,
            message.period,
            message.as_of_height,
            message.trial_balance_hash,
        ),
    )


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(ASSETS, ACCOUNTS, RESERVATIONS, BANK_ENTRIES, BANK_ROUTES)
    registry.add_collections(BOUNDS, PENDING, MOVEMENTS, STATEMENTS, DIFFERENCES, PERIODS)
    registry.add_message(Transfer, transfer)
    registry.add_message(BookEntry, book_entry)
    registry.add_message(LinkTransfers, link_transfers)
    registry.add_message(SetBounds, set_bounds)
    registry.add_message(PendTransfer, pend_transfer)
    registry.add_message(PostTransfer, post_transfer)
    registry.add_message(VoidTransfer, void_transfer)
    registry.add_message(BookStatement, book_statement)
    registry.add_message(ClosePeriod, close_period)
    registry.add_scheduled(EXPIRY_HANDLER, expire_transfer)
    registry.add_events(
        events.AccountOpened,
        events.TransferPosted,
        events.ValueReserved,
        events.ReservationReleased,
        events.ReservationMoved,
        events.BankEntryAccepted,
        events.BoundsSet,
        events.TransferPended,
        events.PendingPosted,
        events.PendingClosed,
        events.StatementBooked,
        events.DifferenceResolved,
        events.PeriodClosed,
    )
