"""Snapshots that a running node keeps for others, and the folder in which one is restored.

::

    DATA/snapshots/HEIGHT/    a snapshot, as ``snapshot_folder.py`` writes it
    DATA/restoring/           a store that is being filled; it takes its place by one rename

Rules this file keeps:
 1. A commit only notifies: a snapshot is written by a thread of its own, from the state of its
    height, which the store still has.
 2. The newest few are kept; what cannot be read, or was not finished, is as if it were not there;
    the latter is named in the log and cleared when the node starts.
 3. A failure to write one is logged, and is tried again at the next height that is due.
"""

import shutil
import threading
from pathlib import Path
from typing import IO, Final

import structlog

from xinlian.ledger.ports import StateNotKept, Store, StoreError
from xinlian.ledger.snapshot import Manifest, Restoration, SnapshotInvalid
from xinlian.storage.lmdb import FOLDER_MODE, RESTORING, LmdbStore, claim_folder
from xinlian.storage.snapshot_folder import (
    DRAFT_SUFFIX,
    STORE_FILE,
    read_chunk,
    read_manifest,
    sync_folder,
    write_snapshot,
)

_log = structlog.get_logger(__name__)

SNAPSHOTS: Final = "snapshots"
KEPT: Final = 2


class SnapshotKeeper:
    """Writes a snapshot every so many heights, and keeps the newest."""

    def __init__(self, folder: Path, genesis_hash: bytes, every: int) -> None:
        """Prepare; nothing is written before ``start``.

        Args:
            folder: of the node's data.
            genesis_hash: of the chain.
            every: a snapshot is written of each height that is a multiple of it; 0 for none.
        """
        self._folder = folder / SNAPSHOTS
        self._genesis_hash = genesis_hash
        self._every = every
        self._store: Store | None = None
        self._condition = threading.Condition()
        self._due: int | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="snapshots", daemon=True)

    def start(self, store: Store) -> None:
        """Begin to write snapshots of a store; what an interruption left is cleared."""
        self._store = store
        for draft in self._folder.glob(f"*{DRAFT_SUFFIX}"):
            _log.warning("snapshot_unfinished", height=draft.name.removesuffix(DRAFT_SUFFIX))
            shutil.rmtree(draft, ignore_errors=True)
        self._thread.start()

    def notify(self, height: int) -> None:
        """Say that a height was committed; returns at once."""
        if not self._every or not height or height % self._every:
            return
        with self._condition:
            self._due = height
            self._condition.notify_all()

    def manifests(self) -> list[Manifest]:
        """Return those that are whole, the newest first."""
        found = []
        for height in self._heights():
            try:
                found.append(read_manifest(self._folder / str(height)))
            except SnapshotInvalid as problem:
                _log.warning("snapshot_unreadable", height=height, cause=str(problem))
        return found

    def chunk(self, height: int, index: int) -> bytes | None:
        """Return a part as it is, or None where it is not here."""
        try:
            return read_chunk(self._folder / str(height), index)
        except SnapshotInvalid:
            return None

    def close(self) -> None:
        """Stop after the snapshot that is being written."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while (height := self._next()) is not None:
            try:
                self._write(height)
            except (StoreError, StateNotKept, OSError) as failure:
                _log.error("snapshot_failed", height=height, cause=str(failure))

    def _next(self) -> int | None:
        """Wait for a height of which a snapshot is due; None when closing."""
        with self._condition:
            self._condition.wait_for(lambda: self._closing or self._due is not None)
            height, self._due = self._due, None
            return None if self._closing else height

    def _write(self, height: int) -> None:
        folder = self._folder / str(height)
        if self._store is None or folder.exists():
            return
        self._folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        write_snapshot(self._store, folder, self._genesis_hash, height)
        _log.info("snapshot_written", height=height)
        for old in self._heights()[KEPT:]:
            shutil.rmtree(self._folder / str(old), ignore_errors=True)

    def _heights(self) -> list[int]:
        if not self._folder.is_dir():
            return []
        names = [path.name for path in self._folder.iterdir() if path.is_dir()]
        heights = [int(name) for name in names if name.isascii() and name.isdigit()]
        return sorted(heights, reverse=True)


class RestoringFolder:
    """A node's folder that holds no chain yet and is being filled with a snapshot's."""

    def __init__(self, folder: Path) -> None:
        """Claim a folder; raises StoreError where it holds a chain, or is in use."""
        self._folder = folder
        self._draft = folder / RESTORING
        self._store: LmdbStore | None = None
        self._restoration: Restoration | None = None
        self._lock: IO[str] = claim_folder(folder)
        if (folder / STORE_FILE).exists():
            self._lock.close()
            raise StoreError(f"{folder} holds a chain already")

    def begin(self, manifest: Manifest) -> None:
        """Begin anew with a manifest that was checked; raises StoreError."""
        self._discard()
        self._draft.mkdir(mode=FOLDER_MODE)
        self._store = LmdbStore(self._draft, durable=False)
        self._restoration = Restoration(self._store, manifest)

    def apply(self, chunk: bytes) -> bool:
        """Take the next part; return whether it was the last.  Raises SnapshotInvalid."""
        if self._restoration is None:
            raise SnapshotInvalid("no snapshot was begun")
        self._restoration.apply(chunk)
        return self._restoration.is_complete

    def finish(self) -> None:
        """Check the whole and give the store its head; raises SnapshotInvalid, StoreError."""
        if self._restoration is None:
            raise SnapshotInvalid("no snapshot was begun")
        self._restoration.finish()

    def adopt(self) -> None:
        """Put the finished store in its place; raises StoreError."""
        if self._store is None:
            raise StoreError("no snapshot was restored")
        self._store.close()
        self._store = None
        try:
            (self._draft / STORE_FILE).rename(self._folder / STORE_FILE)
            sync_folder(self._folder)
            shutil.rmtree(self._draft)
        except OSError as error:
            raise StoreError(f"the snapshot cannot be put in place: {error}") from error

    def close(self) -> None:
        """Release the folder; a store that was not adopted is removed."""
        self._discard()
        self._lock.close()

    def _discard(self) -> None:
        if self._store is not None:
            self._store.close()
        self._store, self._restoration = None, None
        shutil.rmtree(self._draft, ignore_errors=True)
