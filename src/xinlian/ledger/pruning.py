"""Pruning: bodies and events of old heights go, what is needed to trust the rest stays.

Rules this file keeps:
 1. Of a pruned height stay its signed header and its results: the chain of headers, and for every
    transaction its id and code, still held together by the root that is signed.
 2. A receipt that was exported before proves what it proved: it carries all that it needs.
 3. A step prunes a bounded number of heights in one commit of the store; after an interruption the
    next step goes on where the last one that is durable ended.
 4. The head keeps its body.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from xinlian.ledger.application import StoredOutcome, decode_outcome
from xinlian.ledger.header import decode_block, encode_head
from xinlian.ledger.ports import PrunableStore, PrunedHeight, Store, StoreError

HEIGHTS_PER_STEP: Final = 64
RESULT_BYTES_PER_STEP: Final = 8 << 20
"""After how many kept bytes a step ends, if it has a height at all."""

_encode = msgspec.msgpack.Encoder().encode


def prune(store: PrunableStore, before: int, steps_max: int | None = None) -> Iterator[int]:
    """Prune every height below one, step by step; yield the first height that has its body.

    Args:
        store: is written to.
        before: the first height that keeps its body; the head's at most.
        steps_max: how many steps are taken at most, all by default.

    Raises:
        StoreError: a body is missing or damaged, or the store cannot be written.
    """
    with store.snapshot() as snapshot:
        before = min(before, snapshot.height)
    bodies_from = store.extent().bodies_from
    while bodies_from < before and steps_max != 0:
        step = _next_step(store, bodies_from, before)
        store.prune(step)
        bodies_from += len(step)
        steps_max = None if steps_max is None else steps_max - 1
        yield bodies_from


def _next_step(store: Store, first: int, before: int) -> list[PrunedHeight]:
    step: list[PrunedHeight] = []
    kept_bytes = 0
    for height in range(first, min(before, first + HEIGHTS_PER_STEP)):
        step.append(_pruned(store, height))
        kept_bytes += len(step[-1].outcome)
        if kept_bytes > RESULT_BYTES_PER_STEP:
            break
    return step


def _pruned(store: Store, height: int) -> PrunedHeight:
    """Return what stays of a height; raises StoreError."""
    block, outcome = store.block(height), store.outcome(height)
    if block is None or outcome is None:
        raise StoreError(f"height {height} has no body to prune; examine it with `xinlian doctor`")
    try:
        head = encode_head(decode_block(block).signed_header)
        results = decode_outcome(outcome).results
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"height {height} cannot be decoded: {error}") from None
    return PrunedHeight(height, head, _encode(StoredOutcome(results, ())))
