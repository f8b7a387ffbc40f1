"""A court decides a dispute: what was disputed rightly is released, the rest runs on.

Rules this file keeps:
 1. All that is disputed is decided at once, as it stands: what is owed and what is not add up to
    it, so that no court decides about an amount that it has not seen.
 2. What is not owed is released as reduced; performed + open + released stays the amount.
 3. What is owed runs on as if the debtor had given way, with a fresh cut-off; and where the cut-off
    of the terms has passed, it bears late interest from the due day: losing is no delay for free.
 4. Where the rest is in default already, what is owed is in default with it, and guarantors that
    were not called answer for it.

Source: docs/concepts/obligations.md (DISPUTED); late interest of what was disputed
wrongly is that of Civil Code 577, 579 [unverified].
"""

from xinlian.contracts.context import Context
from xinlian.modules.obligations import events
from xinlian.modules.obligations.agreement import require_binding
from xinlian.modules.obligations.court import require_court, require_new_case, write_case
from xinlian.modules.obligations.court_messages import DecideDispute
from xinlian.modules.obligations.errors import AmountDiffers
from xinlian.modules.obligations.keeper import change_dispute, perform_soon
from xinlian.modules.obligations.life import LATE
from xinlian.modules.obligations.moments import (
    next_due_day,
    obligation_dates,
    terms_cutoff_at_ms,
)
from xinlian.modules.obligations.performance import bear_interest, call_guarantors
from xinlian.modules.obligations.releases import let_go, trim_calls
from xinlian.modules.obligations.types import CourtAct, Obligation, ObligationStatus, ReleaseReason
from xinlian.modules.obligations.upheld import record_upheld


def decide_dispute(context: Context, message: DecideDispute) -> None:
    """Release what is not owed; let what is owed run on."""
    # AUTHORISE
    found, _ = require_court(context, message.obligation, message.debtor, message.creditor)
    # VALIDATE
    require_binding(found)
    require_new_case(context, message.obligation, message.case_root)
    if message.capped_amount_minor() != found.disputed_minor:
        raise AmountDiffers(f"{found.disputed_minor} is disputed")
    # WRITE and EMIT
    write_case(
        context, message.obligation, message.case_root, message.order_root, CourtAct.DECISION
    )
    context.emit(
        events.DisputeDecided(
            message.obligation,
            context.acting_for,
            message.owed_minor,
            message.released_minor,
            message.case_root,
            message.order_root,
        ),
    )
    if message.owed_minor:
        _run_on(context, message.obligation, found, message.owed_minor)
    if message.released_minor:
        record_upheld(context, message.obligation, message.released_minor)
        change_dispute(context, message.obligation, -message.released_minor)
        let_go(context, message.obligation, message.released_minor, ReleaseReason.REDUCED)
        trim_calls(context, message.obligation)


def _run_on(context: Context, obligation_id: bytes, found: Obligation, owed_minor: int) -> None:
    """Let a part be owed again, late as it is."""
    change_dispute(
        context,
        obligation_id,
        -owed_minor,
        owed_again_from_day=next_due_day(context, obligation_dates(found, context.time_ms)),
    )
    has_passed = context.time_ms >= terms_cutoff_at_ms(context.state, found)
    if found.status != ObligationStatus.OPEN and has_passed:
        bear_interest(context, obligation_id, owed_minor)
    if found.status in LATE:
        call_guarantors(context, obligation_id, owed_minor)
    perform_soon(context, obligation_id)
