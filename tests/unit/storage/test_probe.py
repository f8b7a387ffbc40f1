"""Reading a store's file whole: sound ones pass, others are named, and nothing ends our process."""

import lmdb
import pytest

from unit.storage.batches import batch
from xinlian.ledger.ports import StoreError
from xinlian.storage import LmdbStore
from xinlian.storage.probe import probe, read_whole


@pytest.fixture
def file(tmp_path):
    store = LmdbStore(tmp_path, durable=False)
    for height in range(8):
        store.commit(batch(height, {bytes((height, n)): bytes(900) for n in range(64)}))
    store.close()
    return tmp_path / "chain.lmdb"


def test_a_sound_file_is_read_whole(file):
    assert read_whole(file) == ""
    probe(file)


def test_a_file_without_its_last_page_is_refused_before_a_page_is_read(file):
    with file.open("r+b") as out:
        out.truncate(file.stat().st_size - 1)
    assert "it was cut off" in read_whole(file)
    with pytest.raises(StoreError, match="it was cut off"):
        probe(file)


def test_a_page_that_ends_the_process_ends_the_probe_and_not_us(file):
    data = bytearray(file.read_bytes())
    for at in range(3 * 4096, len(data), 4096):  # all page headers after those of LMDB itself
        data[at + 8 : at + 16] = b"\xff" * 8
    file.write_bytes(data)
    with pytest.raises(StoreError, match="is damaged"):
        probe(file)


def test_a_file_with_entries_and_without_a_table_is_refused(tmp_path):
    with lmdb.open(str(tmp_path / "chain.lmdb"), subdir=False, max_dbs=8) as environment:
        table = environment.open_db(b"state")
        with environment.begin(write=True, db=table) as transaction:
            transaction.put(b"key", b"value")
    assert read_whole(tmp_path / "chain.lmdb").startswith("tables are missing: meta")


def test_a_store_that_crashed_before_its_first_entry_is_whole(tmp_path):
    with lmdb.open(str(tmp_path / "chain.lmdb"), subdir=False, max_dbs=8) as environment:
        environment.open_db(b"meta")
    assert read_whole(tmp_path / "chain.lmdb") == ""
    LmdbStore(tmp_path).close()
