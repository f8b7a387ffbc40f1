"""What the stores that can forget, and begin above genesis, keep: one suite over both."""

import pytest

from unit.storage.batches import batch, lmdb_store, memory_store
from xinlian.ledger.ports import Extent, PrunedHeight, StoreError


@pytest.fixture(params=[memory_store, lmdb_store], ids=["memory", "lmdb"])
def store(request, tmp_path):
    opened = request.param(tmp_path)
    yield opened
    opened.close()


def pruned(height):
    return PrunedHeight(height, b"header %d" % height, b"results %d" % height)


def filled(store, heights=5):
    for height in range(heights):
        store.commit(batch(height, {b"key": b"%d" % height}))
    return store


def test_a_store_that_forgot_nothing_says_so(store):
    assert store.extent() == Extent(0, 0, 0)
    filled(store)
    assert store.extent() == Extent(0, 0, 4)
    assert store.origin() is None
    assert store.header(2) is None


def test_of_a_pruned_height_the_header_and_the_results_stay(store):
    filled(store).prune([pruned(0), pruned(1)])
    store.prune([])
    store.prune([pruned(2)])
    assert store.extent() == Extent(0, 3, 4)
    for height in range(3):
        assert store.block(height) is None
        assert store.header(height) == b"header %d" % height
        assert store.outcome(height) == b"results %d" % height
        assert store.locate(b"transaction %d" % height) == (height, 7)
    assert (store.block(3), store.outcome(3), store.header(3)) == (b"block 3", b"outcome 3", None)
    store.commit(batch(5))
    assert store.extent() == Extent(0, 3, 5)


@pytest.mark.parametrize("heights", [(1,), (0, 2), (1, 0), (4,), (0, 1, 2, 3, 4), (7,)])
def test_heights_that_do_not_follow_or_reach_the_head_are_refused_whole(store, heights):
    filled(store)
    with pytest.raises(StoreError, match="cannot be pruned next"):
        store.prune([pruned(height) for height in heights])
    assert store.extent() == Extent(0, 0, 4)
    assert store.block(0) == b"block 0"


def test_what_is_staged_is_no_chain_until_it_begins(store):
    store.stage({b"a": b"1"}, {b"": b"node"})
    store.stage({b"b": b"2"}, {b"": b"root"})
    assert store.head() is None
    with store.snapshot() as snapshot:
        assert (snapshot.height, snapshot.get_node(b"")) == (-1, b"root")
    store.begin_at(40, b"head 40", b"genesis hash")
    assert store.head() == store.header(40) == b"head 40"
    assert (store.extent(), store.origin()) == (Extent(40, 41, 40), b"genesis hash")
    with store.snapshot() as snapshot:
        assert snapshot.height == 40
        assert list(snapshot.scan(b"", b"\xff")) == [(b"a", b"1"), (b"b", b"2")]
    with pytest.raises(StoreError, match="does not follow"):
        store.commit(batch(0))
    store.commit(batch(41))
    assert (store.block(40), store.block(41)) == (None, b"block 41")
    store.commit(batch(42))
    store.prune([pruned(41)])
    assert store.extent() == Extent(40, 42, 42)


def test_a_store_with_a_chain_is_no_place_to_restore_into(store):
    filled(store)
    with pytest.raises(StoreError):
        store.stage({b"a": b"1"}, {})
    with pytest.raises(StoreError):
        store.begin_at(9, b"head", b"genesis hash")
    assert store.head() == b"head 4"
