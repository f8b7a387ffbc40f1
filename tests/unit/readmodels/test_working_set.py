"""What was added or changed is seen at once, written in one go, and rights are given once."""

import msgspec
import pytest
import sqlalchemy as sa

from xinlian.primitives import InvariantViolation
from xinlian.readmodels.database import Database
from xinlian.readmodels.rows import (
    AccountRow,
    DocumentRow,
    EntryReaderRow,
    EventRow,
    FactRow,
    InvoiceRow,
    IssueLineRow,
    ReaderRow,
)
from xinlian.readmodels.tables import KEY_OF, TABLE_OF
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
    stop_lifts_at_ms=0,
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


def records(database, row_type):
    """Return what is stored of the rights, ascending by key, as the fields of their type."""
    table = TABLE_OF[row_type]
    columns = [table.c[field] for field in row_type.__struct_fields__]
    query = sa.select(*columns).order_by(*table.primary_key.columns)
    with database.reading() as connection:
        return [tuple(record) for record in connection.execute(query)]


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
            rows.flush()
    assert records(database, ReaderRow) == [("party_x", "invoice", -1, 0, "ff", 3)]


def test_a_right_that_was_there_before_its_object_gets_the_height_of_the_object(database):
    for height, is_born in ((3, False), (5, True)):
        with database.writing() as connection:
            rows = WorkingSet(connection)
            rows.height = height
            rows.grant("invoice", "ff", [f"party_{height}"])
            if is_born:
                rows.add(invoice(height))
            rows.grant("invoice", "ff", ["party_z"])
            rows.flush()
    assert records(database, ReaderRow) == [
        ("party_3", "invoice", 5, 0, "ff", 3),
        ("party_5", "invoice", 5, 0, "ff", 5),
        ("party_z", "invoice", 5, 0, "ff", 3),
    ]


@pytest.mark.parametrize("is_flushed", [False, True])
def test_a_new_reader_of_an_object_reads_its_past_events_and_those_to_come(database, is_flushed):
    with database.writing() as connection:
        rows = WorkingSet(connection)
        rows.height = 5
        rows.add(invoice(5))
        rows.note_event("invoice", "ff", 1)
        rows.log(event(5, 1))
        if is_flushed:
            rows.flush()
            rows.memory.forget()
            rows.height = 6
        rows.grant("invoice", "ff", ["party_x"])
        rows.note_event("invoice", "ff", 2)
        rows.flush()
    assert records(database, EntryReaderRow) == [
        ("party_x", False, 5, 1),
        ("party_x", False, 6 if is_flushed else 5, 2),
    ]


def test_rows_that_are_found_together_are_those_of_the_database_and_of_this_transaction(database):
    facts = [fact(1, "ff.1"), fact(2, "ff.2"), fact(2, "ff.3")]
    with database.writing() as connection:
        rows = WorkingSet(connection)
        rows.add(document())
        rows.add(facts[0])
        rows.flush()
    with database.writing() as connection:
        rows = WorkingSet(connection)
        rows.height = 9
        rows.add(facts[1])
        changed = rows.change(rows.require(FactRow, "ff.1"), grade="A")
        assert rows.find(FactRow, subject="ff") == [changed, facts[1]]
        rows.add(facts[2])
        assert rows.find(FactRow, subject="ff") == [changed, *facts[1:]]
        assert rows.find(FactRow, subject="ff", grade="A") == [changed]


def test_many_rows_are_looked_up_at_once(database):
    with database.writing() as connection:
        rows = WorkingSet(connection)
        for number in range(3):
            rows.add(msgspec.structs.replace(LINE, obligor=f"party_{number}"))
        rows.flush()
    with database.reading() as connection:
        rows = WorkingSet(connection)
        rows.fetch(IssueLineRow, ["party_0", "party_2", "party_9"])
        assert sorted(rows.memory.rows[IssueLineRow]) == [("party_0",), ("party_2",)]


def invoice(height):
    return InvoiceRow(
        height=height,
        time_ms=1,
        changed_height=height,
        root="ff",
        seller="party_a",
        buyer="party_b",
        currency="CNY",
        gross_minor=1,
        occupied_minor=0,
        paid_minor=0,
    )


def event(height, position):
    return EventRow(
        height=height,
        time_ms=1,
        position=position,
        transaction_id="",
        call_index=0,
        event_type="supply_chain.InvoiceRegistered",
        object_kind="invoice",
        object_id="ff",
        data_json="{}",
    )


def document():
    return DocumentRow(
        height=1,
        time_ms=1,
        changed_height=1,
        root="d",
        owner="party_a",
        schema="contract",
        schema_version=1,
        countersigners=("party_b", "party_c"),
    )


def fact(height, fact_id):
    return FactRow(
        height=height,
        time_ms=1,
        changed_height=height,
        fact_id=fact_id,
        subject="ff",
        document_root="d",
        kind="contract",
        flow="contract",
        grade="C",
        signer="party_a",
    )


def test_every_key_field_is_a_field():
    for row_type, key in KEY_OF.items():
        assert set(key) <= set(row_type.__struct_fields__)
    assert KEY_OF[AccountRow] == ("account_id",)
