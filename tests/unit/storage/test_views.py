"""Old heights: what a store with a window tells of them, against a table that was kept whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.storage.batches import batch
from xinlian.crypto.state_proof import verify_state_proof
from xinlian.ledger.ports import StateNotKept
from xinlian.ledger.state_tree import prove, tree_of, tree_root, update_tree
from xinlian.storage import LmdbStore

MAP_BYTES = 64 << 20
NOTHING_THERE = b"\xff" * 4


def tree_batch(store, height, writes):
    with store.snapshot() as snapshot:
        update = update_tree(snapshot, writes)
    return update.root, batch(height, writes, update.node_writes)


keys = st.integers(0, 400).map(lambda number: number.to_bytes(2, "big"))
few_writes = st.dictionaries(keys, st.none() | st.binary(max_size=6), max_size=12)


def many(value):
    return {number.to_bytes(2, "big"): value for number in range(200)}


histories = st.lists(
    few_writes | st.sampled_from([many(b"filled"), many(None)]),
    min_size=1,
    max_size=9,
)


@given(histories, st.integers(1, 5), st.lists(keys, max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_height_of_the_window_reads_and_proves_like_a_tree_that_was_kept(
    tmp_path_factory, heights, window, asked
):
    store = LmdbStore(
        tmp_path_factory.mktemp("store"),
        map_bytes=MAP_BYTES,
        durable=False,
        history_heights=window,
    )
    kept: list[dict[bytes, bytes]] = []
    roots: list[bytes] = []
    state: dict[bytes, bytes | None] = {}
    for height, writes in enumerate(heights):
        root, changes = tree_batch(store, height, writes)
        store.commit(changes)
        state = {**state, **writes}
        kept.append({key: value for key, value in state.items() if value is not None})
        roots.append(root)
    head = len(heights) - 1
    oldest = max(0, head - window)
    assert store.extent().states_from == oldest
    for height in range(oldest, head + 1):
        with store.snapshot_at(height) as past:
            assert past.height == height
            assert dict(past.scan(b"", NOTHING_THERE)) == kept[height]
            assert list(past.scan(b"\x00\x40", b"\x00\x80")) == [
                entry
                for entry in sorted(kept[height].items())
                if b"\x00\x40" <= entry[0] < b"\x00\x80"
            ]
            assert tree_root(past) == roots[height] == tree_of(kept[height].items()).root
            for key in [*asked, *list(kept[height])[:2]]:
                value = kept[height].get(key)
                assert past.get(key) == value
                verify_state_proof(roots[height], key, value, prove(past, key))
    for height in (oldest - 1, head + 1):
        with pytest.raises(StateNotKept) as refused:
            store.snapshot_at(height)
        assert (refused.value.oldest, refused.value.newest) == (oldest, head)
    store.close()
