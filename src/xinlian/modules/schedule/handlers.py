"""Handlers of the schedule module."""

from typing import Final

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.ledger.clock import CLOCK_SIMULATED, chain_meta, set_clock_target
from xinlian.modules.members.types import KEYS
from xinlian.modules.schedule import events
from xinlian.modules.schedule.errors import ClockDiffers, ClockIsLive, NotOperator, TargetPast
from xinlian.modules.schedule.messages import AdvanceClock, ConfirmClock
from xinlian.modules.schedule.redating import REDATING_HANDLER, date_next_items
from xinlian.modules.schedule.types import ITEMS, OPERATORS, PARKED, REDATING, SEQUENCE
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR

ADVANCE_MS_MAX: Final = 3_660 * MS_PER_DAY
CONFIRM_MS_MAX: Final = MS_PER_HOUR


def advance_clock(context: Context, message: AdvanceClock) -> None:
    """Set the target of a simulated clock."""
    # AUTHORISE
    _require_operator(context)
    # VALIDATE
    meta = chain_meta(context.state)
    if meta.clock != CLOCK_SIMULATED:
        raise ClockIsLive(meta.clock)
    if not context.time_ms < message.target_ms <= context.time_ms + ADVANCE_MS_MAX:
        raise TargetPast(str(message.target_ms))
    # WRITE
    set_clock_target(context.state, message.target_ms)
    # EMIT
    context.emit(events.ClockAdvancing(message.target_ms))


def confirm_clock(context: Context, message: ConfirmClock) -> None:
    """Record that an operator vouches for the clock; the engine goes on because of it."""
    # AUTHORISE
    _require_operator(context)
    # VALIDATE
    if abs(context.time_ms - message.clock_ms) > CONFIRM_MS_MAX:
        raise ClockDiffers(f"the block's time is {context.time_ms}")
    # EMIT
    context.emit(events.ClockConfirmed(message.clock_ms))


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(ITEMS, SEQUENCE, PARKED, OPERATORS, REDATING)
    registry.add_message(AdvanceClock, advance_clock)
    registry.add_message(ConfirmClock, confirm_clock)
    registry.add_scheduled(REDATING_HANDLER, date_next_items)
    registry.add_events(events.ClockAdvancing, events.ClockConfirmed)


def _require_operator(context: Context) -> None:
    operators = {operator.public_key for _, operator in OPERATORS.scan(context.state)}
    signers = {KEYS.require(context.state, key_id).public_key for key_id in context.signers}
    if not operators & signers:
        raise NotOperator("no operator key signed")
