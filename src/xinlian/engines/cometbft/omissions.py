"""Transactions that waited on this node while a block had room for them, and who proposed it.

It is what this node saw and proves nothing against anybody: a transaction may have reached the
proposer late.  Said of one proposer again and again, and by several nodes, it means something.

Rules this file keeps:
 1. A transaction counts as left out of a block when it was in this node's pool two commits
    before, the block had room, and it is in the pool still.
 2. The newest heights alone are kept, each with a few transactions as examples.
"""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from xinlian.engines.cometbft.pool import Pool
from xinlian.ledger import limits

HEIGHTS_KEPT: Final = 500
EXAMPLES_MAX: Final = 3
COUNTED_MAX: Final = 1_000
"""So many of one block are counted; more is this many."""
KNOWN_FOR_COMMITS: Final = 2
_ROOM_BYTES: Final = limits.BLOCK_BYTES_MAX // 2
_ROOM_TRANSACTIONS: Final = limits.BLOCK_TRANSACTIONS_MAX // 2


class Omission(NamedTuple):
    """What a block left out, as this node saw it."""

    height: int
    transactions: int
    examples: tuple[bytes, ...]
    """Ids of a few of the transactions, the longest waiting first."""


class Omissions:
    """Notes what blocks leave out; safe to use from several threads."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._marks: deque[int] = deque(maxlen=KNOWN_FOR_COMMITS)
        self._found: deque[Omission] = deque(maxlen=HEIGHTS_KEPT)

    def committed(self, height: int, transactions: Sequence[bytes]) -> None:
        """Take note of a committed block; what it holds has left the pool already."""
        mark = self._marks[0] if len(self._marks) == KNOWN_FOR_COMMITS else -1
        self._marks.append(self._pool.newest_arrival)
        size_bytes = sum(map(len, transactions))
        if mark < 0 or size_bytes > _ROOM_BYTES or len(transactions) > _ROOM_TRANSACTIONS:
            return
        waiting = self._pool.arrived_by(mark, COUNTED_MAX)
        if waiting:
            examples = tuple(item.transaction_id for item in waiting[:EXAMPLES_MAX])
            with self._lock:
                self._found.append(Omission(height, len(waiting), examples))

    def newest(self) -> list[Omission]:
        """Return what was left out, the newest height first."""
        with self._lock:
            return list(reversed(self._found))
