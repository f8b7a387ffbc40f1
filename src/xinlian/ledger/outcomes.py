"""Idempotency markers: every consumed key keeps its outcome for a while.

Rules this file keeps:
 1. A marker is written with the result, in the block of the transaction, whatever the code.
 2. One look-up of (payer, idempotency key) tells a duplicate from a conflict.
 3. A marker is dropped 24 h after its ``valid_until``, a bounded number a block; until then its
    absence at a height whose time lies in (valid_until, valid_until + 24 h] proves expiry.
"""

from collections import Counter
from typing import Final

from xinlian.ledger import limits
from xinlian.ledger.errors import Duplicate, IdempotencyConflict
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record, integer_part
from xinlian.ledger.transaction import IDEMPOTENCY_KEY_BYTES, Transaction
from xinlian.primitives import ID_BYTES

LEDGER_MODULE_NO: Final = 0


class Marker(Record, frozen=True):
    """The outcome of the transaction that consumed an idempotency key."""

    transaction_id: bytes
    valid_until_ms: int
    height: int
    index: int
    codespace: str
    code: int


class MarkerExpiry(Record, frozen=True):
    """An entry of the index by which markers are dropped; its key says all."""


MARKERS: Final = Collection(LEDGER_MODULE_NO, 1, Marker, (ID_BYTES, IDEMPOTENCY_KEY_BYTES))
MARKER_EXPIRIES: Final = Collection(
    LEDGER_MODULE_NO,
    2,
    MarkerExpiry,
    (INTEGER_KEY_BYTES, ID_BYTES, IDEMPOTENCY_KEY_BYTES),
)


def check_not_consumed(state: StateView, transaction: Transaction) -> None:
    """Refuse a transaction whose idempotency key was consumed.

    Raises:
        Duplicate: by this very transaction.
        IdempotencyConflict: by another one.
    """
    marker = MARKERS.get(state, transaction.body.payer, transaction.body.idempotency_key)
    if marker is None:
        return
    if marker.transaction_id == transaction.transaction_id:
        raise Duplicate
    raise IdempotencyConflict


def write_marker(state: Overlay, transaction: Transaction, marker: Marker) -> None:
    """Record the outcome that consumed a transaction's key."""
    body = transaction.body
    MARKERS.put(state, marker, body.payer, body.idempotency_key)
    MARKER_EXPIRIES.put(
        state,
        MarkerExpiry(),
        integer_part(body.valid_until_ms),
        body.payer,
        body.idempotency_key,
    )


def drop_old_markers(state: Overlay, time_ms: int) -> Counter[bytes]:
    """Drop markers past their retention, oldest first; return how many of each payer."""
    dropped: Counter[bytes] = Counter()
    for (valid_until, payer, idempotency_key), _ in MARKER_EXPIRIES.scan(state):
        retained_until_ms = int.from_bytes(valid_until, "big") + limits.MARKER_RETENTION_MS
        if retained_until_ms >= time_ms or dropped.total() == limits.MARKERS_DROPPED_PER_BLOCK_MAX:
            break
        MARKERS.delete(state, payer, idempotency_key)
        MARKER_EXPIRIES.delete(state, valid_until, payer, idempotency_key)
        dropped[payer] += 1
    return dropped
