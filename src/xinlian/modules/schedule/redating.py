"""Dating open work anew when the banking days of a year are published.

Rules this file keeps:
 1. Every open item behind the first day that changed is looked at once; what follows the calendar
    gets the moment that it would have had if the calendar had been there from the beginning.
 2. The work is bounded: so many items a step, each at its price, and the next step is due work like
    any other. Until it comes to an item, the guards of its module ask the calendar themselves.
 3. There is one search, however many steps are queued; a calendar that is published meanwhile sends
    it back as far as needed.

Source: docs/concepts/time.md (provisional dates are re-derived when the calendar is published).
"""

import itertools
from typing import Final

from xinlian.contracts.context import SCHEDULE_PARTY, Context
from xinlian.ledger.records import integer_part
from xinlian.modules.schedule.keeper import Slot, add_item, move_item
from xinlian.modules.schedule.ports import FollowsCalendar
from xinlian.modules.schedule.types import ITEMS, REDATING, Redating, ScheduledItem
from xinlian.primitives.time import china_midnight_ms

REDATING_HANDLER: Final = 0x0301
ITEMS_PER_STEP: Final = 50
"""So that the events of a step stay within those of one message."""
WORK_PER_ITEM: Final = 100
"""A block has room for 2 000 items at most, and only for what other due work leaves."""


def begin_redating(context: Context, first_changed_day: int) -> None:
    """Queue the search for open work that depends on a day from ``first_changed_day`` on."""
    start = Redating(china_midnight_ms(first_changed_day), 0)
    running = REDATING.get(context.state)
    if running is None or start.due_at_ms <= running.due_at_ms:
        REDATING.put(context.state, start)
    # Always, for the step of a search that is running may be parked: a second one does no harm.
    add_item(context.state, context.time_ms, REDATING_HANDLER, SCHEDULE_PARTY)


def date_next_items(context: Context, subject: bytes) -> None:
    """Due work: look at the next items of the queue."""
    done = REDATING.get(context.state)
    if done is None:
        return
    items = _next_items(context, done)
    context.charge(len(items) * WORK_PER_ITEM)
    for slot, item in items:
        dated = context.ports.find(FollowsCalendar, item.handler_no)
        if dated is None:
            continue
        due_at_ms = dated.date_anew(context, item.subject, slot.due_at_ms)
        if due_at_ms != slot.due_at_ms:
            move_item(context.state, slot, due_at_ms)
    if len(items) < ITEMS_PER_STEP:
        REDATING.delete(context.state)
        return
    REDATING.put(context.state, Redating(*items[-1][0]))
    add_item(context.state, context.time_ms, REDATING_HANDLER, subject)


def _next_items(context: Context, done: Redating) -> list[tuple[Slot, ScheduledItem]]:
    after = (integer_part(done.due_at_ms), integer_part(done.sequence_no))
    found = itertools.islice(ITEMS.scan(context.state, after=after), ITEMS_PER_STEP)
    return [
        (Slot(int.from_bytes(due, "big"), int.from_bytes(number, "big")), item)
        for (due, number), item in found
    ]
