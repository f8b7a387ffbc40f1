"""Snapshots as folders: whole or not there, restored whole or not at all."""

import fcntl
import itertools
import os

import pytest

from xinlian.ledger.genesis import genesis_hash
from xinlian.ledger.ports import StateNotKept, StoreError
from xinlian.ledger.snapshot import (
    CHUNK_BYTES_MAX,
    MANIFEST_BYTES_MAX,
    SnapshotInvalid,
    check_signed,
)
from xinlian.ledger.soundness import faults, require_sound_state
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import (
    LmdbStore,
    MemoryStore,
    read_chunk,
    read_manifest,
    restore_snapshot,
    write_snapshot,
)
from xinlian.testing import Consortium


def pay(consortium, times):
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 5)
    return [consortium.send("core", payment)[1].height for _ in range(times)]


@pytest.fixture
def chain(tmp_path):
    """A chain whose store keeps two old heights: (store, genesis bytes)."""
    store = MemoryStore(history_heights=2)
    consortium = Consortium(store)
    pay(consortium, 4)
    consortium.close()
    return store, consortium.genesis_bytes


def restore_checked(snapshot, genesis_bytes, folder):
    manifest = read_manifest(snapshot)
    check_signed(manifest, genesis_bytes)
    restore_snapshot(snapshot, manifest, folder)


def files(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_two_nodes_with_other_histories_write_the_same_files(chain, tmp_path):
    store, genesis_bytes = chain
    hashed = genesis_hash(genesis_bytes)
    told = []
    write_snapshot(store, tmp_path / "one", hashed, progress=lambda *step: told.append(step))
    assert told == [(1, 0)]
    lmdb = LmdbStore(tmp_path / "node", map_bytes=64 << 20, durable=False)
    consortium = Consortium(lmdb)
    pay(consortium, 2)
    consortium.close()
    lmdb.close()
    lmdb = LmdbStore(tmp_path / "node", map_bytes=64 << 20, durable=False)
    again = Consortium(lmdb)
    again._first_height = 0  # the same keys as the chain that ran without a restart
    again._intents = itertools.count(2)
    pay(again, 2)
    again.close()
    write_snapshot(lmdb, tmp_path / "two", hashed)
    lmdb.close()
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_an_old_height_of_the_window_gives_the_snapshot_that_it_gave_as_the_head(chain, tmp_path):
    store, genesis_bytes = chain
    hashed = genesis_hash(genesis_bytes)
    shorter = MemoryStore()
    consortium = Consortium(shorter)
    pay(consortium, 2)
    consortium.close()
    write_snapshot(shorter, tmp_path / "as head", hashed)
    write_snapshot(store, tmp_path / "later", hashed, height=2)
    assert files(tmp_path / "as head") == files(tmp_path / "later")
    with pytest.raises(StateNotKept, match="2 to 4 are"):
        write_snapshot(store, tmp_path / "too old", hashed, height=1)
    assert not (tmp_path / "too old").exists()


def test_nothing_is_written_over_and_a_draft_of_before_is_replaced(chain, tmp_path):
    store, genesis_bytes = chain
    (tmp_path / "there").mkdir()
    with pytest.raises(StoreError, match="exists already"):
        write_snapshot(store, tmp_path / "there", genesis_hash(genesis_bytes))
    (tmp_path / "new.partial").mkdir()
    (tmp_path / "new.partial" / "chunk-000077").write_bytes(b"left over")
    write_snapshot(store, tmp_path / "new", genesis_hash(genesis_bytes))
    assert sorted(files(tmp_path / "new")) == ["chunk-000000", "manifest"]
    assert not (tmp_path / "new.partial").exists()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be written"):
        write_snapshot(store, tmp_path / "file" / "below", genesis_hash(genesis_bytes))


def test_what_an_interrupted_writing_left_is_named_and_never_used(chain, tmp_path):
    store, genesis_bytes = chain
    hashed = genesis_hash(genesis_bytes)

    def killed(*_step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_snapshot(store, tmp_path / "taken", hashed, progress=killed)
    draft = tmp_path / "taken.partial"
    assert sorted(files(draft)) == ["chunk-000000"]
    for folder in (tmp_path / "taken", draft):
        with pytest.raises(SnapshotInvalid, match=r"taken\.partial is an unfinished snapshot"):
            read_manifest(folder)
    write_snapshot(store, tmp_path / "taken", hashed)
    assert not draft.exists()
    read_manifest(tmp_path / "taken")
    (tmp_path / "taken").rename(draft)  # killed when all was written, but before it had its name
    with pytest.raises(SnapshotInvalid, match="未完成的快照"):
        read_manifest(draft)
    (draft / "manifest").unlink()
    draft.rename(tmp_path / "taken")
    with pytest.raises(SnapshotInvalid, match="chunks and no manifest"):
        read_manifest(tmp_path / "taken")


def test_a_restored_folder_is_a_sound_node_that_goes_on(chain, tmp_path):
    store, genesis_bytes = chain
    write_snapshot(store, tmp_path / "taken", genesis_hash(genesis_bytes))
    manifest = read_manifest(tmp_path / "taken")
    told = []
    restore_snapshot(
        tmp_path / "taken", manifest, tmp_path / "node", lambda *step: told.append(step)
    )
    assert told == [(1, 1)]
    restored = LmdbStore(tmp_path / "node")
    require_sound_state(restored)
    assert list(faults(restored, genesis_bytes)) == []
    consortium, original = Consortium(restored), Consortium(store)
    assert pay(consortium, 2) == pay(original, 2) == [5, 6]
    assert restored.head() == store.head()
    assert list(faults(restored, genesis_bytes)) == []
    consortium.close()
    original.close()
    restored.close()


@pytest.mark.parametrize("name", ["manifest", "chunk-000000"])
def test_missing_changed_and_endless_files_are_refused_and_leave_nothing(chain, tmp_path, name):
    store, genesis_bytes = chain
    write_snapshot(store, tmp_path / "taken", genesis_hash(genesis_bytes))
    file = tmp_path / "taken" / name
    right = file.read_bytes()
    changed = right[:40] + bytes((right[40] ^ 1,)) + right[41:]
    endless = b"\0" * (max(CHUNK_BYTES_MAX, MANIFEST_BYTES_MAX) + 1)
    for wrong in (changed, right[:-1], b"", endless, None):
        if wrong is None:
            file.unlink()
        else:
            file.write_bytes(wrong)
        with pytest.raises(SnapshotInvalid):
            restore_checked(tmp_path / "taken", genesis_bytes, tmp_path / "node")
        assert not (tmp_path / "node" / "chain.lmdb").exists()
        assert not (tmp_path / "node" / "restoring").exists()
    file.write_bytes(right)
    restore_checked(tmp_path / "taken", genesis_bytes, tmp_path / "node")
    LmdbStore(tmp_path / "node").close()


def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "manifest")
    with pytest.raises(SnapshotInvalid, match="no such file"):
        read_manifest(tmp_path)


def test_a_chunk_is_read_as_it_is(chain, tmp_path):
    store, genesis_bytes = chain
    write_snapshot(store, tmp_path / "taken", genesis_hash(genesis_bytes))
    assert read_chunk(tmp_path / "taken", 0) == (tmp_path / "taken" / "chunk-000000").read_bytes()
    with pytest.raises(SnapshotInvalid, match="cannot be read"):
        read_chunk(tmp_path / "taken", 1)


def test_a_folder_with_a_chain_or_in_use_is_left_alone(chain, tmp_path):
    store, genesis_bytes = chain
    write_snapshot(store, tmp_path / "taken", genesis_hash(genesis_bytes))
    manifest = read_manifest(tmp_path / "taken")
    LmdbStore(tmp_path / "node").close()
    before = files(tmp_path / "node")
    with pytest.raises(StoreError, match="holds a chain already"):
        restore_snapshot(tmp_path / "taken", manifest, tmp_path / "node")
    assert files(tmp_path / "node") == before
    (tmp_path / "busy").mkdir()
    with (tmp_path / "busy" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="in use"):
            restore_snapshot(tmp_path / "taken", manifest, tmp_path / "busy")


def test_what_an_interrupted_restore_left_is_not_opened_and_a_new_one_replaces_it(chain, tmp_path):
    store, genesis_bytes = chain
    write_snapshot(store, tmp_path / "taken", genesis_hash(genesis_bytes))
    manifest = read_manifest(tmp_path / "taken")
    LmdbStore(tmp_path / "node" / "restoring").close()
    with pytest.raises(StoreError, match="interrupted"):
        LmdbStore(tmp_path / "node")
    restore_snapshot(tmp_path / "taken", manifest, tmp_path / "node")
    (tmp_path / "node" / "restoring").mkdir()  # killed between the rename and the tidying
    opened = LmdbStore(tmp_path / "node")
    assert opened.head() == store.head()
    opened.close()
    assert not (tmp_path / "node" / "restoring").exists()
