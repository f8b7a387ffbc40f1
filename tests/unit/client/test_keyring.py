"""Role keys rest encrypted; whoever changes the file, or guesses the passphrase, gets nothing."""

import stat
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from xinlian.client.keyring import (
    KeyringError,
    KeyringFile,
    add_keys,
    create_keys,
    open_keyring,
    read_public,
)

PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def keyring(tmp_path_factory):
    path = tmp_path_factory.mktemp("home") / "keyring.json"
    return path, create_keys(path, ("finance-1", "finance-2"), PASSPHRASE)


def test_what_was_created_opens_again_with_the_passphrase(keyring):
    path, created = keyring
    opened = open_keyring(path, PASSPHRASE)
    assert list(opened) == ["finance-1", "finance-2"]
    for role, key in created.items():
        assert opened[role].public_key == key.public_key
        assert opened[role].sign(b"message") == key.sign(b"message")


def test_only_its_owner_may_read_the_file(keyring):
    path, _ = keyring
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_wrong_passphrase_is_refused_and_not_repeated_in_the_error(keyring):
    path, _ = keyring
    with pytest.raises(KeyringError, match="wrong passphrase") as caught:
        open_keyring(path, "another passphrase")
    assert "another" not in str(caught.value)


def test_roles_that_were_exchanged_are_found(keyring, tmp_path):
    path, _ = keyring
    file = msgspec.json.decode(path.read_bytes(), type=KeyringFile)
    first, second = file.keys
    swapped = (
        msgspec.structs.replace(first, role=second.role),
        msgspec.structs.replace(second, role=first.role),
    )
    changed = tmp_path / "keyring.json"
    changed.write_bytes(msgspec.json.encode(msgspec.structs.replace(file, keys=swapped)))
    with pytest.raises(KeyringError, match="changed"):
        open_keyring(changed, PASSPHRASE)


def test_a_weakened_derivation_is_refused(keyring, tmp_path):
    path, _ = keyring
    file = msgspec.json.decode(path.read_bytes(), type=KeyringFile)
    changed = tmp_path / "keyring.json"
    changed.write_bytes(msgspec.json.encode(msgspec.structs.replace(file, scrypt_n=2)))
    with pytest.raises(KeyringError, match="strength"):
        open_keyring(changed, PASSPHRASE)


def test_keys_are_never_overwritten(keyring):
    path, _ = keyring
    with pytest.raises(KeyringError, match="never overwritten"):
        create_keys(path, ("other",), PASSPHRASE)


def test_a_short_passphrase_is_refused(tmp_path):
    with pytest.raises(KeyringError, match="at least"):
        create_keys(tmp_path / "keyring.json", ("finance-1",), "short")
    assert not (tmp_path / "keyring.json").exists()


@pytest.mark.parametrize("roles", [(), ("same", "same")])
def test_roles_are_named_once_and_at_least_one(tmp_path, roles):
    with pytest.raises(KeyringError, match="different roles"):
        create_keys(tmp_path / "keyring.json", roles, PASSPHRASE)


def test_the_public_part_holds_no_secret(keyring):
    path, created = keyring
    assert [key.role for key in read_public(path).keys] == ["finance-1", "finance-2"]
    assert PASSPHRASE not in path.read_text()
    for key in created.values():
        assert "public_key=" in repr(key)
        assert "private" not in repr(key)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[" * 1000, b'{"format": 1}'])
def test_a_damaged_file_is_named_and_nothing_more(tmp_path, content):
    path = tmp_path / "keyring.json"
    path.write_bytes(content)
    with pytest.raises(KeyringError, match=r"keyring\.json is not a keyring"):
        read_public(path)


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(KeyringError, match="xinlian keys create"):
        open_keyring(tmp_path / "keyring.json", PASSPHRASE)


def test_further_keys_join_a_keyring_and_change_none_of_the_old(tmp_path):
    path = tmp_path / "keyring.json"
    before = create_keys(path, ("finance-1",), PASSPHRASE)
    add_keys(path, ("finance-2", "risk"), PASSPHRASE)
    opened = open_keyring(path, PASSPHRASE)
    assert list(opened) == ["finance-1", "finance-2", "risk"]
    assert opened["finance-1"].public_key == before["finance-1"].public_key
    assert len({key.public_key for key in opened.values()}) == 3


@pytest.mark.parametrize(
    ("roles", "passphrase", "problem"),
    [
        (("finance-1",), PASSPHRASE, "never overwritten"),
        (("risk", "risk"), PASSPHRASE, "different roles"),
        (("Zhang San",), PASSPHRASE, "no people"),
        (tuple(f"role-{number}" for number in range(64)), PASSPHRASE, "at most 64"),
        (("risk",), "not the passphrase", "wrong passphrase"),
    ],
)
def test_a_refused_addition_leaves_the_keyring_as_it_was(tmp_path, roles, passphrase, problem):
    path = tmp_path / "keyring.json"
    create_keys(path, ("finance-1",), PASSPHRASE)
    before = path.read_bytes()
    with pytest.raises(KeyringError, match=problem):
        add_keys(path, roles, passphrase)
    assert path.read_bytes() == before


def test_two_who_add_keys_at_once_lose_none(tmp_path):
    path = tmp_path / "keyring.json"
    create_keys(path, ("finance-1",), PASSPHRASE)
    roles = [f"finance-{number}" for number in range(2, 6)]
    with ThreadPoolExecutor(len(roles)) as pool:
        list(pool.map(lambda role: add_keys(path, (role,), PASSPHRASE), roles))
    assert set(open_keyring(path, PASSPHRASE)) == {"finance-1", *roles}
