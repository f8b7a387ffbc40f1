"""Addresses, migrations, transactions, and what an error tells."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from xinlian.readmodels import AddressInvalid, DatabaseFailed, SchemaUnknown
from xinlian.readmodels.database import _MIGRATIONS, Database
from xinlian.readmodels.tables import METADATA, PROJECTION


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """Return the address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'read.db'}"
    return request.getfixturevalue("empty_postgres_url")


@pytest.fixture
def database(address):
    database = Database(address)
    database.migrate()
    yield database
    database.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "not an address",
        "mysql://user:geheim@host/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "postgresql+asyncpg://user:geheim@host/db",
        "postgresql://user:geheim@host:port/db",
    ],
)
def test_an_address_that_cannot_work_is_refused_without_repeating_it(address):
    with pytest.raises(AddressInvalid) as refusal:
        Database(address)
    assert "geheim" not in str(refusal.value)
    assert refusal.value.next_step


def test_a_database_that_does_not_answer_is_named_without_its_password(tmp_path):
    database = Database(f"postgresql://user:geheim@/db?host={tmp_path}")
    with pytest.raises(DatabaseFailed) as failure, database.reading():
        pass
    text = f"{failure.value!r} {failure.value.__cause__!r}"
    assert "geheim" not in text
    assert str(tmp_path) not in text
    database.close()


def test_the_migrations_make_exactly_the_tables_of_the_models(database):
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
        constraints = {
            name: (
                sorted(sa.inspect(connection).get_pk_constraint(name)["constrained_columns"]),
                sorted(
                    (key["constrained_columns"][0], key["referred_table"])
                    for key in sa.inspect(connection).get_foreign_keys(name)
                ),
            )
            for name in METADATA.tables
        }
    assert constraints == {
        name: (
            sorted(column.name for column in table.primary_key.columns),
            sorted(
                (key.parent.name, key.column.table.name)
                for column in table.c
                for key in column.foreign_keys
            ),
        )
        for name, table in METADATA.tables.items()
    }


def test_migrating_again_changes_nothing(database):
    database.migrate()
    with database.reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM alembic_version")) == 1


def test_a_schema_of_a_later_release_is_refused_and_kept(database):
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaUnknown):
        database.migrate()
    with database.reading() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "9999"


def write_position(connection, height):
    connection.execute(
        sa.insert(PROJECTION).values(
            only=1, chain_id="test-x", height=height, time_ms=1, header_hash="00"
        )
    )


def test_a_failed_transaction_leaves_nothing(database):
    def fail_midway():
        with database.writing() as connection:
            write_position(connection, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_midway()
    with database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(PROJECTION)) == 0


def test_a_reader_sees_one_moment_while_a_writer_goes_on(database):
    height = sa.select(PROJECTION.c.height)
    with database.writing() as connection:
        write_position(connection, 1)
    with database.reading() as reader:
        assert reader.scalar(height) == 1
        with database.writing() as writer:
            writer.execute(sa.update(PROJECTION).values(height=2))
        assert reader.scalar(height) == 1
    with database.reading() as reader:
        assert reader.scalar(height) == 2


def test_a_refused_statement_is_named_without_its_values(database):
    with database.writing() as connection:
        write_position(connection, 1)
    with pytest.raises(DatabaseFailed) as failure, database.writing() as connection:
        write_position(connection, 8_888_888)
    assert "8888888" not in repr(failure.value)
    assert "projection" not in repr(failure.value)


def test_sqlite_keeps_foreign_keys_and_a_write_ahead_log(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'read.db'}")
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
    database.close()


def test_postgresql_refuses_to_write_while_reading(empty_postgres_url):
    database = Database(empty_postgres_url)
    database.migrate()
    with pytest.raises(DatabaseFailed), database.reading() as connection:
        write_position(connection, 1)
    database.close()


def migrate_to(database, target):
    """Bring an empty database to the schema of an earlier release."""
    with database.writing() as connection:
        script = ScriptDirectory(str(_MIGRATIONS))
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for revision in reversed(list(script.iterate_revisions(target, None))):
                revision.module.upgrade()
                context.stamp(script, revision.revision)


def test_rows_of_an_earlier_schema_are_dropped_so_that_all_is_projected_again(address):
    database = Database(address)
    migrate_to(database, "0003")
    with database.writing() as connection:
        write_position(connection, 7)
        connection.execute(
            sa.text("INSERT INTO parties VALUES ('p', 'member', 'active', '', 'u', 'n', 1, 1, 1)")
        )
        connection.execute(
            sa.text("INSERT INTO keys VALUES ('k', 'p', 's', 'x', 'finance-1', 'active', 1, 1, 1)")
        )
        connection.execute(sa.text("INSERT INTO readers VALUES ('party', 'p', 'members', 1)"))
    database.migrate()
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        counts = {
            name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for name, table in METADATA.tables.items()
        }
    assert set(counts.values()) == {0}
    database.close()
