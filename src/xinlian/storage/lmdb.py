"""The default store: one LMDB environment in one folder.

Rules this file keeps:
 1. A height is one LMDB transaction with one sync: the old height or the new one, never between.
 2. One process owns a folder; a second one is told so.
 3. A folder written by another format version is refused, never guessed at.
 4. Every failure of LMDB is a StoreError: it stops the node and never becomes a result.
 5. A file that is not what it was at its last clean close is refused; one that was not closed
    cleanly is read whole by another process first (``seal.py``, ``probe.py``).
"""

import contextlib
import fcntl
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import lmdb

from xinlian.ledger.ports import CommitBatch, StoreError
from xinlian.storage.probe import TABLES, probe
from xinlian.storage.seal import SealState, break_seal, check_seal, write_seal

FORMAT_VERSION: Final = b"xinlian-store-1"
MAP_BYTES_DEFAULT: Final = 64 << 30
"""Address space that is set aside; the file grows only as it is filled."""
_HEIGHT_BYTES: Final = 8
_INDEX_BYTES: Final = 4
_READERS_MAX: Final = 512

_FORMAT_KEY: Final = b"format"
_HEAD_KEY: Final = b"head"
_HEIGHT_KEY: Final = b"height"
_ROOT_PATH_PREFIX: Final = b"/"
"""LMDB has no empty keys, and the root's path is empty."""


class LmdbSnapshot:
    """A read transaction: one height, however long it is held."""

    def __init__(self, store: "LmdbStore") -> None:
        with _store_errors("the store cannot be read"):
            self._transaction = store.environment.begin(buffers=False)
        self._state = store.tables["state"]
        self._nodes = store.tables["nodes"]
        height = self._read(_HEIGHT_KEY, store.tables["meta"])
        self.height: int = -1 if height is None else int.from_bytes(height, "big")

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        return self._read(key, self._state)

    def scan(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries of [start, end) in ascending key order."""
        try:
            with self._transaction.cursor(db=self._state) as cursor:
                found = cursor.set_range(start)
                while found:
                    key, value = cursor.item()
                    if key >= end:
                        return
                    yield key, value
                    found = cursor.next()
        except lmdb.Error as error:
            raise StoreError(f"the store cannot be read: {error}") from error

    def get_node(self, path: bytes) -> bytes | None:
        """Return a node by its path, or None."""
        return self._read(_ROOT_PATH_PREFIX + path, self._nodes)

    def close(self) -> None:
        """End the read transaction."""
        self._transaction.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self, key: bytes, table: lmdb._Database) -> bytes | None:
        try:
            value: bytes | None = self._transaction.get(key, db=table)
        except lmdb.Error as error:
            raise StoreError(f"the store cannot be read: {error}") from error
        return value


class LmdbStore:
    """A durable store of one chain in a folder."""

    def __init__(
        self,
        folder: Path,
        *,
        map_bytes: int = MAP_BYTES_DEFAULT,
        durable: bool = True,
        read_only: bool = False,
    ) -> None:
        """Open or create the store.

        Args:
            folder: where it lives; created when missing, unless it is only read.
            map_bytes: upper bound of the file's size.
            durable: False leaves out the sync; for measuring what it costs, nothing else.
            read_only: for looking: nothing is created or written, the seal stays as it is and is
                not judged.

        Raises:
            StoreError: the folder is in use, damaged, or of another format.
        """
        self._folder = folder
        self._file = folder / "chain.lmdb"
        self._read_only = read_only
        self._is_distrusted = False
        if not read_only:
            folder.mkdir(parents=True, exist_ok=True)
        elif not self._file.exists():
            raise StoreError(f"{folder} holds no store")
        self._lock_file = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock_file.close()
            raise StoreError(f"{folder} is in use by another process") from None
        with contextlib.ExitStack() as undo:
            undo.callback(self._lock_file.close)
            seal = SealState.ABSENT if read_only else check_seal(folder, self._file)
            self.was_closed_cleanly: Final = seal != SealState.ABSENT
            if seal == SealState.ABSENT:
                probe(self._file)
            if not read_only:
                break_seal(folder)
            with _store_errors(f"{folder} cannot be opened"):
                self.environment = lmdb.open(
                    str(self._file),
                    map_size=map_bytes,
                    max_dbs=8,
                    max_readers=_READERS_MAX,
                    subdir=False,
                    readonly=read_only,
                    sync=durable,
                    metasync=durable,
                    map_async=False,
                    writemap=False,
                    meminit=False,
                )
                undo.callback(self.environment.close)
                self.tables = {
                    name: self.environment.open_db(name.encode(), create=not read_only)
                    for name in TABLES
                }
                self._check_format(folder)
            undo.pop_all()

    def head(self) -> bytes | None:
        """Return the head of the last commit, or None before genesis."""
        return self._get("meta", _HEAD_KEY)

    def snapshot(self) -> LmdbSnapshot:
        """Return a view of the last committed height."""
        return LmdbSnapshot(self)

    def commit(self, batch: CommitBatch) -> None:
        """Make a height durable with one sync; raises StoreError and changes nothing if not."""
        try:
            with self.environment.begin(write=True) as transaction:
                last = transaction.get(_HEIGHT_KEY, db=self.tables["meta"])
                last_height = -1 if last is None else int.from_bytes(last, "big")
                if batch.height != last_height + 1:
                    raise StoreError(f"height {batch.height} does not follow {last_height}")
                self._write(transaction, batch)
        except lmdb.MapFullError as error:
            raise StoreError("the store has reached its size limit; raise map_bytes") from error
        except lmdb.Error as error:
            self.distrust()
            free_bytes = shutil.disk_usage(self._folder).free  # a short write is told as EIO
            raise StoreError(
                f"the commit of height {batch.height} failed: {error}; "
                f"{free_bytes} bytes are free on its disk",
            ) from error

    def block(self, height: int) -> bytes | None:
        """Return the block of a height, or None."""
        return self._get("blocks", height.to_bytes(_HEIGHT_BYTES, "big"))

    def outcome(self, height: int) -> bytes | None:
        """Return the outcome of a height, or None."""
        return self._get("outcomes", height.to_bytes(_HEIGHT_BYTES, "big"))

    def locate(self, transaction_id: bytes) -> tuple[int, int] | None:
        """Return (height, index) of a transaction, or None."""
        found = self._get("locations", transaction_id)
        if found is None:
            return None
        return (
            int.from_bytes(found[:_HEIGHT_BYTES], "big"),
            int.from_bytes(found[_HEIGHT_BYTES:], "big"),
        )

    def distrust(self) -> None:
        """Leave the file without a seal at its close: the next start then reads it whole."""
        self._is_distrusted = True

    def close(self) -> None:
        """Release the folder; what was written is sealed."""
        if self._lock_file.closed:
            return
        self.environment.close()
        if not self._read_only and not self._is_distrusted:
            # Without room for the seal the next start reads the file whole instead.
            with contextlib.suppress(OSError):
                write_seal(self._folder, self._file)
        self._lock_file.close()

    def _get(self, table: str, key: bytes) -> bytes | None:
        with _store_errors("the store cannot be read"), self.environment.begin() as transaction:
            value: bytes | None = transaction.get(key, db=self.tables[table])
            return value

    def _write(self, transaction: lmdb.Transaction, batch: CommitBatch) -> None:
        height = batch.height.to_bytes(_HEIGHT_BYTES, "big")
        meta = self.tables["meta"]
        _apply(transaction, self.tables["state"], batch.state_writes)
        _apply(
            transaction,
            self.tables["nodes"],
            {_ROOT_PATH_PREFIX + path: node for path, node in batch.node_writes.items()},
        )
        transaction.put(height, batch.block, db=self.tables["blocks"])
        transaction.put(height, batch.outcome, db=self.tables["outcomes"])
        for transaction_id, (at_height, index) in batch.transaction_locations.items():
            location = at_height.to_bytes(_HEIGHT_BYTES, "big") + index.to_bytes(
                _INDEX_BYTES,
                "big",
            )
            transaction.put(transaction_id, location, db=self.tables["locations"])
        transaction.put(_HEAD_KEY, batch.head, db=meta)
        transaction.put(_HEIGHT_KEY, height, db=meta)

    def _check_format(self, folder: Path) -> None:
        with self.environment.begin(write=not self._read_only) as transaction:
            found = transaction.get(_FORMAT_KEY, db=self.tables["meta"])
            if found is None and not self._read_only:
                transaction.put(_FORMAT_KEY, FORMAT_VERSION, db=self.tables["meta"])
            elif found != FORMAT_VERSION:
                raise StoreError(f"{folder} was written by another format: {found!r}")


@contextlib.contextmanager
def _store_errors(what: str) -> Iterator[None]:
    try:
        yield
    except lmdb.Error as error:
        raise StoreError(f"{what}: {error}") from error


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
