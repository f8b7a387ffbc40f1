"""What a store keeps of a height, whether or not it still has its body."""

from xinlian.ledger.application import decode_outcome
from xinlian.ledger.header import SignedHeader, decode_block, decode_head
from xinlian.ledger.node import Committed
from xinlian.ledger.ports import Store


def header_at(store: Store, height: int) -> SignedHeader | None:
    """Return the signed header of a height, or None where the store has none."""
    block = store.block(height)
    if block is not None:
        return decode_block(block).signed_header
    head = store.header(height)
    return None if head is None else decode_head(head)


def committed_at(store: Store, transaction_id: bytes) -> Committed | None:
    """Return the outcome of a transaction that is in a block, or None where the store has none."""
    location = store.locate(transaction_id)
    if location is None:
        return None
    height, index = location
    stored = store.outcome(height)
    signed = header_at(store, height)
    if stored is None or signed is None:
        return None
    result = decode_outcome(stored).results[index]
    return Committed(height, index, signed.header.time_ms, result)
