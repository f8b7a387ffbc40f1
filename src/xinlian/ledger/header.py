"""Headers of the embedded engine: each names the one before and what its block did.

Rules this file keeps:
 1. The first header's ``previous_hash`` is the genesis hash.
 2. A header shows whether its clock is simulated.
 3. An operator signs the header's hash under a domain of its own.
 4. A block is stored with everything that computing it again needs; what the engine showed of
    validators is bound by the events that follow from it.
"""

import msgspec

from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.ledger.block import Block, Misbehaviour

HEADER_VERSION = 1


class Header(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """The head of one block; ``state_root`` … are those after the block."""

    version: int
    chain_id: str
    height: int
    time_ms: int
    simulated: bool
    previous_hash: bytes
    transactions_root: bytes
    transaction_count: int
    state_root: bytes
    results_root: bytes
    events_root: bytes
    app_version: int
    app_hash: bytes


class SignedHeader(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A header with the signatures of operators: (public key, signature)."""

    header: Header
    signatures: tuple[tuple[bytes, bytes], ...]


class StoredBlock(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a store keeps of a height."""

    signed_header: SignedHeader
    engine_time_ms: int
    transactions: tuple[bytes, ...]
    misbehaviours: tuple[Misbehaviour, ...] = ()
    """What the engine showed with it; written only where there is any."""

    @property
    def made(self) -> Block:
        """The block as the engine handed it to the state machine."""
        height = self.signed_header.header.height
        return Block(height, self.engine_time_ms, self.transactions, self.misbehaviours)


_encode = msgspec.msgpack.Encoder().encode
_decode_block = msgspec.msgpack.Decoder(StoredBlock).decode
_decode_head = msgspec.msgpack.Decoder(SignedHeader).decode


def header_hash(header: Header) -> bytes:
    """Return the 32-byte hash of a header."""
    return tagged_hash(Domain.HEADER, _encode(header))


def header_signing_bytes(hashed_header: bytes) -> bytes:
    """Return the 32 bytes that an operator signs."""
    return tagged_hash(Domain.HEADER_SIGNATURE, hashed_header)


def encode_head(head: SignedHeader) -> bytes:
    """Return the stored bytes of a head."""
    return _encode(head)


def decode_head(data: bytes) -> SignedHeader:
    """Return the head of its stored bytes."""
    return _decode_head(data)


def encode_block(block: StoredBlock) -> bytes:
    """Return the stored bytes of a block."""
    if block.misbehaviours:
        return _encode(block)
    return _encode((block.signed_header, block.engine_time_ms, block.transactions))


def decode_block(data: bytes) -> StoredBlock:
    """Return the block of its stored bytes."""
    return _decode_block(data)
