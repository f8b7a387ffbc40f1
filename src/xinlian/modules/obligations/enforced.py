"""A court's order to execute an obligation, as what pays and what ends asks about it.

Rules this file keeps:
 1. It is the only code that writes orders.
 2. An order moves money only while it is in force, from its moment on, while the obligation is in
    default, and while the court that gave it is one: a court that was turned out executes nothing.
 3. It never moves more than it is for; what a bank executes because of it counts at once.
 4. An order that was lifted while a bank executes it still counts what the bank pays.
"""

import msgspec

from xinlian.contracts.context import Context
from xinlian.modules.members.roles import OFFICIAL_ROLES, OfficialRole, has_role, role_part
from xinlian.modules.obligations import events
from xinlian.modules.obligations.life import LATE
from xinlian.modules.obligations.types import (
    ENFORCEMENTS,
    Enforcement,
    EnforcementStatus,
    Obligation,
)


def accounts_to_pay_from(
    context: Context,
    obligation_id: bytes,
    found: Obligation,
) -> tuple[bytes, ...]:
    """Return the accounts whose money an obligation waits for: its own, and those of an order."""
    own = (found.account,) if found.account and not found.is_locked else ()
    if not found.is_enforced:
        return own
    ordered = ENFORCEMENTS.require(context.state, obligation_id).accounts
    return own + tuple(account for account in ordered if account not in own)


def left_of_order(
    context: Context,
    account: bytes,
    obligation_id: bytes,
    found: Obligation,
) -> int:
    """Return what a court's order still lets the ledger move from an account; 0 without one."""
    if not found.is_enforced or found.status not in LATE:
        return 0
    order = ENFORCEMENTS.require(context.state, obligation_id)
    is_its_time = context.time_ms >= order.from_ms
    if account not in order.accounts or not is_its_time:
        return 0
    if not has_role(context.state, order.court, OfficialRole.COURT):
        return 0
    keeper = role_part(OfficialRole.FROZEN_MONEY_KEEPER)
    if OFFICIAL_ROLES.get(context.state, keeper, found.debtor) is not None:
        return 0  # it became a keeper since, and others' money may be on the account
    return order.left_minor


def order_paid(context: Context, obligation_id: bytes, account: bytes, amount_minor: int) -> None:
    """Count what the ledger moves because of an order."""
    order = ENFORCEMENTS.require(context.state, obligation_id)
    _count(context, obligation_id, order, account, amount_minor)


def order_sent(context: Context, obligation_id: bytes, amount_minor: int) -> None:
    """Count what a bank is asked to pay because of an order."""
    order = ENFORCEMENTS.require(context.state, obligation_id)
    sent = msgspec.structs.replace(order, ordered_minor=amount_minor)
    ENFORCEMENTS.put(context.state, sent, obligation_id)


def bank_paid(context: Context, obligation_id: bytes, account: bytes) -> bool:
    """Count what a bank has paid; return whether it did because of a court's order."""
    order = ENFORCEMENTS.get(context.state, obligation_id)
    if order is None or not order.ordered_minor:
        return False
    at_bank = msgspec.structs.replace(order, ordered_minor=0)
    _count(context, obligation_id, at_bank, account, order.ordered_minor)
    return True


def bank_did_not_pay(context: Context, obligation_id: bytes) -> None:
    """Take back what a bank did not execute in time."""
    order = ENFORCEMENTS.get(context.state, obligation_id)
    if order is not None and order.ordered_minor:
        left = msgspec.structs.replace(order, ordered_minor=0)
        ENFORCEMENTS.put(context.state, left, obligation_id)


def is_executed(context: Context, obligation_id: bytes) -> bool:
    """Return whether an order has moved all that it was for."""
    order = ENFORCEMENTS.require(context.state, obligation_id)
    return order.paid_minor == order.amount_minor


def close_order(context: Context, obligation_id: bytes, *, is_lifted: bool = False) -> None:
    """End an order; the caller takes the mark off the obligation."""
    order = ENFORCEMENTS.require(context.state, obligation_id)
    status = EnforcementStatus.LIFTED if is_lifted else EnforcementStatus.ENDED
    if order.paid_minor == order.amount_minor:
        status = EnforcementStatus.EXECUTED
    closed = msgspec.structs.replace(order, status=status)
    ENFORCEMENTS.put(context.state, closed, obligation_id)
    context.emit(
        events.EnforcementEnded(obligation_id, order.court, order.case_root, status),
    )


def _count(
    context: Context,
    obligation_id: bytes,
    order: Enforcement,
    account: bytes,
    amount_minor: int,
) -> None:
    paid = msgspec.structs.replace(order, paid_minor=order.paid_minor + amount_minor)
    ENFORCEMENTS.put(context.state, paid, obligation_id)
    context.emit(
        events.EnforcementExecuted(obligation_id, account, amount_minor, paid.left_minor),
    )
