"""The seal: what the store's file was when it was last closed.

Rules this file keeps:
 1. A clean close writes the file's size and SHA-256 beside it; opening compares and removes it
    before anything is written.  So any change in between is found, whatever it hit.
 2. Without a seal (a crash, a restored copy) nothing is known, and the file is read whole.
"""

import enum
import hashlib
import os
from pathlib import Path
from typing import Final

from xinlian.ledger.ports import StoreError

SEAL_NAME: Final = "seal"
_FILE_MODE: Final = 0o600


class SealState(enum.Enum):
    """What the seal says of a store's file."""

    NEW = "new"
    INTACT = "intact"
    ABSENT = "absent"


def write_seal(folder: Path, file: Path) -> None:
    """Write the seal of a closed file; durable when it returns, or not there."""
    draft = folder / f"{SEAL_NAME}.new"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(draft, flags, _FILE_MODE), "w", encoding="ascii") as out:
        out.write(_fingerprint(file))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(folder / SEAL_NAME)


def check_seal(folder: Path, file: Path) -> SealState:
    """Return what the seal says; raises StoreError when the file is not what was sealed."""
    seal = folder / SEAL_NAME
    if not file.exists() or not file.stat().st_size:
        if seal.exists():
            raise StoreError(f"{file} is missing although it was closed cleanly; restore a backup")
        return SealState.NEW
    if not seal.exists():
        return SealState.ABSENT
    if seal.read_bytes() != _fingerprint(file).encode("ascii"):
        raise StoreError(
            f"{file} has changed since it was closed: it is damaged, or another file; restore a "
            f"backup, or look with `xinlian doctor`; remove {seal} only if you put the file there",
        )
    return SealState.INTACT


def break_seal(folder: Path) -> None:
    """Remove the seal: from now on the file may change."""
    (folder / SEAL_NAME).unlink(missing_ok=True)


def _fingerprint(file: Path) -> str:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    return f"{file.stat().st_size} {digest.hexdigest()}\n"
