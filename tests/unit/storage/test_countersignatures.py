"""Countersignatures on disk: durable, ordered, the first of a height and key stays."""

import pytest

from xinlian.ledger.countersignature import Countersignature
from xinlian.ledger.ports import StoreError
from xinlian.storage.countersignatures import FILE_NAME, LmdbCountersignatures


def entry(height: int, key: int, signature: int = 0) -> Countersignature:
    return Countersignature(height, bytes([key]) * 32, bytes([signature]) * 64)


def fill(kept: LmdbCountersignatures) -> None:
    for height in range(1_000):
        kept.add(entry(height, 1))


def test_entries_are_there_after_a_restart_in_order_of_height_and_key(tmp_path):
    kept = LmdbCountersignatures(tmp_path)
    for height, key in ((300, 1), (7, 2), (7, 1), (2, 9)):
        kept.add(entry(height, key))
    kept.close()
    again = LmdbCountersignatures(tmp_path)
    assert again.between(0, 1_000, 10) == [entry(2, 9), entry(7, 1), entry(7, 2), entry(300, 1)]
    assert again.between(3, 7, 10) == [entry(7, 1), entry(7, 2)]
    assert again.between(0, 1_000, 1) == [entry(2, 9)]
    assert again.between(8, 299, 10) == []
    again.close()


def test_entries_of_some_keys_are_found_behind_any_number_of_others(tmp_path):
    kept = LmdbCountersignatures(tmp_path)
    for height, key in ((1, 2), (1, 3), (2, 2), (5, 9), (6, 9)):
        kept.add(entry(height, key))
    assert kept.between(0, 10, 1, frozenset({bytes([9]) * 32})) == [entry(5, 9)]
    assert kept.between(0, 10, 9, frozenset()) == []
    kept.close()


def test_a_second_one_of_a_height_and_key_replaces_nothing(tmp_path):
    kept = LmdbCountersignatures(tmp_path)
    kept.add(entry(7, 1, signature=1))
    kept.add(entry(7, 1, signature=2))
    assert kept.between(7, 7, 10) == [entry(7, 1, signature=1)]
    kept.close()


def test_a_file_that_is_no_store_and_a_full_one_are_told(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"not a store" * 1_000)
    with pytest.raises(StoreError, match=FILE_NAME):
        LmdbCountersignatures(tmp_path)
    (tmp_path / FILE_NAME).unlink()
    kept = LmdbCountersignatures(tmp_path, map_bytes=32 << 10)
    with pytest.raises(StoreError, match="written"):
        fill(kept)
    kept.close()
