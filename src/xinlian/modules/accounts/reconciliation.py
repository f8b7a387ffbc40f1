"""Bank entries and statements: the mirror is compared with the bank's books, day by day.

Rules this file keeps:
 1. A bank entry is identified by its bank and accepted once; no bank can occupy another's identity.
 2. An entry that names a transfer which an owner chose matches what is unbooked on that account and
    adds nothing, so far as that goes; an unnamed entry was not born on the ledger: it enters once,
    as creation or removal.
 3. A stated closing balance is compared with what the ledger has for the end of that day, by the
    days of the bank's books: an entry counts for its booking day, whatever its value day.
 4. While a statement of any account differs, no deposit of that bank is created, but for entries
    that lessen the difference of the account that they are booked on.
 5. A difference ends when the ledger has the stated balance, or with a later statement that agrees.
"""

from typing import Final

from xinlian.contracts.context import Context
from xinlian.modules.accounts import events
from xinlian.modules.accounts.errors import (
    BookingDayInvalid,
    DepositUnreconciled,
    DuplicateBankEntry,
    NotIssuer,
    NotMirrored,
    StatementDayInvalid,
    UnknownAccount,
    UnmatchedBankEntry,
)
from xinlian.modules.accounts.keeper import balance_at_end_of, match_booked, post
from xinlian.modules.accounts.messages import BookEntry, BookStatement
from xinlian.modules.accounts.ports import ONLY, EntryListener, OrderListener
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    BANK_ENTRIES,
    BANK_ROUTES,
    DIFFERENCES,
    MOVEMENTS,
    STATEMENTS,
    BankEntry,
    BankRoute,
    BankStatement,
    Difference,
    account_id,
    bank_entry_id,
)
from xinlian.primitives.time import china_day

FORGOTTEN_MAX: Final = 400
"""How many days' movements one statement forgets at most."""


def book_entry(context: Context, message: BookEntry) -> None:
    """Accept a bank fact; move deposit money, or discharge what its order is for."""
    # AUTHORISE
    route = _require_route(context, message.bank_account)
    # VALIDATE
    if BANK_ENTRIES.get(context.state, context.acting_for, message.identity) is not None:
        raise DuplicateBankEntry(message.identity.hex())
    if message.booking_day > china_day(context.time_ms):
        raise BookingDayInvalid(str(message.booking_day))
    mirrored = route.account
    if mirrored and message.is_credit and not message.end_to_end_id:
        require_creatable(context, mirrored, message.amount_minor, message.booking_day)
    # WRITE: its effect first, for what its order is for may still refuse it
    _settle(context, message, mirrored)
    BANK_ENTRIES.put(
        context.state,
        BankEntry(
            bank=context.acting_for,
            account=mirrored,
            bank_account=message.bank_account,
            amount_minor=message.amount_minor,
            is_credit=message.is_credit,
            value_day=message.value_day,
            booking_day=message.booking_day,
            end_to_end_id=message.end_to_end_id,
            document_root=message.document_root,
        ),
        context.acting_for,
        message.identity,
    )
    # EMIT
    context.emit(
        events.BankEntryAccepted(
            bank_entry_id(context.acting_for, message.identity),
            context.acting_for,
            mirrored,
            message.amount_minor,
            message.is_credit,
            message.value_day,
            message.booking_day,
            message.end_to_end_id,
        ),
    )
    if mirrored:
        _end_difference_if_mended(context, mirrored)


def book_statement(context: Context, message: BookStatement) -> None:
    """Compare a bank's closing balance with the ledger's for the end of that day."""
    # AUTHORISE
    route = _require_route(context, message.bank_account)
    # VALIDATE
    if not route.account:
        raise NotMirrored(message.bank_account.hex())
    latest = STATEMENTS.get(context.state, route.account)
    earliest_day = 0 if latest is None else latest.statement_day
    if not earliest_day <= message.statement_day < china_day(context.time_ms):
        raise StatementDayInvalid(str(message.statement_day))
    # COMPUTE
    account = ACCOUNTS.require(context.state, route.account)
    ledger_minor = balance_at_end_of(context.state, route.account, message.statement_day)
    differs = ledger_minor != message.signed_minor
    known = DIFFERENCES.get(context.state, account.asset, route.account)
    # WRITE
    STATEMENTS.put(
        context.state,
        BankStatement(
            statement_day=message.statement_day,
            closing_minor=message.signed_minor,
            ledger_minor=ledger_minor,
            document_root=message.document_root,
        ),
        route.account,
    )
    _forget_movements(context, route.account, message.statement_day)
    if differs:
        difference = Difference(message.statement_day, message.signed_minor)
        DIFFERENCES.put(context.state, difference, account.asset, route.account)
    else:
        DIFFERENCES.delete(context.state, account.asset, route.account)
    # EMIT
    context.emit(
        events.StatementBooked(
            route.account,
            context.acting_for,
            message.statement_day,
            message.signed_minor,
            ledger_minor,
            differs,
        ),
    )
    if known is not None and not differs:
        context.emit(events.DifferenceResolved(route.account, message.statement_day))


def _require_route(context: Context, bank_account: bytes) -> BankRoute:
    route = BANK_ROUTES.get(context.state, bank_account)
    if route is None:
        raise UnknownAccount(bank_account.hex())
    if route.bank != context.acting_for:
        raise NotIssuer(route.bank.hex())
    return route


def _settle(context: Context, message: BookEntry, mirrored: bytes) -> None:
    """Give the entry its effect: an order's discharge, or deposit created or removed."""
    if message.end_to_end_id:
        orders = context.ports.require(OrderListener, ONLY)
        if mirrored and not message.is_credit:
            fits = orders.on_executed(
                context,
                message.end_to_end_id,
                context.acting_for,
                mirrored,
                message.amount_minor,
                message.value_day,
                message.booking_day,
            )
            is_order = fits or orders.is_order(context, message.end_to_end_id)
            if not fits and (
                is_order
                or not match_booked(
                    context, mirrored, message.amount_minor, is_credit=message.is_credit
                )
            ):
                raise UnmatchedBankEntry(message.end_to_end_id.hex())
            return
        is_known = context.ports.require(EntryListener, ONLY).on_named(
            context,
            message.end_to_end_id,
            BANK_ROUTES.require(context.state, message.bank_account).owner,
            mirrored,
            message.amount_minor,
            message.value_day,
            message.booking_day,
            is_credit=message.is_credit,
        )
        if mirrored and not is_known:
            match_booked(context, mirrored, message.amount_minor, is_credit=message.is_credit)
        return
    if not mirrored:
        return
    account = ACCOUNTS.require(context.state, mirrored)
    issue = account_id(context.acting_for, account.asset)
    debit, credit = (mirrored, issue) if message.is_credit else (issue, mirrored)
    post(
        context,
        debit,
        credit,
        message.amount_minor,
        mirrored,
        booked_day=message.booking_day,
    )


def require_creatable(context: Context, account: bytes, amount_minor: int, day: int) -> None:
    """Refuse to create deposit while a difference is open, unless this lessens it.

    Args:
        context: the call.
        account: the mirrored account that would receive it.
        amount_minor: what would be created.
        day: the day in the bank's books.

    Raises:
        DepositUnreconciled: with an account whose statement differs.
    """
    asset = ACCOUNTS.require(context.state, account).asset
    own = DIFFERENCES.get(context.state, asset, account)
    if own is not None and day <= own.statement_day:
        ledger_minor = balance_at_end_of(context.state, account, own.statement_day)
        if ledger_minor + amount_minor <= own.closing_minor:
            return
    for (_, differing), _ in DIFFERENCES.scan(context.state, asset):
        raise DepositUnreconciled(differing.hex())


def _end_difference_if_mended(context: Context, account: bytes) -> None:
    asset = ACCOUNTS.require(context.state, account).asset
    found = DIFFERENCES.get(context.state, asset, account)
    if found is None:
        return
    if balance_at_end_of(context.state, account, found.statement_day) == found.closing_minor:
        DIFFERENCES.delete(context.state, asset, account)
        context.emit(events.DifferenceResolved(account, found.statement_day))


def _forget_movements(context: Context, account: bytes, day: int) -> None:
    """Drop the movements of days that no later statement can ask about."""
    old: list[bytes] = []
    for (_, over), _ in MOVEMENTS.scan(context.state, account):
        if int.from_bytes(over, "big") > day or len(old) == FORGOTTEN_MAX:
            break
        old.append(over)
    for over in old:
        MOVEMENTS.delete(context.state, account, over)
