"""Receipts: how long a stranger's verifier takes, in process, without a node."""

import time
from collections.abc import Sequence
from typing import Final

from bench.figures import Row, percentile
from xinlian.crypto.codec import Value
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.embedded import build_receipt
from xinlian.engines.embedded.attestation import Attest, attested
from xinlian.ledger.countersignature import (
    Countersignature,
    MemoryCountersignatures,
    countersigning_bytes,
)
from xinlian.ledger.header import SignedHeader, decode_block, header_hash
from xinlian.ledger.ports import Store
from xinlian.ledger.transaction import decode_transaction
from xinlian.verifier.verify import verify_receipt

VERIFICATIONS: Final = 100
COUNTERSIGNERS: Final = 8
LATER_HEADERS: Final = 4
"""Over how many heights they countersigned."""


def measure(store: Store, genesis: bytes, state_keys: Sequence[bytes]) -> list[Row]:
    """Return the rows of a receipt of the largest block, with and without state proofs."""
    transaction_id = _last_of_largest_block(store)
    countersigned = build_receipt(store, transaction_id, (), _attest(store, COUNTERSIGNERS))
    return [
        _row("receipt verification, in process", build_receipt(store, transaction_id), genesis),
        _row(
            f"the same with {len(state_keys)} state proofs",
            build_receipt(store, transaction_id, state_keys),
            genesis,
        ),
        _row(f"the same with {COUNTERSIGNERS} countersignatures", countersigned, genesis),
    ]


def _attest(store: Store, count: int) -> Attest:
    """Return what puts countersignatures of so many keys on a header, or on ones after it."""
    kept = MemoryCountersignatures()

    def header_at(height: int) -> SignedHeader | None:
        block = store.block(height)
        return None if block is None else decode_block(block).signed_header

    def attest(signed: SignedHeader) -> Value:
        for number in range(count):
            height = signed.header.height + number % LATER_HEADERS
            found = header_at(height) or signed
            key = SigningKey(bytes((number + 1,)) * 32)
            message = countersigning_bytes(header_hash(found.header))
            entry = Countersignature(found.header.height, key.public_key, key.sign(message))
            kept.add(entry)
        return attested(signed, header_at, kept)

    return attest


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
