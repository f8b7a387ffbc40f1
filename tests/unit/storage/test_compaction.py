"""A compacted file is smaller, equal, and in place only when it was read again."""

import shutil

import lmdb
import pytest

from unit.storage.batches import batch
from xinlian.ledger.ports import PrunedHeight, StoreError
from xinlian.storage import Compaction, LmdbStore, compact
from xinlian.storage.probe import TABLES

MAP_BYTES = 256 << 20


@pytest.fixture
def node(tmp_path):
    """A stopped node's folder whose bodies were pruned."""
    folder = tmp_path / "node"
    store = LmdbStore(folder, map_bytes=MAP_BYTES, durable=False)
    for height in range(40):
        changes = batch(height, {b"key %d" % height: b"v" * 50}, {b"%d" % height: b"n" * 900})
        store.commit(msg_with_body(changes, 100_000))
    store.prune([PrunedHeight(height, b"head", b"results") for height in range(38)])
    store.close()
    return folder


def msg_with_body(changes, size):
    return type(changes)(
        changes.height,
        changes.head,
        b"b" * size,
        changes.outcome,
        changes.state_writes,
        changes.node_writes,
        changes.transaction_locations,
    )


def tables_of(folder):
    with lmdb.open(str(folder / "chain.lmdb"), subdir=False, readonly=True, max_dbs=8) as found:
        tables = {}
        for name in TABLES:
            with found.begin(db=found.open_db(name.encode(), create=False)) as transaction:
                tables[name] = list(transaction.cursor())
        return tables


def test_the_copy_has_every_entry_is_smaller_and_opens_as_closed_cleanly(node):
    before, told = tables_of(node), []
    done = compact(node, lambda *step: told.append(step), map_bytes=MAP_BYTES)
    assert isinstance(done, Compaction)
    assert done.bytes_after == (node / "chain.lmdb").stat().st_size < done.bytes_before // 4
    assert tables_of(node) == before
    entries = sum(len(table) for table in before.values())
    assert told[-1] == (2 * entries, 2 * entries)
    store = LmdbStore(node, map_bytes=MAP_BYTES)
    assert store.was_closed_cleanly
    store.commit(batch(40))
    store.close()


def test_a_folder_in_use_is_left_alone(node):
    store = LmdbStore(node, map_bytes=MAP_BYTES)
    with pytest.raises(StoreError, match="in use"):
        compact(node, map_bytes=MAP_BYTES)
    store.close()


def test_without_room_nothing_is_begun(node, monkeypatch):
    usage = shutil.disk_usage(node)._replace(free=1_000)
    monkeypatch.setattr("xinlian.storage.compaction.shutil.disk_usage", lambda _folder: usage)
    before = (node / "chain.lmdb").read_bytes()
    with pytest.raises(StoreError, match="make room"):
        compact(node, map_bytes=MAP_BYTES)
    assert (node / "chain.lmdb").read_bytes() == before
    LmdbStore(node, map_bytes=MAP_BYTES).close()


def test_an_interruption_at_any_step_leaves_the_old_file_as_it_was(node):
    before = (node / "chain.lmdb").read_bytes()
    total: list[int] = []
    compact(shutil.copytree(node, node.with_name("measured")), lambda _, of: total.append(of))
    for stop_at in range(len(total)):
        steps = iter(range(len(total)))

        def stop(_done, _of, stop_at=stop_at, steps=steps):
            if next(steps) == stop_at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            compact(node, stop, map_bytes=MAP_BYTES)
        assert (node / "chain.lmdb").read_bytes() == before
        assert not (node / "chain.lmdb.compacting").exists()
    store = LmdbStore(node, map_bytes=MAP_BYTES)
    assert store.was_closed_cleanly
    store.close()


def test_a_copy_that_reads_back_otherwise_never_takes_the_place(node, monkeypatch):
    before = (node / "chain.lmdb").read_bytes()
    monkeypatch.setattr(
        "xinlian.storage.compaction._fingerprint", lambda *_: (0, b"what was not written")
    )
    with pytest.raises(StoreError, match="not what was written"):
        compact(node, map_bytes=MAP_BYTES)
    assert (node / "chain.lmdb").read_bytes() == before


def test_what_a_killed_compaction_left_is_removed_by_the_next_start(node):
    (node / "chain.lmdb.compacting").write_bytes(b"half a copy")
    LmdbStore(node, map_bytes=MAP_BYTES).close()
    assert not (node / "chain.lmdb.compacting").exists()


def test_a_folder_without_a_chain_is_refused(tmp_path):
    with pytest.raises(StoreError, match="no store"):
        compact(tmp_path)
