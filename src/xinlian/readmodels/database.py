"""The database behind the read model: SQLite by default, PostgreSQL by its address.

Rules this file keeps:
 1. A reader sees one moment: every question is one read-only transaction on a snapshot.
 2. A writer holds the database alone (SQLite) or the row of ``projection`` (PostgreSQL).
 3. An address is never logged, nor a value of a statement: errors carry their kind alone.
 4. A commit is atomic, and after a power failure the last ones may be missing: the height that is
    written with the rows is missing with them, and they are projected again.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from xinlian.readmodels.errors import AddressInvalid, DatabaseFailed, SchemaUnknown

BUSY_TIMEOUT_MS: Final = 30_000
CACHE_KIB: Final = 32 * 1024
"""What a connection of SQLite may hold in memory; only what it touched is held."""
CHECKPOINT_PAGES: Final = 8_000
"""The write-ahead log is moved into the file each 32 MB: fewer pages are written twice."""
_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_DRIVERS: Final = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_FILE_MODE: Final = 0o600
"""Everything that any party may read is in the file."""
_WRITES: Final = "xinlian_writes"
_MIGRATION_LOCK: Final = 0x78696E6C
"""Held while a PostgreSQL schema is migrated, so that two nodes do not do it at once."""


class Database:
    """One database of one read model; safe to use from many threads."""

    def __init__(self, address: str) -> None:
        url = _checked(address)
        self._is_sqlite = url.get_backend_name() == "sqlite"
        try:
            self._engine = sa.create_engine(url, hide_parameters=True, pool_pre_ping=True)
        except ImportError:
            raise AddressInvalid("the driver is missing: install xinlian[postgresql]") from None
        if self._is_sqlite:
            _make_private(url.database or "")
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)
            self._reader = self._engine
        else:
            self._reader = self._engine.execution_options(
                isolation_level="REPEATABLE READ",
                postgresql_readonly=True,
            )
        self._writer = self._engine.execution_options(**{_WRITES: True})

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one moment; raises DatabaseFailed."""
        with _translated(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection whose writes are kept all or not at all; raises DatabaseFailed."""
        with _translated(), self._writer.connect() as connection, connection.begin():
            yield connection

    def migrate(self) -> None:
        """Bring the schema to that of this release.

        Raises:
            SchemaUnknown: a later release wrote it.
            DatabaseFailed: the database does not answer, or refuses.
        """
        with self.writing() as connection:
            if not self._is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            _upgrade(connection)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def hold_lightly(connection: sa.Connection) -> None:
    """Let a transaction that can be made again return before PostgreSQL has synced it."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")


def _checked(address: str) -> sa.URL:
    """Return the address with its driver, without ever repeating it in an error."""
    try:
        url = sa.make_url(address)
    except (sa.exc.ArgumentError, ValueError):
        raise AddressInvalid("it is not a database address") from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise AddressInvalid("neither SQLite nor PostgreSQL")
    in_memory = url.database in (None, "", ":memory:") or "mode" in url.query
    if driver == "sqlite" and in_memory:
        raise AddressInvalid("SQLite needs a file: readers and the projector share it")
    return url.set(drivername=driver)


def _make_private(file: str) -> None:
    """Make a file of SQLite that only its owner may read; its journals have the same mode."""
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, _FILE_MODE))
    except OSError as error:
        raise DatabaseFailed(f"the file of SQLite cannot be opened: {error.strerror}") from None


def _prepare_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    """Take transactions into our own hands and set what SQLite leaves off."""
    del record
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError("not a connection of SQLite")
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Name what went wrong without the statement, its values or the address."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise DatabaseFailed(type(cause).__name__) from None


def _upgrade(connection: sa.Connection) -> None:
    script = ScriptDirectory(str(_MIGRATIONS))
    context = MigrationContext.configure(connection)
    try:
        revisions = list(script.iterate_revisions("head", context.get_current_revision()))
    except RevisionError:
        raise SchemaUnknown("its revision is not known here") from None
    with Operations.context(context):
        for revision in reversed(revisions):
            revision.module.upgrade()
            context.stamp(script, revision.revision)
