"""The default store: one LMDB environment in one folder.

Rules this file keeps:
 1. A height is one LMDB transaction with one sync: the old height or the new one, never between.
 2. One process owns a folder; a second one is told so.
 3. A folder written by another format version is refused, never guessed at.
 4. Every failure of LMDB is a StoreError: it stops the node and never becomes a result.
 5. A file that is not what it was at its last clean close is refused; one that was not closed
    cleanly is read whole by another process first (``seal.py``, ``probe.py``).
 6. A folder in which a restore was interrupted holds nothing that could be served, and says so.
 7. What is pruned, and what old states are forgotten, goes in the transaction that says so.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

import lmdb

from xinlian.ledger.ports import CommitBatch, Extent, PrunedHeight, StoreError
from xinlian.storage.history import HEIGHT_BYTES, forget, record_replaced
from xinlian.storage.probe import TABLES, probe
from xinlian.storage.seal import SealState, break_seal, check_seal, write_seal
from xinlian.storage.views import (
    HEIGHT_KEY,
    ROOT_PATH_PREFIX,
    STATES_FROM_KEY,
    LmdbPastSnapshot,
    LmdbSnapshot,
    store_errors,
)

FORMAT_VERSION: Final = b"xinlian-store-2"
MAP_BYTES_DEFAULT: Final = 64 << 30
"""Address space that is set aside; the file grows only as it is filled."""
FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
"""The owner of a store reads everything in it, nobody else of the machine does."""
_INDEX_BYTES: Final = 4
_READERS_MAX: Final = 512

_FORMAT_KEY: Final = b"format"
_HEAD_KEY: Final = b"head"
_ORIGIN_KEY: Final = b"origin"
_BEGINS_AT_KEY: Final = b"begins_at"
_BODIES_FROM_KEY: Final = b"bodies_from"
RESTORING: Final = "restoring"
"""The folder, within a store's, in which a snapshot is restored until it is whole."""
COMPACTING: Final = "chain.lmdb.compacting"
"""The draft of a compacted file, until it takes the place of the old one."""


class StoreInUse(StoreError):  # noqa: N818 - names the state of the folder
    """Another process owns the folder."""


class LmdbStore:
    """A durable store of one chain in a folder."""

    def __init__(
        self,
        folder: Path,
        *,
        map_bytes: int = MAP_BYTES_DEFAULT,
        durable: bool = True,
        read_only: bool = False,
        shared: bool = False,
        history_heights: int = 0,
    ) -> None:
        """Open or create the store.

        Args:
            folder: where it lives; created when missing, unless it is only read.
            map_bytes: upper bound of the file's size.
            durable: False leaves out the sync; for measuring what it costs, nothing else.
            read_only: for looking: nothing is created or written, the seal stays as it is and is
                not judged.
            shared: beside the process that owns the folder, which has checked the file; read only.
            history_heights: how many heights below the head can still be read and proven.

        Raises:
            StoreError: the folder is in use, damaged, or of another format.
        """
        self._folder = folder
        self._file = folder / "chain.lmdb"
        self._read_only = read_only or shared
        self._is_distrusted = False
        self._history_heights = history_heights
        if not self._read_only:
            folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        elif not self._file.exists():
            raise StoreError(f"{folder} holds no store")
        with contextlib.ExitStack() as undo:
            self._lock_file = None if shared else claim_folder(folder)
            if self._lock_file is not None:
                undo.callback(self._lock_file.close)
            if not self._read_only:
                _clear_leftovers(folder, self._file)
            seal = SealState.ABSENT if self._read_only else check_seal(folder, self._file)
            self.was_closed_cleanly: Final = seal != SealState.ABSENT
            if seal == SealState.ABSENT and not shared:
                probe(self._file)
            if not self._read_only:
                break_seal(folder)
            self._is_open = True
            with store_errors(f"{folder} cannot be opened"):
                self.environment = lmdb.open(
                    str(self._file),
                    map_size=map_bytes,
                    max_dbs=len(TABLES),
                    max_readers=_READERS_MAX,
                    mode=FILE_MODE,
                    subdir=False,
                    readonly=self._read_only,
                    sync=durable,
                    metasync=durable,
                    map_async=False,
                    writemap=False,
                    meminit=False,
                )
                undo.callback(self.environment.close)
                self.tables = {
                    name: self.environment.open_db(name.encode(), create=not self._read_only)
                    for name in TABLES
                }
                self._check_format(folder)
            undo.pop_all()

    def head(self) -> bytes | None:
        """Return the head of the last commit, or None before genesis."""
        return self._get("meta", _HEAD_KEY)

    def snapshot(self) -> LmdbSnapshot:
        """Return a view of the last committed height."""
        return LmdbSnapshot(self.environment, self.tables)

    def snapshot_at(self, height: int) -> LmdbSnapshot:
        """Return a view of a height that is still kept; raises StateNotKept."""
        return LmdbPastSnapshot(self.environment, self.tables, height)

    def extent(self) -> Extent:
        """Return what the store has of its chain."""
        with store_errors("the store cannot be read"), self.environment.begin() as transaction:
            head = max(self._number(transaction, HEIGHT_KEY, -1), 0)
            return Extent(
                self._number(transaction, _BEGINS_AT_KEY, 0),
                self._number(transaction, _BODIES_FROM_KEY, 0),
                self._number(transaction, STATES_FROM_KEY, head),
            )

    def origin(self) -> bytes | None:
        """Return the genesis hash of a store that began from a snapshot, else None."""
        return self._get("meta", _ORIGIN_KEY)

    def commit(self, batch: CommitBatch) -> None:
        """Make a height durable with one sync; raises StoreError and changes nothing if not."""
        with self._writing(f"the commit of height {batch.height}") as transaction:
            last_height = self._number(transaction, HEIGHT_KEY, -1)
            if batch.height != last_height + 1:
                raise StoreError(f"height {batch.height} does not follow {last_height}")
            self._keep_history(transaction, batch)
            self._write(transaction, batch)

    def prune(self, heights: Sequence[PrunedHeight]) -> None:
        """Replace the bodies of the next heights by what stays of them; raises StoreError."""
        if not heights:
            return
        with self._writing(f"pruning height {heights[0].height}") as transaction:
            head = self._number(transaction, HEIGHT_KEY, -1)
            first = self._number(transaction, _BODIES_FROM_KEY, 0)
            for expected, pruned in enumerate(heights, first):
                if pruned.height != expected or expected >= head:
                    raise StoreError(f"height {pruned.height} cannot be pruned next")
                key = expected.to_bytes(HEIGHT_BYTES, "big")
                transaction.delete(key, db=self.tables["blocks"])
                transaction.put(key, pruned.head, db=self.tables["headers"])
                transaction.put(key, pruned.outcome, db=self.tables["outcomes"])
            bodies_from = first + len(heights)
            self._put_number(transaction, _BODIES_FROM_KEY, bodies_from)
            if self._number(transaction, STATES_FROM_KEY, head) < bodies_from:
                self._put_number(transaction, STATES_FROM_KEY, bodies_from)
                forget(transaction, self.tables["history"], bodies_from)

    def stage(
        self,
        state_writes: Mapping[bytes, bytes | None],
        node_writes: Mapping[bytes, bytes | None],
    ) -> None:
        """Add to the state of a store that has no head yet; raises StoreError."""
        with self._writing("restoring") as transaction:
            self._require_empty(transaction)
            self._write_state(transaction, state_writes, node_writes)

    def begin_at(self, height: int, head: bytes, genesis_hash: bytes) -> None:
        """Make what was staged the state of a height, durably; raises StoreError."""
        key = height.to_bytes(HEIGHT_BYTES, "big")
        with self._writing("restoring") as transaction:
            self._require_empty(transaction)
            transaction.put(key, head, db=self.tables["headers"])
            meta = self.tables["meta"]
            transaction.put(_HEAD_KEY, head, db=meta)
            transaction.put(_ORIGIN_KEY, genesis_hash, db=meta)
            self._put_number(transaction, HEIGHT_KEY, height)
            self._put_number(transaction, _BEGINS_AT_KEY, height)
            self._put_number(transaction, _BODIES_FROM_KEY, height + 1)
        with store_errors("the restored store cannot be made durable"):
            self.environment.sync(True)  # noqa: FBT003 - py-lmdb takes it by position

    def block(self, height: int) -> bytes | None:
        """Return the block of a height, or None."""
        return self._get("blocks", height.to_bytes(HEIGHT_BYTES, "big"))

    def header(self, height: int) -> bytes | None:
        """Return the signed header of a height that has no block here, or None."""
        return self._get("headers", height.to_bytes(HEIGHT_BYTES, "big"))

    def outcome(self, height: int) -> bytes | None:
        """Return the outcome of a height, or None; of a pruned one without its events."""
        return self._get("outcomes", height.to_bytes(HEIGHT_BYTES, "big"))

    def locate(self, transaction_id: bytes) -> tuple[int, int] | None:
        """Return (height, index) of a transaction, or None."""
        found = self._get("locations", transaction_id)
        if found is None:
            return None
        return (
            int.from_bytes(found[:HEIGHT_BYTES], "big"),
            int.from_bytes(found[HEIGHT_BYTES:], "big"),
        )

    def distrust(self) -> None:
        """Leave the file without a seal at its close: the next start then reads it whole."""
        self._is_distrusted = True

    def close(self) -> None:
        """Release the folder; what was written is sealed."""
        if not self._is_open:
            return
        self._is_open = False
        self.environment.close()
        if not self._read_only and not self._is_distrusted:
            # Without room for the seal the next start reads the file whole instead.
            with contextlib.suppress(OSError):
                write_seal(self._folder, self._file)
        if self._lock_file is not None:
            self._lock_file.close()

    def _get(self, table: str, key: bytes) -> bytes | None:
        with store_errors("the store cannot be read"), self.environment.begin() as transaction:
            value: bytes | None = transaction.get(key, db=self.tables[table])
            return value

    def _write(self, transaction: lmdb.Transaction, batch: CommitBatch) -> None:
        height = batch.height.to_bytes(HEIGHT_BYTES, "big")
        meta = self.tables["meta"]
        self._write_state(transaction, batch.state_writes, batch.node_writes)
        transaction.put(height, batch.block, db=self.tables["blocks"])
        transaction.put(height, batch.outcome, db=self.tables["outcomes"])
        for transaction_id, (at_height, index) in batch.transaction_locations.items():
            location = at_height.to_bytes(HEIGHT_BYTES, "big") + index.to_bytes(
                _INDEX_BYTES,
                "big",
            )
            transaction.put(transaction_id, location, db=self.tables["locations"])
        transaction.put(_HEAD_KEY, batch.head, db=meta)
        transaction.put(HEIGHT_KEY, height, db=meta)

    def _write_state(
        self,
        transaction: lmdb.Transaction,
        state_writes: Mapping[bytes, bytes | None],
        node_writes: Mapping[bytes, bytes | None],
    ) -> None:
        _apply(transaction, self.tables["state"], state_writes)
        _apply(
            transaction,
            self.tables["nodes"],
            {ROOT_PATH_PREFIX + path: node for path, node in node_writes.items()},
        )

    def _keep_history(self, transaction: lmdb.Transaction, batch: CommitBatch) -> None:
        """Record what a batch replaces, and forget the heights that leave the window."""
        if not self._history_heights or not batch.height:
            if self._number(transaction, STATES_FROM_KEY, -1) >= 0:  # the window was closed
                transaction.drop(self.tables["history"], delete=False)
                transaction.delete(STATES_FROM_KEY, db=self.tables["meta"])
            return
        record_replaced(transaction, self.tables, batch, ROOT_PATH_PREFIX)
        kept_from = self._number(transaction, STATES_FROM_KEY, batch.height - 1)
        states_from = max(kept_from, batch.height - self._history_heights)
        self._put_number(transaction, STATES_FROM_KEY, states_from)
        forget(transaction, self.tables["history"], states_from)

    def _number(self, transaction: lmdb.Transaction, key: bytes, otherwise: int) -> int:
        found = transaction.get(key, db=self.tables["meta"])
        return otherwise if found is None else int.from_bytes(found, "big")

    def _put_number(self, transaction: lmdb.Transaction, key: bytes, number: int) -> None:
        transaction.put(key, number.to_bytes(HEIGHT_BYTES, "big"), db=self.tables["meta"])

    def _require_empty(self, transaction: lmdb.Transaction) -> None:
        if transaction.get(_HEAD_KEY, db=self.tables["meta"]) is not None:
            raise StoreError(f"{self._folder} holds a chain already; restore into an empty folder")

    @contextlib.contextmanager
    def _writing(self, what: str) -> Iterator[lmdb.Transaction]:
        """Give one write transaction; a failure is a StoreError and leaves nothing of it."""
        try:
            with self.environment.begin(write=True) as transaction:
                yield transaction
        except lmdb.MapFullError as error:
            raise StoreError("the store has reached its size limit; raise map_bytes") from error
        except lmdb.Error as error:
            self.distrust()
            free_bytes = shutil.disk_usage(self._folder).free  # a short write is told as EIO
            raise StoreError(
                f"{what} failed: {error}; {free_bytes} bytes are free on its disk",
            ) from error

    def _check_format(self, folder: Path) -> None:
        with self.environment.begin(write=not self._read_only) as transaction:
            found = transaction.get(_FORMAT_KEY, db=self.tables["meta"])
            if found is None and not self._read_only:
                transaction.put(_FORMAT_KEY, FORMAT_VERSION, db=self.tables["meta"])
            elif found != FORMAT_VERSION:
                raise StoreError(f"{folder} was written by another format: {found!r}")


def _apply(
    transaction: lmdb.Transaction,
    table: lmdb._Database,
    writes: Mapping[bytes, bytes | None],
) -> None:
    """Apply writes in key order, so that neighbours share pages of the file."""
    puts = sorted((key, value) for key, value in writes.items() if value is not None)
    with transaction.cursor(db=table) as cursor:
        cursor.putmulti(puts)
    for key, value in writes.items():
        if value is None:
            transaction.delete(key, db=table)


def claim_folder(folder: Path) -> IO[str]:
    """Return the open lock of a store's folder; raises StoreError while another process has it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    lock_file = os.fdopen(os.open(folder / "lock", flags, FILE_MODE), "w")
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock_file.close()
        raise StoreInUse(f"{folder} is in use by another process; stop the node first") from None
    return lock_file


def is_in_use(folder: Path) -> bool:
    """Return whether another process has the store of a folder."""
    try:
        claim_folder(folder).close()
    except StoreInUse:
        return True
    return False


def open_to_read(folder: Path) -> LmdbStore:
    """Return a store that is only read, beside the node that runs on it if one does.

    Raises:
        StoreError: the folder holds no store, or a damaged one.
    """
    try:
        return LmdbStore(folder, read_only=True)
    except StoreInUse:
        return LmdbStore(folder, shared=True)


def _clear_leftovers(folder: Path, file: Path) -> None:
    """Remove what an interrupted command left; refuse a folder without its whole chain."""
    (folder / COMPACTING).unlink(missing_ok=True)
    if (folder / RESTORING).exists():
        if not file.exists():
            raise StoreError(
                f"a restore into {folder} was interrupted: run `xinlian node restore` again",
            )
        shutil.rmtree(folder / RESTORING)
