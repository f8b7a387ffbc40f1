"""The Merkle tree against the recursive definition of RFC 6962 section 2.1, written out here."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.crypto.merkle import (
    MerkleError,
    inclusion_path,
    merkle_root,
    root_from_inclusion_path,
)

leaves_of_any_count = st.lists(st.binary(max_size=6), max_size=40)


def tagged(domain: int, *fields: bytes) -> bytes:
    data = bytes((domain,)) + b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    return hashlib.sha256(data).digest()


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962: split at the largest power of two below the count."""
    if not leaves:
        return tagged(0x12)
    if len(leaves) == 1:
        return tagged(0x10, leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return tagged(0x11, tree_hash(leaves[:split]), tree_hash(leaves[split:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*path(index, leaves[:split]), tree_hash(leaves[split:])]
    return [*path(index - split, leaves[split:]), tree_hash(leaves[:split])]


@given(leaves_of_any_count)
def test_roots_are_those_of_the_recursive_definition(leaves):
    assert merkle_root(leaves) == tree_hash(leaves)


@pytest.mark.parametrize("count", range(1, 34))
def test_paths_are_those_of_the_recursive_definition_and_prove_their_leaf(count):
    leaves = [bytes((number,)) for number in range(count)]
    root = merkle_root(leaves)
    for index in range(count):
        found = inclusion_path(leaves, index)
        assert found == path(index, leaves)
        assert root_from_inclusion_path(leaves[index], index, count, found) == root


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 13])
def test_a_path_proves_no_other_leaf_position_count_or_sibling(count):
    leaves = [bytes((number,)) for number in range(count)]
    root = merkle_root(leaves)

    def proves(leaf, index, total, siblings):
        try:
            return root_from_inclusion_path(leaf, index, total, siblings) == root
        except MerkleError:
            return False

    for index in range(count):
        siblings = inclusion_path(leaves, index)
        assert not proves(b"other", index, count, siblings)
        assert not any(
            proves(leaves[index], i, count, siblings) for i in range(count) if i != index
        )
        assert not proves(leaves[index], index, count, [*siblings, bytes(32)])
        assert not siblings or not proves(leaves[index], index, count, siblings[:-1])
        for at, sibling in enumerate(siblings):
            changed = bytes((sibling[0] ^ 1,)) + sibling[1:]
            assert not proves(
                leaves[index], index, count, [*siblings[:at], changed, *siblings[at + 1 :]]
            )


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_a_position_outside_the_list_is_refused(index):
    with pytest.raises(MerkleError):
        inclusion_path([b"a", b"b", b"c"], index)
    with pytest.raises(MerkleError):
        root_from_inclusion_path(b"a", index, 3, [])


def test_a_node_is_never_taken_for_a_leaf():
    left, right = tagged(0x10, b"a"), tagged(0x10, b"b")
    assert merkle_root([left + right]) != merkle_root([b"a", b"b"])
