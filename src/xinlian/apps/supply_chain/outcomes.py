"""How a dispute of a leaf ends: what is upheld is owed no more, what is rejected is owed again.

Rules this file keeps:
 1. A dispute ends once, for its whole amount: a part is upheld, the rest is rejected. What was
    upheld is a credit fact of the obligor.
 2. What is rejected has a fresh cut-off: the next banking day's, or the due day's where that is
    later. A leaf that was disputed whole at the default of its certificate is overdue after it, and
    guarantors are called then.
 3. When its time is up a dispute ends as policy says (``supply_chain.silent_dispute_upheld``);
    where that reduces a leaf that a court's order holds, it waits for the end of the order.

Source: docs/concepts/certificates.md (T13, T22).
"""

from typing import Final

import msgspec

from xinlian.apps.supply_chain import dispute_events
from xinlian.apps.supply_chain.dates import certificate_dates
from xinlian.apps.supply_chain.dispute_types import DISPUTES, Dispute, DisputeStatus
from xinlian.apps.supply_chain.guarantee_calls import (
    call_guarantors,
    follow_certificate,
    look_again,
)
from xinlian.apps.supply_chain.holds import FREEZES, hold_of
from xinlian.apps.supply_chain.keeper import put_leaf
from xinlian.apps.supply_chain.policy import SILENT_DISPUTE_UPHELD
from xinlian.apps.supply_chain.reductions import reduce_leaf
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES, Life
from xinlian.contracts.context import Context
from xinlian.modules.obligations.keeper import change_dispute, perform_soon
from xinlian.modules.obligations.life import LATE
from xinlian.modules.obligations.moments import due_moments, next_due_day, obligation_dates
from xinlian.modules.obligations.types import OBLIGATIONS
from xinlian.modules.obligations.upheld import record_upheld
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.schedule.keeper import add_item

DISPUTE_HANDLER: Final = 0x1040
OWED_AGAIN_HANDLER: Final = 0x1041


def end_dispute(context: Context, dispute_id: bytes, ended: Dispute) -> None:
    """End a dispute as its record now says."""
    leaf = LEAVES.require(context.state, ended.leaf)
    left_minor = leaf.disputed_minor - ended.amount_minor
    put_leaf(context, ended.leaf, msgspec.structs.replace(leaf, disputed_minor=left_minor))
    if ended.upheld_minor:
        record_upheld(context, ended.certificate, ended.upheld_minor)
        change_dispute(context, ended.certificate, -ended.upheld_minor, ended.decision_root)
        reduce_leaf(
            context,
            ended.leaf,
            ended.upheld_minor,
            frees_invoice=ended.frees_invoice,
        )
    again_minor = ended.amount_minor - ended.upheld_minor
    if again_minor:
        ended = _owe_again(context, dispute_id, ended, again_minor)
    DISPUTES.put(context.state, ended, dispute_id)
    context.emit(
        dispute_events.DisputeEnded(
            dispute_id,
            ended.leaf,
            ended.status,
            ended.upheld_minor,
            ended.frees_invoice,
            again_minor,
            left_minor,
            ended.decision_root,
            ended.ended_by,
        ),
    )
    follow_certificate(context, ended.certificate)


def end_by_clock(context: Context, dispute_id: bytes) -> None:
    """Due work: nobody ended the dispute in time; policy says who is right."""
    found = DISPUTES.require(context.state, dispute_id)
    if found.status != DisputeStatus.OPEN or context.time_ms <= found.ends_at_ms:
        return
    certificate = CERTIFICATES.require(context.state, found.certificate)
    dates = certificate_dates(context.state, certificate, found.raised_at_ms)
    is_upheld = bool(policy_value(context.state, SILENT_DISPUTE_UPHELD, dates))
    held = hold_of(context, found.leaf, LEAVES.require(context.state, found.leaf))
    if is_upheld and held is not None:
        again_at_ms = FREEZES.require(context.state, held.order).expires_at_ms + 1
        add_item(context.state, again_at_ms, DISPUTE_HANDLER, dispute_id)
        return
    lapsed = msgspec.structs.replace(
        found,
        status=DisputeStatus.LAPSED,
        upheld_minor=found.amount_minor if is_upheld else 0,
    )
    end_dispute(context, dispute_id, lapsed)


def pass_fresh_cutoff(context: Context, dispute_id: bytes) -> None:
    """Due work: what is owed again after the default of its certificate is late in its turn."""
    found = DISPUTES.require(context.state, dispute_id)
    cutoff_at_ms = _fresh_cutoff_ms(context, found)
    if context.time_ms < cutoff_at_ms:
        add_item(context.state, cutoff_at_ms, OWED_AGAIN_HANDLER, dispute_id)
        return
    leaf = LEAVES.require(context.state, found.leaf)
    if OBLIGATIONS.require(context.state, found.certificate).status not in LATE:
        return
    if leaf.life == Life.DUE and leaf.outstanding_minor > leaf.disputed_minor:
        put_leaf(context, found.leaf, msgspec.structs.replace(leaf, life=Life.OVERDUE))
        context.emit(dispute_events.LeafOverdue(found.leaf, found.certificate))
    call_guarantors(context, found.certificate)
    look_again(context, found.certificate)


class DatedFreshCutoff:
    """Fresh cut-offs of what is owed again, as the schedule dates them anew."""

    def date_anew(self, context: Context, subject: bytes, due_at_ms: int) -> int:
        """Return the cut-off of the banking day on or after the day as from which it is owed."""
        del due_at_ms
        return _fresh_cutoff_ms(context, DISPUTES.require(context.state, subject))


def _owe_again(context: Context, dispute_id: bytes, ended: Dispute, amount_minor: int) -> Dispute:
    """Make what was rejected owed again; return the dispute with its day where that matters."""
    obligation = OBLIGATIONS.require(context.state, ended.certificate)
    day = next_due_day(context, obligation_dates(obligation, context.time_ms))
    change_dispute(context, ended.certificate, -amount_minor, owed_again_from_day=day)
    perform_soon(context, ended.certificate)
    if obligation.status not in LATE:
        return ended
    again = msgspec.structs.replace(ended, owed_again_day=day)
    add_item(context.state, _fresh_cutoff_ms(context, again), OWED_AGAIN_HANDLER, dispute_id)
    return again


def _fresh_cutoff_ms(context: Context, found: Dispute) -> int:
    obligation = OBLIGATIONS.require(context.state, found.certificate)
    dates = obligation_dates(obligation, found.raised_at_ms)
    return due_moments(context, found.owed_again_day, dates)[1]
