"""The only code that writes obligations: they open, fall due, perform, default, end.

Rules this file keeps:
 1. At the due moment, at each later credit to the account, and last at the cut-off, the obligation
    is performed from its standing authority without anybody's signature; from locked money at the
    due moment.
 2. What is short at the cut-off is in default in that block.
 3. Whose turn it is on an account, and for how much, ``turns.py`` says.
 4. What a bank is executing is neither paid again nor in default until its order ends.
 5. A disputed amount is neither performed nor in default; the undisputed part runs on.
 6. What is released of locked money is available to the debtor again in the same block.
 7. Nothing is due or in default by a moment that the banking calendar has moved: work that comes
    too early is queued anew, and no guard looks at a moment without asking the calendar.
"""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.records import WritableState, integer_part
from xinlian.modules.accounts.keeper import move_reserved, release
from xinlian.modules.obligations import events
from xinlian.modules.obligations.enforced import accounts_to_pay_from, close_order, is_executed
from xinlian.modules.obligations.life import (
    BINDING,
    IN_TIME,
    KEPT,
    LATE,
    PAYABLE,
    after_change,
    status_after_release,
)
from xinlian.modules.obligations.moments import current, obligation_dates
from xinlian.modules.obligations.ports import ONLY, ObligationListener
from xinlian.modules.obligations.turns import perform_first, source_of
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    TERMS,
    WAITING,
    Obligation,
    ObligationStatus,
    ReleaseReason,
    Waiting,
)
from xinlian.modules.policy.keeper import is_provisional
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives import InvariantViolation
from xinlian.primitives.time import china_day

DUE_HANDLER: Final = 0x0501
CUTOFF_HANDLER: Final = 0x0502
RETRY_HANDLER: Final = 0x0503


def propose(state: WritableState, obligation_id: bytes, proposed: Obligation) -> None:
    """Write a promise that binds nobody yet."""
    OBLIGATIONS.put(state, proposed, obligation_id)


def open_obligation(
    context: Context,
    obligation_id: bytes,
    obligation: Obligation,
    creditor: bytes = b"",
    *,
    is_conditional: bool = False,
) -> None:
    """Make a proposed promise binding and queue its due moment, unless a condition gives it."""
    dated = current(context.state, obligation)  # a proposal waits in no queue to be dated anew
    opened = msgspec.structs.replace(
        _dated_for_policy(context, dated),
        status=ObligationStatus.OPEN,
    )
    OBLIGATIONS.put(context.state, opened, obligation_id)
    _emit_opened(context, obligation_id, opened, creditor)
    if not is_conditional:
        queue_due(context, obligation_id, opened)


def queue_due(context: Context, obligation_id: bytes, opened: Obligation) -> None:
    """Queue the due moment of an open promise."""
    due_at_ms = max(opened.due_at_ms, context.time_ms)
    add_item(context.state, due_at_ms, DUE_HANDLER, obligation_id)


def open_due_now(
    context: Context,
    obligation_id: bytes,
    obligation: Obligation,
    creditor: bytes = b"",
    *,
    may_default: bool = False,
) -> None:
    """Open a promise of fixed amount that is due at once, and queue its performance."""
    obligation = _dated_for_policy(context, obligation)
    put_obligation(context, obligation_id, obligation)
    _emit_opened(context, obligation_id, obligation, creditor)
    if obligation.account:
        add_item(context.state, context.time_ms, RETRY_HANDLER, obligation.account)
    if may_default:
        add_item(context.state, obligation.cutoff_at_ms, CUTOFF_HANDLER, obligation_id)


def _dated_for_policy(context: Context, opened: Obligation) -> Obligation:
    """Return what binds from now on with the dates by which policy applies to it."""
    dates = obligation_dates(opened, context.time_ms)
    return msgspec.structs.replace(
        opened,
        contract_at_ms=dates.contract_ms,
        issued_at_ms=dates.issue_ms,
    )


def cancel_obligation(context: Context, obligation_id: bytes) -> None:
    """End a promise that never became binding."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    if found.status != ObligationStatus.PROPOSED:
        raise InvariantViolation("only_proposed_is_cancelled", obligation_id.hex())
    _end(context, obligation_id, found, ObligationStatus.CANCELLED)


def fall_due(context: Context, obligation_id: bytes) -> None:
    """Due work: the due banking day has opened."""
    found = date_anew(context, obligation_id)
    if found.status != ObligationStatus.OPEN:
        return
    if context.time_ms < found.due_at_ms:
        queue_due(context, obligation_id, found)
        return
    due = msgspec.structs.replace(found, status=ObligationStatus.DUE)
    put_obligation(context, obligation_id, due)
    context.emit(events.ObligationDue(obligation_id, due.open_minor))
    source_of(context, due).on_due(context, obligation_id)
    add_item(context.state, due.cutoff_at_ms, CUTOFF_HANDLER, obligation_id)
    perform_soon(context, obligation_id)


def perform_soon(context: Context, obligation_id: bytes) -> None:
    """Perform a due obligation from locked money now, from its account when its turn comes."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    if found.status not in PAYABLE or not found.payable_minor:
        return
    if not found.is_locked:
        # Not at once: another obligation of this moment may come first.
        for account in accounts_to_pay_from(context, obligation_id, found):
            add_item(context.state, context.time_ms, RETRY_HANDLER, account)
    elif not source_of(context, found).is_paying(context, obligation_id):
        source_of(context, found).pay(context, obligation_id, found.payable_minor)


def pass_cutoff(context: Context, obligation_id: bytes) -> None:
    """Due work: pay what is there, in order; what is short is in default now."""
    before = OBLIGATIONS.require(context.state, obligation_id)
    found = date_anew(context, obligation_id)
    if found.status not in IN_TIME:
        return
    if context.time_ms < found.cutoff_at_ms:
        if found.cutoff_at_ms != before.cutoff_at_ms:
            add_item(context.state, found.cutoff_at_ms, CUTOFF_HANDLER, obligation_id)
        return
    if found.account and not found.is_locked and perform_first(context, found.account):
        add_item(context.state, context.time_ms, CUTOFF_HANDLER, obligation_id)
        return
    is_paying = source_of(context, found).is_paying(context, obligation_id)
    if found.payable_minor and not is_paying:
        _default(context, obligation_id, found)
    elif found.disputed_minor and found.disputed_minor == found.open_minor:
        disputed = msgspec.structs.replace(found, status=ObligationStatus.DISPUTED)
        put_obligation(context, obligation_id, disputed)
        _emit_dispute(context, obligation_id, disputed, b"")


def retry_account(context: Context, account: bytes) -> None:
    """Due work: perform what waits for an account, in order, as far as the money goes.

    One obligation an item, so that the events of an item stay bounded.
    """
    if perform_first(context, account):
        add_item(context.state, context.time_ms, RETRY_HANDLER, account)


def payment_ended(context: Context, obligation_id: bytes) -> None:
    """Look again at an obligation whose payment was carried out, and at what waits behind it."""
    found = current(context.state, OBLIGATIONS.require(context.state, obligation_id))
    if found.status in PAYABLE:
        # What came to be owed, or to be on the account, meanwhile.
        perform_soon(context, obligation_id)
    if found.status in IN_TIME and context.time_ms >= found.cutoff_at_ms:
        add_item(context.state, context.time_ms, CUTOFF_HANDLER, obligation_id)


class ObligationsRetry:
    """Hears of credits and queues what waits for them."""

    def on_credit(self, context: Context, account: bytes) -> None:
        """Queue a retry for the next block when something waits for this account."""
        for _ in WAITING.scan(context.state, account):
            add_item(context.state, context.time_ms, RETRY_HANDLER, account)
            return


def record_performance(
    context: Context,
    obligation_id: bytes,
    amount_minor: int,
    *,
    is_on_time: bool = False,
    is_by_order: bool = False,
) -> None:
    """Count a payment to a creditor; end the obligation when nothing is left.

    Args:
        context: the call.
        obligation_id: what was paid.
        amount_minor: how much of it.
        is_on_time: True where a bank's value day shows that it was in time after all.
        is_by_order: True where a court's order paid it, not the debtor.
    """
    found = OBLIGATIONS.require(context.state, obligation_id)
    if amount_minor > found.open_minor:
        raise InvariantViolation("performed_within_open", obligation_id.hex())
    performed = msgspec.structs.replace(
        found,
        performed_minor=found.performed_minor + amount_minor,
        enforced_minor=found.enforced_minor + amount_minor * is_by_order,
    )
    performed = after_change(performed)
    context.emit(
        events.ObligationPerformed(
            obligation_id,
            amount_minor,
            performed.open_minor,
            performed.status,
        ),
    )
    if performed.open_minor:
        put_obligation(context, obligation_id, performed)
        if performed.is_enforced and is_executed(context, obligation_id):
            close_order(context, obligation_id)
            put_without_order(context, obligation_id, performed)
        return
    status = ObligationStatus.PERFORMED
    if not is_on_time:
        status = _after_default(context, obligation_id, status)
    _end(context, obligation_id, performed, status)


def release_part(
    context: Context,
    obligation_id: bytes,
    amount_minor: int,
    reason: ReleaseReason,
) -> None:
    """Take an amount off what is owed without a payment; free what was locked for it.

    The amount is open, and no bank is executing it.
    """
    found = OBLIGATIONS.require(context.state, obligation_id)
    if not 0 < amount_minor <= found.open_minor - found.awaiting_minor:
        raise InvariantViolation("released_within_open", obligation_id.hex())
    released_minor = found.released_minor + amount_minor
    released = after_change(msgspec.structs.replace(found, released_minor=released_minor))
    context.emit(
        events.ObligationReleased(
            obligation_id,
            amount_minor,
            released.open_minor,
            reason,
            released.disputed_minor,
            released.status,
        ),
    )
    if released.open_minor:
        put_obligation(context, obligation_id, released)
        if not found.is_locked:
            # What the account could not pay in full it may be able to pay now.
            perform_soon(context, obligation_id)
    else:
        ended_as = status_after_release(released, reason)
        _end(context, obligation_id, released, _after_default(context, obligation_id, ended_as))
    if found.is_locked:
        unlock(context, obligation_id, amount_minor)


def unlock(context: Context, obligation_id: bytes, amount_minor: int) -> None:
    """Give an amount of locked money back to the debtor."""
    freed_id = context.derived_id("unlocked", obligation_id)
    move_reserved(context, obligation_id, freed_id, amount_minor)
    release(context, freed_id)


def change_dispute(
    context: Context,
    obligation_id: bytes,
    delta_minor: int,
    document_root: bytes = b"",
    *,
    owed_again_from_day: int = 0,
) -> None:
    """Change how much is disputed; with a fresh cut-off where a part of it is owed again."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    disputed_minor = found.disputed_minor + delta_minor
    if not 0 <= disputed_minor <= found.open_minor - found.awaiting_minor:
        raise InvariantViolation("disputed_within_open", obligation_id.hex())
    changed = msgspec.structs.replace(found, disputed_minor=disputed_minor)
    if owed_again_from_day and found.status not in (ObligationStatus.OPEN, *LATE):
        status = ObligationStatus.PART_PERFORMED if found.performed_minor else ObligationStatus.DUE
        again = msgspec.structs.replace(
            changed,
            status=status,
            owed_again_from_day=owed_again_from_day,
        )
        changed = current(context.state, again)
        add_item(context.state, changed.cutoff_at_ms, CUTOFF_HANDLER, obligation_id)
    put_obligation(context, obligation_id, changed)
    _emit_dispute(context, obligation_id, changed, document_root)


def date_anew(context: Context, obligation_id: bytes) -> Obligation:
    """Bring an obligation's moments up to the present calendar; tell both sides of a change."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    dated = current(context.state, found)
    if dated is found or found.status not in BINDING:
        return found
    put_obligation(context, obligation_id, dated)
    terms = TERMS.get(context.state, obligation_id)
    last_day = china_day(max(dated.due_at_ms, dated.cutoff_at_ms))
    context.emit(
        events.BankingDayMoved(
            obligation_id,
            dated.debtor,
            b"" if terms is None else terms.creditor,
            dated.due_day,
            dated.due_at_ms,
            dated.cutoff_at_ms,
            is_provisional(context.state, dated.due_day, last_day),
        ),
    )
    return dated


def change_awaiting(context: Context, obligation_id: bytes, delta_minor: int) -> None:
    """Count what banks begin or cease to execute."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    awaiting_minor = found.awaiting_minor + delta_minor
    if not 0 <= awaiting_minor <= found.open_minor:
        raise InvariantViolation("awaiting_within_open", obligation_id.hex())
    changed = msgspec.structs.replace(found, awaiting_minor=awaiting_minor)
    put_obligation(context, obligation_id, changed)


def default_after_failed_order(context: Context, obligation_id: bytes) -> None:
    """Take an obligation whose bank did not pay in time into default, after its cut-off."""
    found = current(context.state, OBLIGATIONS.require(context.state, obligation_id))
    is_late = context.time_ms >= found.cutoff_at_ms
    if found.status in IN_TIME and is_late and found.payable_minor:
        _default(context, obligation_id, found)


def _default(context: Context, obligation_id: bytes, found: Obligation) -> None:
    defaulted = msgspec.structs.replace(found, status=ObligationStatus.DEFAULTED)
    put_obligation(context, obligation_id, defaulted)
    context.emit(
        events.ObligationDefaulted(obligation_id, found.debtor, found.open_minor),
    )
    listener = context.ports.require(ObligationListener, ONLY)
    listener.obligation_defaulted(context, obligation_id, defaulted)
    source_of(context, found).on_default(context, obligation_id)
    if defaulted.is_enforced:
        # An order that rested while it was disputed takes what has come meanwhile.
        perform_soon(context, obligation_id)


def _end(
    context: Context,
    obligation_id: bytes,
    obligation: Obligation,
    status: ObligationStatus,
) -> None:
    if status in KEPT and obligation.enforced_minor:
        status = ObligationStatus.ENFORCED
    released_minor = obligation.released_minor + obligation.open_minor
    ended = msgspec.structs.replace(obligation, status=status, released_minor=released_minor)
    if ended.is_enforced:
        close_order(context, obligation_id)
        ended = put_without_order(context, obligation_id, ended)
    else:
        put_obligation(context, obligation_id, ended)
    context.emit(events.ObligationEnded(obligation_id, status))
    listener = context.ports.require(ObligationListener, ONLY)
    listener.obligation_ended(context, obligation_id, ended, status)


def _after_default(
    context: Context,
    obligation_id: bytes,
    status: ObligationStatus,
) -> ObligationStatus:
    """Return how an obligation ends: what was in default is cured, not performed.

    A default stays one although all that was undisputed is paid and the state says disputed.
    """
    has_defaulted = context.ports.require(ObligationListener, ONLY).has_open_default(
        context, obligation_id
    )
    if status == ObligationStatus.PERFORMED and has_defaulted:
        return ObligationStatus.CURED
    return status


def _emit_dispute(
    context: Context,
    obligation_id: bytes,
    changed: Obligation,
    document_root: bytes,
) -> None:
    context.emit(
        events.DisputeChanged(
            obligation_id,
            changed.disputed_minor,
            document_root,
            changed.cutoff_at_ms,
            changed.status,
        ),
    )


def _emit_opened(
    context: Context,
    obligation_id: bytes,
    opened: Obligation,
    creditor: bytes,
) -> None:
    context.emit(
        events.ObligationOpened(
            obligation_id,
            opened.debtor,
            opened.amount_minor,
            opened.due_day,
            opened.source_kind,
            opened.status,
            opened.asset,
            opened.due_at_ms,
            opened.cutoff_at_ms,
            opened.account,
            opened.authority_cap_minor,
            opened.authority_until_ms,
            creditor,
        ),
    )


def put_obligation(context: Context, obligation_id: bytes, obligation: Obligation) -> None:
    """Write an obligation and keep the index of what waits for money with it."""
    OBLIGATIONS.put(context.state, obligation, obligation_id)
    is_payable = obligation.status in PAYABLE and bool(obligation.payable_minor)
    for account in accounts_to_pay_from(context, obligation_id, obligation):
        parts = (account, integer_part(obligation.due_at_ms), obligation_id)
        if is_payable:
            WAITING.put(context.state, Waiting(), *parts)
        else:
            WAITING.delete(context.state, *parts)


def put_without_order(
    context: Context,
    obligation_id: bytes,
    obligation: Obligation,
) -> Obligation:
    """Write an obligation whose court's order is over; its accounts are waited for no longer."""
    for account in accounts_to_pay_from(context, obligation_id, obligation):
        WAITING.delete(context.state, account, integer_part(obligation.due_at_ms), obligation_id)
    free = msgspec.structs.replace(obligation, is_enforced=False)
    put_obligation(context, obligation_id, free)
    return free
