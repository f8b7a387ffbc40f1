"""A Merkle tree over a list, shaped as in RFC 6962 section 2.1, with this ledger's hash domains.

Rules this file keeps:
 1. Leaf and node hashes have domains of their own; the empty list has one too.
 2. A path proves position and count: RFC 9162 section 2.1.3.
"""

from collections.abc import Sequence

from xinlian.crypto.hashing import Domain, tagged_hash


class MerkleError(ValueError):
    """A path does not fit the position and count that it claims."""


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the 32-byte root of the leaves, in order."""
    if not leaves:
        return tagged_hash(Domain.MERKLE_EMPTY)
    level = [tagged_hash(Domain.MERKLE_LEAF, leaf) for leaf in leaves]
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the sibling hashes from leaf ``index`` up to the root."""
    if not 0 <= index < len(leaves):
        raise MerkleError(f"no leaf {index} of {len(leaves)}")
    level = [tagged_hash(Domain.MERKLE_LEAF, leaf) for leaf in leaves]
    path: list[bytes] = []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level = _parents(level)
        index >>= 1
    return path


def root_from_inclusion_path(leaf: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes:
    """Return the root that the path proves for leaf ``index`` of ``count``.

    Raises:
        MerkleError: the path is too long or too short for the position.
    """
    if not 0 <= index < count:
        raise MerkleError(f"no leaf {index} of {count}")
    node = tagged_hash(Domain.MERKLE_LEAF, leaf)
    siblings = iter(path)
    last = count - 1
    while last > 0:
        if index & 1 or index < last:
            sibling = next(siblings, None)
            if sibling is None:
                raise MerkleError("the path is too short")
            left, right = (sibling, node) if index & 1 else (node, sibling)
            node = tagged_hash(Domain.MERKLE_NODE, left, right)
        index >>= 1
        last >>= 1
    if next(siblings, None) is not None:
        raise MerkleError("the path is too long")
    return node


def _parents(level: list[bytes]) -> list[bytes]:
    """Hash neighbours; a last node without one rises as it is."""
    parents = [
        tagged_hash(Domain.MERKLE_NODE, level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)
    ]
    if len(level) % 2:
        parents.append(level[-1])
    return parents
