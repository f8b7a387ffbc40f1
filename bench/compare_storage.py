"""LMDB against SQLite from the standard library: `python -m bench.compare_storage`.

Each commit writes the records of one block under scattered keys, as the state tree does; the
stores take turns, commit by commit, on the disk of the working tree.
"""

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import lmdb

from bench.figures import percentile
from bench.hardware import describe
from bench.tables import print_table

KEYS: Final = 200_000
COMMITS: Final = 15
VALUE_BYTES: Final = 120
VAR: Final = Path(__file__).resolve().parent.parent / "var"


class _Table(Protocol):
    def commit(self, entries: list[tuple[bytes, bytes]]) -> None: ...
    def get(self, key: bytes) -> bytes | None: ...


class _Lmdb:
    def __init__(self, folder: Path, *, sync: bool) -> None:
        self._environment = lmdb.open(
            str(folder),
            map_size=4 << 30,
            sync=sync,
            metasync=sync,
        )

    def commit(self, entries: list[tuple[bytes, bytes]]) -> None:
        with self._environment.begin(write=True) as transaction:
            for key, value in entries:
                transaction.put(key, value)

    def get(self, key: bytes) -> bytes | None:
        with self._environment.begin() as transaction:
            value: bytes | None = transaction.get(key)
            return value


class _Sqlite:
    def __init__(self, folder: Path, *, sync: bool) -> None:
        folder.mkdir()
        self._connection = sqlite3.connect(folder / "table.sqlite")
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute(f"PRAGMA synchronous={'FULL' if sync else 'OFF'}")
        self._connection.execute("CREATE TABLE entries (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID")

    def commit(self, entries: list[tuple[bytes, bytes]]) -> None:
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?)", entries)

    def get(self, key: bytes) -> bytes | None:
        row = self._connection.execute("SELECT v FROM entries WHERE k = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])


def main() -> None:
    """Fill each store, then commit in turns."""
    print(describe(), "\n")
    draw = random.Random(1)
    keys = [draw.randbytes(23) for _ in range(KEYS)]
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=VAR) as name:
        folder = Path(name)
        stores: dict[str, _Table] = {
            "LMDB, one sync a commit": _Lmdb(folder / "a", sync=True),
            "LMDB, no sync": _Lmdb(folder / "b", sync=False),
            "SQLite WAL, synchronous=FULL": _Sqlite(folder / "c", sync=True),
            "SQLite WAL, synchronous=OFF": _Sqlite(folder / "d", sync=False),
        }
        for store in stores.values():
            store.commit([(key, draw.randbytes(VALUE_BYTES)) for key in sorted(keys)])
        rows = [[name] for name in stores]
        cells: list[list[object]] = [list(row) for row in rows]
        for size in (1, 1_000, 10_000):
            spent = _commits(stores, keys, size, draw)
            for row, values in zip(cells, spent.values(), strict=True):
                row += [percentile(values, 50) * 1e3, percentile(values, 99) * 1e3]
        for row, store in zip(cells, stores.values(), strict=True):
            row.append(_microseconds_a_read(store.get, keys, draw))
    print_table(
        (
            f"{KEYS:,} entries of {VALUE_BYTES} bytes",
            *(f"{size} p{at} ms" for size in (1, 1_000, 10_000) for at in (50, 99)),
            "read µs",
        ),
        cells,
    )


def _commits(
    stores: dict[str, _Table],
    keys: list[bytes],
    size: int,
    draw: random.Random,
) -> dict[str, list[float]]:
    spent: dict[str, list[float]] = {name: [] for name in stores}
    for _ in range(COMMITS):
        entries = [(key, draw.randbytes(VALUE_BYTES)) for key in sorted(draw.sample(keys, size))]
        for name, store in stores.items():
            begin = time.perf_counter()
            store.commit(entries)
            spent[name].append(time.perf_counter() - begin)
    return spent


def _microseconds_a_read(
    get: Callable[[bytes], bytes | None],
    keys: list[bytes],
    draw: random.Random,
) -> float:
    chosen = draw.choices(keys, k=5_000)
    begin = time.perf_counter()
    for key in chosen:
        get(key)
    return (time.perf_counter() - begin) / len(chosen) * 1e6


if __name__ == "__main__":
    main()
