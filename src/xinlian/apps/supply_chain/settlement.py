"""SC-T11 to SC-T14: a certificate falls due, is paid, or is overdue and paid late.

Rules this file keeps:
 1. One payment at a time is carried out for a certificate: its allocation over the leaves is fixed
    at one height (largest remainder, ties by ascending leaf id), its money is reserved, and leaves
    are discharged in bounded chunks, each once.
 2. A holder with a mirrored account is paid on the ledger; for any other a payment order goes to
    the settlement bank, whose debit entry naming the order discharges the leaf.
 3. Money for an open order stays reserved; an order that the bank does not execute in time ends,
    and what it was for is open again.
 4. The last banking day of an order is that of the present calendar, not of the day it was ordered.
 5. What a court's order holds is paid into the account of the order; an order that is at a bank
    already is not called back.
 6. A late payment fixes its interest from the due day, as an obligation of its own.
 8. In default the guarantors are called; a payment of theirs is carried out like the obligor's.
 7. What is disputed of a leaf is neither paid nor late; the undisputed rest runs on.
"""

from typing import Final

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.dates import certificate_dates
from xinlian.apps.supply_chain.finance_dues import leaf_was_paid
from xinlian.apps.supply_chain.financing import end_request
from xinlian.apps.supply_chain.guarantee_calls import (
    call_guarantors,
    follow_certificate,
    look_again,
)
from xinlian.apps.supply_chain.holds import hold_of, payment_was_held
from xinlian.apps.supply_chain.keeper import (
    change_line,
    change_occupation,
    claim_account,
    live_leaves,
    put_leaf,
)
from xinlian.apps.supply_chain.late_interest import fix_late_interest
from xinlian.apps.supply_chain.payees import Payee, payees_of_record
from xinlian.apps.supply_chain.pledge import (
    change_loan_awaiting,
    is_financiers_part,
    loan_paid,
)
from xinlian.apps.supply_chain.policy import LATE_RATE_E9_PER_DAY, ORDER_BANKING_DAYS
from xinlian.apps.supply_chain.recourse import lower_recourse
from xinlian.apps.supply_chain.stop_flags import (
    certificate_became_overdue,
    overdue_certificate_ended,
)
from xinlian.apps.supply_chain.subrogation import pay_ready_leaf
from xinlian.apps.supply_chain.types import (
    ALLOCATIONS,
    CERTIFICATES,
    ENCUMBRANCES,
    LEAVES,
    ORDERS,
    PAYMENTS,
    Allocation,
    Certificate,
    Finance,
    Life,
    OrderStatus,
    Payment,
    PaymentOrder,
)
from xinlian.contracts.context import Context
from xinlian.modules.accounts.keeper import move_reserved, pay_reserved, post, release, reserve
from xinlian.modules.accounts.types import ACCOUNTS, ASSETS, account_id
from xinlian.modules.obligations.keeper import (
    change_awaiting,
    default_after_failed_order,
    payment_ended,
    record_performance,
)
from xinlian.modules.obligations.life import LATE
from xinlian.modules.obligations.moments import due_moments, order_ends_at_ms
from xinlian.modules.obligations.types import OBLIGATIONS
from xinlian.modules.policy.keeper import later_banking_day, policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives import InvariantViolation, allocate_largest_remainder
from xinlian.primitives.time import china_day

DISCHARGE_HANDLER: Final = 0x1003
ORDER_HANDLER: Final = 0x1004
LEAVES_PER_CHUNK: Final = 4
"""So that the events of a chunk stay within those of one message."""


class CertificateSource:
    """Certificates as the source of obligations."""

    def on_due(self, context: Context, obligation: bytes) -> None:
        """SC-T11: every live leaf is due; an open lock ends first."""
        certificate = CERTIFICATES.require(context.state, obligation)
        for leaf_id, found in live_leaves(context.state, obligation):
            leaf = found
            if leaf.finance == Finance.LOCKED:
                end_request(context, leaf_id, leaf)
                leaf = msgspec.structs.replace(
                    leaf,
                    finance=Finance.NONE,
                    financier=b"",
                    lock_expires_at_ms=0,
                )
            put_leaf(context, leaf_id, msgspec.structs.replace(leaf, life=Life.DUE))
        due = msgspec.structs.replace(certificate, life=Life.DUE)
        CERTIFICATES.put(context.state, due, obligation)
        context.emit(events.CertificateDue(obligation))

    def pay(self, context: Context, obligation: bytes, amount_minor: int) -> None:
        """SC-T12, SC-T14: fix the allocation, reserve the money, begin to discharge."""
        certificate = CERTIFICATES.require(context.state, obligation)
        leaves = [
            (leaf_id, leaf)
            for leaf_id, leaf in live_leaves(context.state, obligation)
            if leaf.payable_minor
        ]
        shares = allocate_largest_remainder(
            amount_minor,
            [leaf.payable_minor for _, leaf in leaves],
        )
        reserve(context, certificate.account, amount_minor, obligation)
        PAYMENTS.put(context.state, Payment(amount_minor, context.time_ms), obligation)
        for (leaf_id, _), share_minor in zip(leaves, shares, strict=True):
            if share_minor:
                ALLOCATIONS.put(context.state, Allocation(share_minor), obligation, leaf_id)
        discharge_chunk(context, obligation)

    def on_default(self, context: Context, obligation: bytes) -> None:
        """SC-T13: leaves with an undisputed open amount are overdue; the obligor may not issue."""
        certificate = CERTIFICATES.require(context.state, obligation)
        for leaf_id, leaf in live_leaves(context.state, obligation):
            is_disputed_whole = leaf.outstanding_minor == leaf.disputed_minor
            if leaf.life != Life.RECOURSE and not is_disputed_whole:
                put_leaf(context, leaf_id, msgspec.structs.replace(leaf, life=Life.OVERDUE))
        dates = certificate_dates(context.state, certificate, context.time_ms)
        rate_e9 = policy_value(context.state, LATE_RATE_E9_PER_DAY, dates)
        overdue = msgspec.structs.replace(
            certificate,
            life=Life.OVERDUE,
            late_rate_e9_per_day=rate_e9,
        )
        CERTIFICATES.put(context.state, overdue, obligation)
        context.emit(
            events.CertificateOverdue(
                obligation,
                certificate.obligor,
                certificate.outstanding_minor,
                rate_e9,
            ),
        )
        if certificate.life != Life.OVERDUE:
            certificate_became_overdue(context, certificate.obligor)
        call_guarantors(context, obligation)

    def is_paying(self, context: Context, obligation: bytes) -> bool:
        """Return whether a payment is being carried out."""
        return PAYMENTS.get(context.state, obligation) is not None


def discharge_chunk(context: Context, certificate_id: bytes) -> None:
    """Due work: pay the next leaves of a fixed allocation."""
    chunk, weight, is_more = [], 0, False
    call = PAYMENTS.require(context.state, certificate_id).call
    for (_, leaf_id), allocation in ALLOCATIONS.scan(context.state, certificate_id):
        # What a financed leaf settles besides makes it as much work as two others; so does a change
        # of its holder.
        is_financed = ENCUMBRANCES.get(context.state, leaf_id) is not None
        weight += (1 + is_financed) * (1 + bool(call))
        if weight > LEAVES_PER_CHUNK:
            is_more = True
            break
        chunk.append((leaf_id, allocation.amount_minor))
    for leaf_id, amount_minor in chunk:
        ALLOCATIONS.delete(context.state, certificate_id, leaf_id)
        if call:
            pay_ready_leaf(context, leaf_id, amount_minor, call)
        else:
            _pay_leaf(context, certificate_id, leaf_id, amount_minor)
    if is_more:
        add_item(context.state, context.time_ms, DISCHARGE_HANDLER, certificate_id)
    else:
        _end_payment(context, certificate_id, call)


def _end_payment(context: Context, certificate_id: bytes, call: bytes) -> None:
    """Let everybody look again who waited for a payment to be carried out."""
    PAYMENTS.delete(context.state, certificate_id)
    if call:
        release(context, call)  # what leaves could not take that have to wait meanwhile
    payment_ended(context, certificate_id)
    follow_certificate(context, certificate_id)


def _pay_leaf(context: Context, certificate_id: bytes, leaf_id: bytes, amount_minor: int) -> None:
    certificate = CERTIFICATES.require(context.state, certificate_id)
    leaf = LEAVES.require(context.state, leaf_id)
    encumbrance = ENCUMBRANCES.get(context.state, leaf_id)
    paid_minor, held = 0, hold_of(context, leaf_id, leaf)
    for payee in payees_of_record(certificate, leaf, encumbrance, amount_minor, held):
        account = ACCOUNTS.get(context.state, payee.account)
        if account is None or not account.mirrored:
            _order_payment(context, certificate, leaf_id, payee)
            continue
        pay_reserved(context, certificate_id, payee.account, payee.amount_minor, leaf_id)
        paid_minor += payee.amount_minor
        if payee.held is not None:
            payment_was_held(context, payee.held, leaf_id, payee.amount_minor)
        if is_financiers_part(leaf, payee.party):
            loan_paid(context, leaf_id, payee.amount_minor)
    if paid_minor:
        discharge(context, leaf_id, paid_minor, order=b"")


def _order_payment(
    context: Context,
    certificate: Certificate,
    leaf_id: bytes,
    payee: Payee,
) -> None:
    """Move a payee's share of the reservation to an order of its own."""
    leaf = LEAVES.require(context.state, leaf_id)
    amount_minor = payee.amount_minor
    is_holder = payee.party == leaf.holder
    order_id = context.derived_id("order", leaf_id if is_holder else leaf_id + payee.party)
    if ORDERS.get(context.state, order_id) is not None:
        raise InvariantViolation("order_id_is_new", order_id.hex())
    dates = certificate_dates(context.state, certificate, context.time_ms)
    banking_days = policy_value(context.state, ORDER_BANKING_DAYS, dates)
    day = later_banking_day(context.state, china_day(context.time_ms), banking_days)
    _, expires_at_ms = due_moments(context, day, dates)
    order = PaymentOrder(
        certificate=leaf.certificate,
        leaf=leaf_id,
        payee=payee.party,
        bank=ASSETS.require(context.state, certificate.deposit).issuer,
        account=certificate.account,
        amount_minor=amount_minor,
        ordered_at_ms=context.time_ms,
        expires_at_ms=expires_at_ms,
        status=OrderStatus.OPEN,
    )
    move_reserved(context, leaf.certificate, order_id, amount_minor)
    ORDERS.put(context.state, order, order_id)
    put_leaf(
        context,
        leaf_id,
        msgspec.structs.replace(leaf, awaiting_minor=leaf.awaiting_minor + amount_minor),
    )
    change_awaiting(context, leaf.certificate, amount_minor)
    change_loan_awaiting(context, leaf_id, payee.party, amount_minor)
    add_item(context.state, expires_at_ms + 1, ORDER_HANDLER, order_id)
    context.emit(
        events.PaymentOrdered(
            order_id,
            order.certificate,
            leaf_id,
            order.payee,
            order.bank,
            order.account,
            amount_minor,
            expires_at_ms,
        ),
    )


class OrderBook:
    """The open payment orders, as the accounts module asks about them."""

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
        """Discharge the leaf of an order that the bank executed; False when it does not fit."""
        found = ORDERS.get(context.state, order)
        if (
            found is None
            or found.status != OrderStatus.OPEN
            or (found.bank, found.account, found.amount_minor) != (bank, account, amount_minor)
            or value_day > china_day(context.time_ms)
        ):
            return False
        giving = ACCOUNTS.require(context.state, account)
        issue = account_id(bank, giving.asset)
        pay_reserved(context, order, issue, amount_minor, found.leaf, booked_day=booking_day)
        _end_order(context, order, found, OrderStatus.EXECUTED)
        if is_financiers_part(LEAVES.require(context.state, found.leaf), found.payee):
            loan_paid(context, found.leaf, amount_minor)
        discharge(context, found.leaf, amount_minor, order=order)
        return True

    def is_order(self, context: Context, named: bytes) -> bool:
        """Return whether an EndToEndId is that of a payment order."""
        return ORDERS.get(context.state, named) is not None


def expire_order(context: Context, order_id: bytes) -> None:
    """Due work: a bank that did not execute in time keeps nobody from being in default."""
    before = ORDERS.require(context.state, order_id)
    found = _date_order_anew(context, order_id)
    if found.status != OrderStatus.OPEN:
        return
    if context.time_ms <= found.expires_at_ms:
        if found is not before:
            add_item(context.state, found.expires_at_ms + 1, ORDER_HANDLER, order_id)
        return
    _end_order(context, order_id, found, OrderStatus.EXPIRED)
    release(context, order_id)  # now that the obligation waits again, the money finds it
    default_after_failed_order(context, found.certificate)
    look_again(context, found.certificate)


class DatedOrder:
    """Ends of payment orders, as the schedule dates them anew."""

    def date_anew(self, context: Context, subject: bytes, due_at_ms: int) -> int:
        """Return the moment after the end of an open order."""
        order = _date_order_anew(context, subject)
        return order.expires_at_ms + 1 if order.status == OrderStatus.OPEN else due_at_ms


def _date_order_anew(context: Context, order_id: bytes) -> PaymentOrder:
    """Bring the end of an open order up to the present banking calendar."""
    found = ORDERS.require(context.state, order_id)
    certificate = CERTIFICATES.require(context.state, found.certificate)
    dates = certificate_dates(context.state, certificate, found.ordered_at_ms)
    banking_days = policy_value(context.state, ORDER_BANKING_DAYS, dates)
    ordered_day = china_day(found.ordered_at_ms)
    ends_at_ms = order_ends_at_ms(context.state, found.expires_at_ms, ordered_day, banking_days)
    if found.status != OrderStatus.OPEN or ends_at_ms == found.expires_at_ms:
        return found
    dated = msgspec.structs.replace(found, expires_at_ms=ends_at_ms)
    ORDERS.put(context.state, dated, order_id)
    context.emit(events.PaymentOrderMoved(order_id, ends_at_ms))
    return dated


def _end_order(
    context: Context,
    order_id: bytes,
    order: PaymentOrder,
    status: OrderStatus,
) -> None:
    ORDERS.put(context.state, msgspec.structs.replace(order, status=status), order_id)
    leaf = LEAVES.require(context.state, order.leaf)
    put_leaf(
        context,
        order.leaf,
        msgspec.structs.replace(leaf, awaiting_minor=leaf.awaiting_minor - order.amount_minor),
    )
    change_awaiting(context, order.certificate, -order.amount_minor)
    change_loan_awaiting(context, order.leaf, order.payee, -order.amount_minor)
    context.emit(events.PaymentOrderEnded(order_id, status))


def discharge(context: Context, leaf_id: bytes, amount_minor: int, *, order: bytes) -> None:
    """Take a paid amount off the leaf, the claim, the invoice, the line and the obligation."""
    leaf = LEAVES.require(context.state, leaf_id)
    certificate = CERTIFICATES.require(context.state, leaf.certificate)
    paid = msgspec.structs.replace(leaf, discharged_minor=leaf.discharged_minor + amount_minor)
    is_done = paid.outstanding_minor == 0
    if is_done:
        paid = msgspec.structs.replace(paid, life=Life.DISCHARGED)
    put_leaf(context, leaf_id, paid)
    lower_recourse(context, leaf_id)
    if is_done:
        leaf_was_paid(context, leaf_id)
    post(
        context,
        claim_account(leaf.certificate, certificate.obligor),
        claim_account(leaf.certificate, leaf.holder),
        amount_minor,
        leaf_id,
    )
    context.emit(
        events.LeafDischarged(
            leaf_id,
            leaf.certificate,
            leaf.holder,
            amount_minor,
            paid.outstanding_minor,
            order,
        ),
    )
    outstanding_minor = certificate.outstanding_minor - amount_minor
    CERTIFICATES.put(
        context.state,
        msgspec.structs.replace(
            certificate,
            outstanding_minor=outstanding_minor,
            discharged_minor=certificate.discharged_minor + amount_minor,
            live_leaves=certificate.live_leaves - is_done,
            life=certificate.life if outstanding_minor else Life.DISCHARGED,
        ),
        leaf.certificate,
    )
    change_occupation(
        context,
        certificate.invoice_root,
        occupied_delta_minor=-amount_minor,
        paid_delta_minor=amount_minor,
    )
    change_line(context, certificate.obligor, -amount_minor)
    status = OBLIGATIONS.require(context.state, leaf.certificate).status
    # A leaf that was disputed whole at the cut-off, and is owed again, is not late yet.
    was_late = status in LATE and leaf.life != Life.DUE
    record_performance(context, leaf.certificate, amount_minor)
    if was_late:
        fix_late_interest(context, leaf_id, paid, amount_minor)
    if certificate.life == Life.OVERDUE and not outstanding_minor:
        overdue_certificate_ended(context, certificate.obligor)
    follow_certificate(context, leaf.certificate)
