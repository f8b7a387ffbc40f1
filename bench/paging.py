"""Pages of lists over seeded synthetic rows: the middle and the slowest answers, list by list.

    python -m bench.paging                      20 000 rows a table, SQLite and PostgreSQL
    python -m bench.paging --rows 1000000       the size of the bar: 50 ms for 95 of 100 pages

Rules this file keeps:
 1. Rows and rights are written by the product's own bulk writer into the product's own schema;
    questions are the product's own, rights and all.
 2. Each list is asked by the bank that reads every row, by a participant that reads one in a
    hundred, and by one that reads ten, without and with each filter, for the first, a middle and
    the last pages.
 3. A filter has values that are common and values that are rare.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec
import sqlalchemy as sa

from bench.figures import percentile
from bench.hardware import describe
from bench.readmodel import VAR, databases, stop_servers
from xinlian.primitives import format_id
from xinlian.readmodels import Queries, bulk, lists, rows
from xinlian.readmodels.cursors import encode_cursor
from xinlian.readmodels.database import Database
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.lists import RowList
from xinlian.readmodels.tables import (
    ENTRY_READERS,
    KEY_OF,
    PROJECTION,
    READERS,
    TABLE_OF,
    TEXT_LISTS,
)

PARTIES: Final = 102
BANK, SOME, FEW = 0, 1, 2
"""The party that reads every row, one of the hundred that share them, one that reads ten."""
ROWS_A_HEIGHT: Final = 50
CHUNK: Final = 20_000
PAGES: Final = 7
"""Pages that are asked of each kind; the first answer of each question is not counted."""
WORDS: Final = {
    "status": ("paid", "open"),
    "life": ("discharged", "active"),
    "schema": ("invoice", "contract"),
    "asset_kind": ("claim", "interest"),
}
"""A common and a rare value of each filter that is a word."""
FILTERS: Final[dict[str, tuple[RowList[Any], tuple[str, ...]]]] = {
    "accounts": (lists.ACCOUNTS, ("owner", "asset_kind")),
    "bank_entries": (lists.BANK_ENTRIES, ("bank_account",)),
    "documents": (lists.DOCUMENTS, ("owner", "schema")),
    "invoices": (lists.INVOICES, ("seller",)),
    "certificates": (lists.CERTIFICATES, ("life", "invoice_root", "obligor")),
    "leaves": (lists.LEAVES, ("holder", "life")),
    "transfer_offers": (lists.OFFERS, ("status",)),
    "payment_orders": (lists.PAYMENT_ORDERS, ("status",)),
    "obligations": (lists.OBLIGATIONS, ("debtor", "status")),
    "late_interest": (lists.LATE_INTEREST, ("certificate_id",)),
    "transactions": (lists.TRANSACTIONS, ("payer",)),
    "transfers": (lists.TRANSFERS, ()),
    "events": (lists.EVENTS, ("object_id",)),
}
"""Every list that grows with the business, with filters; ``obligor`` is asked as a role."""
_OWNERS: Final = frozenset(
    {"owner", "seller", "obligor", "holder", "debtor", "payer", "creditor", "debit_owner"},
)
"""Fields that name one of the hundred, in turn."""


def party(number: int) -> bytes:
    """Return the id of a party."""
    return number.to_bytes(20, "big")


def party_text(number: int) -> str:
    """Return the text of a party's id."""
    return format_id("party", party(number))


def open_database(address: str) -> Database:
    """Return a database in which rows may refer to rows that are not made here."""
    database = Database(address)

    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - of either driver
        if address.startswith("sqlite"):
            connection.execute("PRAGMA foreign_keys = OFF")
        else:
            connection.execute("SET session_replication_role = replica")
            connection.commit()

    sa.event.listen(vars(database)["_engine"], "connect", prepare)
    database.migrate()
    return database


def fill(database: Database, chosen: list[str], count: int, seed: int) -> None:
    """Write the parties, and so many rows of every list with their rights."""
    with database.writing() as connection:
        connection.execute(
            sa.insert(PROJECTION).values(
                only=1,
                chain_id="test-bench",
                height=count,
                time_ms=count,
                header_hash="00",
            ),
        )
        parties = [_row(rows.PartyRow, 0, number, seed) for number in range(PARTIES)]
        _insert(connection, rows.PartyRow, parties)
    for of, _ in (FILTERS[name] for name in chosen):
        for start in range(0, count, CHUNK):
            numbers = range(start, min(start + CHUNK, count))
            made = [_row(of.row_type, 1 + n // ROWS_A_HEIGHT, n, seed) for n in numbers]
            with database.writing() as connection:
                _insert(connection, of.row_type, made)
                _grant(connection, of, made, numbers, count)
    with database.writing() as connection:
        connection.exec_driver_sql("ANALYZE")


def _row(row_type: type[rows.Row], height: int, number: int, seed: int) -> rows.Row:
    """Return a synthetic row: ids are scattered, states mostly common, owners take turns."""
    draw = random.Random(f"{seed} {row_type.__name__} {number}")
    values: dict[str, Any] = {}
    for name, hint in _fields(row_type):
        if name == "height":
            values[name] = height
        elif name in ("position", "transaction_index"):
            values[name] = number % ROWS_A_HEIGHT
        elif hint is int:
            values[name] = draw.randrange(1, 1_000_000)
        elif hint is bool:
            values[name] = bool(number % 2)
        elif hint is str:
            is_key = name in KEY_OF[row_type]
            values[name] = f"{draw.getrandbits(160):040x}" if is_key else _text(name, number, draw)
        else:
            values[name] = ()
    if row_type is rows.PartyRow:
        kind = "member" if number == BANK else "participant"
        values |= {"party_id": party_text(number), "kind": kind}
    if row_type is rows.EventRow:
        values |= {"object_kind": Kind.LEAF, "object_id": f"leaf_{number // 20:032}"}
    return row_type(**values)


def _fields(row_type: type[rows.Row]) -> list[tuple[str, Any]]:
    return [(field.name, field.type) for field in msgspec.structs.fields(row_type)]


def _text(name: str, number: int, draw: random.Random) -> str:
    if name in WORDS:
        common, rare = WORDS[name]
        return rare if number % 1_000 == 0 else common
    if name in _OWNERS:
        return party_text(SOME + number % (PARTIES - 2))
    if name in ("bank_account", "invoice_root", "certificate_id") and number % 2:
        return f"{name}_{number % 100}"
    return f"{draw.getrandbits(160):040x}"


def _insert(
    connection: sa.Connection,
    row_type: type[rows.Row],
    made: list[rows.Row],
) -> None:
    records = [msgspec.structs.astuple(row) for row in made]
    if TEXT_LISTS[row_type]:
        records = [tuple(" ".join(v) if isinstance(v, tuple) else v for v in r) for r in records]
    bulk.insert(connection, TABLE_OF[row_type], row_type.__struct_fields__, records)


def _grant(
    connection: sa.Connection,
    of: RowList[Any],
    made: list[rows.Row],
    numbers: range,
    count: int,
) -> None:
    """Let the bank read everything, each of the hundred its share, and one ten rows."""
    objects: list[tuple[Any, ...]] = []
    entries: list[tuple[Any, ...]] = []
    few = max(count // 10, 1)
    for number, row in zip(numbers, made, strict=True):
        readers = [BANK, SOME + number % (PARTIES - 2)]
        if number % few == few // 2:
            readers.append(PARTIES - 1)
        for reader in dict.fromkeys(readers):
            name = party_text(reader)
            if of.access is lists.Access.ENTRY:
                place = getattr(row, "position", 0)
                entries.append((name, of.kind is Kind.TRANSFER, row.height, place))
            else:
                place = getattr(row, "transaction_index", 0)
                object_id = ".".join(str(getattr(row, field)) for field in of.id_fields)
                objects.append((name, of.kind, row.height, place, object_id, row.height))
    if objects:
        bulk.insert(connection, READERS, rows.ReaderRow.__struct_fields__, sorted(objects))
    if entries:
        fields = rows.EntryReaderRow.__struct_fields__
        bulk.insert(connection, ENTRY_READERS, fields, sorted(entries))


def measure(
    queries: Queries,
    chosen: list[str],
    count: int,
    seed: int,
    clock: Callable[[], float],
) -> Iterator[tuple[str, list[float]]]:
    """Yield each question by name, with the milliseconds of its pages."""
    readers = {"all": BANK, "1 in 100": SOME, "ten": PARTIES - 1}
    for name in chosen:
        of, filters = FILTERS[name]
        samples = [_row(of.row_type, 1, number, seed) for number in (1_000, 1_001)]
        for wanted in ({}, *({f: getattr(s, f)} for f in filters for s in samples)):
            for who, reader in readers.items():
                asked = {"role": "obligor"} if "obligor" in wanted else wanted
                question = _question(queries, name, reader, asked)
                label = ", ".join(f"{key}={value}"[:24] for key, value in asked.items())
                yield f"{name} | {who} | {label}", list(_pages(question, of, count, seed, clock))


def _question(
    queries: Queries,
    name: str,
    reader: int,
    wanted: dict[str, str],
) -> Callable[[str | None], rows.Page[Any]]:
    ask = getattr(queries, name)
    return lambda cursor: ask(party(reader), cursor=cursor, limit=50, **wanted)


def _pages(
    question: Callable[[str | None], rows.Page[Any]],
    of: RowList[Any],
    count: int,
    seed: int,
    clock: Callable[[], float],
) -> Iterator[float]:
    """Yield the milliseconds of first, middle and last pages, by a clock."""
    for number in (None, count // 2, count - 60):
        cursor = None
        if number is not None:
            row = _row(of.row_type, 1 + number // ROWS_A_HEIGHT, number, seed)
            cursor = encode_cursor(str(of.table.name), [getattr(row, f) for f in of.order])
        question(cursor)
        for _ in range(PAGES):
            begin = clock()
            page = question(cursor)
            yield (clock() - begin) * 1e3
            cursor = page.next_cursor or cursor


def run(
    chosen: list[str], count: int, seed: int, *, postgres: bool, in_cpu: bool
) -> dict[str, object]:
    """Measure everything; return the document."""
    VAR.mkdir(exist_ok=True)
    found: dict[str, object] = {
        "hardware": describe(),
        "rows_a_list": count,
        "lists": chosen,
        "limit": 50,
    }
    with tempfile.TemporaryDirectory(prefix="paging-", dir=VAR) as folder:
        for name, address in databases(Path(folder), postgres=postgres):
            database = open_database(address)
            fill(database, chosen, count, seed)
            clock = time.process_time if in_cpu and name == "sqlite" else time.perf_counter
            measured = list(measure(Queries(database), chosen, count, seed, clock))
            found[name] = {"clock": clock.__name__, **summary(measured)}
            database.close()
    stop_servers()
    return found


def summary(measured: list[tuple[str, list[float]]]) -> dict[str, object]:
    """Return the percentiles of all pages, and of the slowest questions."""
    everything = [ms for _, pages in measured for ms in pages]
    slowest = sorted(measured, key=lambda pair: percentile(pair[1], 95), reverse=True)
    return {
        "questions": len(measured),
        "pages": len(everything),
        "p50_ms": round(percentile(everything, 50), 2),
        "p95_ms": round(percentile(everything, 95), 2),
        "p99_ms": round(percentile(everything, 99), 2),
        "questions_whose_p95_is_over_50_ms": [
            name for name, pages in measured if percentile(pages, 95) > 50
        ],
        "slowest_p95_ms": {name: round(percentile(pages, 95), 2) for name, pages in slowest[:8]},
    }


def main() -> None:
    """Run and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lists", nargs="+", choices=sorted(FILTERS), default=list(FILTERS))
    parser.add_argument("--cpu", action="store_true", help="processor time, on a busy machine")
    parser.add_argument("--no-postgres", action="store_true")
    options = parser.parse_args()
    found = run(
        options.lists,
        options.rows,
        options.seed,
        postgres=not options.no_postgres,
        in_cpu=options.cpu,
    )
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
