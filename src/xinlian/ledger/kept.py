"""What a store keeps of a height, whether or not it still has its body."""

from xinlian.ledger.header import SignedHeader, decode_block, decode_head
from xinlian.ledger.ports import Store


def header_at(store: Store, height: int) -> SignedHeader | None:
    """Return the signed header of a height, or None where the store has none."""
    block = store.block(height)
    if block is not None:
        return decode_block(block).signed_header
    head = store.header(height)
    return None if head is None else decode_head(head)
