"""The wall clock is believed only while it moves with the monotonic clock."""

import pytest

from xinlian.engines.embedded.clock import (
    DOWNTIME_MS_MAX,
    HEARTBEAT_MS,
    JUMP_MS_MAX,
    ClockNotConfirmed,
    WatchedClock,
    monotonic_clock_ms,
    wall_clock_ms,
)

START_MS = 1_796_000_000_000


class Hands:
    """Two clocks that a test moves."""

    def __init__(self):
        self.wall_ms = START_MS
        self.monotonic_ms = 50

    def pass_time(self, passed_ms):
        self.wall_ms += passed_ms
        self.monotonic_ms += passed_ms

    def watched(self, heartbeat=None):
        return WatchedClock(heartbeat, lambda: self.wall_ms, lambda: self.monotonic_ms)


@pytest.fixture
def hands():
    return Hands()


def test_quiet_time_is_no_jump(hands):
    clock = hands.watched()
    hands.pass_time(30 * 24 * 3_600_000)
    assert clock.read() == hands.wall_ms


def test_an_hour_forward_is_allowed_and_a_millisecond_more_is_not(hands):
    clock = hands.watched()
    hands.wall_ms += JUMP_MS_MAX
    assert clock.read() == hands.wall_ms
    hands.wall_ms += JUMP_MS_MAX + 1
    with pytest.raises(ClockNotConfirmed, match="jumped 3600 s"):
        clock.read()


def test_a_jump_stays_until_it_is_confirmed_even_if_the_clock_goes_back(hands):
    clock = hands.watched()
    hands.wall_ms += 2 * JUMP_MS_MAX
    for _ in range(2):
        with pytest.raises(ClockNotConfirmed):
            clock.read()
    hands.wall_ms -= 2 * JUMP_MS_MAX
    with pytest.raises(ClockNotConfirmed):
        clock.read()
    assert clock.confirm() == hands.wall_ms
    assert clock.read() == hands.wall_ms


def test_going_backward_is_no_jump(hands):
    clock = hands.watched()
    hands.wall_ms -= 10 * JUMP_MS_MAX
    assert clock.read() == hands.wall_ms


def test_slow_steps_that_add_up_are_not_a_jump_each_is_judged_alone(hands):
    clock = hands.watched()
    for _ in range(5):
        hands.wall_ms += JUMP_MS_MAX // 2
        assert clock.read() == hands.wall_ms


def downtime(hands, tmp_path, down_ms, next_due_at_ms):
    heartbeat = tmp_path / "heartbeat"
    hands.watched(heartbeat).read()
    hands.pass_time(down_ms)
    clock = hands.watched(heartbeat)
    clock.check_downtime(next_due_at_ms)
    return clock


def test_a_long_downtime_with_work_due_inside_it_waits_for_the_operator(hands, tmp_path):
    clock = downtime(hands, tmp_path, DOWNTIME_MS_MAX + 1, START_MS + 1_000)
    with pytest.raises(ClockNotConfirmed, match="down since"):
        clock.read()
    clock.confirm()
    assert clock.read() == hands.wall_ms


@pytest.mark.parametrize(
    ("down_ms", "due_in_ms"),
    [
        (DOWNTIME_MS_MAX, 1_000),
        (DOWNTIME_MS_MAX + 1, 2 * DOWNTIME_MS_MAX),
        (DOWNTIME_MS_MAX + 1, None),
    ],
)
def test_a_short_downtime_or_one_without_due_work_is_nobodys_concern(
    hands, tmp_path, down_ms, due_in_ms
):
    due_at_ms = None if due_in_ms is None else START_MS + due_in_ms
    assert downtime(hands, tmp_path, down_ms, due_at_ms).read() == hands.wall_ms


def test_a_damaged_heartbeat_counts_as_a_long_downtime(hands, tmp_path):
    (tmp_path / "heartbeat").write_text("nonsense")
    clock = hands.watched(tmp_path / "heartbeat")
    clock.check_downtime(START_MS)
    with pytest.raises(ClockNotConfirmed):
        clock.read()


def test_the_heartbeat_is_recorded_now_and_then(hands, tmp_path):
    heartbeat = tmp_path / "heartbeat"
    clock = hands.watched(heartbeat)
    clock.read()
    hands.pass_time(HEARTBEAT_MS - 1)
    clock.read()
    assert heartbeat.read_text() == str(START_MS)
    hands.pass_time(1)
    clock.read()
    assert heartbeat.read_text() == str(START_MS + HEARTBEAT_MS)


def test_the_machines_clocks_are_in_milliseconds():
    assert 1_700_000_000_000 < wall_clock_ms() < 5_000_000_000_000
    assert monotonic_clock_ms() > 0
