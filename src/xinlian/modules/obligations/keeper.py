"""The only code that writes obligations: they open, fall due, perform, default, end.

Rules this file keeps:
 1. At the due moment, at each later credit to the account, and last at the cut-off, the obligation
    is performed from its standing authority without anybody's signature.
 2. Before the cut-off it is paid in full or not at all; what is short at the cut-off is paid in
    part, the rest is in default in that block.
 3. Obligations that wait for one account are performed in the order (due time, id); one whose
    authority has ended or is used up holds nobody up.
 4. What a bank is executing is neither paid again nor in default until its order ends.
"""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.records import integer_part
from xinlian.modules.accounts.keeper import require_account
from xinlian.modules.obligations import events
from xinlian.modules.obligations.ports import ObligationSource
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    WAITING,
    Obligation,
    ObligationStatus,
    Waiting,
)
from xinlian.modules.policy.keeper import banking_day_on_or_after, policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives import InvariantViolation
from xinlian.primitives.time import MS_PER_MINUTE, china_midnight_ms

DUE_HANDLER: Final = 0x0501
CUTOFF_HANDLER: Final = 0x0502
RETRY_HANDLER: Final = 0x0503
OPENING_ROW: Final = "banking.opening_minute"
CUTOFF_ROW: Final = "banking.cutoff_minute"

_LIVING: Final = (ObligationStatus.DUE, ObligationStatus.DEFAULTED)


def due_moments(context: Context, due_day: int) -> tuple[int, int]:
    """Return (opening, cut-off) of the banking day on which a legal due date is paid."""
    banking_day = banking_day_on_or_after(context.state, due_day)
    midnight_ms = china_midnight_ms(banking_day)
    opening = policy_value(context.state, OPENING_ROW, context.time_ms)
    cutoff = policy_value(context.state, CUTOFF_ROW, context.time_ms)
    return midnight_ms + opening * MS_PER_MINUTE, midnight_ms + cutoff * MS_PER_MINUTE


def open_obligation(context: Context, obligation_id: bytes, obligation: Obligation) -> None:
    """Make a proposed promise binding and queue its due moment."""
    opened = msgspec.structs.replace(obligation, status=ObligationStatus.OPEN)
    OBLIGATIONS.put(context.state, opened, obligation_id)
    add_item(
        context.state,
        max(opened.due_at_ms, context.time_ms),
        DUE_HANDLER,
        obligation_id,
    )
    _emit_opened(context, obligation_id, opened)


def open_due_now(context: Context, obligation_id: bytes, obligation: Obligation) -> None:
    """Open a promise of fixed amount that is due at once, and queue its performance."""
    _put(context, obligation_id, obligation)
    _emit_opened(context, obligation_id, obligation)
    if obligation.account:
        add_item(context.state, context.time_ms, RETRY_HANDLER, obligation.account)


def cancel_obligation(context: Context, obligation_id: bytes) -> None:
    """End a promise that never became binding."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    if found.status != ObligationStatus.PROPOSED:
        raise InvariantViolation("only_proposed_is_cancelled", obligation_id.hex())
    _end(context, obligation_id, found, ObligationStatus.CANCELLED)


def fall_due(context: Context, obligation_id: bytes) -> None:
    """Due work: the due banking day has opened."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    if found.status != ObligationStatus.OPEN:
        return
    due = msgspec.structs.replace(found, status=ObligationStatus.DUE)
    _put(context, obligation_id, due)
    context.emit(events.ObligationDue(obligation_id, due.open_minor))
    if due.account:
        # Not at once: another obligation of this moment may come first in the order of rule 3.
        add_item(context.state, context.time_ms, RETRY_HANDLER, due.account)
    _source(context, due).on_due(context, obligation_id)
    add_item(context.state, due.cutoff_at_ms, CUTOFF_HANDLER, obligation_id)


def pass_cutoff(context: Context, obligation_id: bytes) -> None:
    """Due work: pay what is there, in order; what is short is in default now."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    if found.status != ObligationStatus.DUE:
        return
    if found.account and _perform_first(context, found.account):
        add_item(context.state, context.time_ms, CUTOFF_HANDLER, obligation_id)
        return
    is_paying = _source(context, found).is_paying(context, obligation_id)
    if found.payable_minor and not is_paying:
        _default(context, obligation_id, found)


def retry_account(context: Context, account: bytes) -> None:
    """Due work: perform what waits for an account, in order, as far as the money goes.

    One obligation an item, so that the events of an item stay bounded.
    """
    if _perform_first(context, account):
        add_item(context.state, context.time_ms, RETRY_HANDLER, account)


def payment_ended(context: Context, obligation_id: bytes) -> None:
    """Look again at an obligation whose payment was carried out, and at what waits behind it."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    if found.status == ObligationStatus.DUE and context.time_ms >= found.cutoff_at_ms:
        add_item(context.state, context.time_ms, CUTOFF_HANDLER, obligation_id)
    elif found.status == ObligationStatus.DEFAULTED and found.account:
        add_item(context.state, context.time_ms, RETRY_HANDLER, found.account)


class ObligationsRetry:
    """Hears of credits and queues what waits for them."""

    def on_credit(self, context: Context, account: bytes) -> None:
        """Queue a retry for the next block when something waits for this account."""
        for _ in WAITING.scan(context.state, account):
            add_item(context.state, context.time_ms, RETRY_HANDLER, account)
            return


def record_performance(context: Context, obligation_id: bytes, amount_minor: int) -> None:
    """Count a payment to a creditor; end the obligation when nothing is left."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    if amount_minor > found.open_minor:
        raise InvariantViolation("performed_within_open", obligation_id.hex())
    performed = msgspec.structs.replace(
        found,
        performed_minor=found.performed_minor + amount_minor,
    )
    context.emit(
        events.ObligationPerformed(obligation_id, amount_minor, performed.open_minor),
    )
    if performed.open_minor:
        _put(context, obligation_id, performed)
        return
    was_late = performed.status == ObligationStatus.DEFAULTED
    _end(
        context,
        obligation_id,
        performed,
        ObligationStatus.CURED if was_late else ObligationStatus.PERFORMED,
    )


def change_awaiting(context: Context, obligation_id: bytes, delta_minor: int) -> None:
    """Count what banks begin or cease to execute."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    awaiting_minor = found.awaiting_minor + delta_minor
    if not 0 <= awaiting_minor <= found.open_minor:
        raise InvariantViolation("awaiting_within_open", obligation_id.hex())
    _put(context, obligation_id, msgspec.structs.replace(found, awaiting_minor=awaiting_minor))


def default_after_failed_order(context: Context, obligation_id: bytes) -> None:
    """Take an obligation whose bank did not pay in time into default, after its cut-off."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    if found.status == ObligationStatus.DUE and context.time_ms >= found.cutoff_at_ms:
        _default(context, obligation_id, found)


def _perform_first(context: Context, account: bytes) -> bool:
    """Perform the first of what waits for an account; return whether anything was paid."""
    for (_, _, obligation_id), _ in WAITING.scan(context.state, account):
        found = OBLIGATIONS.require(context.state, obligation_id)
        is_paying = _source(context, found).is_paying(context, obligation_id)
        if not is_paying and _left_of_authority(context, found):
            return _try_perform(context, obligation_id, found)
    return False


def _try_perform(context: Context, obligation_id: bytes, found: Obligation) -> bool:
    payable_minor = min(found.payable_minor, _available(context, found))
    is_late = found.status == ObligationStatus.DEFAULTED or context.time_ms >= found.cutoff_at_ms
    if not payable_minor or (payable_minor < found.payable_minor and not is_late):
        return False
    _source(context, found).pay(context, obligation_id, payable_minor)
    return True


def _available(context: Context, obligation: Obligation) -> int:
    """Return what the authority and its account can pay now."""
    left_minor = _left_of_authority(context, obligation)
    if not left_minor:
        return 0
    account = require_account(context.state, obligation.account)
    return min(account.available_minor, left_minor)


def _left_of_authority(context: Context, obligation: Obligation) -> int:
    """Return what the authority still lets the ledger pay, whether the money is there or not."""
    if not obligation.account or context.time_ms > obligation.authority_until_ms:
        return 0
    used_minor = obligation.performed_minor + obligation.awaiting_minor
    return max(obligation.authority_cap_minor - used_minor, 0)


def _default(context: Context, obligation_id: bytes, found: Obligation) -> None:
    defaulted = msgspec.structs.replace(found, status=ObligationStatus.DEFAULTED)
    _put(context, obligation_id, defaulted)
    context.emit(
        events.ObligationDefaulted(obligation_id, found.debtor, found.open_minor),
    )
    _source(context, found).on_default(context, obligation_id)


def _end(
    context: Context,
    obligation_id: bytes,
    obligation: Obligation,
    status: ObligationStatus,
) -> None:
    released_minor = obligation.released_minor + obligation.open_minor
    ended = msgspec.structs.replace(obligation, status=status, released_minor=released_minor)
    _put(context, obligation_id, ended)
    context.emit(events.ObligationEnded(obligation_id, status))


def _emit_opened(context: Context, obligation_id: bytes, opened: Obligation) -> None:
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
        ),
    )


def _put(context: Context, obligation_id: bytes, obligation: Obligation) -> None:
    """Write an obligation and keep the index of what waits for money with it."""
    OBLIGATIONS.put(context.state, obligation, obligation_id)
    if not obligation.account:
        return
    parts = (obligation.account, integer_part(obligation.due_at_ms), obligation_id)
    if obligation.status in _LIVING and obligation.payable_minor:
        WAITING.put(context.state, Waiting(), *parts)
    else:
        WAITING.delete(context.state, *parts)


def _source(context: Context, obligation: Obligation) -> ObligationSource:
    return context.ports.require(ObligationSource, obligation.source_kind)
