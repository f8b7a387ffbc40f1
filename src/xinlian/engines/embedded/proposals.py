"""Which waiting transactions the next block takes: payers in turn, a share kept for the urgent.

Rules this file keeps:
 1. Payers are served by deficit round robin over bytes and work; within a payer and a lane, in the
    order of arrival.
 2. 5 % of a block, in bytes and in work, is kept for governance, freezes and payment facts, which
    come first in it; what of it nobody needs is for everybody.
 3. A payer may fill half of what the others leave free of the queue: a flood is told to wait, the
    next payer still finds room.
 4. While several payers send, a block is small enough to be done soon, and who holds what the next
    blocks can take is told to wait before its admission costs anything; alone, a payer fills them.

Source: M. Shreedhar, G. Varghese, Efficient fair queuing using deficit round robin, 1995 (1).
"""

import dataclasses
from collections import OrderedDict, deque
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Final, NamedTuple

from xinlian.ledger import limits
from xinlian.ledger.node import Committed

WAITING_MAX: Final = 50_000
WAITING_BYTES_MAX: Final = 256 << 20
KEPT_PERCENT: Final = 5
"""Of a block, and at least a turn."""
QUANTUM_BYTES: Final = 1 << 10
"""What a payer may add to a block in one turn; unused, it is kept for its next one."""
BYTES_PER_WORK: Final = limits.BLOCK_BYTES_MAX // limits.BLOCK_WORK_MAX
"""A unit of work takes as much of a block as this many bytes."""
SHARED_SECONDS: Final = 1.0
"""A payer that sent within this time has its share of blocks."""
BLOCK_TARGET_SECONDS: Final = 0.005
"""How long a block of several payers should take to make."""
SHARED_BLOCK_BYTES_MIN: Final = 4 << 10
SHARED_BYTES_PER_PAYER: Final = 512
"""Blocks have at least so much for each payer that sends: several ordinary transactions."""
SHARED_BLOCKS_AHEAD: Final = 2
"""How many blocks' worth a payer may hold while others send too."""
_SPEED_MEMORY: Final = 8
"""The speed is an average over about as many blocks."""


class Waiting(NamedTuple):
    """A transaction that waits for its block."""

    raw: bytes
    transaction_id: bytes
    payer: bytes
    work: int
    """At least this many units of work: one a message."""
    is_kept_for: bool
    outcome: Future[Committed]

    @property
    def cost_bytes(self) -> int:
        """How much of a block it takes, in bytes or in what work they stand for."""
        return max(len(self.raw), self.work * BYTES_PER_WORK)


@dataclasses.dataclass(slots=True)
class _Room:
    """What is left of a block."""

    count: int
    cost_bytes: int
    is_empty: bool = True

    def take(self, waiting: Waiting) -> bool:
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


class _Lane:
    """Payers with waiting transactions, the next to be served first."""

    def __init__(self) -> None:
        self._queues: OrderedDict[bytes, deque[Waiting]] = OrderedDict()
        self._deficits: dict[bytes, int] = {}

    def __bool__(self) -> bool:
        return bool(self._queues)

    def __iter__(self) -> Iterator[Waiting]:
        for queue in self._queues.values():
            yield from queue

    def add(self, waiting: Waiting) -> None:
        self._queues.setdefault(waiting.payer, deque()).append(waiting)

    def take(self, room: _Room) -> Iterator[Waiting]:
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


@dataclasses.dataclass(slots=True)
class _Held:
    """What a payer holds of the queue, and when it last sent."""

    count: int = 0
    size_bytes: int = 0
    sent_at_seconds: float = 0.0


class ProposalQueue:
    """The waiting transactions of an engine; its caller serialises access."""

    def __init__(self) -> None:
        self._ordinary = _Lane()
        self._kept = _Lane()
        self._held: dict[bytes, _Held] = {}
        self._count = 0
        self._size_bytes = 0
        self._bytes_per_second = 0.0
        self._is_shared = False
        self._shared_block_bytes = SHARED_BLOCK_BYTES_MIN
        self.has_backlog = False
        """True when the last block left something waiting."""

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Waiting]:
        yield from self._kept
        yield from self._ordinary

    def has_room(self, payer: bytes, size_bytes: int) -> bool:
        """Return whether a payer may add a transaction: it leaves the others as much again."""
        held = self._held.get(payer) or _Held()
        is_ahead = held.size_bytes >= SHARED_BLOCKS_AHEAD * self._shared_block_bytes
        if self._is_shared and is_ahead:
            return False
        return (
            held.count < WAITING_MAX - self._count
            and held.size_bytes + size_bytes <= WAITING_BYTES_MAX - self._size_bytes
        )

    def add(self, waiting: Waiting, now_seconds: float) -> None:
        """Queue a transaction for which there is room."""
        held = self._held.setdefault(waiting.payer, _Held())
        held.count += 1
        held.size_bytes += len(waiting.raw)
        held.sent_at_seconds = now_seconds
        self._count += 1
        self._size_bytes += len(waiting.raw)
        (self._kept if waiting.is_kept_for else self._ordinary).add(waiting)

    def take_block(self, now_seconds: float) -> list[Waiting]:
        """Remove and return the transactions of the next block, in its order."""
        total_bytes = self._block_bytes_max(now_seconds)
        kept_bytes = max(total_bytes * KEPT_PERCENT // 100, QUANTUM_BYTES)
        kept_count = limits.BLOCK_TRANSACTIONS_MAX * KEPT_PERCENT // 100
        kept = _Room(kept_count, kept_bytes)
        batch = list(self._kept.take(kept))
        room = _Room(
            limits.BLOCK_TRANSACTIONS_MAX - kept_count + kept.count,
            total_bytes - kept_bytes + kept.cost_bytes,
            is_empty=not batch,
        )
        batch += self._ordinary.take(room)
        batch += self._kept.take(room)
        self._forget(batch, now_seconds)
        self.has_backlog = self._count > 0
        return batch

    def note_speed(self, batch: list[Waiting], seconds: float) -> None:
        """Learn from a block how much of one is done in a second."""
        speed = sum(waiting.cost_bytes for waiting in batch) / max(seconds, 1e-6)
        before = self._bytes_per_second or speed
        self._bytes_per_second = before + (speed - before) / _SPEED_MEMORY

    def _block_bytes_max(self, now_seconds: float) -> int:
        """Return how large the next block may be: a whole one for a payer alone."""
        since = now_seconds - SHARED_SECONDS
        active = sum(1 for held in self._held.values() if held.sent_at_seconds >= since)
        target = int(self._bytes_per_second * BLOCK_TARGET_SECONDS)
        floor = max(SHARED_BLOCK_BYTES_MIN, active * SHARED_BYTES_PER_PAYER)
        self._shared_block_bytes = min(max(target, floor), limits.BLOCK_BYTES_MAX)
        self._is_shared = active > 1
        return self._shared_block_bytes if self._is_shared else limits.BLOCK_BYTES_MAX

    def _forget(self, batch: list[Waiting], now_seconds: float) -> None:
        for waiting in batch:
            held = self._held[waiting.payer]
            held.count -= 1
            held.size_bytes -= len(waiting.raw)
            self._count -= 1
            self._size_bytes -= len(waiting.raw)
        since = now_seconds - SHARED_SECONDS
        for payer, held in list(self._held.items()):
            if held.count == 0 and held.sent_at_seconds < since:
                del self._held[payer]
