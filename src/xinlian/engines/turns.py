"""Which waiting transactions a block takes: payers in turn, a share kept for the urgent.

Every engine fills its blocks by these rules.

Rules this file keeps:
 1. Payers are served by deficit round robin over bytes and work; within a payer and a lane, in the
    order of arrival.
 2. 5 % of a block, in bytes and in work, is kept for governance, freezes and payment facts, which
    come first in it; what of it nobody needs is for everybody.

Source: M. Shreedhar, G. Varghese, Efficient fair queuing using deficit round robin, 1995 (1).
"""

import dataclasses
from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Final, Generic, Protocol, TypeVar

from xinlian.ledger import limits

KEPT_PERCENT: Final = 5
"""Of a block, and at least a turn."""
QUANTUM_BYTES: Final = 1 << 10
"""What a payer may add to a block in one turn; unused, it is kept for its next one."""
BYTES_PER_WORK: Final = limits.BLOCK_BYTES_MAX // limits.BLOCK_WORK_MAX
"""A unit of work takes as much of a block as this many bytes."""


class Queued(Protocol):
    """A transaction that waits for its turn."""

    @property
    def payer(self) -> bytes:
        """Whose turn it is in."""

    @property
    def cost_bytes(self) -> int:
        """How much of a block it takes, in bytes or in what work they stand for."""


QueuedT = TypeVar("QueuedT", bound=Queued)


def cost_bytes(size_bytes: int, work: int) -> int:
    """Return how much of a block a transaction takes, in bytes or in what work they stand for."""
    return max(size_bytes, work * BYTES_PER_WORK)


@dataclasses.dataclass(slots=True)
class Room:
    """What is left of a block."""

    count: int
    cost_bytes: int
    is_empty: bool = True

    def take(self, waiting: Queued) -> bool:
        """Return whether a transaction still fits, and count it.

        The first one always does; larger than all the room, it comes on top of it, so that the
        others' turns are not lost.
        """
        fits = waiting.cost_bytes <= self.cost_bytes
        if self.count < 1 or not (fits or self.is_empty):
            return False
        self.count -= 1
        self.cost_bytes -= waiting.cost_bytes if fits else 0
        self.is_empty = False
        return True


class Lane(Generic[QueuedT]):
    """Payers with waiting transactions, the next to be served first."""

    def __init__(self) -> None:
        self._queues: OrderedDict[bytes, deque[QueuedT]] = OrderedDict()
        self._deficits: dict[bytes, int] = {}

    def __bool__(self) -> bool:
        return bool(self._queues)

    def __iter__(self) -> Iterator[QueuedT]:
        for queue in self._queues.values():
            yield from queue

    def add(self, waiting: QueuedT) -> None:
        """Queue a transaction behind its payer's others."""
        self._queues.setdefault(waiting.payer, deque()).append(waiting)

    def take(self, room: Room) -> Iterator[QueuedT]:
        """Remove and yield what fits, a quantum of each payer in turn."""
        while self._queues:
            payer, queue = next(iter(self._queues.items()))
            left = self._deficits.pop(payer, 0) + QUANTUM_BYTES
            while queue and queue[0].cost_bytes <= left:
                if not room.take(queue[0]):
                    self._deficits[payer] = (
                        left - QUANTUM_BYTES
                    )  # its turn goes on in the next block
                    return
                left -= queue[0].cost_bytes
                yield queue.popleft()
            if queue:
                self._deficits[payer] = left
                self._queues.move_to_end(payer)
            else:
                del self._queues[payer]


def take_block(
    kept: Lane[QueuedT],
    ordinary: Lane[QueuedT],
    total_bytes: int,
) -> list[QueuedT]:
    """Remove and return the transactions of a block of at most ``total_bytes``, in its order."""
    kept_bytes = max(total_bytes * KEPT_PERCENT // 100, QUANTUM_BYTES)
    kept_count = limits.BLOCK_TRANSACTIONS_MAX * KEPT_PERCENT // 100
    kept_room = Room(kept_count, kept_bytes)
    batch = list(kept.take(kept_room))
    room = Room(
        limits.BLOCK_TRANSACTIONS_MAX - kept_count + kept_room.count,
        total_bytes - kept_bytes + kept_room.cost_bytes,
        is_empty=not batch,
    )
    batch += ordinary.take(room)
    batch += kept.take(room)
    return batch
