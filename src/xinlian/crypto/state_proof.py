"""Nodes and proofs of the state tree, as far as a stranger needs them; standard library only.

The tree is a radix tree over key hashes, four bits a level.  A subtree of at most 64 entries is one
page; a larger one is an inner node of 16 children.  So its shape, and its root, follow from the
entries alone, whatever the order in which they came and went.

Rules this file keeps:
 1. An entry is ``H(key) ‖ H(key, value)``, 64 bytes; a page is its entries in ascending order.
 2. A page's and an inner node's hash have domains of their own; an empty child is 32 zero bytes.
 3. A proof is the inner nodes from the root down, and the page where the key is or would be.
"""

from collections.abc import Iterator
from typing import Final

from xinlian.crypto.codec import CodecError, decode, encode
from xinlian.crypto.hashing import HASH_BYTES, Domain, tagged_hash

FAN_OUT: Final = 16
PAGE_ENTRIES_MAX: Final = 64
ENTRY_BYTES: Final = 2 * HASH_BYTES
NODE_BYTES: Final = FAN_OUT * HASH_BYTES
PROOF_BYTES_MAX: Final = 64 << 10
EMPTY_CHILD: Final = bytes(HASH_BYTES)


class ProofError(ValueError):
    """A proof does not prove what it claims; the text says at which step."""


def key_hash(key: bytes) -> bytes:
    """Return where a key belongs in the tree."""
    return tagged_hash(Domain.STATE_KEY, key)


def entry_hash(key: bytes, value: bytes) -> bytes:
    """Return what a page keeps of a key and its value."""
    return tagged_hash(Domain.STATE_ENTRY, key, value)


def page_hash(entries: bytes) -> bytes:
    """Return the hash of a page's entries."""
    return tagged_hash(Domain.STATE_PAGE, entries)


def node_hash(children: bytes) -> bytes:
    """Return the hash of an inner node's 16 child hashes."""
    return tagged_hash(Domain.STATE_NODE, children)


def nibble(hashed_key: bytes, depth: int) -> int:
    """Return the child that a key hash takes at a depth."""
    byte = hashed_key[depth >> 1]
    return byte & 0x0F if depth & 1 else byte >> 4


def page_entries(page: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key hash, entry hash) of a page."""
    for at in range(0, len(page), ENTRY_BYTES):
        yield page[at : at + HASH_BYTES], page[at + HASH_BYTES : at + ENTRY_BYTES]


def encode_proof(nodes: list[bytes], page: bytes | None) -> bytes:
    """Return the bytes of a proof: inner nodes from the root down, then the page or nil."""
    return encode((tuple(nodes), page))


def verify_state_proof(root: bytes, key: bytes, value: bytes | None, proof: bytes) -> None:
    """Check that ``key`` has ``value`` under ``root``, or is absent where value is None.

    Raises:
        ProofError: the proof is malformed, for another root, or shows something else.
    """
    nodes, page = _decode_proof(proof)
    hashed_key = key_hash(key)
    expected = root
    for depth, children in enumerate(nodes):
        if node_hash(children) != expected:
            raise ProofError(f"inner node {depth} does not hash to its parent's entry")
        at = nibble(hashed_key, depth) * HASH_BYTES
        expected = children[at : at + HASH_BYTES]
    if page is None:
        if expected != EMPTY_CHILD or not nodes:
            raise ProofError("the page is missing from the proof")
        found = None
    else:
        if page_hash(page) != expected:
            raise ProofError("the page does not hash to its parent's entry")
        found = dict(page_entries(page)).get(hashed_key)
    _compare(found, key, value)


def _compare(found: bytes | None, key: bytes, value: bytes | None) -> None:
    if value is None and found is not None:
        raise ProofError("the key is present, the claim says absent")
    if value is not None and found is None:
        raise ProofError("the key is absent, the claim gives a value")
    if value is not None and found != entry_hash(key, value):
        raise ProofError("the key has another value")


def _decode_proof(proof: bytes) -> tuple[tuple[bytes, ...], bytes | None]:
    if len(proof) > PROOF_BYTES_MAX:
        raise ProofError("the proof is larger than 64 KiB")
    try:
        fields = decode(proof)
    except CodecError as error:
        raise ProofError(f"the proof is not canonical: {error}") from None
    if not isinstance(fields, tuple) or len(fields) != 2:  # noqa: PLR2004 - nodes and page
        raise ProofError("the proof is not a pair")
    nodes, page = fields
    if not isinstance(nodes, tuple) or len(nodes) > FAN_OUT * 4:
        raise ProofError("the proof's nodes are not a bounded list")
    checked = tuple(_sized(node, NODE_BYTES, NODE_BYTES) for node in nodes)
    if page is None:
        return checked, None
    return checked, _sized(page, ENTRY_BYTES, PAGE_ENTRIES_MAX * ENTRY_BYTES)


def _sized(value: object, multiple: int, bytes_max: int) -> bytes:
    if not isinstance(value, bytes) or len(value) % multiple or len(value) > bytes_max:
        raise ProofError("a node or page has an impossible size")
    return value
