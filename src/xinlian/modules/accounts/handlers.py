"""Handlers of the accounts module."""

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.modules.accounts import events
from xinlian.modules.accounts.errors import (
    DuplicateBankEntry,
    NotAccountOwner,
    NotIssuer,
    NotTransferable,
    UnknownAccount,
    UnmatchedBankEntry,
)
from xinlian.modules.accounts.keeper import post, require_account
from xinlian.modules.accounts.messages import BookEntry, Transfer
from xinlian.modules.accounts.ports import ONLY, OrderListener
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    ASSETS,
    BANK_ENTRIES,
    BANK_ROUTES,
    RESERVATIONS,
    AccountClass,
    AssetKind,
    BankEntry,
    account_id,
)


def transfer(context: Context, message: Transfer) -> None:
    """Pay from one deposit account to another of the same bank."""
    # AUTHORISE
    giving = require_account(context.state, message.from_account)
    if giving.owner != context.acting_for:
        raise NotAccountOwner(message.from_account.hex())
    # VALIDATE
    if ASSETS.require(context.state, giving.asset).kind != AssetKind.DEPOSIT:
        raise NotTransferable(giving.asset.hex())
    receiving = require_account(context.state, message.to_account)
    if AccountClass.ISSUE in (giving.account_class, receiving.account_class):
        raise NotTransferable("deposit comes and goes with a bank entry alone")
    # WRITE and EMIT
    post(
        context,
        message.to_account,
        message.from_account,
        message.amount_minor,
        message.to_account,
    )


def book_entry(context: Context, message: BookEntry) -> None:
    """Accept a bank fact; move deposit money, or discharge what its order is for."""
    # AUTHORISE
    route = BANK_ROUTES.get(context.state, message.bank_account)
    if route is None:
        raise UnknownAccount(message.bank_account.hex())
    if route.bank != context.acting_for:
        raise NotIssuer(route.bank.hex())
    # VALIDATE
    if BANK_ENTRIES.get(context.state, message.identity) is not None:
        raise DuplicateBankEntry(message.identity.hex())
    # COMPUTE
    mirrored = route.account or None
    # WRITE
    BANK_ENTRIES.put(
        context.state,
        BankEntry(
            bank=context.acting_for,
            account=mirrored or b"",
            bank_account=message.bank_account,
            amount_minor=message.amount_minor,
            is_credit=message.is_credit,
            value_day=message.value_day,
            end_to_end_id=message.end_to_end_id,
            document_root=message.document_root,
        ),
        message.identity,
    )
    _settle(context, message, mirrored)
    # EMIT
    context.emit(
        events.BankEntryAccepted(
            message.identity,
            context.acting_for,
            mirrored or b"",
            message.amount_minor,
            message.is_credit,
            message.value_day,
            message.end_to_end_id,
        ),
    )


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(ASSETS, ACCOUNTS, RESERVATIONS, BANK_ENTRIES, BANK_ROUTES)
    registry.add_message(Transfer, transfer)
    registry.add_message(BookEntry, book_entry)
    registry.add_events(
        events.AccountOpened,
        events.TransferPosted,
        events.ValueReserved,
        events.ReservationReleased,
        events.ReservationMoved,
        events.BankEntryAccepted,
    )


def _settle(context: Context, message: BookEntry, mirrored: bytes | None) -> None:
    """Give the entry its effect: an order's discharge, or deposit created or removed."""
    if message.end_to_end_id:
        orders = context.ports.require(OrderListener, ONLY)
        if mirrored is not None and not message.is_credit:
            fits = orders.on_executed(
                context,
                message.end_to_end_id,
                context.acting_for,
                mirrored,
                message.amount_minor,
                message.value_day,
            )
            if not fits:
                raise UnmatchedBankEntry(message.end_to_end_id.hex())
        return
    if mirrored is None:
        return
    account = ACCOUNTS.require(context.state, mirrored)
    issue = account_id(context.acting_for, account.asset)
    debit, credit = (mirrored, issue) if message.is_credit else (issue, mirrored)
    post(context, debit, credit, message.amount_minor, mirrored)
