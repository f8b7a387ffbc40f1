"""Compaction: the chain copied into a new file without what was freed, checked, put in its place.

LMDB reuses pages that pruning freed and never gives them back; only a copy is smaller.

Rules this file keeps:
 1. The old file stays whole and in place until the new one is durable and was read again, entry by
    entry; then one rename puts it there.  A crash leaves the one or the other.
 2. Entries are copied in their order, so pages are full: smaller than LMDB's own compacting copy.
 3. It begins only where the disk has room for the copy.
 4. What an interruption leaves is removed by the next start, or by the next compaction.
"""

import dataclasses
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import lmdb

from xinlian.ledger.ports import StoreError
from xinlian.storage.lmdb import COMPACTING, FILE_MODE, MAP_BYTES_DEFAULT, LmdbStore
from xinlian.storage.probe import TABLES
from xinlian.storage.seal import break_seal, write_seal

BATCH_ENTRIES: Final = 10_000
BATCH_BYTES: Final = 16 << 20
ROOM_BYTES: Final = 64 << 20
"""Room that must be left beside the copy."""

Progress = Callable[[int, int], None]
"""Told how many entries were copied and read again, of how many."""
Fingerprint = tuple[int, bytes]


@dataclasses.dataclass(frozen=True, slots=True)
class Compaction:
    """How large the file was and is."""

    bytes_before: int
    bytes_after: int


def compact(
    folder: Path,
    progress: Progress = lambda _done, _of: None,
    *,
    map_bytes: int = MAP_BYTES_DEFAULT,
) -> Compaction:
    """Replace a stopped node's file by a copy without free pages.

    Raises:
        StoreError: the folder is in use or damaged, its disk has no room, or the copy is not equal;
            the old file is in place.
    """
    store = LmdbStore(folder, read_only=True, map_bytes=map_bytes)
    file, draft = folder / "chain.lmdb", folder / COMPACTING
    before = file.stat().st_size
    try:
        _require_room(store, folder)
        draft.unlink(missing_ok=True)
        try:
            _copy_checked(store, draft, progress, map_bytes)
            break_seal(folder)  # it is the old file's
            draft.rename(file)
            _sync_folder(folder)
        finally:
            draft.unlink(missing_ok=True)
        write_seal(folder, file)
    except (lmdb.Error, OSError) as error:
        raise StoreError(f"{folder} cannot be compacted: {error}") from error
    finally:
        store.close()
    return Compaction(before, file.stat().st_size)


def _require_room(store: LmdbStore, folder: Path) -> None:
    """Refuse to begin where the copy may not fit; raises StoreError."""
    with store.environment.begin() as transaction:
        pages = 0
        for table in store.tables.values():
            stat = transaction.stat(table)
            pages += stat["branch_pages"] + stat["leaf_pages"] + stat["overflow_pages"]
        needed = pages * stat["psize"] + ROOM_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StoreError(
            f"the copy may need {needed} bytes and {free} are free on the disk of {folder}; make "
            "room first",
        )


def _copy_checked(store: LmdbStore, draft: Path, progress: Progress, map_bytes: int) -> None:
    with store.environment.begin() as transaction:
        counts = {name: transaction.stat(store.tables[name])["entries"] for name in TABLES}
    steps = _Steps(progress, 2 * sum(counts.values()))
    with _draft_environment(draft, map_bytes) as target:
        written = {name: _copy_table(store, target, name, steps) for name in TABLES}
        target.sync(True)  # noqa: FBT003 - py-lmdb takes it by position
    with _draft_environment(draft, map_bytes, read_only=True) as target:
        for name in TABLES:
            table = target.open_db(name.encode(), create=False)
            if _fingerprint(target, table, steps) != written[name]:
                raise StoreError(f"the copy of table {name} is not what was written; try again")


def _draft_environment(draft: Path, map_bytes: int, *, read_only: bool = False) -> lmdb.Environment:
    return lmdb.open(
        str(draft),
        map_size=map_bytes,
        max_dbs=len(TABLES),
        mode=FILE_MODE,
        subdir=False,
        lock=False,  # nobody else knows of the draft; the folder is claimed
        sync=False,  # once, at the end
        readonly=read_only,
        meminit=False,
    )


class _Steps:
    """Counts entries and tells of them."""

    def __init__(self, progress: Progress, of: int) -> None:
        self._progress, self._of, self._done = progress, of, 0

    def add(self, count: int) -> None:
        """Take note of entries that were copied or read again."""
        self._done += count
        self._progress(self._done, self._of)


def _copy_table(
    store: LmdbStore, target: lmdb.Environment, name: str, steps: _Steps
) -> Fingerprint:
    """Copy a table in order; return its fingerprint."""
    table = target.open_db(name.encode(), create=True)
    digest, count = hashlib.sha256(), 0
    for entries in _batches(store.environment, store.tables[name]):
        with target.begin(write=True) as transaction, transaction.cursor(db=table) as cursor:
            cursor.putmulti(entries, append=True)
        _digest(digest.update, entries)
        count += len(entries)
        steps.add(len(entries))
    return count, digest.digest()


def _fingerprint(
    environment: lmdb.Environment, table: lmdb._Database, steps: _Steps
) -> Fingerprint:
    """Return how many entries a table has, and one hash over all of them."""
    digest, count = hashlib.sha256(), 0
    for entries in _batches(environment, table):
        _digest(digest.update, entries)
        count += len(entries)
        steps.add(len(entries))
    return count, digest.digest()


def _digest(update: Callable[[bytes], object], entries: list[tuple[bytes, bytes]]) -> None:
    for key, value in entries:
        update(len(key).to_bytes(4, "big") + len(value).to_bytes(4, "big"))
        update(key)
        update(value)


def _batches(
    environment: lmdb.Environment,
    table: lmdb._Database,
) -> Iterator[list[tuple[bytes, bytes]]]:
    """Yield a table's entries in order, in batches of bounded size."""
    entries: list[tuple[bytes, bytes]] = []
    size = 0
    with environment.begin(db=table) as transaction:
        for key, value in transaction.cursor():
            entries.append((bytes(key), bytes(value)))
            size += len(key) + len(value)
            if len(entries) == BATCH_ENTRIES or size >= BATCH_BYTES:
                yield entries
                entries, size = [], 0
    if entries:
        yield entries


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
