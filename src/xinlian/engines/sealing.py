"""The signed header of a finalized block, with its place in the chain; one for every engine."""

from xinlian.crypto.ed25519 import SigningKey
from xinlian.ledger.application import FinalizedBlock
from xinlian.ledger.header import (
    HEADER_VERSION,
    Header,
    SignedHeader,
    header_hash,
    header_signing_bytes,
)


def header_of(
    finalized: FinalizedBlock,
    count: int,
    previous_hash: bytes,
    *,
    chain_id: str,
    simulated: bool,
) -> Header:
    """Return the header of a block.

    Args:
        finalized: the block, applied.
        count: of its transactions.
        previous_hash: of the header before; of the genesis file at height 0.
        chain_id: the chain's name.
        simulated: whether its clock is.
    """
    return Header(
        version=HEADER_VERSION,
        chain_id=chain_id,
        height=finalized.outcome.height,
        time_ms=finalized.outcome.time_ms,
        simulated=simulated,
        previous_hash=previous_hash,
        transactions_root=finalized.transactions_root,
        transaction_count=count,
        state_root=finalized.state_root,
        results_root=finalized.results_root,
        events_root=finalized.events_root,
        app_version=finalized.app_version,
        app_hash=finalized.app_hash,
    )


def signed_by(key: SigningKey, header: Header) -> SignedHeader:
    """Return a header with its operator's signature."""
    signature = key.sign(header_signing_bytes(header_hash(header)))
    return SignedHeader(header, ((key.public_key, signature),))
