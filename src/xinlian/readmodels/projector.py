"""The thread that keeps the read model up with the chain.

Rules this file keeps:
 1. A commit only notifies: projecting never holds up the chain, and its failure never stops it.
 2. A failure is logged by its stable name, shows in readiness, and is tried again until it works.
"""

import threading
from typing import Final

import structlog

from xinlian.ledger.ports import Store
from xinlian.readmodels.errors import ReadModelError
from xinlian.readmodels.model import ReadModel, head_height

_log = structlog.get_logger(__name__)

RETRY_SECONDS: Final = 5.0
INTERNAL_FAILURE: Final = "readmodels/internal"
"""The name of a failure that is a fault of this software."""


class Projector:
    """Projects committed blocks on a thread of its own, beginning with what is missing."""

    def __init__(self, readmodel: ReadModel, store: Store) -> None:
        self._readmodel = readmodel
        self._store = store
        self._condition = threading.Condition()
        self._wanted = max(head_height(store), 0)
        self._height = readmodel.height
        self._failure = ""
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)
        self._thread.start()

    @property
    def height(self) -> int:
        """The last projected height; -1 before genesis."""
        with self._condition:
            return self._height

    @property
    def failure(self) -> str:
        """The stable name of what keeps the projection from going on, empty while it does."""
        with self._condition:
            return self._failure

    def notify(self, height: int) -> None:
        """Say that a height was committed; returns at once."""
        with self._condition:
            self._wanted = max(self._wanted, height)
            self._condition.notify_all()

    def wait_for(self, height: int, timeout_seconds: float) -> bool:
        """Block until a height is projected; return False when time is up before."""
        return self.wait_above(height - 1, timeout_seconds) >= height

    def wait_above(self, height: int, timeout_seconds: float) -> int:
        """Block until more than a height is projected or time is up; return the height."""
        with self._condition:
            self._condition.wait_for(
                lambda: self._height > height or self._closing,
                timeout_seconds,
            )
            return self._height

    def close(self) -> None:
        """Stop after the current SQL transaction; the read model stays open."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while self._wait_for_work():
            try:
                height = self._readmodel.project(self._store)
            except ReadModelError as failure:
                self._failed(failure.reference, str(failure))
            except Exception as failure:  # noqa: BLE001 - told to the operator; the chain goes on
                self._failed(INTERNAL_FAILURE, f"{type(failure).__name__}: {failure}")
            else:
                self._projected(height)

    def _wait_for_work(self) -> bool:
        """Wait for a block or for the next attempt; False when closing."""
        with self._condition:
            if self._failure:
                self._condition.wait_for(lambda: self._closing, RETRY_SECONDS)
            else:
                self._condition.wait_for(lambda: self._closing or self._wanted > self._height)
            return not self._closing

    def _projected(self, height: int) -> None:
        with self._condition:
            if self._failure:
                _log.info("projection_resumed", height=height)
            self._failure = ""
            self._height = height
            self._condition.notify_all()

    def _failed(self, reference: str, cause: str) -> None:
        _log.error("projection_failed", reference=reference, cause=cause)
        with self._condition:
            self._failure = reference
            self._condition.notify_all()
