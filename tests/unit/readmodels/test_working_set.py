"""What was added or changed is seen at once, written in one go, and rights are given once."""

import msgspec
import pytest

from xinlian.primitives import InvariantViolation
from xinlian.readmodels.database import Database
from xinlian.readmodels.rows import AccountRow, InvoiceRow, IssueLineRow
from xinlian.readmodels.tables import KEY_OF
from xinlian.readmodels.working_set import WorkingSet

LINE = IssueLineRow(
    height=1,
    time_ms=2,
    changed_height=1,
    obligor="party_x",
    limit_minor=100,
    used_minor=0,
    overdue_certificates=0,
    is_stopped=False,
)


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'read.db'}")
    database.migrate()
    yield database
    database.close()


def stored(database):
    with database.reading() as connection:
        return WorkingSet(connection).find(IssueLineRow)


def test_a_row_is_seen_before_it_is_written_and_is_written_by_flush(database):
    with database.writing() as connection:
        rows = WorkingSet(connection)
        rows.add(LINE)
        assert rows.get(IssueLineRow, "party_x") == LINE
        rows.flush()
    assert stored(database) == [LINE]


def test_without_flush_nothing_is_written(database):
    with database.writing() as connection:
        WorkingSet(connection).add(LINE)
    assert stored(database) == []


def test_a_changed_row_carries_the_height_of_its_change(database):
    with database.writing() as connection:
        rows = WorkingSet(connection)
        rows.add(LINE)
        rows.flush()
        rows.height = 7
        rows.change(LINE, used_minor=5)
        rows.flush()
    assert stored(database) == [msgspec.structs.replace(LINE, used_minor=5, changed_height=7)]


def test_a_row_that_is_added_and_changed_is_written_once_with_its_last_values(database):
    with database.writing() as connection:
        rows = WorkingSet(connection)
        rows.add(LINE)
        rows.change(LINE, used_minor=5)
        rows.change(rows.require(IssueLineRow, "party_x"), is_stopped=True)
        assert rows.find(IssueLineRow, is_stopped=True)[0].used_minor == 5
    (found,) = stored(database)
    assert (found.used_minor, found.is_stopped) == (5, True)


def test_a_row_that_must_exist_and_does_not_is_our_own_fault(database):
    with database.reading() as connection, pytest.raises(InvariantViolation) as broken:
        WorkingSet(connection).require(InvoiceRow, "ff")
    assert broken.value.invariant == "row_exists"


def test_rights_are_given_once_and_keep_their_first_height(database):
    for height in (3, 9):
        with database.writing() as connection:
            rows = WorkingSet(connection)
            rows.height = height
            rows.grant("invoice", "ff", ["party_x", "", "party_x"])
            assert rows.readers_of("invoice", "ff") == ["party_x"]
    with database.reading() as connection:
        records = connection.exec_driver_sql("SELECT * FROM readers").all()
    assert [tuple(record) for record in records] == [("invoice", "ff", "party_x", 3)]


def test_every_key_field_is_a_field():
    for row_type, key in KEY_OF.items():
        assert set(key) <= set(row_type.__struct_fields__)
    assert KEY_OF[AccountRow] == ("account_id",)
