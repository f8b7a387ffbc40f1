"""What commits replace: kept while it is within the window, and gone behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.storage.batches import batch
from xinlian.ledger.ports import CommitBatch, StateNotKept, StoreError
from xinlian.storage import LmdbStore, MemoryStore
from xinlian.storage.history import replaced, restored

MAP_BYTES = 64 << 20

blobs = st.binary(max_size=300)


@given(st.none() | blobs, st.none() | blobs)
def test_the_old_bytes_are_had_again_from_the_new_ones(old, new):
    assert restored(replaced(old, new), new) == old


@given(st.binary(min_size=2_000, max_size=4_097), st.integers(0, 1_900), st.binary(max_size=64))
def test_a_node_that_changed_in_one_place_is_kept_as_that_place(node, at, other):
    changed = node[:at] + other + node[at + 64 :]
    record = replaced(node, changed)
    assert len(record) <= 5 + max(64, len(other)) + 2 * 32
    assert restored(record, changed) == node


@pytest.mark.parametrize("record", [b"", b"\x03abc", b"\x02\x00"])
def test_a_damaged_record_is_a_failure_of_the_store(record):
    with pytest.raises(StoreError, match="damaged"):
        restored(record, b"new")


@pytest.fixture
def store(tmp_path):
    opened = LmdbStore(tmp_path / "node", map_bytes=MAP_BYTES, durable=False, history_heights=3)
    yield opened
    opened.close()


def reopened(store, tmp_path, **options):
    store.close()
    return LmdbStore(tmp_path / "node", map_bytes=MAP_BYTES, durable=False, **options)


def history_entries(store):
    with store.environment.begin() as transaction:
        return transaction.stat(store.tables["history"])["entries"]


def test_old_records_go_with_the_heights_that_leave_the_window(store):
    for height in range(20):
        store.commit(batch(height, {b"key": b"%d" % height}, {b"": b"root %d" % height}))
    assert history_entries(store) == 3 * 2


def test_a_view_of_an_old_height_stays_when_later_blocks_leave_it_behind(store):
    for height in range(4):
        store.commit(batch(height, {b"key": b"%d" % height}, {b"": b"root %d" % height}))
    with store.snapshot_at(1) as past:
        for height in range(4, 12):
            store.commit(batch(height, {b"key": b"%d" % height}, {b"": b"root %d" % height}))
        assert (past.get(b"key"), past.get_node(b"")) == (b"1", b"root 1")


def test_a_window_survives_a_restart_may_be_narrowed_widened_and_closed(store, tmp_path):
    for height in range(6):
        store.commit(batch(height, {b"key": b"%d" % height}))
    wider = reopened(store, tmp_path, history_heights=5)
    assert wider.extent().states_from == 2
    wider.commit(batch(6, {b"key": b"6"}))
    assert wider.extent().states_from == 2, "what was forgotten does not come back"
    narrower = reopened(wider, tmp_path, history_heights=1)
    narrower.commit(batch(7, {b"key": b"7"}))
    assert narrower.extent().states_from == 6
    assert history_entries(narrower) == 1
    closed = reopened(narrower, tmp_path)
    closed.commit(batch(8, {b"key": b"8"}))
    assert (closed.extent().states_from, history_entries(closed)) == (8, 0)
    again = reopened(closed, tmp_path, history_heights=3)
    again.commit(batch(9, {b"key": b"9"}))
    with again.snapshot_at(8) as past:
        assert past.get(b"key") == b"8"
    with pytest.raises(StateNotKept):
        again.snapshot_at(7)
    again.close()


def test_the_reference_store_keeps_the_same_heights(store):
    reference = MemoryStore(history_heights=3)
    for height in range(8):
        changes: CommitBatch = batch(height, {b"key": b"%d" % height})
        store.commit(changes)
        reference.commit(changes)
        assert reference.extent() == store.extent()
    for height in range(9):
        answers: list[object] = []
        for asked in (store, reference):
            try:
                with asked.snapshot_at(height) as past:
                    answers.append((past.height, past.get(b"key")))
            except StateNotKept as refusal:
                answers.append(str(refusal))
        assert answers[0] == answers[1]
