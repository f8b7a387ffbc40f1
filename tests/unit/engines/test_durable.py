"""A file is there whole, or as it was: also after the machine lost its power."""

import os
import stat

import pytest

from xinlian.engines.durable import write_durably


def test_content_is_on_the_disk_before_its_name_and_the_name_before_the_call_returns(
    tmp_path, monkeypatch
):
    path, steps = tmp_path / "file.bin", []
    sync, replace = os.fsync, type(path).replace

    def synced(descriptor):
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        size = os.fstat(descriptor).st_size
        steps.append("folder" if is_folder else f"{size} bytes")
        sync(descriptor)

    def replaced(draft, target):
        steps.append("name")
        return replace(draft, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(type(path), "replace", replaced)
    write_durably(path, b"all of it")
    assert steps == ["9 bytes", "name", "folder"]
    assert path.read_bytes() == b"all of it"


def test_it_is_its_owners_alone_and_replaces_what_was_there_and_what_a_crash_left(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old and longer")
    (tmp_path / ".file.bin.draft").write_bytes(b"left by a crash, longer than what comes")
    write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert [found.name for found in tmp_path.iterdir()] == ["file.bin"]


def test_where_it_cannot_be_written_the_old_file_stays(tmp_path, monkeypatch):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
