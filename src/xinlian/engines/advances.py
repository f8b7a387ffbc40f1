"""Waiting for a chain to advance: what every engine lets others do.

Rules this file keeps:
 1. Whoever waits looks again after each committed block, and now and then without one.
 2. An engine that stopped is told of, with its cause.
"""

import threading
import time
from collections.abc import Callable

from xinlian.ledger.node import NodeStopped


class Advances:
    """Lets threads wait for committed blocks; ``tell`` is called after each of them."""

    def __init__(
        self,
        height: Callable[[], int],
        require_running: Callable[[], None],
        look_seconds: float,
    ) -> None:
        """Take what is looked at.

        Args:
            height: the height of the last commit.
            require_running: raises NodeStopped with the cause once the engine does not run.
            look_seconds: how long nobody waits without looking again.
        """
        self._height = height
        self._require_running = require_running
        self._look_seconds = look_seconds
        self._condition = threading.Condition()

    def tell(self) -> None:
        """Say that a block was committed, or that the engine stopped."""
        with self._condition:
            self._condition.notify_all()

    def wait_above(
        self,
        height: int,
        timeout_seconds: float,
        has_ended: Callable[[], bool] = lambda: False,
    ) -> int:
        """Block until the head is above a height or time is up; return the head's height.

        Args:
            height: what the head must be above.
            timeout_seconds: how long at most.
            has_ended: what else ends the waiting, looked at when something is told.
        """
        with self._condition:
            self._condition.wait_for(
                lambda: self._height() > height or has_ended(), timeout_seconds
            )
        return self._height()

    def wait_until(self, condition: Callable[[], bool], timeout_seconds: float) -> None:
        """Block until a condition holds, looking again after each committed block.

        Raises:
            NodeStopped: the engine does not run, or the time is up.
        """
        deadline = time.monotonic() + timeout_seconds
        with self._condition:
            while not condition():
                self._require_running()
                if time.monotonic() > deadline:
                    raise NodeStopped("the condition did not come to hold in time")
                self._condition.wait(self._look_seconds)
