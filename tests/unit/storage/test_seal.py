"""The seal finds any change of a closed file, and says nothing of one that was not closed."""

import pytest

from xinlian.ledger.ports import StoreError
from xinlian.storage.seal import SealState, break_seal, check_seal, write_seal


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "chain.lmdb"
    path.write_bytes(bytes(range(256)) * 4)
    return path


def test_an_unchanged_file_is_intact_until_its_seal_is_broken(tmp_path, file):
    assert check_seal(tmp_path, file) == SealState.ABSENT
    write_seal(tmp_path, file)
    assert check_seal(tmp_path, file) == SealState.INTACT
    break_seal(tmp_path)
    break_seal(tmp_path)
    assert check_seal(tmp_path, file) == SealState.ABSENT


@pytest.mark.parametrize("at", [0, 511, 1023])
def test_any_changed_byte_breaks_it(tmp_path, file, at):
    write_seal(tmp_path, file)
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreError, match="has changed since it was closed"):
        check_seal(tmp_path, file)


def test_a_shorter_longer_or_missing_file_breaks_it(tmp_path, file):
    write_seal(tmp_path, file)
    whole = file.read_bytes()
    for data in (whole[:-1], whole + b"\0"):
        file.write_bytes(data)
        with pytest.raises(StoreError, match="has changed since it was closed"):
            check_seal(tmp_path, file)
    file.unlink()
    with pytest.raises(StoreError, match="is missing"):
        check_seal(tmp_path, file)


def test_a_folder_without_a_file_is_new(tmp_path):
    assert check_seal(tmp_path, tmp_path / "chain.lmdb") == SealState.NEW
