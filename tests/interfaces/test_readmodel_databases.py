"""The same chain gives the same rows on SQLite and on PostgreSQL, and the same answers."""

import threading

import pytest

from unit.readmodels.stories import NEWCOMER, open_model, sqlite_address, tell_late, tell_paid
from xinlian.modules.accounts.messages import Transfer
from xinlian.readmodels import OtherChain, Projector


@pytest.fixture(scope="module", params=[tell_paid, tell_late])
def told(request):
    told = request.param()
    yield told
    told.consortium.close()


def test_both_databases_hold_the_same_rows(told, empty_postgres_url, tmp_path):
    lite = open_model(sqlite_address(tmp_path), told.consortium)
    post = open_model(empty_postgres_url, told.consortium)
    assert lite.project(told.store) == post.project(told.store)
    rows = lite.dump()
    assert rows == post.dump()
    empty = {name for name in rows if not rows[name]}
    assert empty <= may_be_empty(rows), empty
    lite.close()
    post.close()


def may_be_empty(rows) -> set[str]:
    """Return the tables of which one of the two stories, or both, have no rows."""
    of_one_story = {"late_interest", "encumbrances", "pending_transfers"}
    of_one_story |= {"bank_statements", "period_closes"}
    of_the_council = {"proposals", "official_roles", "votes"}  # told by the stories of governance
    of_the_council |= {"validators"}
    of_consents = {"consents", "consent_reads"}  # told by tests/unit/readmodels/projection
    of_one_story |= {"devices", "watches"}  # likewise
    of_one_story |= {"credit_records", "credit_inquiries", "credit_objections"}
    of_one_story |= {"finance_calls", "finance_offers"}
    # told by tests/unit/readmodels/projection
    of_one_story |= {"freezes", "disputes", "guarantees"}
    return (of_one_story | of_the_council | of_consents) & set(rows)


def test_block_by_block_and_in_one_go_give_the_same_rows(told, tmp_path):
    slow = open_model(sqlite_address(tmp_path, "slow.db"), told.consortium)
    fast = open_model(sqlite_address(tmp_path, "fast.db"), told.consortium)
    height = fast.project(told.store)
    for next_height in range(height + 1):
        assert slow.project(told.store, up_to=next_height) == next_height
        assert slow.height == next_height
    assert slow.dump() == fast.dump()
    slow.close()
    fast.close()


def test_both_databases_give_the_same_pages(told, empty_postgres_url, tmp_path):
    models = [
        open_model(address, told.consortium)
        for address in (sqlite_address(tmp_path), empty_postgres_url)
    ]
    for model in models:
        model.project(told.store)
    for name in (*told.consortium.organisations, NEWCOMER):
        reader = told.party(name)
        for question in ("events", "transfers", "leaves", "accounts", "transactions", "parties"):
            lite, post = (pages(getattr(model, question), reader) for model in models)
            assert lite == post
    for model in models:
        model.close()


def pages(question, reader):
    """Return all pages of three rows of a list, with their cursors."""
    found, cursor = [], None
    while True:
        page = question(reader, cursor=cursor, limit=3)
        found.append(page)
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_two_projectors_of_one_database_repeat_nothing(told, empty_postgres_url, tmp_path):
    models = [open_model(empty_postgres_url, told.consortium) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda m=model: m.project(told.store, up_to=20)) for model in models
    ]
    models[0].project(told.store, up_to=0)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    single = open_model(sqlite_address(tmp_path), told.consortium)
    single.project(told.store, up_to=20)
    assert models[1].dump() == single.dump()
    for model in (*models, single):
        model.close()


def test_rows_of_another_chain_are_refused_and_kept(told, tmp_path):
    other = tell_late() if "batch" in told.ids else tell_paid()
    address = sqlite_address(tmp_path)
    model = open_model(address, told.consortium)
    model.project(told.store, up_to=10)
    before = model.dump()
    with pytest.raises(OtherChain):
        model.project(other.store)
    assert model.dump() == before
    model.close()
    other.consortium.close()


def test_a_projector_keeps_up_with_a_running_chain(empty_postgres_url):
    told = tell_paid()
    model = open_model(empty_postgres_url, told.consortium)
    projector = Projector(model, told.store)
    told.consortium.engine.on_commit(projector.notify)
    assert projector.wait_for(told.consortium.engine.height(), 30)
    reader = told.party("core")
    before = model.transactions(reader, newest_first=True).rows[0].height
    accounts = told.consortium.account("core"), told.consortium.account("bank")
    signed = told.send("core", Transfer(*accounts, 5))
    assert projector.wait_for(told.consortium.engine.height(), 30)
    newest = model.transactions(reader, newest_first=True).rows[0]
    assert newest.transaction_id == signed.transaction_id.hex()
    assert newest.height > before
    assert projector.failure == ""
    projector.close()
    model.close()
    told.consortium.close()
