"""The only code that writes balances.

Rules this file keeps:
 1. Every movement is one debit and one credit of the same amount in one asset: sums are conserved
    by construction, not by each contract.
 2. A holder's account never gives more than is available; reserved value is not available.
 3. Claims move by the certificate keeper's call alone; deposits by their owner or their bank.
 4. Bounds hold for movements that somebody chooses: they never keep an obligation from being
    performed, nor a bank's entry from being booked.
 5. What an owner chose to give between mirrored accounts is unbooked until the bank's entries match
    it; what the ledger pays for an obligation, its terms count.
 6. A mirrored account can be read as of the end of a day, by the days of its bank's books.
"""

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState, integer_part
from xinlian.modules.accounts import events
from xinlian.modules.accounts.errors import (
    AboveUpperBound,
    BalanceTooLarge,
    BelowLowerBound,
    InsufficientBalance,
    MixedAssets,
    UnknownAccount,
)
from xinlian.modules.accounts.ports import ONLY, CreditListener
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    ASSETS,
    BOUNDS,
    MOVEMENTS,
    RESERVATIONS,
    Account,
    AccountBounds,
    AccountClass,
    Asset,
    AssetKind,
    DayMovement,
    Reservation,
    account_id,
    asset_id,
)
from xinlian.primitives import AMOUNT_MINOR_MAX, AccountId, AssetId, InvariantViolation
from xinlian.primitives.time import china_day

Side = tuple[bytes, Account]
"""An account's id, and its record as it is now."""


def create_asset(
    state: WritableState,
    kind: AssetKind,
    issuer: bytes,
    currency: str,
    scale: int,
) -> AssetId:
    """Write an asset if it is new; return its id."""
    asset = asset_id(kind, issuer, currency, scale)
    if ASSETS.get(state, asset) is None:
        ASSETS.put(state, Asset(kind.value, issuer, currency, scale), asset)
    return asset


def new_account(
    owner: bytes,
    asset: bytes,
    account_class: AccountClass,
    *,
    number: int = 0,
    mirrored: bool = False,
    bank_account: bytes = b"",
) -> Account:
    """Return an empty account."""
    return Account(
        account_class=account_class,
        owner=owner,
        asset=asset,
        number=number,
        mirrored=mirrored,
        bank_account=bank_account,
        debits_minor=0,
        credits_minor=0,
        reserved_minor=0,
        bounded=False,
        moved_day=0,
        day_opening_minor=0,
    )


def open_account(
    context: Context,
    owner: bytes,
    asset: bytes,
    account_class: AccountClass = AccountClass.HOLDER,
) -> AccountId:
    """Return the owner's account in an asset, opening it when it is missing."""
    account = account_id(owner, asset)
    if ACCOUNTS.get(context.state, account) is None:
        ACCOUNTS.put(context.state, new_account(owner, asset, account_class), account)
        found = ASSETS.require(context.state, asset)
        context.emit(
            events.AccountOpened(
                account,
                owner,
                asset,
                account_class,
                mirrored=False,
                asset_kind=found.kind,
                issuer=found.issuer,
                currency=found.currency,
                scale=found.scale,
            ),
        )
    return account


def require_account(state: StateView, account: bytes) -> Account:
    """Return an account; raises UnknownAccount."""
    found = ACCOUNTS.get(state, account)
    if found is None:
        raise UnknownAccount(account.hex())
    return found


def post(
    context: Context,
    debit: bytes,
    credit: bytes,
    amount_minor: int,
    purpose: bytes,
    *,
    booked_day: int | None = None,
) -> None:
    """Move an amount from the credit account to the debit account, whatever their bounds.

    Args:
        context: the call.
        debit: the account that receives.
        credit: the account that gives.
        amount_minor: what moves.
        purpose: the object that it is for.
        booked_day: the day in the bank's books, at most today; today without one.

    Raises:
        UnknownAccount: one of them does not exist.
        MixedAssets: they are in different assets.
        InsufficientBalance: the giving account has less available.
        BalanceTooLarge: a side would leave the range of amounts.
    """
    receiver = (debit, require_account(context.state, debit))
    giver = (credit, require_account(context.state, credit))
    post_between(context, receiver, giver, amount_minor, purpose, booked_day=booked_day)


def require_lower_bound(state: StateView, giver: Side, amount_minor: int) -> None:
    """Refuse a chosen giving after which less than its lower bound would be available.

    Raises:
        BelowLowerBound: the owner chose to keep more.
    """
    credit, giving = giver
    if giving.bounded:
        lower_minor = BOUNDS.require(state, credit).lower_minor
        if lower_minor and giving.available_minor - amount_minor < lower_minor:
            raise BelowLowerBound(credit.hex())


def require_upper_bound(state: StateView, receiver: Side, amount_minor: int) -> None:
    """Refuse a chosen receiving after which an account would hold more than its upper bound.

    Raises:
        AboveUpperBound: the owner chose to hold less.
    """
    debit, receiving = receiver
    if receiving.bounded:
        upper_minor = BOUNDS.require(state, debit).upper_minor
        if receiving.balance_minor + amount_minor > upper_minor:
            raise AboveUpperBound(debit.hex())


def set_bounds(
    state: WritableState,
    account: bytes,
    lower_minor: int,
    upper_minor: int,
) -> None:
    """Write the bounds of an account, or remove them where they bound nothing."""
    found = require_account(state, account)
    bounded = (lower_minor, upper_minor) != (0, AMOUNT_MINOR_MAX)
    if bounded:
        BOUNDS.put(state, AccountBounds(lower_minor, upper_minor), account)
    else:
        BOUNDS.delete(state, account)
    ACCOUNTS.put(state, msgspec.structs.replace(found, bounded=bounded), account)


def balance_at_end_of(state: StateView, account: bytes, day: int) -> int:
    """Return what a mirrored account held at the end of a day, by its bank's books.

    Exact for the day of the latest statement and later ones: what came before it is forgotten.
    """
    found = require_account(state, account)
    if day >= found.moved_day:
        return found.balance_minor
    later_minor = sum(
        movement.net_minor
        for _, movement in MOVEMENTS.scan(state, account, after=(integer_part(day),))
    )
    return found.day_opening_minor - later_minor


def reserve(context: Context, account: bytes, amount_minor: int, reservation: bytes) -> None:
    """Set an amount aside; raises InsufficientBalance."""
    found = require_account(context.state, account)
    if found.available_minor < amount_minor:
        raise InsufficientBalance(account, found.available_minor, amount_minor)
    ACCOUNTS.put(
        context.state,
        msgspec.structs.replace(found, reserved_minor=found.reserved_minor + amount_minor),
        account,
    )
    RESERVATIONS.put(
        context.state,
        Reservation(account, amount_minor, reservation),
        reservation,
    )
    context.emit(events.ValueReserved(reservation, account, amount_minor))


def pay_reserved(
    context: Context,
    reservation: bytes,
    debit: bytes,
    amount_minor: int,
    purpose: bytes,
    *,
    booked_day: int | None = None,
    is_chosen: bool = False,
) -> None:
    """Pay an amount out of a reservation; it is removed when nothing is left."""
    found = RESERVATIONS.require(context.state, reservation)
    if amount_minor > found.left_minor:
        raise InvariantViolation("reservation_covers_payment", reservation.hex())
    post_between(
        context,
        (debit, require_account(context.state, debit)),
        (found.account, require_account(context.state, found.account)),
        amount_minor,
        purpose,
        reservation=reservation,
        booked_day=booked_day,
        is_chosen=is_chosen,
    )
    left_minor = found.left_minor - amount_minor
    if left_minor:
        RESERVATIONS.put(
            context.state,
            msgspec.structs.replace(found, left_minor=left_minor),
            reservation,
        )
    else:
        RESERVATIONS.delete(context.state, reservation)


def move_reserved(
    context: Context,
    reservation: bytes,
    new_reservation: bytes,
    amount_minor: int,
) -> None:
    """Split an amount off a reservation; the account keeps the same total set aside."""
    found = RESERVATIONS.require(context.state, reservation)
    left_minor = found.left_minor - amount_minor
    if left_minor < 0:
        raise InvariantViolation("reservation_covers_payment", reservation.hex())
    RESERVATIONS.put(
        context.state,
        Reservation(found.account, amount_minor, new_reservation),
        new_reservation,
    )
    if left_minor:
        RESERVATIONS.put(
            context.state,
            msgspec.structs.replace(found, left_minor=left_minor),
            reservation,
        )
    else:
        RESERVATIONS.delete(context.state, reservation)
    context.emit(
        events.ReservationMoved(reservation, new_reservation, found.account, amount_minor),
    )


def release(context: Context, reservation: bytes) -> None:
    """Make what is left of a reservation available again."""
    found = RESERVATIONS.get(context.state, reservation)
    if found is None:
        return
    account = ACCOUNTS.require(context.state, found.account)
    ACCOUNTS.put(
        context.state,
        msgspec.structs.replace(
            account,
            reserved_minor=account.reserved_minor - found.left_minor,
        ),
        found.account,
    )
    RESERVATIONS.delete(context.state, reservation)
    context.emit(events.ReservationReleased(reservation, found.account, found.left_minor))
    context.ports.require(CreditListener, ONLY).on_credit(context, found.account)


def post_between(
    context: Context,
    receiver: Side,
    giver: Side,
    amount_minor: int,
    purpose: bytes,
    *,
    reservation: bytes = b"",
    booked_day: int | None = None,
    is_chosen: bool = False,
) -> None:
    """Move an amount as ``post`` does between accounts that the caller has read.

    What is paid out of a reservation is no longer set aside; what an owner chose to give to another
    holder is unbooked until the bank's entries match it.
    """
    released_minor = amount_minor if reservation else 0
    (debit, receiving), (credit, giving) = receiver, giver
    if receiving.asset != giving.asset or debit == credit:
        raise MixedAssets(f"{receiving.asset.hex()} and {giving.asset.hex()}")
    available_minor = giving.available_minor + released_minor
    if giving.account_class == AccountClass.HOLDER and available_minor < amount_minor:
        raise InsufficientBalance(credit, giving.available_minor, amount_minor)
    largest = max(receiving.debits_minor, giving.credits_minor) + amount_minor
    if largest > AMOUNT_MINOR_MAX:
        raise BalanceTooLarge(str(largest))
    day = china_day(context.time_ms) if booked_day is None else booked_day
    unbooked_minor = amount_minor if is_chosen else 0
    received_day, received_opening_minor = _in_day(context, debit, receiving, amount_minor, day)
    ACCOUNTS.put(
        context.state,
        msgspec.structs.replace(
            receiving,
            debits_minor=receiving.debits_minor + amount_minor,
            moved_day=received_day,
            day_opening_minor=received_opening_minor,
            unbooked_in_minor=receiving.unbooked_in_minor + unbooked_minor * receiving.mirrored,
        ),
        debit,
    )
    given_day, given_opening_minor = _in_day(context, credit, giving, -amount_minor, day)
    ACCOUNTS.put(
        context.state,
        msgspec.structs.replace(
            giving,
            credits_minor=giving.credits_minor + amount_minor,
            reserved_minor=giving.reserved_minor - released_minor,
            moved_day=given_day,
            day_opening_minor=given_opening_minor,
            unbooked_out_minor=giving.unbooked_out_minor + unbooked_minor * giving.mirrored,
        ),
        credit,
    )
    context.emit(
        events.TransferPosted(receiving.asset, debit, credit, amount_minor, purpose, reservation),
    )
    if receiving.mirrored:
        context.ports.require(CreditListener, ONLY).on_credit(context, debit)


def match_booked(context: Context, account: bytes, amount_minor: int, *, is_credit: bool) -> bool:
    """Take note that a bank has booked its side of a transfer; the entry itself moves nothing.

    Returns:
        False where less than that is unbooked: the entry is of no transfer of this ledger.
    """
    found = require_account(context.state, account)
    unbooked_minor = found.unbooked_in_minor if is_credit else found.unbooked_out_minor
    if amount_minor > unbooked_minor:
        return False
    left_minor = unbooked_minor - amount_minor
    booked = (
        msgspec.structs.replace(found, unbooked_in_minor=left_minor)
        if is_credit
        else msgspec.structs.replace(found, unbooked_out_minor=left_minor)
    )
    ACCOUNTS.put(context.state, booked, account)
    return True


def _in_day(
    context: Context,
    key: bytes,
    account: Account,
    delta_minor: int,
    day: int,
) -> tuple[int, int]:
    """Return (moved day, its opening) of an account after a movement that a bank books on a day.

    A day that is over leaves one record of its movement; a movement booked back into such a day
    changes that record and the opening of the day after.
    """
    if not account.mirrored or day == account.moved_day:
        return account.moved_day, account.day_opening_minor
    if day > account.moved_day:
        net_minor = account.balance_minor - account.day_opening_minor
        if account.moved_day and net_minor:
            over = integer_part(account.moved_day)
            MOVEMENTS.put(context.state, DayMovement(net_minor), key, over)
        return day, account.balance_minor
    earlier = MOVEMENTS.get(context.state, key, integer_part(day))
    net_minor = delta_minor if earlier is None else earlier.net_minor + delta_minor
    MOVEMENTS.put(context.state, DayMovement(net_minor), key, integer_part(day))
    return account.moved_day, account.day_opening_minor + delta_minor
