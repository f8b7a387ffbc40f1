"""What the banking calendar moves here: due moments, cut-offs, the ends of payment orders.

Rules this file keeps:
 1. The schedule asks for the moment of each kind of work that it holds; both sides are told by an
    event of every moment that moved.
 2. A legal due day is never written here.
"""

import msgspec

from xinlian.contracts.context import Context
from xinlian.modules.obligations import events
from xinlian.modules.obligations.keeper import date_anew
from xinlian.modules.obligations.life import IN_TIME
from xinlian.modules.obligations.moments import order_ends_at_ms
from xinlian.modules.obligations.types import OBLIGATIONS, TERMS, ObligationStatus, Terms


class DatedDue:
    """Due moments, as the schedule dates them anew."""

    def date_anew(self, context: Context, subject: bytes, due_at_ms: int) -> int:
        """Return when the obligation is due, if that is still to come."""
        dated = date_anew(context, subject)
        return dated.due_at_ms if dated.status == ObligationStatus.OPEN else due_at_ms


class DatedCutoff:
    """Cut-offs, as the schedule dates them anew."""

    def date_anew(self, context: Context, subject: bytes, due_at_ms: int) -> int:
        """Return when the obligation's cut-off is, if that is still to come."""
        dated = date_anew(context, subject)
        return dated.cutoff_at_ms if dated.status in IN_TIME else due_at_ms


class DatedOrder:
    """Ends of payment orders, as the schedule dates them anew."""

    def date_anew(self, context: Context, subject: bytes, due_at_ms: int) -> int:
        """Return the moment after the end of an order that a bank is executing."""
        if not OBLIGATIONS.require(context.state, subject).awaiting_minor:
            return due_at_ms
        return date_order_anew(context, subject).order_expires_at_ms + 1


def date_order_anew(context: Context, obligation_id: bytes) -> Terms:
    """Bring the end of an open order up to the present calendar."""
    terms = TERMS.require(context.state, obligation_id)
    ends_at_ms = current_order_end(context, terms)
    if ends_at_ms == terms.order_expires_at_ms:
        return terms
    dated = msgspec.structs.replace(terms, order_expires_at_ms=ends_at_ms)
    TERMS.put(context.state, dated, obligation_id)
    context.emit(events.ObligationOrderMoved(obligation_id, ends_at_ms))
    return dated


def current_order_end(context: Context, terms: Terms) -> int:
    """Return the last moment of the open order under the present calendar."""
    return order_ends_at_ms(
        context.state,
        terms.order_expires_at_ms,
        terms.ordered_day,
        terms.order_banking_days,
    )
