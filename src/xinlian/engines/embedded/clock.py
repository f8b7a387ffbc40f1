"""The embedded engine's own clock: the wall clock, watched for jumps.

Rules this file keeps:
 1. A jump is wall time passed minus monotonic time passed since the last reading, so quiet time is
    no jump.  More than an hour forward stops the engine until the operator confirms.
 2. A heartbeat file records the last reading.  After more than 24 h of downtime with work due
    inside it, the engine waits for the operator too: nobody should be in default because a machine
    was off and its clock wrong.
 3. Backward is no jump: consensus time goes on by a millisecond a block until the clock catches up.

Source: the ledger's rules of time; what a jump would do is perform or default obligations early.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, MS_PER_SECOND, iso_of_ms

JUMP_MS_MAX: Final = MS_PER_HOUR
DOWNTIME_MS_MAX: Final = MS_PER_DAY
_FILE_MODE: Final = 0o600
HEARTBEAT_MS: Final = 10 * MS_PER_SECOND
"""How far apart two recorded readings are; a lost one only makes downtime look that much longer."""


class ClockNotConfirmed(Exception):  # noqa: N818 - names the state of the clock
    """The wall clock jumped or stood still too long; an operator must confirm it."""


def wall_clock_ms() -> int:
    """Return the machine's wall clock in milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


def monotonic_clock_ms() -> int:
    """Return the machine's monotonic clock in milliseconds."""
    return time.monotonic_ns() // 1_000_000


class WatchedClock:
    """The wall clock with its last reading."""

    def __init__(
        self,
        heartbeat: Path | None,
        wall_ms: Callable[[], int] = wall_clock_ms,
        monotonic_ms: Callable[[], int] = monotonic_clock_ms,
    ) -> None:
        """Begin to watch.

        Args:
            heartbeat: where the last reading is recorded; None where downtime is not watched.
            wall_ms: the wall clock.
            monotonic_ms: a clock that only goes forward, at the wall clock's pace.
        """
        self._heartbeat = heartbeat
        self._wall_ms = wall_ms
        self._monotonic_ms = monotonic_ms
        self._last_wall_ms = wall_ms()
        self._last_monotonic_ms = monotonic_ms()
        self._recorded_ms = 0
        self._problem = ""

    def check_downtime(self, next_due_at_ms: int | None) -> None:
        """Note a long downtime with work due inside it; ``read`` then refuses."""
        if self._heartbeat is None or not self._heartbeat.exists():
            return
        last_ms = _recorded(self._heartbeat)
        was_down_ms = self._last_wall_ms - last_ms
        is_due = next_due_at_ms is not None and next_due_at_ms <= self._last_wall_ms
        if was_down_ms > DOWNTIME_MS_MAX and is_due:
            self._problem = (
                f"the node was down since {iso_of_ms(last_ms)} and work fell due meanwhile"
            )

    def read(self) -> int:
        """Return the wall clock.

        Raises:
            ClockNotConfirmed: it jumped forward, or work fell due in a long downtime.
        """
        wall_ms, monotonic_ms = self._wall_ms(), self._monotonic_ms()
        passed_ms = monotonic_ms - self._last_monotonic_ms
        jump_ms = wall_ms - self._last_wall_ms - passed_ms
        if jump_ms > JUMP_MS_MAX and not self._problem:
            self._problem = f"the clock jumped {jump_ms // MS_PER_SECOND} s forward"
        if self._problem:
            raise ClockNotConfirmed(f"{self._problem}; it now says {iso_of_ms(wall_ms)}")
        self._last_wall_ms, self._last_monotonic_ms = wall_ms, monotonic_ms
        self._record(wall_ms)
        return wall_ms

    def confirm(self) -> int:
        """Accept the wall clock as it is; return it."""
        self._problem = ""
        self._last_wall_ms, self._last_monotonic_ms = self._wall_ms(), self._monotonic_ms()
        self._record(self._last_wall_ms)
        return self._last_wall_ms

    def unconfirmed_ms(self) -> int:
        """Return the wall clock without judging it."""
        return self._wall_ms()

    def _record(self, wall_ms: int) -> None:
        if self._heartbeat is None or abs(wall_ms - self._recorded_ms) < HEARTBEAT_MS:
            return
        draft = self._heartbeat.with_suffix(".new")
        draft.touch(mode=_FILE_MODE)
        draft.write_text(str(wall_ms), encoding="ascii")
        draft.replace(self._heartbeat)
        self._recorded_ms = wall_ms


def _recorded(heartbeat: Path) -> int:
    try:
        return int(heartbeat.read_text(encoding="ascii"))
    except ValueError:
        return 0  # a damaged heartbeat is a downtime of unknown length
