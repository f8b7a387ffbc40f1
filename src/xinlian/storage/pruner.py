"""The thread that prunes while a node runs, so that its bodies never exceed what it was told.

Rules this file keeps:
 1. A commit only notifies: pruning never holds up a block for longer than one step's own commit.
 2. It goes no further than it is allowed to at that moment; whoever wires it says how far.
 3. A failure is logged and ends pruning, never the chain.
"""

import threading
from collections.abc import Callable
from typing import Final

import structlog

from xinlian.ledger.ports import PrunableStore, StoreError
from xinlian.ledger.pruning import HEIGHTS_PER_STEP, prune

_log = structlog.get_logger(__name__)

SLACK_HEIGHTS: Final = HEIGHTS_PER_STEP
"""How many heights may be pruned before a step is worth its commit."""


class Pruner:
    """Keeps the bodies of the last heights, and no more than a step's worth beyond."""

    def __init__(
        self,
        store: PrunableStore,
        bodies_kept: int,
        allowed_before: Callable[[], int],
    ) -> None:
        """Start the thread.

        Args:
            store: of the running node.
            bodies_kept: of how many heights the bodies stay, at least 1.
            allowed_before: says below which height bodies may go at all.
        """
        self._store = store
        self._bodies_kept = bodies_kept
        self._allowed_before = allowed_before
        self._condition = threading.Condition()
        self._head = -1
        self._seen = -1
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="pruner", daemon=True)
        self._thread.start()

    def notify(self, height: int) -> None:
        """Say that a height was committed; returns at once."""
        with self._condition:
            self._head = max(self._head, height)
            self._condition.notify_all()

    def close(self) -> None:
        """Stop after the current step."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while self._wait():
            try:
                self._prune_to(self._seen - self._bodies_kept + 1)
            except StoreError as failure:
                _log.error("pruning_failed", cause=str(failure))
                return

    def _wait(self) -> bool:
        """Wait for a block; False when closing."""
        with self._condition:
            self._condition.wait_for(lambda: self._closing or self._head > self._seen)
            self._seen = self._head
            return not self._closing

    def _prune_to(self, before: int) -> None:
        if before - self._store.extent().bodies_from < SLACK_HEIGHTS:
            return
        for bodies_from in prune(self._store, min(before, self._allowed_before())):
            _log.info("pruned", bodies_from=bodies_from)
            with self._condition:
                if self._closing:
                    return
