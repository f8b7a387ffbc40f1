"""Views of one height of an LMDB store: of the head, and of heights that are still kept."""

import contextlib
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Final, Self

import lmdb

from xinlian.ledger.ports import StateNotKept, StoreError
from xinlian.storage.history import Undone, merged

HEIGHT_KEY: Final = b"height"
STATES_FROM_KEY: Final = b"states_from"
ROOT_PATH_PREFIX: Final = b"/"
"""LMDB has no empty keys, and the root's path is empty."""


class LmdbSnapshot:
    """A read transaction: one height, however long it is held."""

    def __init__(
        self,
        environment: lmdb.Environment,
        tables: Mapping[str, lmdb._Database],
    ) -> None:
        with store_errors("the store cannot be read"):
            self._transaction = environment.begin(buffers=False)
        self._tables = tables
        self._state = tables["state"]
        self._nodes = tables["nodes"]
        height = self._read(HEIGHT_KEY, tables["meta"])
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
        return self._read(ROOT_PATH_PREFIX + path, self._nodes)

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


class LmdbPastSnapshot(LmdbSnapshot):
    """A height below the head, as long as the history goes back to it."""

    def __init__(
        self,
        environment: lmdb.Environment,
        tables: Mapping[str, lmdb._Database],
        height: int,
    ) -> None:
        super().__init__(environment, tables)
        head = self.height
        stored = self._read(STATES_FROM_KEY, tables["meta"])
        oldest = head if stored is None else int.from_bytes(stored, "big")
        if not oldest <= height <= head:
            self.close()
            raise StateNotKept(height, oldest, head)
        self._undone = Undone(self._transaction, tables["history"], height, head)
        self.height = height

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        with store_errors("the store cannot be read"):
            return self._undone.entry(key, super().get(key))

    def scan(self, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries of [start, end) in ascending key order."""
        with store_errors("the store cannot be read"):
            changed = self._undone.entries()
        yield from merged(super().scan(start, end), changed, start, end)

    def get_node(self, path: bytes) -> bytes | None:
        """Return a node by its path, or None."""
        with store_errors("the store cannot be read"):
            return self._undone.node(path, super().get_node(path))


@contextlib.contextmanager
def store_errors(what: str) -> Iterator[None]:
    """Turn failures of LMDB into StoreErrors."""
    try:
        yield
    except lmdb.Error as error:
        raise StoreError(f"{what}: {error}") from error
