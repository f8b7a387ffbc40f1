"""The only code that writes balances.

Rules this file keeps:
 1. Every movement is one debit and one credit of the same amount in one asset: sums are conserved
    by construction, not by each contract.
 2. A holder's account never gives more than is available; reserved value is not available.
 3. Claims move by the certificate keeper's call alone; deposits by their owner or their bank.
"""

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState
from xinlian.modules.accounts import events
from xinlian.modules.accounts.errors import (
    BalanceTooLarge,
    InsufficientBalance,
    MixedAssets,
    UnknownAccount,
)
from xinlian.modules.accounts.ports import ONLY, CreditListener
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    ASSETS,
    RESERVATIONS,
    Account,
    AccountClass,
    Asset,
    AssetKind,
    Reservation,
    account_id,
    asset_id,
)
from xinlian.primitives import AMOUNT_MINOR_MAX, AccountId, AssetId, InvariantViolation


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


def post(context: Context, debit: bytes, credit: bytes, amount_minor: int, purpose: bytes) -> None:
    """Move an amount from the credit account to the debit account.

    Raises:
        UnknownAccount: one of them does not exist.
        MixedAssets: they are in different assets.
        InsufficientBalance: the giving account has less available.
        BalanceTooLarge: a side would leave the range of amounts.
    """
    _post(context, debit, credit, amount_minor, purpose, reservation=b"")


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
) -> None:
    """Pay an amount out of a reservation; it is removed when nothing is left."""
    found = RESERVATIONS.require(context.state, reservation)
    if amount_minor > found.left_minor:
        raise InvariantViolation("reservation_covers_payment", reservation.hex())
    _post(context, debit, found.account, amount_minor, purpose, reservation=reservation)
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


def _post(
    context: Context,
    debit: bytes,
    credit: bytes,
    amount_minor: int,
    purpose: bytes,
    *,
    reservation: bytes,
) -> None:
    """Move an amount; one that is paid out of a reservation is no longer set aside."""
    released_minor = amount_minor if reservation else 0
    receiving = require_account(context.state, debit)
    giving = require_account(context.state, credit)
    if receiving.asset != giving.asset or debit == credit:
        raise MixedAssets(f"{receiving.asset.hex()} and {giving.asset.hex()}")
    available_minor = giving.available_minor + released_minor
    if giving.account_class == AccountClass.HOLDER and available_minor < amount_minor:
        raise InsufficientBalance(credit, giving.available_minor, amount_minor)
    largest = max(receiving.debits_minor, giving.credits_minor) + amount_minor
    if largest > AMOUNT_MINOR_MAX:
        raise BalanceTooLarge(str(largest))
    ACCOUNTS.put(
        context.state,
        msgspec.structs.replace(receiving, debits_minor=receiving.debits_minor + amount_minor),
        debit,
    )
    ACCOUNTS.put(
        context.state,
        msgspec.structs.replace(
            giving,
            credits_minor=giving.credits_minor + amount_minor,
            reserved_minor=giving.reserved_minor - released_minor,
        ),
        credit,
    )
    context.emit(
        events.TransferPosted(receiving.asset, debit, credit, amount_minor, purpose, reservation),
    )
    if receiving.mirrored:
        context.ports.require(CreditListener, ONLY).on_credit(context, debit)
