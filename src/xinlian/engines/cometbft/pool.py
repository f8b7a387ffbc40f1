"""Transactions that passed the check and wait, on this node, for a block.

The engine keeps the same ones and spreads them; this side of it knows payers and urgency.

Rules this file keeps:
 1. What is in the pool was checked, signatures included: checking it again asks only whether it is
    still here and not expired.
 2. A payer may fill half of what the others leave free, so that the next one finds room.
 3. A proposal takes payers in turn (``engines/turns.py``) and removes nothing: it may fail.
 4. What was ordered, has expired or has become inadmissible leaves; the engine is told at its next
    recheck.
"""

import dataclasses
import itertools
import threading
from collections import Counter
from collections.abc import Iterable
from typing import Final

from xinlian.engines.turns import Lane, cost_bytes, take_block
from xinlian.ledger.errors import Overloaded
from xinlian.ledger.transaction import Transaction

WAITING_MAX: Final = 20_000
WAITING_BYTES_MAX: Final = 64 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """A checked transaction."""

    raw: bytes
    transaction_id: bytes
    payer: bytes
    valid_until_ms: int
    cost_bytes: int
    is_kept_for: bool
    arrival: int
    """Its number in the order of arrival on this node."""


class Pool:
    """The waiting transactions of one node; safe to use from several threads."""

    def __init__(
        self,
        waiting_max: int = WAITING_MAX,
        waiting_bytes_max: int = WAITING_BYTES_MAX,
    ) -> None:
        self._waiting_max = waiting_max
        self._waiting_bytes_max = waiting_bytes_max
        self._lock = threading.Lock()
        self._waiting: dict[bytes, Waiting] = {}
        self._ids: set[bytes] = set()
        self._bytes = 0
        self._arrivals = 0
        self._count_of: Counter[bytes] = Counter()
        self._bytes_of: Counter[bytes] = Counter()

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, raw: bytes) -> bool:
        return raw in self._waiting

    def waiting(self) -> list[bytes]:
        """Return everything that waits, in the order of arrival."""
        with self._lock:
            return list(self._waiting)

    @property
    def newest_arrival(self) -> int:
        """The number of the last transaction that came; 0 before the first."""
        return self._arrivals

    def arrived_by(self, arrival: int, count_max: int) -> list[Waiting]:
        """Return the oldest that wait and came no later than a number."""
        with self._lock:
            oldest = itertools.islice(self._waiting.values(), count_max)
            return list(itertools.takewhile(lambda item: item.arrival <= arrival, oldest))

    def require_room(self, payer: bytes, size_bytes: int) -> None:
        """Refuse a transaction for which its payer has no room; raises Overloaded."""
        with self._lock:
            self._require_room(payer, size_bytes)

    def add(self, transaction: Transaction, *, is_kept_for: bool) -> None:
        """Take in a transaction that was checked; raises Overloaded."""
        raw = transaction.raw
        with self._lock:
            if transaction.transaction_id in self._ids:
                return  # the same bytes, or another signature under the same transaction
            self._require_room(transaction.payer, len(raw))
            self._waiting[raw] = Waiting(
                raw=raw,
                transaction_id=transaction.transaction_id,
                payer=transaction.payer,
                valid_until_ms=transaction.body.valid_until_ms,
                cost_bytes=cost_bytes(len(raw), len(transaction.body.calls)),
                is_kept_for=is_kept_for,
                arrival=self._arrivals + 1,
            )
            self._arrivals += 1
            self._ids.add(transaction.transaction_id)
            self._bytes += len(raw)
            self._count_of[transaction.payer] += 1
            self._bytes_of[transaction.payer] += len(raw)

    def remove(self, transactions: Iterable[bytes]) -> None:
        """Let transactions go; those that are not here are passed over."""
        with self._lock:
            for raw in transactions:
                self._remove(raw)

    def drop_expired(self, time_ms: int) -> None:
        """Let transactions go that were valid until before a moment."""
        with self._lock:
            expired = [w.raw for w in self._waiting.values() if w.valid_until_ms < time_ms]
            for raw in expired:
                self._remove(raw)

    def next_block(self, bytes_max: int) -> list[bytes]:
        """Return what a block of at most so many bytes should hold, in its order."""
        with self._lock:
            waiting = list(self._waiting.values())
        kept, ordinary = Lane[Waiting](), Lane[Waiting]()
        for item in waiting:
            (kept if item.is_kept_for else ordinary).add(item)
        return _within([item.raw for item in take_block(kept, ordinary, bytes_max)], bytes_max)

    def _require_room(self, payer: bytes, size_bytes: int) -> None:
        free = self._waiting_max - len(self._waiting)
        free_bytes = self._waiting_bytes_max - self._bytes
        has_room = self._count_of[payer] < free and self._bytes_of[payer] + size_bytes <= free_bytes
        if not has_room:
            raise Overloaded

    def _remove(self, raw: bytes) -> None:
        waiting = self._waiting.pop(raw, None)
        if waiting is None:
            return
        self._ids.discard(waiting.transaction_id)
        self._bytes -= len(raw)
        self._count_of[waiting.payer] -= 1
        self._bytes_of[waiting.payer] -= len(raw)
        if not self._count_of[waiting.payer]:
            del self._count_of[waiting.payer], self._bytes_of[waiting.payer]


def _within(transactions: list[bytes], bytes_max: int) -> list[bytes]:
    """Return the first of the transactions that fit; a large first one may have come on top."""
    used = 0
    for position, raw in enumerate(transactions):
        used += len(raw)
        if used > bytes_max:
            return transactions[:position]
    return transactions
