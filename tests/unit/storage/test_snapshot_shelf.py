"""The folder in which a snapshot is restored: all of it takes its place, or none.

What is kept for others is tried in ``tests/unit/engines/cometbft/test_snapshots.py``.
"""

import pytest

from xinlian.ledger.ports import StoreError
from xinlian.ledger.snapshot import SnapshotInvalid
from xinlian.storage import LmdbStore, MemoryStore, RestoringFolder, SnapshotKeeper, StoreInUse


def test_a_folder_with_a_chain_is_not_restored_into_and_one_in_use_neither(tmp_path):
    LmdbStore(tmp_path / "chain").close()
    with pytest.raises(StoreError, match="holds a chain already"):
        RestoringFolder(tmp_path / "chain")
    (tmp_path / "free").mkdir()
    first = RestoringFolder(tmp_path / "free")
    with pytest.raises(StoreInUse):
        RestoringFolder(tmp_path / "free")
    first.close()
    RestoringFolder(tmp_path / "free").close()


def test_nothing_is_applied_or_adopted_before_a_snapshot_was_begun(tmp_path):
    folder = RestoringFolder(tmp_path)
    with pytest.raises(SnapshotInvalid):
        folder.apply(b"part")
    with pytest.raises(SnapshotInvalid):
        folder.finish()
    with pytest.raises(StoreError):
        folder.adopt()
    folder.close()
    assert not (tmp_path / "chain.lmdb").exists()


def test_what_an_interrupted_writing_left_is_no_snapshot_and_is_cleared_at_the_start(tmp_path):
    draft = tmp_path / "snapshots" / "100.partial"
    draft.mkdir(parents=True)
    (draft / "chunk-000000").write_bytes(b"half")
    keeper = SnapshotKeeper(tmp_path, b"g" * 32, 100)
    assert keeper.manifests() == []
    keeper.start(MemoryStore())
    keeper.close()
    assert not draft.exists()


def test_a_keeper_without_a_store_or_an_interval_writes_nothing(tmp_path):
    keeper = SnapshotKeeper(tmp_path, b"g" * 32, 0)
    keeper.notify(100)
    assert keeper.manifests() == []
    assert keeper.chunk(100, 0) is None
    keeper.close()
