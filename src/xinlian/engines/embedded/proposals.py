"""The embedded engine's queue: how much each payer may hold, and how large a block may be.

Rules this file keeps, beside those of ``engines/turns.py``:
 1. A payer may fill half of what the others leave free of the queue: a flood is told to wait, the
    next payer still finds room.
 2. While several payers send, a block is small enough to be done soon, and who holds what the next
    blocks can take is told to wait before its admission costs anything.
 3. A block grows with how many times the largest holder's share the last one left waiting: one
    flood does not make the others wait longer, and where all wait alike costs spread over more.
 4. A payer alone has larger blocks, yet none that who comes next would wait for noticeably.
"""

import dataclasses
from collections.abc import Iterator
from typing import Final, NamedTuple

from xinlian.engines.embedded.submission import Submission
from xinlian.engines.turns import Lane, cost_bytes, take_block
from xinlian.ledger import limits

WAITING_MAX: Final = 50_000
WAITING_BYTES_MAX: Final = 256 << 20
SHARED_SECONDS: Final = 1.0
"""A payer that sent within this time has its share of blocks."""
BLOCK_TARGET_SECONDS: Final = 0.005
"""How long a block of several payers should take to make, for each whole share left waiting."""
SHARES_LEFT_MAX: Final = 40
"""Beyond so many shares left waiting a block grows no further: a fifth of a second."""
LONE_SHARES: Final = 20
"""Blocks of a payer alone are as large as where so many shares wait: a tenth of a second."""
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
    outcome: Submission

    @property
    def cost_bytes(self) -> int:
        """How much of a block it takes, in bytes or in what work they stand for."""
        return cost_bytes(len(self.raw), self.work)


@dataclasses.dataclass(slots=True)
class _Held:
    """What a payer holds of the queue, and when it last sent."""

    count: int = 0
    size_bytes: int = 0
    sent_at_seconds: float = 0.0


class ProposalQueue:
    """The waiting transactions of an engine; its caller serialises access."""

    def __init__(self) -> None:
        self._ordinary = Lane[Waiting]()
        self._kept = Lane[Waiting]()
        self._held: dict[bytes, _Held] = {}
        self._count = 0
        self._size_bytes = 0
        self._bytes_per_second = 0.0
        self._is_shared = False
        self._shares_left = 1
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
        batch = take_block(self._kept, self._ordinary, self._block_bytes_max(now_seconds))
        self._forget(batch, now_seconds)
        self.has_backlog = self._count > 0
        return batch

    def note_speed(self, batch: list[Waiting], seconds: float) -> None:
        """Learn from a block how much of one is done in a second."""
        speed = sum(waiting.cost_bytes for waiting in batch) / max(seconds, 1e-6)
        before = self._bytes_per_second or speed
        self._bytes_per_second = before + (speed - before) / _SPEED_MEMORY

    def _block_bytes_max(self, now_seconds: float) -> int:
        """Return how large the next block may be: what is done in time at the speed so far."""
        since = now_seconds - SHARED_SECONDS
        active = sum(1 for held in self._held.values() if held.sent_at_seconds >= since)
        self._is_shared = active > 1
        floor = max(SHARED_BLOCK_BYTES_MIN, active * SHARED_BYTES_PER_PAYER)
        self._shared_block_bytes = self._done_in_time_bytes(self._shares_left, floor)
        if self._is_shared:
            return self._shared_block_bytes
        return self._done_in_time_bytes(LONE_SHARES, SHARED_BLOCK_BYTES_MIN * LONE_SHARES)

    def _done_in_time_bytes(self, shares: int, at_least_bytes: int) -> int:
        target_bytes = int(self._bytes_per_second * BLOCK_TARGET_SECONDS * shares)
        return min(max(target_bytes, at_least_bytes), limits.BLOCK_BYTES_MAX)

    def _forget(self, batch: list[Waiting], now_seconds: float) -> None:
        for waiting in batch:
            held = self._held[waiting.payer]
            held.count -= 1
            held.size_bytes -= len(waiting.raw)
            self._count -= 1
            self._size_bytes -= len(waiting.raw)
        largest_bytes = max((held.size_bytes for held in self._held.values()), default=0)
        shares = self._size_bytes // max(largest_bytes, 1)
        self._shares_left = min(max(shares, 1), SHARES_LEFT_MAX)
        since = now_seconds - SHARED_SECONDS
        for payer, held in list(self._held.items()):
            if held.count == 0 and held.sent_at_seconds < since:
                del self._held[payer]
