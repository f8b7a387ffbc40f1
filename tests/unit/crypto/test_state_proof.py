"""Malformed proofs; proofs of real trees are tested with the tree."""

import pytest

from xinlian.crypto.codec import encode
from xinlian.crypto.state_proof import (
    EMPTY_CHILD,
    NODE_BYTES,
    PROOF_BYTES_MAX,
    ProofError,
    entry_hash,
    key_hash,
    nibble,
    node_hash,
    page_hash,
    verify_state_proof,
)

EMPTY_ROOT = page_hash(b"")


def test_the_empty_tree_proves_absence():
    verify_state_proof(EMPTY_ROOT, b"key", None, encode(((), b"")))


def test_an_empty_child_proves_absence_and_nothing_else():
    children = bytearray(NODE_BYTES)
    at = nibble(key_hash(b"key"), 0) * 32
    children[at : at + 32] = EMPTY_CHILD
    proof = encode(((bytes(children),), None))
    root = node_hash(bytes(children))
    verify_state_proof(root, b"key", None, proof)
    with pytest.raises(ProofError, match="absent"):
        verify_state_proof(root, b"key", b"value", proof)


def test_a_page_of_one_entry_proves_it():
    page = key_hash(b"key") + entry_hash(b"key", b"value")
    verify_state_proof(page_hash(page), b"key", b"value", encode(((), page)))


def test_nibbles_run_from_the_high_one_of_the_first_byte():
    hashed = bytes.fromhex("a1f0") + bytes(30)
    assert [nibble(hashed, depth) for depth in range(4)] == [0xA, 0x1, 0xF, 0x0]


@pytest.mark.parametrize(
    "proof",
    [
        b"",
        b"\xc0",
        encode(((), b"", None)),
        encode(((), None)),
        encode((b"", b"")),
        encode(((b"short",), None)),
        encode(((None,), b"")),
        encode(((), b"short")),
        encode(((), bytes(64 * 65))),
        encode((tuple(bytes(NODE_BYTES) for _ in range(65)), b"")),
        encode(((), b"")) + b"\0",
        b"\x92\xdc\x00\x00\xc4\x00",
        bytes(PROOF_BYTES_MAX + 1),
    ],
)
def test_a_malformed_proof_is_refused(proof):
    with pytest.raises(ProofError):
        verify_state_proof(EMPTY_ROOT, b"key", None, proof)
