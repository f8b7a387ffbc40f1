"""Disputing, settling and forgiving: what of an obligation runs on, and what is released.

Rules this file keeps:
 1. A debtor disputes before the obligation is due; once it is, what was promised is performed.
 2. The undisputed part runs on; the disputed part is neither performed nor in default.
 3. A dispute ends by the side that gives its position up, for the amount that it names: owed again
    with a fresh cut-off, or released.
 4. The creditor forgives any open amount that no bank is executing.
"""

from xinlian.contracts.context import Context
from xinlian.modules.obligations.agreement import require_agreed, require_binding
from xinlian.modules.obligations.errors import (
    AmountTooLarge,
    NotEntitled,
    TooLateToDispute,
)
from xinlian.modules.obligations.keeper import (
    change_dispute,
    perform_soon,
)
from xinlian.modules.obligations.messages import (
    DisputeObligation,
    ForgiveObligation,
    SettleDispute,
)
from xinlian.modules.obligations.moments import current, next_due_day, obligation_dates
from xinlian.modules.obligations.releases import let_go, trim_calls
from xinlian.modules.obligations.types import ObligationStatus, ReleaseReason
from xinlian.modules.obligations.upheld import record_upheld


def dispute_obligation(context: Context, message: DisputeObligation) -> None:
    """Take an amount out of what is performed, until a side gives way."""
    # AUTHORISE
    found, terms = require_agreed(context, message.obligation)
    if context.acting_for != found.debtor:
        raise NotEntitled(context.acting_for.hex())
    # VALIDATE
    require_binding(found)
    due_at_ms = current(context.state, found).due_at_ms
    is_due = context.time_ms >= due_at_ms and not terms.is_waiting
    if found.status != ObligationStatus.OPEN or is_due:
        raise TooLateToDispute(ObligationStatus(found.status).name.lower())
    if message.amount_minor > found.payable_minor:
        raise AmountTooLarge(f"{found.payable_minor} is open and undisputed")
    # WRITE and EMIT
    change_dispute(context, message.obligation, message.amount_minor, message.document_root)


def settle_dispute(context: Context, message: SettleDispute) -> None:
    """Give up a position: the debtor's makes the amount owed again, the creditor's releases it."""
    # AUTHORISE
    found, terms = require_agreed(context, message.obligation)
    if context.acting_for not in (found.debtor, terms.creditor):
        raise NotEntitled(context.acting_for.hex())
    # VALIDATE
    require_binding(found)
    if message.amount_minor > found.disputed_minor:
        raise AmountTooLarge(f"{found.disputed_minor} is disputed")
    # WRITE and EMIT
    if context.acting_for == found.debtor:
        change_dispute(
            context,
            message.obligation,
            -message.amount_minor,
            owed_again_from_day=next_due_day(context, obligation_dates(found, context.time_ms)),
        )
        perform_soon(context, message.obligation)
        return
    record_upheld(context, message.obligation, message.amount_minor)
    change_dispute(context, message.obligation, -message.amount_minor)
    let_go(context, message.obligation, message.amount_minor, ReleaseReason.REDUCED)


def forgive_obligation(context: Context, message: ForgiveObligation) -> None:
    """Release an open amount for nothing."""
    # AUTHORISE
    found, terms = require_agreed(context, message.obligation)
    if context.acting_for != terms.creditor:
        raise NotEntitled(context.acting_for.hex())
    # VALIDATE
    require_binding(found)
    forgivable_minor = found.open_minor - found.awaiting_minor
    if message.amount_minor > forgivable_minor:
        raise AmountTooLarge(f"{forgivable_minor} is open and at no bank")
    # WRITE and EMIT
    let_go(context, message.obligation, message.amount_minor, ReleaseReason.FORGIVEN)
    trim_calls(context, message.obligation)
