"""The read model against the chain: how long blocks took to produce, how long to project.

    python -m bench.readmodel                 reduced size, SQLite and PostgreSQL where it is there
    python -m bench.readmodel --transfers 1000000 --accounts 1000000

Rules this file keeps:
 1. Production is as in ``bench.transfers``: signed bytes to durable outcomes, signing left out.
 2. The rebuild is the product's own: ``ReadModel.rebuild`` over the finished chain, from block 0.
 3. What was projected is checked: every transfer is there, and balances sum to nothing.
 4. The floor comes from the same rows, written again by the driver alone.
"""

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sqlalchemy as sa

from bench.hardware import describe
from bench.setting import (
    TransferSource,
    World,
    close_engine,
    copy_store,
    create_store,
    new_world,
    open_engine,
)
from bench.transfers import WorkloadBroken
from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.client import SignedTransaction
from xinlian.engines.embedded import EmbeddedEngine
from xinlian.ledger.errors import Overloaded
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.node import Committed
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import Store
from xinlian.readmodels import ReadModel
from xinlian.readmodels.rows import AccountRow, TransferRow
from xinlian.readmodels.tables import TABLE_OF
from xinlian.storage import LmdbStore

EACH: Final = 100
"""Transfers a signed transaction."""
BATCH: Final = 100
"""Transactions that are produced before the next are signed."""
VAR: Final = Path(__file__).resolve().parent.parent / "var"


class Timing:
    """Seconds of the wall and of this process' processor."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def taken(self) -> tuple[float, float]:
        """Return both since the beginning."""
        return time.perf_counter() - self._wall, time.process_time() - self._cpu


def produce(world: World, folder: Path, transfers: int) -> tuple[float, float]:
    """Run a chain of so many transfers; return wall and processor seconds, signing left out."""
    engine = open_engine(world, folder)
    draws = TransferSource(world, world.accounts)
    wall_s = cpu_s = 0.0
    for _ in range(transfers // (EACH * BATCH)):
        batch = draws.take(BATCH, EACH)
        timing = Timing()
        _submit(engine, batch)
        wall, cpu = timing.taken()
        wall_s, cpu_s = wall_s + wall, cpu_s + cpu
    close_engine(engine)
    return wall_s, cpu_s


def _submit(engine: EmbeddedEngine, batch: list[SignedTransaction]) -> None:
    """Submit a batch as fast as the engine takes it; wait for every outcome."""
    under_way: deque[Future[Committed]] = deque()
    for signed in batch:
        while True:
            try:
                under_way.append(engine.submit(signed.raw))
                break
            except Overloaded:  # its payer's turn comes with the next block
                _require_success(under_way.popleft().result())
    for future in under_way:
        _require_success(future.result())


def _require_success(committed: Committed) -> None:
    if committed.result.code:
        raise WorkloadBroken(f"a transaction was refused with {committed.result.code}")


def measure(
    world: World,
    source: Path,
    store: Store,
    address: str,
    transfers: int,
) -> dict[str, float]:
    """Return what a rebuild from block 0 took; the accounts are there before the clock starts."""
    beginning = LmdbStore(source)
    with beginning.snapshot() as snapshot:
        overlay = Overlay(snapshot)
        contracts = build_contracts()
        GenesisState(parse_genesis(world.genesis_bytes()), contracts)(overlay)
        model = ReadModel(address, contracts, overlay)
        genesis = Timing()
        model.project(store, up_to=0)
        genesis_s = genesis.taken()[0]
        timing = Timing()
        model.project(store)
        wall_s, cpu_s = timing.taken()
    rows = require_complete(model, transfers)
    model.close()
    beginning.close()
    return {
        "genesis_s": round(genesis_s, 2),
        "wall_s": round(wall_s, 2),
        "cpu_s": round(cpu_s, 2),
        "transfers_per_s": round(transfers / wall_s),
        "transfers_per_cpu_s": round(transfers / cpu_s),
        **{f"rows_{name}": count for name, count in rows.items()},
    }


def require_complete(model: ReadModel, transfers: int) -> dict[str, int]:
    """Refuse a model that lost or repeated a transfer; return the rows of its tables."""
    database = vars(model)["_database"]
    with database.reading() as connection:
        found = connection.scalar(sa.select(sa.func.count()).select_from(TABLE_OF[TransferRow]))
        total = connection.scalar(sa.select(sa.func.sum(TABLE_OF[AccountRow].c.balance_minor)))
        counts = {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in TABLE_OF.values()
        }
    if found != transfers or total != 0:
        raise WorkloadBroken(f"{found} transfers of {transfers}, balances sum to {total}")
    return {name: count for name, count in counts.items() if count}


def sqlite_floor(path: Path) -> dict[str, float]:
    """Return the seconds in which the driver alone writes all rows of a database again."""
    source = sqlite3.connect(path)
    tables = [
        (name, sql)
        for name, sql in source.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL",
        )
    ]
    everything = {
        name: source.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 - of the schema
        for name, _ in tables
    }
    indexes = [
        sql
        for (sql,) in source.execute("SELECT sql FROM sqlite_master WHERE type = 'index'")
        if sql
    ]
    source.close()
    target = path.with_suffix(".floor")
    copy = sqlite3.connect(target, isolation_level=None)
    copy.execute("PRAGMA journal_mode = WAL")
    copy.execute("PRAGMA synchronous = NORMAL")
    for _, sql in tables:
        copy.execute(sql)
    for sql in indexes:
        copy.execute(sql)
    timing = Timing()
    copy.execute("BEGIN IMMEDIATE")
    for name, records in everything.items():
        if records:
            marks = ", ".join("?" * len(records[0]))
            copy.executemany(f"INSERT INTO {name} VALUES ({marks})", records)  # noqa: S608 - names of the schema
    copy.execute("COMMIT")
    wall_s, cpu_s = timing.taken()
    copy.close()
    target.unlink()
    return {
        "rows": sum(map(len, everything.values())),
        "bytes": path.stat().st_size,
        "wall_s": round(wall_s, 2),
        "cpu_s": round(cpu_s, 2),
    }


def postgres_address() -> str | None:
    """Return the address of an empty database of a server of our own, or None without one."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
    from support.postgres import Postgres  # the tests' own server, started on demand

    try:
        server = Postgres.in_new_directory()
        server.start_once()
        server.create_database("bench")
    except (OSError, RuntimeError):
        return None
    _SERVERS.append(server)
    return server.url("bench")


_SERVERS: list[Any] = []


def run(transfers: int, accounts: int, seed: int, *, postgres: bool) -> dict[str, object]:
    """Measure everything; return the document."""
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="readmodel-", dir=VAR) as name:
        folder = Path(name)
        world = new_world(seed, accounts)
        create_store(world, folder / "world")
        copy_store(folder / "world", folder / "chain")
        produced_s, cpu_s = produce(world, folder / "chain", transfers)
        found: dict[str, object] = {
            "hardware": describe(),
            "transfers": transfers,
            "accounts": accounts,
            "production": {
                "wall_s": round(produced_s, 2),
                "cpu_s": round(cpu_s, 2),
                "transfers_per_s": round(transfers / produced_s),
                "transfers_per_cpu_s": round(transfers / cpu_s),
            },
        }
        store = LmdbStore(folder / "chain")
        for database, address in databases(folder, postgres=postgres):
            measured = measure(world, folder / "world", store, address, transfers)
            measured["times_as_fast_as_production"] = round(produced_s / measured["wall_s"], 2)
            measured["the_same_in_processor_time"] = round(cpu_s / measured["cpu_s"], 2)
            found[database] = measured
        store.close()
        found["sqlite_floor"] = sqlite_floor(folder / "read.db")
        shutil.rmtree(folder / "chain")
    stop_servers()
    return found


def stop_servers() -> None:
    """Stop what ``databases`` started."""
    for server in _SERVERS:
        server.stop()
    _SERVERS.clear()


def databases(folder: Path, *, postgres: bool) -> Iterator[tuple[str, str]]:
    """Yield the name and the address of each database there is to measure."""
    yield "sqlite", f"sqlite:///{folder / 'read.db'}"
    address = postgres_address() if postgres else None
    if address is not None:
        yield "postgresql", address


def main() -> None:
    """Run and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--transfers", type=int, default=100_000)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-postgres", action="store_true")
    options = parser.parse_args()
    found = run(options.transfers, options.accounts, options.seed, postgres=not options.no_postgres)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
