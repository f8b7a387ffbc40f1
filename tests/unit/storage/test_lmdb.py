"""What the durable store adds: folders, formats, limits, failures."""

import gc
import os
import subprocess
import sys

import pytest

from unit.storage.batches import batch
from xinlian.ledger.ports import StoreError
from xinlian.storage import LmdbStore

OPEN_ELSEWHERE = """
import sys
from pathlib import Path
from xinlian.ledger.ports import StoreError
from xinlian.storage import LmdbStore
try:
    LmdbStore(Path(sys.argv[1]))
except StoreError as error:
    print(error)
    sys.exit(3)
"""


def open_in_another_process(folder):
    return subprocess.run(
        [sys.executable, "-c", OPEN_ELSEWHERE, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
        timeout=60,
    )


def test_what_was_committed_is_there_after_reopening(tmp_path):
    store = LmdbStore(tmp_path / "new" / "folder")
    store.commit(batch(0, {b"key": b"value"}, {b"": b"root"}))
    store.close()
    again = LmdbStore(tmp_path / "new" / "folder")
    assert again.head() == b"head 0"
    with again.snapshot() as snapshot:
        assert (snapshot.height, snapshot.get(b"key"), snapshot.get_node(b"")) == (
            0,
            b"value",
            b"root",
        )
    again.close()


def test_a_second_process_is_refused_and_told_why_until_the_first_lets_go(tmp_path):
    store = LmdbStore(tmp_path)
    second = open_in_another_process(tmp_path)
    assert second.returncode == 3
    assert "in use by another process" in second.stdout
    store.close()
    assert open_in_another_process(tmp_path).returncode == 0


def test_a_second_opening_in_the_same_process_is_refused(tmp_path):
    store = LmdbStore(tmp_path)
    with pytest.raises(StoreError, match="in use"):
        LmdbStore(tmp_path)
    store.close()


def test_a_folder_of_another_format_is_refused_and_let_go(tmp_path):
    store = LmdbStore(tmp_path)
    with store.environment.begin(write=True) as transaction:
        transaction.put(b"format", b"xinlian-store-0", db=store.tables["meta"])
    store.close()
    for _ in range(2):
        with pytest.raises(StoreError, match="another format"):
            LmdbStore(tmp_path)
    gc.collect()  # a handle left open would warn here


def test_a_damaged_file_is_refused_and_let_go(tmp_path):
    (tmp_path / "chain.lmdb").write_bytes(b"\x5a" * 8192)
    for _ in range(2):
        with pytest.raises(StoreError, match="is damaged"):
            LmdbStore(tmp_path)
    gc.collect()


def thousand_bytes_each(height: int, count: int) -> dict[bytes, bytes | None]:
    return {b"%d %d" % (height, number): bytes(1_000) for number in range(count)}


def test_a_full_map_refuses_the_height_and_loses_nothing(tmp_path):
    store = LmdbStore(tmp_path, map_bytes=1 << 20)
    height = 0
    while store.environment.info()["last_pgno"] < 180:  # of 256 pages
        store.commit(batch(height, thousand_bytes_each(height, 20)))
        height += 1
    with pytest.raises(StoreError, match="size limit"):
        store.commit(batch(height, thousand_bytes_each(height, 500)))
    assert store.head() == b"head %d" % (height - 1)
    store.close()
    again = LmdbStore(tmp_path, map_bytes=8 << 20)
    with again.snapshot() as snapshot:
        assert snapshot.height == height - 1
        kept = sum(1 for _ in snapshot.scan(b"", b"\xff"))
    assert kept == 20 * height
    assert again.block(height) is None
    again.commit(batch(height, thousand_bytes_each(height, 500)))
    assert again.head() == b"head %d" % height
    again.close()


def test_a_write_that_lmdb_cannot_take_is_a_store_error_and_changes_nothing(tmp_path):
    store = LmdbStore(tmp_path)
    store.commit(batch(0, {b"key": b"value"}))
    with pytest.raises(StoreError, match="commit of height 1 failed"):
        store.commit(batch(1, {b"key": b"other", bytes(600): b"too long a key"}))
    with store.snapshot() as snapshot:
        assert (snapshot.height, snapshot.get(b"key")) == (0, b"value")
    store.close()


def test_reads_that_fail_are_store_errors_so_that_they_stop_the_node(tmp_path):
    store = LmdbStore(tmp_path)
    store.commit(batch(0, {b"key": b"value"}))
    snapshot = store.snapshot()
    snapshot.close()
    reads = [
        lambda: snapshot.get(b"key"),
        lambda: snapshot.get_node(b""),
        lambda: list(snapshot.scan(b"", b"\xff")),
    ]
    for read in reads:
        with pytest.raises(StoreError, match="cannot be read"):
            read()
    store.close()
    for closed_read in (store.snapshot, store.head, lambda: store.block(0)):
        with pytest.raises(StoreError, match="cannot be read"):
            closed_read()
