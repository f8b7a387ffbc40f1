"""Consensus time: strictly increasing, derived from the engine's time and the state alone.

Rules this file keeps:
 1. A live clock follows the engine; a block is at least 1 ms after the one before.
 2. A simulated clock adds an offset that only a signed operator message raises.  While a target
    is pending, each block's time is the next due time or the target, whichever is earlier, so
    nothing runs late.
 3. The height and time of the last block are in the state, so they can be proven.
"""

from typing import Final

from xinlian.ledger.outcomes import LEDGER_MODULE_NO
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import Collection, Record

CLOCK_LIVE: Final = "live"
CLOCK_SIMULATED: Final = "simulated"


class ChainMeta(Record, frozen=True):
    """What the machine knows of its chain; ``clock`` is ``live`` or ``simulated``."""

    chain_id: str
    clock: str
    app_version: int
    height: int
    time_ms: int
    clock_offset_ms: int
    clock_target_ms: int
    """Where a simulated clock is going; 0 when nowhere."""


META: Final = Collection(LEDGER_MODULE_NO, 3, ChainMeta, ())


def chain_meta(state: StateView) -> ChainMeta:
    """Return the record of the chain; it exists from genesis on."""
    return META.require(state)


def block_time_ms(meta: ChainMeta, engine_time_ms: int) -> int:
    """Return the time of a block that goes nowhere: the engine's, moved by the offset."""
    return max(engine_time_ms + meta.clock_offset_ms, meta.time_ms + 1)


def advance_clock(meta: ChainMeta, engine_time_ms: int, next_due_at_ms: int | None) -> ChainMeta:
    """Return the record of the chain for the next block.

    Args:
        meta: the record after the block before.
        engine_time_ms: the engine's time of the new block.
        next_due_at_ms: when the schedule's earliest item is due, None without one.
    """
    earliest_ms = meta.time_ms + 1
    time_ms = block_time_ms(meta, engine_time_ms)
    offset_ms = meta.clock_offset_ms
    target_ms = meta.clock_target_ms
    if target_ms > meta.time_ms:
        step_ms = target_ms if next_due_at_ms is None else min(next_due_at_ms, target_ms)
        time_ms = max(step_ms, earliest_ms)
        offset_ms = time_ms - engine_time_ms
    if time_ms >= target_ms:
        target_ms = 0
    return ChainMeta(
        chain_id=meta.chain_id,
        clock=meta.clock,
        app_version=meta.app_version,
        height=meta.height + 1,
        time_ms=time_ms,
        clock_offset_ms=offset_ms,
        clock_target_ms=target_ms,
    )


def set_clock_target(state: Overlay, target_ms: int) -> None:
    """Send a simulated clock towards a later moment; the caller checked who asks."""
    meta = chain_meta(state)
    META.put(
        state,
        ChainMeta(
            chain_id=meta.chain_id,
            clock=meta.clock,
            app_version=meta.app_version,
            height=meta.height,
            time_ms=meta.time_ms,
            clock_offset_ms=meta.clock_offset_ms,
            clock_target_ms=target_ms,
        ),
    )
