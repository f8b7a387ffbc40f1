"""Money that moves outside the ledger: banks' entries, the creditor's receipts, payment orders.

Rules this file keeps:
 1. Three witnesses may show the same money: the debtor's bank (its debit), the creditor's bank (its
    credit), the creditor (its receipt). Each has a running total for an obligation; the largest
    counts, so far as no order, no bank and no earlier witness has discharged that much already.
 2. What a bank shows beyond what is open discharges nothing. What the creditor's side shows beyond
    it, the creditor owes back: a debtor's own bank alone makes nobody else owe.
 3. An order that names the obligation is executed by a debit of exactly its amount on its account.
 4. An entry on a mirrored account is the echo of what the ledger paid for the obligation, as far as
    the bank has not booked that yet, and moves nothing; else the money was born outside, and is
    created or removed with the entry that discharges.
 5. A value day not after the last day is on time, whenever the entry comes.
"""

import enum

import msgspec

from xinlian.contracts.context import Context
from xinlian.modules.accounts.errors import UnmatchedBankEntry
from xinlian.modules.accounts.keeper import pay_reserved, post
from xinlian.modules.accounts.ports import OrderListener
from xinlian.modules.accounts.reconciliation import require_creatable
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    ASSETS,
    RESERVATIONS,
    Account,
    account_id,
)
from xinlian.modules.obligations import events
from xinlian.modules.obligations.agreement import require_agreed, require_binding
from xinlian.modules.obligations.enforced import bank_paid
from xinlian.modules.obligations.errors import (
    AlreadyAgreed,
    AmountTooLarge,
    NotEntitled,
    PaymentUnderWay,
    WrongState,
)
from xinlian.modules.obligations.following import owe_back
from xinlian.modules.obligations.keeper import (
    change_awaiting,
    perform_soon,
    unlock,
)
from xinlian.modules.obligations.life import BINDING
from xinlian.modules.obligations.messages import ConfirmPayment, DischargeByReceipt
from xinlian.modules.obligations.moments import due_moments, last_day, obligation_dates
from xinlian.modules.obligations.performance import (
    ORDER_HANDLER,
    AgreedSource,
    count_payment,
    look_again,
)
from xinlian.modules.obligations.policy import ACCEPTED_ORDER_BANKING_DAYS
from xinlian.modules.obligations.ports import OF_BUSINESSES
from xinlian.modules.obligations.redating import current_order_end
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    TERMS,
    Obligation,
    ObligationStatus,
    Terms,
)
from xinlian.modules.policy.keeper import later_banking_day, policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import china_day


class Witness(enum.IntEnum):
    """Who shows money that moved outside the ledger."""

    DEBTORS_BANK = 1
    CREDITORS_BANK = 2
    CREDITOR = 3


_TOTALS = {
    Witness.DEBTORS_BANK: "debited_minor",
    Witness.CREDITORS_BANK: "credited_minor",
    Witness.CREDITOR: "receipted_minor",
}


def discharge_by_receipt(context: Context, message: DischargeByReceipt) -> None:
    """Count the creditor's word against itself."""
    # AUTHORISE
    found, terms = require_agreed(context, message.obligation)
    if context.acting_for != terms.creditor:
        raise NotEntitled(context.acting_for.hex())
    # VALIDATE
    require_binding(found)
    if AgreedSource().is_paying(context, message.obligation):
        raise PaymentUnderWay(message.obligation.hex())
    total_minor = terms.receipted_minor + message.amount_minor
    if total_minor > terms.outside_minor + found.open_minor:
        raise AmountTooLarge(f"{found.open_minor} is open")
    # WRITE and EMIT
    _show(
        context,
        message.obligation,
        Witness.CREDITOR,
        message.amount_minor,
        china_day(context.time_ms),
        message.document_root,
    )


def confirm_payment(context: Context, message: ConfirmPayment) -> None:
    """Let an order that its bank accepted hold longer."""
    # AUTHORISE
    found, terms = require_agreed(context, message.obligation)
    if context.acting_for != ASSETS.require(context.state, found.asset).issuer:
        raise NotEntitled(context.acting_for.hex())
    # VALIDATE
    ends_at_ms = current_order_end(context, terms)
    is_over = context.time_ms > ends_at_ms
    if not found.awaiting_minor or found.awaiting_minor != message.amount_minor or is_over:
        raise WrongState("no order of this amount is open")
    # COMPUTE
    dates = obligation_dates(found, context.time_ms)
    banking_days = policy_value(context.state, ACCEPTED_ORDER_BANKING_DAYS, dates)
    ends_on_day = later_banking_day(context.state, terms.ordered_day, banking_days)
    expires_at_ms = due_moments(context, ends_on_day, dates)[1]
    if expires_at_ms <= ends_at_ms:
        raise AlreadyAgreed(message.obligation.hex())
    # WRITE
    held = msgspec.structs.replace(
        terms,
        order_banking_days=banking_days,
        order_expires_at_ms=expires_at_ms,
    )
    TERMS.put(context.state, held, message.obligation)
    add_item(context.state, expires_at_ms + 1, ORDER_HANDLER, message.obligation)
    # EMIT
    context.emit(events.ObligationOrderHeld(message.obligation, expires_at_ms))


class NamedOrders:
    """What bank entries name: an agreed obligation here, else an order of a business."""

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
        """Discharge by a debit of a mirrored account; False when it fits no order."""
        terms = TERMS.get(context.state, order)
        if terms is None:
            orders = context.ports.require(OrderListener, OF_BUSINESSES)
            return orders.on_executed(
                context, order, bank, account, amount_minor, value_day, booking_day
            )
        found = OBLIGATIONS.require(context.state, order)
        giving = ACCOUNTS.require(context.state, account)
        if (giving.owner, giving.asset) != (found.debtor, found.asset):
            raise UnmatchedBankEntry(order.hex())
        if value_day > china_day(context.time_ms):
            raise UnmatchedBankEntry(order.hex())
        if _is_echo(context, order, amount_minor, is_credit=False):
            return True
        if found.awaiting_minor:
            _execute(context, order, found, account, amount_minor, value_day, booking_day)
            return True
        _remove(context, order, giving, account, amount_minor, booking_day)
        _show(context, order, Witness.DEBTORS_BANK, amount_minor, value_day)
        return True

    def is_order(self, context: Context, named: bytes) -> bool:
        """Return whether an EndToEndId is that of an obligation, or of a business's order."""
        if TERMS.get(context.state, named) is not None:
            return True
        return context.ports.require(OrderListener, OF_BUSINESSES).is_order(context, named)

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
        """Discharge by any other entry that names an agreed obligation; False where none is named.

        Args:
            context: the call.
            named: the EndToEndId of the entry.
            owner: whose bank account it is booked on.
            account: the ledger account that mirrors it, empty where none does.
            amount_minor: the booked amount.
            value_day: the day that decides whether it was on time.
            booking_day: the day of the bank's books.
            is_credit: True for money that came in.
        """
        terms = TERMS.get(context.state, named)
        if terms is None:
            return False
        if value_day > china_day(context.time_ms):
            return True
        found = OBLIGATIONS.require(context.state, named)
        if is_credit and owner == terms.creditor:
            if account and _is_echo(context, named, amount_minor, is_credit=True):
                return True
            if account:
                require_creatable(context, account, amount_minor, booking_day)
                receiving = ACCOUNTS.require(context.state, account)
                issue = account_id(_bank_of(context, receiving), receiving.asset)
                post(context, account, issue, amount_minor, named, booked_day=booking_day)
            _show(context, named, Witness.CREDITORS_BANK, amount_minor, value_day)
        elif not is_credit and owner == found.debtor:
            _show(context, named, Witness.DEBTORS_BANK, amount_minor, value_day)
        return True


def _is_echo(
    context: Context,
    obligation_id: bytes,
    amount_minor: int,
    *,
    is_credit: bool,
) -> bool:
    """Return whether an entry books what the ledger paid for an obligation; then count it so."""
    terms = TERMS.require(context.state, obligation_id)
    field = "credit_booked_minor" if is_credit else "debit_booked_minor"
    booked_minor = getattr(terms, field) + amount_minor
    if booked_minor > terms.ledger_paid_minor:
        return False
    booked = msgspec.structs.replace(terms, **{field: booked_minor})
    TERMS.put(context.state, booked, obligation_id)
    return True


def _execute(
    context: Context,
    obligation_id: bytes,
    found: Obligation,
    account: bytes,
    amount_minor: int,
    value_day: int,
    booking_day: int,
) -> None:
    """Pay an open order out of its reservation; raises UnmatchedBankEntry for another entry."""
    set_aside = RESERVATIONS.require(context.state, obligation_id)
    if (account, amount_minor) != (set_aside.account, found.awaiting_minor):
        raise UnmatchedBankEntry(obligation_id.hex())
    giving = ACCOUNTS.require(context.state, account)
    issue = account_id(_bank_of(context, giving), giving.asset)
    pay_reserved(context, obligation_id, issue, amount_minor, obligation_id, booked_day=booking_day)
    change_awaiting(context, obligation_id, -amount_minor)
    context.emit(
        events.ObligationOrderEnded(obligation_id, amount_minor, is_executed=True),
    )
    terms = TERMS.require(context.state, obligation_id)
    debited_minor = terms.debited_minor + amount_minor
    TERMS.put(
        context.state,
        msgspec.structs.replace(terms, debited_minor=debited_minor),
        obligation_id,
    )
    count_payment(
        context,
        obligation_id,
        amount_minor,
        is_on_time=_is_on_time(context, found, value_day),
        is_by_order=bank_paid(context, obligation_id, account),
    )
    look_again(context, obligation_id)


def _show(
    context: Context,
    obligation_id: bytes,
    witness: Witness,
    amount_minor: int,
    value_day: int,
    document_root: bytes = b"",
) -> None:
    """Count what a witness shows; discharge by what nothing has discharged by before."""
    terms = TERMS.require(context.state, obligation_id)
    found = OBLIGATIONS.require(context.state, obligation_id)
    field = _TOTALS[witness]
    total_minor = getattr(terms, field) + amount_minor
    shown = msgspec.structs.replace(terms, **{field: total_minor})
    TERMS.put(context.state, shown, obligation_id)
    accounted_minor = _accounted_minor(found, shown)
    free_minor = found.open_minor - found.awaiting_minor if found.status in BINDING else 0
    counted_minor = min(max(shown.outside_minor - accounted_minor, 0), free_minor)
    context.emit(
        events.OutsideDischarge(
            obligation_id,
            witness,
            total_minor,
            counted_minor,
            document_root,
        ),
    )
    if counted_minor:
        is_on_time = _is_on_time(context, found, value_day)
        count_payment(context, obligation_id, counted_minor, is_on_time=is_on_time)
    received_minor = max(shown.credited_minor, shown.receipted_minor)
    surplus_minor = received_minor - accounted_minor - counted_minor
    if surplus_minor > 0 and found.status != ObligationStatus.PROPOSED:
        owe_back(context, obligation_id, surplus_minor)
    if not counted_minor:
        return
    if found.is_locked:
        unlock(context, obligation_id, counted_minor)
    else:
        # What the account could not pay in full it may be able to pay now.
        perform_soon(context, obligation_id)


def _accounted_minor(found: Obligation, terms: Terms) -> int:
    """Return how much of the money outside has discharged, is at a bank, or is owed back."""
    discharged_minor = found.performed_minor - terms.ledger_paid_minor
    return discharged_minor + found.awaiting_minor + terms.surplus_minor


def _is_on_time(context: Context, found: Obligation, value_day: int) -> bool:
    return 0 < value_day <= last_day(context.state, found)


def _remove(
    context: Context,
    obligation_id: bytes,
    giving: Account,
    account: bytes,
    amount_minor: int,
    booking_day: int,
) -> None:
    issue = account_id(_bank_of(context, giving), giving.asset)
    post(context, issue, account, amount_minor, obligation_id, booked_day=booking_day)


def _bank_of(context: Context, account: Account) -> bytes:
    return ASSETS.require(context.state, account.asset).issuer
