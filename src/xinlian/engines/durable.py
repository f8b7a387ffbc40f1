"""Writing a file of an engine's so that a crash, also of the machine, leaves all of it or nothing.

Rules this file keeps:
 1. Content is on the disk before the name is, and the name before the call returns.
 2. A file is its owner's alone.
"""

import os
from pathlib import Path
from typing import Final

_FILE_MODE: Final = 0o600


def write_durably(path: Path, content: bytes) -> None:
    """Put content at a path whose folder exists; raises OSError, and then the old file stays.

    One writer at a time: the draft beside it has a name of its own only for each path.
    """
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)  # what a crash left may be somebody else's to read
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(draft, flags, _FILE_MODE), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
