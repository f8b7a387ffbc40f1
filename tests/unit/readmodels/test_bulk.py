"""Many rows at once, on both databases, and failures that tell no value."""

import pytest
import sqlalchemy as sa

from xinlian.readmodels import DatabaseFailed, bulk
from xinlian.readmodels.database import Database
from xinlian.readmodels.tables import READERS

FIELDS = ("party_id", "object_kind", "born_height", "place", "object_id", "height")
NASTY = "tab\t newline\n backslash \\ quote ' 名 \\N"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    is_sqlite = request.param == "sqlite"
    address = f"sqlite:///{tmp_path / 'x.db'}" if is_sqlite else None
    database = Database(address or request.getfixturevalue("empty_postgres_url"))
    database.migrate()
    yield database
    database.close()


def stored(database):
    with database.reading() as connection:
        columns = [READERS.c[field] for field in FIELDS]
        return [tuple(r) for r in connection.execute(sa.select(*columns).order_by(*columns))]


def test_records_are_inserted_as_they_are(database):
    records = [("a", "k", 1, 0, NASTY, 2**62), ("b", "k", -1, 0, "", 0)]
    with database.writing() as connection:
        bulk.insert(connection, READERS, FIELDS, records)
    assert stored(database) == records


def test_fields_of_many_rows_are_changed_by_their_key(database):
    records = [(f"party_{n}", "k", -1, 0, NASTY, n) for n in range(3)]
    with database.writing() as connection:
        bulk.insert(connection, READERS, FIELDS, records)
        changes = [(7, 70, "party_0", NASTY), (8, 80, "party_2", NASTY)]
        fields, key = ("born_height", "height"), ("party_id", "object_id")
        bulk.update(connection, READERS, fields, key, changes)
    assert stored(database) == [
        ("party_0", "k", 7, 0, NASTY, 70),
        ("party_1", "k", -1, 0, NASTY, 1),
        ("party_2", "k", 8, 0, NASTY, 80),
    ]


def test_a_record_that_is_refused_is_not_told(database):
    records = [("geheim", "k", 1, 0, "x", 1)] * 2
    with pytest.raises(DatabaseFailed) as failure, database.writing() as connection:
        bulk.insert(connection, READERS, FIELDS, records)
    assert "geheim" not in repr(failure.value)
    assert failure.value.__cause__ is None
    assert stored(database) == []
