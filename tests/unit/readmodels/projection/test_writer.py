"""Rows bring their rights with them, and only changes that may give a right look again."""

import pytest

from xinlian.readmodels.database import Database
from xinlian.readmodels.projection.writer import Writer
from xinlian.readmodels.rows import AssetRow, DocumentRow


@pytest.fixture
def writer(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'read.db'}")
    database.migrate()
    with database.writing() as connection:
        writer = Writer(connection)
        writer.height, writer.time_ms = 4, 40
        yield writer
    database.close()


def document(writer):
    row = DocumentRow(
        **writer.born_changing(),
        root="ff",
        owner="party_a",
        schema="invoice",
        schema_version=1,
        countersigners=(),
    )
    writer.add(row)
    return row


def test_a_new_row_gives_its_rights(writer):
    document(writer)
    assert writer.readers_of("document", "ff") == ["party_a"]


def test_a_change_of_the_parties_gives_further_rights(writer):
    changed = writer.change(document(writer), countersigners=("party_b",))
    assert writer.readers_of("document", "ff") == ["party_a", "party_b"]
    assert changed.changed_height == 4


def test_a_row_arises_where_the_writer_stands(writer):
    row = document(writer)
    assert (row.height, row.time_ms, row.changed_height) == (4, 40, 4)
    assert writer.born() == {"height": 4, "time_ms": 40}


def test_a_row_without_a_rule_gives_no_right(writer):
    writer.add(
        AssetRow(
            **writer.born(),
            asset_id="asset_x",
            kind="deposit",
            issuer="party_a",
            currency="CNY",
            scale=2,
        )
    )
    writer.flush()
    assert writer._connection.exec_driver_sql("SELECT count(*) FROM readers").scalar() == 0
