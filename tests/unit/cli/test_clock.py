"""What is said of a clock that was told to move."""

import pytest

from xinlian.cli.clock import clock_words

NOON_MS = 1_796_011_200_000
HOUR_MS = 3_600_000


def words(reached_ms):
    """Give the answer where the ledger's clock is at a time after a message of an hour before."""
    return clock_words(NOON_MS, reached_ms, 9, NOON_MS + HOUR_MS)


def test_a_clock_that_arrived_is_told_with_both_times_and_the_height():
    answer = words(NOON_MS + HOUR_MS)
    assert (answer["before_ms"], answer["now_ms"]) == (NOON_MS, NOON_MS + HOUR_MS)
    assert "时钟已从 2026-11-30T12:00:00.000+08:00 拨到 2026-11-30T13:00" in answer["said"]
    assert "at height 9" in answer["said"]


@pytest.mark.parametrize("reached_ms", [NOON_MS, NOON_MS + HOUR_MS - 1])
def test_a_clock_on_its_way_is_never_said_to_have_arrived(reached_ms):
    answer = words(reached_ms)
    assert "not yet 2026-11-30T13:00:00.000+08:00" in answer["said"]
    assert "尚未到达" in answer["said"]
    assert "went" not in answer["said"]
