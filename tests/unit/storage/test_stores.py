"""What every store of a chain keeps: one suite, run over each of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.storage.batches import STORES, batch
from xinlian.ledger.ports import StoreError


def test_an_empty_store_is_before_genesis(store):
    assert store.head() is None
    assert store.block(0) is None
    assert store.outcome(0) is None
    assert store.locate(b"transaction") is None
    with store.snapshot() as snapshot:
        assert snapshot.height == -1
        assert snapshot.get(b"key") is None
        assert snapshot.get_node(b"") is None
        assert list(snapshot.scan(b"", b"\xff")) == []


def test_a_commit_is_seen_whole(store):
    store.commit(batch(0, {b"key": b"value", b"empty": b""}, {b"": b"root", b"\x01": b"child"}))
    assert store.head() == b"head 0"
    assert store.block(0) == b"block 0"
    assert store.outcome(0) == b"outcome 0"
    assert store.locate(b"transaction 0") == (0, 7)
    with store.snapshot() as snapshot:
        assert snapshot.height == 0
        assert snapshot.get(b"key") == b"value"
        assert snapshot.get(b"empty") == b""
        assert snapshot.get(b"kex") is None
        assert snapshot.get_node(b"") == b"root"
        assert snapshot.get_node(b"\x01") == b"child"
        assert snapshot.get_node(b"\x02") is None


def test_a_snapshot_never_changes_however_long_it_is_held(store):
    store.commit(batch(0, {b"kept": b"old", b"removed": b"old"}, {b"": b"old"}))
    with store.snapshot() as before:
        store.commit(batch(1, {b"kept": b"new", b"removed": None, b"added": b"new"}, {b"": b"new"}))
        with store.snapshot() as after:
            assert (before.height, after.height) == (0, 1)
            assert list(before.scan(b"", b"\xff")) == [(b"kept", b"old"), (b"removed", b"old")]
            assert list(after.scan(b"", b"\xff")) == [(b"added", b"new"), (b"kept", b"new")]
            assert (before.get(b"added"), after.get(b"removed")) == (None, None)
            assert (before.get_node(b""), after.get_node(b"")) == (b"old", b"new")


@pytest.mark.parametrize("height", [0, 2, 5])
def test_a_height_that_does_not_follow_is_refused_and_changes_nothing(store, height):
    store.commit(batch(0, {b"key": b"value"}))
    with pytest.raises(StoreError, match="does not follow"):
        store.commit(batch(height, {b"key": b"other"}))
    assert store.head() == b"head 0"
    with store.snapshot() as snapshot:
        assert snapshot.get(b"key") == b"value"


def test_genesis_is_height_zero(store):
    with pytest.raises(StoreError, match="does not follow"):
        store.commit(batch(1))
    assert store.head() is None


def test_a_scan_ends_before_its_end_and_may_be_left_early(store):
    keys = [bytes((number,)) for number in range(10)]
    store.commit(batch(0, dict.fromkeys(keys, b"x")))
    with store.snapshot() as snapshot:
        assert [key for key, _ in snapshot.scan(b"\x03", b"\x06")] == keys[3:6]
        assert list(snapshot.scan(b"\x06", b"\x03")) == []
        for key, _ in snapshot.scan(b"", b"\xff"):
            if key == b"\x02":
                break
        assert snapshot.get(b"\x09") == b"x"


writes_of_heights = st.lists(
    st.dictionaries(
        st.binary(min_size=1, max_size=3),
        st.none() | st.binary(max_size=4),
        max_size=8,
    ),
    max_size=6,
)


@pytest.mark.parametrize("make_store", STORES)
@given(writes_of_heights, st.binary(max_size=2), st.binary(max_size=2))
@settings(max_examples=25)
def test_a_store_is_a_sorted_table_of_its_writes(tmp_path_factory, make_store, heights, start, end):
    store = make_store(tmp_path_factory.mktemp("store"))
    model: dict[bytes, bytes] = {}
    for height, writes in enumerate(heights):
        store.commit(batch(height, writes))
        model.update({key: value for key, value in writes.items() if value is not None})
        for key, value in writes.items():
            if value is None:
                model.pop(key, None)
    with store.snapshot() as snapshot:
        assert list(snapshot.scan(b"", b"\xff" * 4)) == sorted(model.items())
        expected = [(key, value) for key, value in sorted(model.items()) if start <= key < end]
        assert list(snapshot.scan(start, end)) == expected
    store.close()
