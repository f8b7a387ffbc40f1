"""Many rows in one statement, past the machinery that builds statements row by row.

Rules this file keeps:
 1. Statements are made of names of the schema alone; values are always bound, or copied.
 2. What fails is named by the class of the driver's error, without a value or an address.

Source: SQLite, "Row Values" and "executemany" of PEP 249; PostgreSQL, COPY and unnest.
"""

import functools
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from xinlian.readmodels.errors import DatabaseFailed

Record = Sequence[Any]


def insert(
    connection: sa.Connection,
    table: sa.Table,
    fields: tuple[str, ...],
    records: Sequence[Record],
) -> None:
    """Insert records whose values are in the order of ``fields``; raises DatabaseFailed."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_insert_sql(table, fields), records)
        return
    driver_error: type[Exception] = connection.dialect.loaded_dbapi.Error
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(_copy_sql(table, fields)) as copy:
            for record in records:
                copy.write_row(record)
    except driver_error as error:
        raise DatabaseFailed(type(error).__name__) from None
    finally:
        cursor.close()


def update(
    connection: sa.Connection,
    table: sa.Table,
    fields: tuple[str, ...],
    key: tuple[str, ...],
    records: Sequence[Record],
) -> None:
    """Set ``fields`` of the rows with a key; records hold the values, then the key."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_update_sql(table, fields, key), records)
        return
    columns = tuple(map(list, zip(*records, strict=True)))
    connection.exec_driver_sql(_update_from_sql(table, fields, key), columns)


@functools.cache
def _insert_sql(table: sa.Table, fields: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(fields))
    return f'INSERT INTO "{table.name}" ({_names(fields)}) VALUES ({marks})'  # noqa: S608 - names of the schema


@functools.cache
def _copy_sql(table: sa.Table, fields: tuple[str, ...]) -> str:
    return f'COPY "{table.name}" ({_names(fields)}) FROM STDIN'


@functools.cache
def _update_sql(table: sa.Table, fields: tuple[str, ...], key: tuple[str, ...]) -> str:
    values = ", ".join(f'"{field}" = ?' for field in fields)
    matches = " AND ".join(f'"{field}" = ?' for field in key)
    return f'UPDATE "{table.name}" SET {values} WHERE {matches}'  # noqa: S608 - names of the schema


@functools.cache
def _update_from_sql(table: sa.Table, fields: tuple[str, ...], key: tuple[str, ...]) -> str:
    """Return the statement of PostgreSQL that takes one array a column."""
    everything = (*fields, *(f"key_{field}" for field in key))
    arrays = ", ".join(f"%s::{_array_type(table.c[field])}" for field in (*fields, *key))
    values = ", ".join(f'"{field}" = v."{field}"' for field in fields)
    matches = " AND ".join(f't."{field}" = v."key_{field}"' for field in key)
    return (
        f'UPDATE "{table.name}" AS t SET {values} '  # noqa: S608 - names of the schema
        f"FROM unnest({arrays}) AS v ({_names(everything)}) WHERE {matches}"
    )


def _array_type(column: sa.Column[Any]) -> str:
    if isinstance(column.type, sa.BigInteger):
        return "bigint[]"
    return "boolean[]" if isinstance(column.type, sa.Boolean) else "text[]"


def _names(fields: tuple[str, ...]) -> str:
    return ", ".join(f'"{field}"' for field in fields)
