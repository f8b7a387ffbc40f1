"""Answers with their heights, streams, transactions and blocks."""

import pytest

from unit.readmodels.stories import sqlite_address
from xinlian.readmodels import DatabaseFailed
from xinlian.readmodels.database import Database
from xinlian.readmodels.queries import Queries


def test_an_answer_carries_the_height_and_time_it_was_read_at(paid):
    reader = paid.told.party("core")
    height, now = paid.model.height, paid.told.consortium.now_ms()
    page = paid.model.certificates(reader)
    found = paid.model.certificate(reader, paid.told.text("cert", "certificate"))
    assert (page.height, page.time_ms) == (found.height, found.time_ms) == (height, now)
    assert found.row in page.rows


def test_a_stream_resumes_behind_the_last_position_without_gap_or_repetition(paid):
    reader, after, seen = paid.told.party("core"), None, []
    while True:
        rows = paid.model.events(reader, after=after, limit=4).rows
        if not rows:
            break
        seen += rows
        after = (rows[-1].height, rows[-1].position)
    assert seen == sorted(seen, key=lambda row: (row.height, row.position))
    whole, cursor = [], None
    while True:
        page = paid.model.events(reader, cursor=cursor, limit=50)
        whole += page.rows
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == whole


def test_events_are_found_by_their_object_and_by_their_transaction(paid):
    reader, leaf = paid.told.party("core"), paid.told.text("leaf", "rest")
    types = [row.event_type for row in paid.model.events(reader, object_id=leaf).rows]
    assert types[0] == "supply_chain.LeafCreated"
    assert "supply_chain.LeafDischarged" in types
    batch = paid.told.ids["batch"].hex()
    rows = paid.model.events(paid.told.party("supplier1"), transaction_id=batch).rows
    assert [(row.event_type, row.call_index) for row in rows] == [
        ("accounts.TransferPosted", 0),
        ("accounts.TransferPosted", 1),
    ]


def test_a_refused_transaction_is_listed_with_its_refusal(paid):
    reader = paid.told.party("supplier1")
    found = paid.model.transaction(reader, paid.told.ids["refused"].hex()).row
    assert (found.codespace, found.code, found.failed_call) == ("supply_chain", 17, 0)
    assert found.first_message == "supply_chain.RequestFinance"
    assert paid.model.events(reader, transaction_id=found.transaction_id).rows == ()


def test_the_calls_of_a_transaction_are_in_their_order(paid):
    reader, batch = paid.told.party("supplier1"), paid.told.ids["batch"].hex()
    transaction = paid.model.transaction(reader, batch).row
    messages = paid.model.messages(reader, batch).rows
    assert transaction.call_count == 2
    assert [(row.call_index, row.call_count) for row in messages] == [(0, 2)]
    assert {row.message_type for row in messages} == {"accounts.Transfer"}
    assert {row.acting_for for row in messages} == {paid.told.party_text("supplier1")}


def test_blocks_are_open_to_everybody_and_form_a_chain(paid):
    page = paid.model.blocks(limit=200)
    assert [row.height for row in page.rows] == list(range(page.height + 1))
    for before, block in zip(page.rows, page.rows[1:], strict=False):
        assert block.previous_hash == before.header_hash
    assert paid.model.block(3).row == page.rows[3]
    assert paid.model.blocks(limit=1, newest_first=True).rows[0].height == page.height
    assert all(row.simulated for row in page.rows)


def test_before_anything_was_projected_no_answer_is_made_up(tmp_path):
    database = Database(sqlite_address(tmp_path))
    database.migrate()
    with pytest.raises(DatabaseFailed):
        Queries(database).blocks()
    database.close()
