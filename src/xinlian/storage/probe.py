"""Reads every page of a store's file in a process of its own.

Rules this file keeps:
 1. LMDB trusts its file: a damaged page can end the process that reads it.  So a file that was not
    closed cleanly is first read whole by another process, whose end is the answer.
 2. Every table is read entry by entry, then LMDB's own compacting copy is written to nowhere: it
    counts the pages of tree and free list together and fails when they do not add up.
 3. A file shorter than its last page is refused before any page is read.

Source: LMDB's documentation of ``mdb_env_copy2`` for what the copy checks; the rest is tested with
flipped and truncated files.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import lmdb

from xinlian.ledger.ports import StoreError

TABLES: Final = (
    "meta",
    "state",
    "nodes",
    "blocks",
    "headers",
    "outcomes",
    "locations",
    "history",
)
_SECONDS_MAX: Final = 3_600
_PROGRAM: Final = "from xinlian.storage.probe import main; main()"


def probe(file: Path) -> None:
    """Raise StoreError when a store's file cannot be read whole."""
    finished = subprocess.run(  # noqa: S603 - this interpreter and this module, nothing else
        [sys.executable, "-c", _PROGRAM, str(file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS_MAX,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    if finished.returncode:
        cause = finished.stdout.strip() or f"reading it ended the process ({finished.returncode})"
        raise StoreError(
            f"{file} is damaged: {cause}; restore a backup (the file is left as it is)",
        )


def read_whole(file: Path) -> str:
    """Return what keeps a file from being read whole, empty when nothing does."""
    try:
        with lmdb.open(
            str(file),
            subdir=False,
            readonly=True,
            lock=False,
            max_dbs=len(TABLES) + 2,
            create=False,
        ) as environment:
            needed = (environment.info()["last_pgno"] + 1) * environment.stat()["psize"]
            size = file.stat().st_size
            if size < needed:
                return f"it has {size} bytes and needs {needed}: it was cut off"
            broken = _read_tables(environment)
            if broken:
                return broken
            with Path(os.devnull).open("wb") as nowhere:
                environment.copyfd(nowhere.fileno(), compact=True)
    except (lmdb.Error, OSError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _read_tables(environment: lmdb.Environment) -> str:
    """Read every entry; return what is wrong."""
    missing, entries = [], 0
    for name in TABLES:
        try:
            table = environment.open_db(name.encode(), create=False)
        except lmdb.NotFoundError:
            missing.append(name)
            continue
        with environment.begin(db=table) as transaction:
            count = sum(1 for _ in transaction.cursor())
            expected = transaction.stat(table)["entries"]
        if count != expected:
            return f"table {name} has {count} entries and says {expected}"
        entries += count
    # A crash in the first second of a store leaves tables out; nothing is in the others then.
    return f"tables are missing: {', '.join(missing)}" if missing and entries else ""


def main() -> None:
    """Print what is wrong with the file that the command line names; exit 1 if anything is."""
    cause = read_whole(Path(sys.argv[1]))
    sys.stdout.write(cause)
    sys.exit(1 if cause else 0)
