"""What event streams share: ceilings, one watching thread, waking without missing news."""

import asyncio
import threading

import pytest

from xinlian.api.problems import ApiProblem
from xinlian.api.streams import STREAMS_MAX, STREAMS_PER_PARTY_MAX, Streams


class Heights:
    """A projection that the test moves."""

    failure = ""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._height = 0
        self.waits = 0

    @property
    def height(self) -> int:
        return self._height

    def set(self, height: int) -> None:
        with self._condition:
            self._height = height
            self._condition.notify_all()

    def wait_above(self, height: int, timeout_seconds: float) -> int:
        with self._condition:
            self.waits += 1
            self._condition.wait_for(lambda: self._height > height, timeout_seconds)
            return self._height


def test_streams_are_bounded_per_party_and_in_all():
    streams = Streams(Heights())
    for number in range(STREAMS_MAX):
        streams.enter(bytes([number // STREAMS_PER_PARTY_MAX]))
    with pytest.raises(ApiProblem):
        streams.enter(b"somebody else")
    streams.leave(bytes([0]))
    with pytest.raises(ApiProblem):
        streams.enter(bytes([1]))
    streams.enter(bytes([0]))
    assert streams.open_count() == STREAMS_MAX


def test_a_closed_node_opens_no_stream():
    streams = Streams(Heights())
    streams.release()
    with pytest.raises(ApiProblem):
        streams.enter(b"party")


def test_one_thread_wakes_all_that_wait():
    heights = Heights()
    streams = Streams(heights)

    async def main() -> list[bool]:
        waiting = [asyncio.create_task(streams.wait_above(0, 30)) for _ in range(50)]
        await asyncio.sleep(0)
        watchers = [t for t in threading.enumerate() if t.name == "event-watcher"]
        assert len(watchers) == 1
        heights.set(1)
        return await asyncio.gather(*waiting)

    assert asyncio.run(main()) == [True] * 50


def test_no_height_is_missed_however_fast_they_come():
    heights = Heights()
    streams = Streams(heights)

    async def follow() -> int:
        seen = 0
        while seen < 200:
            assert await streams.wait_above(seen, 30)
            seen = heights.height
        return seen

    async def main() -> list[int]:
        followers = [asyncio.create_task(follow()) for _ in range(5)]
        for height in range(1, 201):
            await asyncio.to_thread(heights.set, height)
        return await asyncio.gather(*followers)

    assert asyncio.run(main()) == [200] * 5


def test_waiting_ends_when_time_is_up_or_the_server_stops():
    streams = Streams(Heights())

    async def main() -> tuple[bool, bool]:
        late = await streams.wait_above(0, 0.01)
        waiting = asyncio.create_task(streams.wait_above(0, 30))
        await asyncio.sleep(0)
        streams.close()
        return late, await waiting

    assert asyncio.run(main()) == (False, False)


def test_the_thread_ends_when_nobody_waits():
    heights = Heights()
    streams = Streams(heights)
    assert not asyncio.run(streams.wait_above(0, 0.01))
    watcher = streams._watcher
    assert watcher is not None
    heights.set(1)
    watcher.join(30)
    assert not watcher.is_alive()
    assert streams._watcher is None
