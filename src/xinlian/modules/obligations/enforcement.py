"""A court executes what is in default from the accounts of its debtor, and lifts its order.

Rules this file keeps:
 1. Only what is in default is executed, and interest that was not paid by its cut-off: an order
    puts such interest in default. What is disputed is decided first.
 2. An order is for no more than is open and undisputed, from accounts of the debtor in the money of
    the obligation, and never from those of a keeper of frozen money: that is others' money.
 3. It takes what is available, nothing that is set aside: reservations, pending transfers and
    locked money stay with those for whom they were made.
 4. One order at a time executes an obligation; the court that gave it lifts it, any court where
    that one is none any more. What was moved stays moved, and what a bank is executing goes on.
 5. What an order pays counts as a payment of the debtor: it bears late interest, frees guarantors
    and, of a guarantor, gives recourse.

Source: docs/concepts/obligations.md; enforcement on deposits: Civil Procedure Law,
title on execution [unverified].
"""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import post
from xinlian.modules.accounts.types import ACCOUNTS, AccountClass
from xinlian.modules.members.roles import (
    OFFICIAL_ROLES,
    OfficialRole,
    has_role,
    require_role,
    role_part,
)
from xinlian.modules.obligations import events
from xinlian.modules.obligations.agreement import require_agreed
from xinlian.modules.obligations.court import require_court, require_new_case, write_case
from xinlian.modules.obligations.court_messages import LiftEnforcement, OrderEnforcement
from xinlian.modules.obligations.enforced import close_order, order_paid, order_sent
from xinlian.modules.obligations.errors import (
    AccountNotExecutable,
    AlreadyEnforced,
    AmountTooLarge,
    OtherCourtsOrder,
    PaymentUnderWay,
    WrongState,
)
from xinlian.modules.obligations.keeper import (
    default_after_failed_order,
    perform_soon,
    put_obligation,
    put_without_order,
)
from xinlian.modules.obligations.life import IN_TIME, LATE
from xinlian.modules.obligations.performance import count_payment, order_payment
from xinlian.modules.obligations.types import (
    ENFORCEMENTS,
    OBLIGATIONS,
    TERMS,
    CourtAct,
    Enforcement,
    EnforcementStatus,
    Obligation,
    ObligationStatus,
    SourceKind,
)
from xinlian.modules.schedule.keeper import add_item

ENFORCEMENT_HANDLER: Final = 0x0508


def order_enforcement(context: Context, message: OrderEnforcement) -> None:
    """Let an obligation be executed from accounts of its debtor."""
    # AUTHORISE
    found, _ = require_court(context, message.obligation, message.debtor, message.creditor)
    # VALIDATE
    _require_overdue(context, found)
    if found.is_enforced:
        raise AlreadyEnforced(message.obligation.hex())
    before = ENFORCEMENTS.get(context.state, message.obligation)
    if before is not None and before.ordered_minor:
        raise PaymentUnderWay(message.obligation.hex())
    require_new_case(context, message.obligation, message.case_root)
    owed_minor = found.open_minor - found.disputed_minor
    if message.amount_minor > owed_minor:
        raise AmountTooLarge(f"{owed_minor} is open and undisputed")
    for account in message.accounts:
        _require_executable(context, account, found)
    # COMPUTE
    order = Enforcement(
        court=context.acting_for,
        case_root=message.case_root,
        order_root=message.order_root,
        accounts=message.accounts,
        amount_minor=message.amount_minor,
        paid_minor=0,
        ordered_minor=0,
        from_ms=message.from_ms,
        status=EnforcementStatus.IN_FORCE,
    )
    # WRITE and EMIT
    write_case(
        context, message.obligation, message.case_root, message.order_root, CourtAct.ENFORCEMENT
    )
    ENFORCEMENTS.put(context.state, order, message.obligation)
    _tell_of(context, message.obligation, order)
    default_after_failed_order(context, message.obligation)  # interest, which alone is in time
    overdue = OBLIGATIONS.require(context.state, message.obligation)
    enforced = msgspec.structs.replace(overdue, is_enforced=True)
    put_obligation(context, message.obligation, enforced)
    from_ms = max(message.from_ms, context.time_ms)
    add_item(context.state, from_ms, ENFORCEMENT_HANDLER, message.obligation)


def lift_enforcement(context: Context, message: LiftEnforcement) -> None:
    """End an order by the decision of a court."""
    # AUTHORISE
    court = context.acting_for
    require_role(context.state, court, OfficialRole.COURT)
    found, _ = require_agreed(context, message.obligation)
    # VALIDATE
    if not found.is_enforced:
        raise WrongState("no order of a court executes it")
    ordering = ENFORCEMENTS.require(context.state, message.obligation).court
    if court != ordering and has_role(context.state, ordering, OfficialRole.COURT):
        raise OtherCourtsOrder("the court that ordered it lifts it")
    # WRITE and EMIT
    close_order(context, message.obligation, is_lifted=True)
    put_without_order(context, message.obligation, found)


def begin_enforcement(context: Context, obligation_id: bytes) -> None:
    """Due work: the moment of an order has come; its accounts are looked at.

    The order may be another by now: whoever pays asks it for its moment again.
    """
    if OBLIGATIONS.require(context.state, obligation_id).is_enforced:
        perform_soon(context, obligation_id)


class EnforcesByOrder:
    """Moves money of debtors because a court ordered it."""

    def pay_by_order(
        self,
        context: Context,
        obligation: bytes,
        account: bytes,
        amount_minor: int,
    ) -> None:
        """Pay the creditor on the ledger, or order its payment from the bank."""
        terms = TERMS.require(context.state, obligation)
        if not terms.payee_account:
            order_sent(context, obligation, amount_minor)
            order_payment(context, obligation, amount_minor, account)
            return
        order_paid(context, obligation, account, amount_minor)
        post(context, terms.payee_account, account, amount_minor, obligation)
        paid_minor = terms.ledger_paid_minor + amount_minor
        counted = msgspec.structs.replace(terms, ledger_paid_minor=paid_minor)
        TERMS.put(context.state, counted, obligation)
        count_payment(context, obligation, amount_minor, is_by_order=True)


def _require_overdue(context: Context, found: Obligation) -> None:
    """Refuse what is not in default; interest is late after its cut-off.  Raises WrongState."""
    is_late_interest = (
        found.source_kind == SourceKind.AGREED_INTEREST
        and found.status in IN_TIME
        and context.time_ms >= found.cutoff_at_ms
    )
    if found.status not in LATE and not is_late_interest:
        status = ObligationStatus(found.status).name.lower()
        raise WrongState(f"what is in default is executed; the obligation is {status}")


def _require_executable(context: Context, account_id: bytes, found: Obligation) -> None:
    """Refuse an account from which nothing may be taken; raises AccountNotExecutable."""
    account = ACCOUNTS.get(context.state, account_id)
    if (
        account is None
        or (account.owner, account.asset) != (found.debtor, found.asset)
        or account.account_class != AccountClass.HOLDER
    ):
        raise AccountNotExecutable("not an account of the debtor in the obligation's deposit")
    keeper = role_part(OfficialRole.FROZEN_MONEY_KEEPER)
    if OFFICIAL_ROLES.get(context.state, keeper, found.debtor) is not None:
        raise AccountNotExecutable("it keeps frozen money of others")


def _tell_of(context: Context, obligation_id: bytes, order: Enforcement) -> None:
    context.emit(
        events.EnforcementOrdered(
            obligation_id,
            order.court,
            order.amount_minor,
            order.from_ms,
            order.case_root,
            order.order_root,
        ),
    )
    for account in order.accounts:
        context.emit(events.EnforcementNamed(obligation_id, account))
