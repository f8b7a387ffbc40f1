"""The tree: its root is a function of the entries alone, and its proofs prove nothing else."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.derive import state_root
from xinlian.crypto.state_proof import ProofError, key_hash, nibble, verify_state_proof
from xinlian.ledger.ports import StoreError
from xinlian.ledger.state_tree import prove, tree_of, tree_root, update_tree


class Nodes:
    """The nodes of a tree."""

    def __init__(self) -> None:
        self.table: dict[bytes, bytes] = {}

    def get_node(self, path: bytes) -> bytes | None:
        """Return a node by its path, or None."""
        return self.table.get(path)

    def update(self, writes: dict[bytes, bytes | None]) -> bytes:
        """Apply a batch; return the root."""
        update = update_tree(self, writes)
        for path, node in update.node_writes.items():
            if node is None:
                self.table.pop(path, None)
            else:
                self.table[path] = node
        return update.root


def entries(count: int, seed: int = 0) -> dict[bytes, bytes]:
    source = random.Random(seed)
    return {source.randbytes(12): source.randbytes(8) for _ in range(count)}


def optional(table: dict[bytes, bytes]) -> dict[bytes, bytes | None]:
    return dict(table)


@given(
    st.integers(0, 300),
    st.integers(0, 300),
    st.integers(1, 7),
    st.randoms(use_true_random=False),
)
@settings(max_examples=30)
def test_the_root_follows_from_the_entries_whatever_came_and_went(kept, removed, batches, order):
    table = entries(kept + removed)
    removed_keys = list(table)[kept:]
    steps: list[tuple[bytes, bytes | None]] = list(table.items())
    order.shuffle(steps)
    steps += [(key, None) for key in order.sample(removed_keys, len(removed_keys))]
    nodes = Nodes()
    root = tree_root(nodes)
    size = max(len(steps) // batches, 1)
    for at in range(0, len(steps), size):
        root = nodes.update(dict(steps[at : at + size]))
        assert tree_root(nodes) == root
    remaining = {key: table[key] for key in list(table)[:kept]}
    assert root == state_root(remaining)
    whole = Nodes()
    whole.update(optional(remaining))
    assert whole.table == nodes.table


def test_a_tree_that_was_emptied_is_the_empty_tree():
    nodes = Nodes()
    table = entries(200)
    nodes.update(optional(table))
    assert nodes.update(dict.fromkeys(table)) == tree_root(Nodes()) == state_root({})
    assert nodes.table == {}


def test_removing_what_is_not_there_changes_nothing():
    nodes = Nodes()
    root = nodes.update(optional(entries(100)))
    before = dict(nodes.table)
    assert nodes.update({b"absent": None}) == root
    assert nodes.table == before


@pytest.mark.parametrize("count", [0, 1, 64, 65, 900])
def test_every_presence_and_absence_has_a_proof_of_bounded_size(count):
    table = entries(count)
    nodes = Nodes()
    root = nodes.update(optional(table))
    for key, value in list(table.items())[:60]:
        proof = prove(nodes, key)
        verify_state_proof(root, key, value, proof)
        assert len(proof) < 8_192
    for key in entries(60, seed=1):
        verify_state_proof(root, key, None, prove(nodes, key))


@pytest.mark.parametrize("count", [1, 65])
def test_a_proof_proves_no_other_key_value_absence_or_root(count):
    table = entries(count)
    nodes = Nodes()
    root = nodes.update(optional(table))
    key, value = next(iter(table.items()))
    proof = prove(nodes, key)
    for claimed_root, claimed_key, claimed_value in (
        (root, key, value + b"x"),
        (root, key, None),
        (root, b"absent", value),
        (bytes(32), key, value),
    ):
        with pytest.raises(ProofError):
            verify_state_proof(claimed_root, claimed_key, claimed_value, proof)
    with pytest.raises(ProofError):
        verify_state_proof(root, b"absent", b"", prove(nodes, b"absent"))


@pytest.mark.parametrize("count", [1, 65])
def test_a_proof_with_any_flipped_byte_is_refused(count):
    table = entries(count)
    nodes = Nodes()
    root = nodes.update(optional(table))
    key, value = next(iter(table.items()))
    for claimed_key, claimed_value in ((key, value), (b"absent", None)):
        proof = prove(nodes, claimed_key)
        for at in range(len(proof)):
            flipped = proof[:at] + bytes((proof[at] ^ 1,)) + proof[at + 1 :]
            with pytest.raises(ProofError):
                verify_state_proof(root, claimed_key, claimed_value, flipped)


def test_a_lost_node_is_noticed_and_not_papered_over():
    nodes = Nodes()
    table = entries(80)
    nodes.update(optional(table))
    for lost in [path for path in nodes.table if path]:
        damaged = Nodes()
        damaged.table = {path: node for path, node in nodes.table.items() if path != lost}
        key = next(key for key in table if nibble(key_hash(key), 0) == lost[0])
        with pytest.raises(StoreError, match="lacks its node"):
            damaged.update({key: b"changed"})


@pytest.mark.parametrize("count", [0, 1, 64, 65, 1_500])
def test_the_tree_of_all_entries_is_the_one_that_batches_lead_to(count):
    table = entries(count)
    nodes = Nodes()
    passing = {b"passing" + key: value for key, value in entries(count, seed=1).items()}
    nodes.update({**table, **passing})
    nodes.update(dict.fromkeys(passing))
    tree = tree_of(iter(table.items()))
    assert (tree.root, tree.node_writes) == (state_root(table), nodes.table)
