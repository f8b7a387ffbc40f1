"""SC-R6 and SC-T23: who let a certificate become overdue may not issue, until the clock lifts it.

Rules this file keeps:
 1. The flag is a state of its own. It is set in the block in which a certificate becomes overdue,
    whatever else of the obligor is overdue already.
 2. While anything of the obligor is overdue the flag stands, without an end.
 3. When the last of it is discharged the flag gets its end: so many days later as the policy row
    ``supply_chain.stop_lift_days`` says on that day. The clock lifts it then, nobody else.
 4. A new default before that end takes the end away again.

Source: PBOC and others, No. 77 of 2025, article 15 (as the policy pack cites it).
"""

from typing import Final

import msgspec

from xinlian.apps.supply_chain import events
from xinlian.apps.supply_chain.keeper import issue_line
from xinlian.apps.supply_chain.policy import STOP_LIFT_DAYS
from xinlian.apps.supply_chain.types import LINES, STOP_FLAGS, StopFlag
from xinlian.contracts.context import Context
from xinlian.modules.policy.dates import dates_of
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import MS_PER_DAY

STOP_HANDLER: Final = 0x1007


def is_stopped(context: Context, obligor: bytes) -> bool:
    """Return whether an obligor may not issue now, whether or not the clock has lifted its flag."""
    found = STOP_FLAGS.get(context.state, obligor)
    return found is not None and not _is_over(context, found)


def certificate_became_overdue(context: Context, obligor: bytes) -> None:
    """SC-T13: count it; set the flag, or take the end of a flag that stands away."""
    _count(context, obligor, 1)
    found = STOP_FLAGS.get(context.state, obligor)
    if found is not None and not found.lifts_at_ms:
        return
    set_at_ms = context.time_ms if found is None else found.set_at_ms
    STOP_FLAGS.put(context.state, StopFlag(set_at_ms, 0), obligor)
    context.emit(events.StopFlagChanged(obligor, is_set=True, lifts_at_ms=0))


def overdue_certificate_ended(context: Context, obligor: bytes) -> None:
    """SC-T14: count it; give the flag its end when nothing of the obligor is overdue any more."""
    if _count(context, obligor, -1):
        return
    found = STOP_FLAGS.require(context.state, obligor)
    dates = dates_of(context.time_ms, issue_ms=found.set_at_ms)
    days = policy_value(context.state, STOP_LIFT_DAYS, dates)
    lifts_at_ms = context.time_ms + days * MS_PER_DAY
    dated = msgspec.structs.replace(found, lifts_at_ms=lifts_at_ms)
    STOP_FLAGS.put(context.state, dated, obligor)
    add_item(context.state, lifts_at_ms, STOP_HANDLER, obligor)
    context.emit(events.StopFlagChanged(obligor, is_set=True, lifts_at_ms=lifts_at_ms))


def lift_stop(context: Context, obligor: bytes) -> None:
    """Due work, SC-T23: the end of a stop flag has come, unless another default took it away."""
    found = STOP_FLAGS.get(context.state, obligor)
    if found is None or not _is_over(context, found):
        return
    STOP_FLAGS.delete(context.state, obligor)
    context.emit(events.StopFlagChanged(obligor, is_set=False, lifts_at_ms=0))


def _is_over(context: Context, found: StopFlag) -> bool:
    return 0 < found.lifts_at_ms <= context.time_ms


def _count(context: Context, obligor: bytes, delta: int) -> int:
    """Change how many certificates are overdue; return how many are."""
    line = issue_line(context.state, obligor)
    count = line.overdue_certificates + delta
    LINES.put(context.state, msgspec.structs.replace(line, overdue_certificates=count), obligor)
    return count
