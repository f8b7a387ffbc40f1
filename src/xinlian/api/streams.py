"""What event streams share: who may open how many, and one thread that watches for new blocks.

Rules this file keeps:
 1. The number of streams is bounded, per party and in all.
 2. However many streams wait, one thread waits for them; other requests never lack a thread.
 3. Closing ends every stream, so a server stops without waiting for its readers.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from xinlian.api import problems
from xinlian.api.problems import ApiProblem
from xinlian.api.services import Projection

STREAMS_PER_PARTY_MAX: Final = 8
STREAMS_MAX: Final = 256
_QUERY_THREADS: Final = 2
_WATCH_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 0.01
"""Between two looks at a projection that is closing and therefore does not wait."""

AnswerT = TypeVar("AnswerT")


class Streams:
    """The open event streams of one application."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._by_party: Counter[bytes] = Counter()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_QUERY_THREADS, thread_name_prefix="event-streams")
        self._watcher: threading.Thread | None = None
        self._is_closing = threading.Event()

    @property
    def is_closed(self) -> bool:
        """True when no stream goes on."""
        return self._is_closing.is_set()

    def enter(self, party: bytes) -> None:
        """Count a stream of a party; raises ApiProblem when there are too many."""
        with self._lock:
            if self._is_closing.is_set() or self._by_party.total() >= STREAMS_MAX:
                raise ApiProblem(problems.TOO_MANY, "this node serves no more event streams now")
            if self._by_party[party] >= STREAMS_PER_PARTY_MAX:
                raise ApiProblem(
                    problems.TOO_MANY,
                    f"a party has at most {STREAMS_PER_PARTY_MAX} event streams; close one",
                )
            self._by_party[party] += 1

    def leave(self, party: bytes) -> None:
        """Count a stream of a party no longer."""
        with self._lock:
            self._by_party[party] -= 1
            if not self._by_party[party]:
                del self._by_party[party]

    def open_count(self) -> int:
        """Return how many streams are open."""
        with self._lock:
            return self._by_party.total()

    async def ask(self, question: Callable[[], AnswerT]) -> AnswerT:
        """Run a query on the streams' own threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, question)

    async def wait_above(self, height: int, timeout_seconds: float) -> bool:
        """Wait until more than a height is projected; return whether it is."""
        news = asyncio.Event()
        with self._lock:
            self._waiting[news] = asyncio.get_running_loop()
            self._watch()
        try:
            async with asyncio.timeout(timeout_seconds):
                while self._projection.height <= height and not self._is_closing.is_set():
                    await news.wait()
                    news.clear()
        except TimeoutError:
            return False
        finally:
            with self._lock:
                del self._waiting[news]
        return not self._is_closing.is_set()

    def close(self) -> None:
        """End every stream; what they still ask is answered."""
        self._is_closing.set()
        self._wake_all()

    def release(self) -> None:
        """Let the threads go, once no stream is left."""
        self.close()
        self._pool.shutdown(wait=False)

    def _watch(self) -> None:
        """Start the watching thread unless it runs; the caller holds the lock."""
        if self._watcher is None:
            self._watcher = threading.Thread(
                target=self._run,
                args=(self._projection.height,),  # before the waiter looks: no news is missed
                name="event-watcher",
                daemon=True,
            )
            self._watcher.start()

    def _run(self, height: int) -> None:
        """Wake the waiting streams at each height above the given one, until none waits."""
        while True:
            reached = self._projection.wait_above(height, _WATCH_SECONDS)
            if reached > height:
                height = reached
                self._wake_all()
            elif self._is_closing.wait(_PAUSE_SECONDS):
                return
            with self._lock:
                if not self._waiting or self._is_closing.is_set():
                    self._watcher = None
                    return

    def _wake_all(self) -> None:
        with self._lock:
            for news, loop in self._waiting.items():
                loop.call_soon_threadsafe(news.set)
