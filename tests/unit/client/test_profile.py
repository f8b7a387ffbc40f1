"""A home folder belongs to one party on one chain."""

import pytest

from xinlian.client.profile import ProfileError, create_profile, load_genesis, load_profile
from xinlian.ledger.genesis import genesis_hash
from xinlian.testing import Consortium


@pytest.fixture(scope="module")
def genesis_bytes():
    consortium = Consortium()
    consortium.close()
    return consortium.genesis_bytes


def make(home, genesis):
    urls = ("http://127.0.0.1:8610",)
    return create_profile(home, genesis, "91990000MA00000011", "演示核心企业", urls)


def test_a_profile_is_bound_to_its_genesis_file(tmp_path, genesis_bytes):
    profile = make(tmp_path, genesis_bytes)
    assert load_profile(tmp_path) == profile
    assert profile.genesis_hash == genesis_hash(genesis_bytes).hex()
    assert load_genesis(tmp_path)[0] == genesis_bytes


def test_a_changed_genesis_file_is_found(tmp_path, genesis_bytes):
    make(tmp_path, genesis_bytes)
    (tmp_path / "genesis.json").write_bytes(genesis_bytes + b" ")
    with pytest.raises(ProfileError, match="not the one of the profile"):
        load_genesis(tmp_path)


def test_a_home_is_not_given_to_another_chain(tmp_path, genesis_bytes):
    make(tmp_path, genesis_bytes)
    other = genesis_bytes.replace(b"test-consortium", b"test-other")
    with pytest.raises(ProfileError, match="another chain"):
        make(tmp_path, other)
    assert load_genesis(tmp_path)[0] == genesis_bytes


def test_a_missing_home_says_how_to_make_one(tmp_path):
    with pytest.raises(ProfileError, match="xinlian home create"):
        load_profile(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_a_damaged_profile_is_refused(tmp_path, content):
    (tmp_path / "profile.json").write_bytes(content)
    with pytest.raises(ProfileError, match="profile"):
        load_profile(tmp_path)
