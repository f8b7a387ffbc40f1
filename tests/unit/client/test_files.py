"""A private file is whole and readable by its owner alone, or it is the old one."""

import os
import stat

import pytest

from xinlian.client.files import private_folder, write_private


def test_content_arrives_with_the_mode_of_a_secret(tmp_path):
    path = tmp_path / "deep" / "secret"
    write_private(path, b"first")
    write_private(path, b"second")
    assert path.read_bytes() == b"second"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    path = tmp_path / "secret"
    write_private(path, b"old")

    def fail(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_folder_is_taken_as_it_is(tmp_path):
    assert private_folder(tmp_path) == tmp_path
