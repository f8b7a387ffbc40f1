"""Role keys of one organisation in one encrypted file on its own machine.

Rules this file keeps:
 1. Private keys are encrypted with AES-256-GCM under a key that scrypt (N=2¹⁷, r=8, p=1) derives
    from a passphrase; public keys and roles are readable without it and are bound to the secret
    part, so that exchanging them is found.
 2. The file has mode 0600 and is replaced whole or not at all.
 3. One writer at a time: who adds keys holds a lock beside the file from reading to writing.
 4. Neither a private key nor the passphrase is ever in a repr, an error or a log.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from xinlian.client.files import private_folder, write_private
from xinlian.crypto.codec import encode
from xinlian.crypto.ed25519 import SEED_BYTES, SUITE_ED25519, SigningKey
from xinlian.primitives.misfits import misfit_words

FORMAT: Final = "xinlian-keyring-1"
SCRYPT_N: Final = 2**17
SCRYPT_R: Final = 8
SCRYPT_P: Final = 1
KEYRING_BYTES_MAX: Final = 256 << 10
KEYS_MAX: Final = 64
PASSPHRASE_CHARS_MIN: Final = 8
_ROLE: Final = re.compile(r"[a-z0-9][a-z0-9._\-]{0,47}")
_NAME_ROLES: Final = (
    "name roles in small letters, digits, dots and dashes, such as finance-1; never people"
    " / 角色名用小写字母、数字、点和短横,如 finance-1;不用人名"
)
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32


class KeyringError(Exception):
    """The keyring cannot be read, opened or written; ``next_step`` says what to do, if known."""

    def __init__(self, text: str, next_step: str = "") -> None:
        super().__init__(text)
        self.next_step = next_step


class PublicRoleKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What anybody may read of a key; ``public_key`` is hexadecimal."""

    role: str
    suite: str
    public_key: str


class KeyringFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file; binary fields are hexadecimal."""

    format: str
    keys: tuple[PublicRoleKey, ...]
    scrypt_n: int
    scrypt_r: int
    scrypt_p: int
    salt: str
    nonce: str
    sealed_seeds: str


def create_keys(path: Path, roles: tuple[str, ...], passphrase: str) -> dict[str, SigningKey]:
    """Draw a key for each role and write them as a new keyring.

    Raises:
        KeyringError: the file exists, a role is named twice, or the passphrase is too short.
    """
    _require_roles(roles)
    seeds = _drawn(roles)
    private_folder(path.parent)
    with _locked(path):
        if path.exists():
            raise KeyringError(
                f"{path} exists; keys are never overwritten",
                "draw further keys with `xinlian keys add`, or name another --home"
                " / 用 `xinlian keys add` 增加密钥,或换一个 --home",
            )
        write_keyring(path, seeds, passphrase)
    return {role: SigningKey(seed) for role, seed in seeds.items()}


def add_keys(path: Path, roles: tuple[str, ...], passphrase: str) -> None:
    """Draw keys for further roles into a keyring; a crash leaves the old file or the new one.

    Raises:
        KeyringError: no keyring, a wrong passphrase, or a role that is there already.
    """
    _require_roles(roles)
    read_public(path)
    with _locked(path):
        _add_locked(path, roles, passphrase)


def _add_locked(path: Path, roles: tuple[str, ...], passphrase: str) -> None:
    seeds = _open_seeds(path, passphrase)
    known = [role for role in roles if role in seeds]
    if known:
        raise KeyringError(
            f"there is a key for {', '.join(known)}; keys are never overwritten",
            "name a new role, such as finance-3 / 请用新的角色名,如 finance-3",
        )
    if len(seeds) + len(roles) > KEYS_MAX:
        raise KeyringError(f"a keyring holds at most {KEYS_MAX} keys; this one has {len(seeds)}")
    write_keyring(path, {**seeds, **_drawn(roles)}, passphrase)


def write_keyring(path: Path, seeds: Mapping[str, bytes], passphrase: str) -> None:
    """Encrypt seeds by role into a file; raises KeyringError."""
    if len(passphrase) < PASSPHRASE_CHARS_MIN:
        raise KeyringError(
            f"a passphrase has at least {PASSPHRASE_CHARS_MIN} characters",
            "choose a longer one; nothing was written / 请选更长的口令;尚未写入任何内容",
        )
    public = tuple(
        PublicRoleKey(role, SUITE_ED25519, SigningKey(seed).public_key.hex())
        for role, seed in seeds.items()
    )
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    cipher = AESGCM(_derive(passphrase, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P))
    sealed = cipher.encrypt(nonce, b"".join(seeds.values()), _bound(public))
    file = KeyringFile(
        format=FORMAT,
        keys=public,
        scrypt_n=SCRYPT_N,
        scrypt_r=SCRYPT_R,
        scrypt_p=SCRYPT_P,
        salt=salt.hex(),
        nonce=nonce.hex(),
        sealed_seeds=sealed.hex(),
    )
    write_private(path, msgspec.json.format(msgspec.json.encode(file), indent=2))


def read_public(path: Path) -> KeyringFile:
    """Return the readable part of a keyring; raises KeyringError."""
    try:
        if path.stat().st_size > KEYRING_BYTES_MAX:
            raise KeyringError(f"{path} is too large to be a keyring")
        file = msgspec.json.decode(path.read_bytes(), type=KeyringFile)
    except FileNotFoundError:
        raise KeyringError(f"{path} does not exist; create it with `xinlian keys create`") from None
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise KeyringError(f"{path} is not a keyring: {misfit_words(error)}") from None
    parameters = (file.scrypt_n, file.scrypt_r, file.scrypt_p)
    if file.format != FORMAT or parameters != (SCRYPT_N, SCRYPT_R, SCRYPT_P):
        raise KeyringError(f"{path} has a format or strength that this release does not know")
    return file


def open_keyring(path: Path, passphrase: str) -> dict[str, SigningKey]:
    """Return the keys by role.

    Raises:
        KeyringError: no keyring, a wrong passphrase, or a changed file.
    """
    return {role: SigningKey(seed) for role, seed in _open_seeds(path, passphrase).items()}


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the keyring's lock, which the system lets go when the process ends."""
    try:
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise KeyringError(f"{path} cannot be locked: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _require_roles(roles: tuple[str, ...]) -> None:
    if not 0 < len(roles) <= KEYS_MAX or len(set(roles)) != len(roles):
        raise KeyringError(f"name 1 to {KEYS_MAX} different roles", _NAME_ROLES)
    for role in roles:
        if not _ROLE.fullmatch(role):
            raise KeyringError(
                f"{role[:60]!r} is no role: a role is public, no people", _NAME_ROLES
            )


def _drawn(roles: tuple[str, ...]) -> dict[str, bytes]:
    return {role: secrets.token_bytes(SEED_BYTES) for role in roles}


def _open_seeds(path: Path, passphrase: str) -> dict[str, bytes]:
    file = read_public(path)
    try:
        salt, nonce = bytes.fromhex(file.salt), bytes.fromhex(file.nonce)
        cipher = AESGCM(_derive(passphrase, salt, file.scrypt_n, file.scrypt_r, file.scrypt_p))
        seeds = cipher.decrypt(nonce, bytes.fromhex(file.sealed_seeds), _bound(file.keys))
    except (InvalidTag, ValueError):
        raise KeyringError(f"{path}: wrong passphrase, or the file was changed") from None
    if len(seeds) != SEED_BYTES * len(file.keys):
        raise KeyringError(f"{path}: the sealed part does not fit its keys")
    return {
        entry.role: seeds[at * SEED_BYTES : (at + 1) * SEED_BYTES]
        for at, entry in enumerate(file.keys)
    }


def _derive(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    kdf = Scrypt(salt=salt, length=_KEY_BYTES, n=n, r=r, p=p)
    return kdf.derive(passphrase.encode("utf-8"))


def _bound(keys: tuple[PublicRoleKey, ...]) -> bytes:
    """Return what the seal covers beside the seeds: format, roles and public keys, in order."""
    return encode((FORMAT, tuple((key.role, key.suite, key.public_key) for key in keys)))
