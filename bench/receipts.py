"""Receipts: how long a stranger's verifier takes, in process, without a node."""

import time
from collections.abc import Sequence
from typing import Final

from bench.figures import Row, percentile
from xinlian.engines.embedded import build_receipt
from xinlian.ledger.header import decode_block
from xinlian.ledger.ports import Store
from xinlian.ledger.transaction import decode_transaction
from xinlian.verifier.verify import verify_receipt

VERIFICATIONS: Final = 100


def measure(store: Store, genesis: bytes, state_keys: Sequence[bytes]) -> list[Row]:
    """Return the rows of a receipt of the largest block, with and without state proofs."""
    transaction_id = _last_of_largest_block(store)
    return [
        _row("receipt verification, in process", build_receipt(store, transaction_id), genesis),
        _row(
            f"the same with {len(state_keys)} state proofs",
            build_receipt(store, transaction_id, state_keys),
            genesis,
        ),
    ]


def _row(name: str, receipt: bytes, genesis: bytes) -> Row:
    seconds = []
    for _ in range(VERIFICATIONS):
        begin = time.perf_counter()
        verify_receipt(receipt, genesis, allow_simulated=True)
        seconds.append(time.perf_counter() - begin)
    return Row(
        name,
        percentile(seconds, 50) * 1e3,
        "ms",
        "< 50",
        "< 10",
        p50_ms=percentile(seconds, 50) * 1e3,
        p99_ms=percentile(seconds, 99) * 1e3,
        notes={"receipt_bytes": len(receipt), "signature": "Python reference, no library"},
    )


def _last_of_largest_block(store: Store) -> bytes:
    with store.snapshot() as snapshot:
        heights = range(1, snapshot.height + 1)
    blocks = [decode_block(store.block(height) or b"") for height in heights]
    largest = max(blocks, key=lambda block: len(block.transactions))
    return decode_transaction(largest.transactions[-1]).transaction_id
