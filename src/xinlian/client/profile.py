"""A party's home folder: who it is on which chain, its keyring, its documents, its nodes.

::

    HOME/profile.json    chain id, USCC, name, addresses of nodes
    HOME/genesis.json    the genesis file, against which everything is verified
    HOME/keyring.json    encrypted role keys
    HOME/documents/      bodies and salts, content-addressed

Rules this file keeps:
 1. A profile is bound to one genesis file by its hash; another chain needs another home.
"""

from pathlib import Path
from typing import Final

import msgspec

from xinlian.client.files import write_private
from xinlian.client.keyring import open_keyring
from xinlian.client.organisation import Organisation
from xinlian.ledger.genesis import Genesis, genesis_hash, parse_genesis
from xinlian.primitives.misfits import misfit_words

FORMAT: Final = "xinlian-profile-1"
PROFILE_BYTES_MAX: Final = 64 << 10
HOME_VARIABLE: Final = "XINLIAN_HOME"


class ProfileError(Exception):
    """The home folder is missing, incomplete or of another chain; the text says what to do."""


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who a party is; ``genesis_hash`` is hexadecimal."""

    format: str
    chain_id: str
    genesis_hash: str
    uscc: str
    name: str
    node_urls: tuple[str, ...]


def create_profile(
    home: Path,
    genesis_bytes: bytes,
    uscc: str,
    name: str,
    node_urls: tuple[str, ...],
) -> Profile:
    """Write a profile and its genesis file; raises ProfileError if the home is of another chain."""
    genesis = parse_genesis(genesis_bytes)
    profile = Profile(
        format=FORMAT,
        chain_id=genesis.chain_id,
        genesis_hash=genesis_hash(genesis_bytes).hex(),
        uscc=uscc,
        name=name,
        node_urls=node_urls,
    )
    if (home / "profile.json").exists() and load_profile(home).genesis_hash != profile.genesis_hash:
        raise ProfileError(f"{home} belongs to another chain; choose another folder")
    write_private(home / "genesis.json", genesis_bytes)
    write_private(
        home / "profile.json",
        msgspec.json.format(msgspec.json.encode(profile), indent=2),
    )
    return profile


def load_profile(home: Path) -> Profile:
    """Return the profile of a home folder; raises ProfileError."""
    path = home / "profile.json"
    try:
        if path.stat().st_size > PROFILE_BYTES_MAX:
            raise ProfileError(f"{path} is too large to be a profile")
        profile = msgspec.json.decode(path.read_bytes(), type=Profile)
    except FileNotFoundError:
        raise ProfileError(
            f"{home} is no home folder; make one with `xinlian home create`",
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise ProfileError(f"{path} is not a profile: {misfit_words(error)}") from None
    if profile.format != FORMAT:
        raise ProfileError(f"{path} has a format that this release does not know")
    return profile


def load_genesis(home: Path) -> tuple[bytes, Genesis]:
    """Return the genesis file of a home folder, checked against its profile."""
    profile = load_profile(home)
    try:
        genesis_bytes = (home / "genesis.json").read_bytes()
    except OSError as error:
        raise ProfileError(f"{home / 'genesis.json'} cannot be read: {error}") from None
    if genesis_hash(genesis_bytes).hex() != profile.genesis_hash:
        raise ProfileError(f"{home / 'genesis.json'} is not the one of the profile")
    return genesis_bytes, parse_genesis(genesis_bytes)


def open_organisation(home: Path, passphrase: str) -> Organisation:
    """Return the organisation of a home folder with its keys; raises ProfileError, KeyringError."""
    profile = load_profile(home)
    keys = open_keyring(home / "keyring.json", passphrase)
    return Organisation(profile.chain_id, profile.uscc, profile.name, keys)
