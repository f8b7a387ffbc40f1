from hypothesis import given
from hypothesis import strategies as st

from unit.ledger.fakes import START_MS, Chain
from xinlian.ledger.clock import (
    CLOCK_SIMULATED,
    ChainMeta,
    advance_clock,
    chain_meta,
    set_clock_target,
)
from xinlian.ledger.overlay import Overlay


def meta(*, time_ms: int = START_MS, offset_ms: int = 0, target_ms: int = 0) -> ChainMeta:
    return ChainMeta("test-chain", CLOCK_SIMULATED, 1, 4, time_ms, offset_ms, target_ms)


def test_without_a_target_time_follows_the_engine_plus_the_offset():
    later = advance_clock(meta(offset_ms=500), START_MS + 100, None)
    assert (later.height, later.time_ms, later.clock_offset_ms) == (5, START_MS + 600, 500)


def test_on_the_way_to_a_target_each_due_moment_has_a_block_of_its_own():
    target_ms = START_MS + 1_000
    first = advance_clock(meta(target_ms=target_ms), 7, START_MS + 400)
    assert (first.time_ms, first.clock_target_ms) == (START_MS + 400, target_ms)
    second = advance_clock(first, 8, START_MS + 5_000)
    assert (second.time_ms, second.clock_target_ms) == (target_ms, 0)
    third = advance_clock(second, 9, None)
    assert third.time_ms == target_ms + 1
    assert third.clock_offset_ms == second.clock_offset_ms


def test_work_that_is_overdue_already_is_done_in_the_next_millisecond():
    later = advance_clock(meta(target_ms=START_MS + 1_000), 0, START_MS - 50)
    assert later.time_ms == START_MS + 1


@given(
    st.integers(0, 2**50),
    st.integers(0, 2**50),
    st.integers(0, 2**50),
    st.none() | st.integers(0, 2**50),
)
def test_time_strictly_increases_and_never_passes_a_target_or_what_is_due_on_the_way(
    time_ms, engine_ms, target_ms, due_ms
):
    later = advance_clock(meta(time_ms=time_ms, target_ms=target_ms), engine_ms, due_ms)
    assert later.time_ms > time_ms
    if target_ms > time_ms:
        assert later.time_ms <= target_ms
        assert due_ms is None or later.time_ms <= max(due_ms, time_ms + 1)
    assert later.clock_target_ms in (0, target_ms)


def test_setting_a_target_changes_nothing_else():
    chain = Chain()
    overlay = Overlay(chain.state)
    before = chain_meta(overlay)
    set_clock_target(overlay, START_MS + 5)
    assert chain_meta(overlay).clock_target_ms == START_MS + 5
    set_clock_target(overlay, before.clock_target_ms)
    assert chain_meta(overlay) == before
