"""Handing transactions to the engine: several connections, many at a time, again after a failure.

Rules this file keeps:
 1. A transaction is handed in until the engine has it, it was ordered, or it has expired.
 2. What the engine refuses for want of room is tried again; what it refuses otherwise is told.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import structlog

from xinlian.engines.cometbft.rpc import EngineClient, EngineUnreachable

_log = structlog.get_logger(__name__)

CONNECTIONS: Final = 2
BATCH_MAX: Final = 64
BATCH_BYTES_MAX: Final = 2 << 20
RETRY_SECONDS: Final = 0.2
FULL: Final = "mempool is full"


class Broadcaster:
    """Threads that hand in what is queued."""

    def __init__(
        self,
        rpc_socket: Path,
        is_wanted: Callable[[bytes], bool],
        on_refused: Callable[[bytes, str], None],
    ) -> None:
        """Prepare to hand in.

        Args:
            rpc_socket: where the engine takes transactions.
            is_wanted: whether a transaction still waits to be ordered.
            on_refused: is told what the engine refused, and why.
        """
        self._rpc_socket = rpc_socket
        self._is_wanted = is_wanted
        self._on_refused = on_refused
        self._condition = threading.Condition()
        self._queue: deque[bytes] = deque()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._run, name=f"cometbft-hand-in-{number}", daemon=True)
            for number in range(CONNECTIONS)
        ]

    def start(self) -> None:
        """Begin to hand in."""
        for thread in self._threads:
            thread.start()

    def put(self, transactions: Iterable[bytes]) -> None:
        """Queue transactions; returns at once."""
        with self._condition:
            self._queue.extend(transactions)
            self._condition.notify()

    def close(self) -> None:
        """Stop; what was not handed in is forgotten."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _run(self) -> None:
        client = EngineClient(self._rpc_socket)
        try:
            while batch := self._next_batch():
                self._hand_in(client, batch)
        finally:
            client.close()

    def _next_batch(self) -> list[bytes]:
        """Wait for transactions; an empty list when closing."""
        with self._condition:
            self._condition.wait_for(lambda: self._queue or self._closing)
            batch: list[bytes] = []
            size_bytes = 0
            while self._queue and len(batch) < BATCH_MAX and not self._closing:
                size_bytes += len(self._queue[0])
                if batch and size_bytes > BATCH_BYTES_MAX:
                    break
                batch.append(self._queue.popleft())
            if self._queue:
                self._condition.notify()
            return batch

    def _hand_in(self, client: EngineClient, batch: list[bytes]) -> None:
        wanted = [raw for raw in batch if self._is_wanted(raw)]
        if not wanted:
            return
        try:
            problems = client.broadcast(wanted)
        except EngineUnreachable as error:
            _log.debug("engine_unreachable", cause=str(error))
            self._again(wanted)
            return
        full = [raw for raw, problem in zip(wanted, problems, strict=True) if FULL in problem]
        for raw, problem in zip(wanted, problems, strict=True):
            if problem and FULL not in problem:
                self._on_refused(raw, problem)
        if full:
            self._again(full)

    def _again(self, transactions: list[bytes]) -> None:
        """Queue transactions again after a while."""
        with self._condition:
            self._condition.wait_for(lambda: self._closing, RETRY_SECONDS)
            self._queue.extendleft(reversed(transactions))
            self._condition.notify()
