"""Handlers of the schedule module."""

from typing import Final

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.ledger.clock import CLOCK_SIMULATED, chain_meta, set_clock_target
from xinlian.modules.schedule import events
from xinlian.modules.schedule.clock_votes import (
    cast_vote,
    drop_past_votes,
    has_voted,
    operating_parties,
    tally_of,
    voting_parties,
)
from xinlian.modules.schedule.errors import (
    AlreadyVoted,
    ClockDiffers,
    ClockIsLive,
    NotOperator,
    TargetPast,
)
from xinlian.modules.schedule.messages import AdvanceClock, ConfirmClock
from xinlian.modules.schedule.redating import REDATING_HANDLER, date_next_items
from xinlian.modules.schedule.types import (
    CLOCK_VOTES,
    ITEMS,
    OPERATORS,
    PARKED,
    REDATING,
    SEQUENCE,
)
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR

ADVANCE_MS_MAX: Final = 3_660 * MS_PER_DAY
CONFIRM_MS_MAX: Final = MS_PER_HOUR


def advance_clock(context: Context, message: AdvanceClock) -> None:
    """Set the target of a simulated clock, or vote for it where several operate the chain."""
    # AUTHORISE
    voters = _require_operator(context)
    # VALIDATE
    meta = chain_meta(context.state)
    if meta.clock != CLOCK_SIMULATED:
        raise ClockIsLive(meta.clock)
    if not context.time_ms < message.target_ms <= context.time_ms + ADVANCE_MS_MAX:
        raise TargetPast(str(message.target_ms))
    is_vote = len(operating_parties(context.state)) > 1
    if is_vote and all(has_voted(context.state, party, message.target_ms) for party in voters):
        tally = tally_of(context, message.target_ms)
        raise AlreadyVoted(f"{tally.votes} of {tally.needed} votes")
    # WRITE
    if not is_vote:
        set_clock_target(context.state, message.target_ms)
        context.emit(events.ClockAdvancing(message.target_ms))
        return
    drop_past_votes(context)
    for party in voters:
        cast_vote(context, party, message.target_ms)
    tally = tally_of(context, message.target_ms)
    is_agreed = tally.agreed_ms > meta.clock_target_ms
    if is_agreed:
        set_clock_target(context.state, tally.agreed_ms)
    # EMIT
    for party in voters:
        context.emit(events.ClockVoted(party, message.target_ms, tally.votes, tally.needed))
    if is_agreed:
        context.emit(events.ClockAdvancing(tally.agreed_ms))


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
    registry.add_collections(ITEMS, SEQUENCE, PARKED, OPERATORS, REDATING, CLOCK_VOTES)
    registry.add_message(AdvanceClock, advance_clock)
    registry.add_message(ConfirmClock, confirm_clock)
    registry.add_scheduled(REDATING_HANDLER, date_next_items)
    registry.add_events(events.ClockAdvancing, events.ClockConfirmed, events.ClockVoted)


def _require_operator(context: Context) -> tuple[bytes, ...]:
    """Return the organisations whose operator's keys signed; raises NotOperator."""
    voters = voting_parties(context)
    if not voters:
        raise NotOperator("no operator key signed")
    return voters
