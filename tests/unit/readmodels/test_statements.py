"""Statements add up, and balances of the past are those the state had then."""

import pytest

from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.ledger.pruning import prune
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.primitives import format_id
from xinlian.readmodels import CursorInvalid, HeightUnknown
from xinlian.readmodels.errors import HistoryMissing, PeriodUnknown
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium


def signed_sum(postings):
    return sum(row.amount_minor if row.is_debit else -row.amount_minor for row in postings)


def test_opening_and_postings_give_the_closing_balance_in_any_range(paid):
    height = paid.model.height
    for name in ("core", "bank", "supplier1"):
        reader = paid.told.party(name)
        account = format_id("account", paid.told.consortium.account(name))
        for first, last in ((0, height), (0, 0), (1, 1), (20, height), (0, height // 2), (5, 40)):
            statement = paid.model.statement(
                reader, account, from_height=first, to_height=last, limit=200
            )
            assert statement.next_cursor is None
            assert all(first <= row.height <= last for row in statement.postings)
            total = statement.opening_minor + signed_sum(statement.postings)
            assert total == statement.closing_minor
        whole = paid.model.statement(reader, account, limit=200)
        assert whole.closing_minor == paid.told.consortium.balance_minor(name)
        assert whole.closing_minor == whole.account.balance_minor
        assert whole.opening_minor == whole.account.opening_minor


def test_a_statement_goes_on_behind_its_cursor(paid):
    reader = paid.told.party("supplier1")
    account = format_id("account", paid.told.consortium.account("supplier1"))
    whole = paid.model.statement(reader, account, limit=200).postings
    assert len(whole) > 2
    found, cursor = [], None
    while True:
        part = paid.model.statement(reader, account, cursor=cursor, limit=2)
        found += part.postings
        cursor = part.next_cursor
        if cursor is None:
            break
    assert tuple(found) == whole


@pytest.mark.parametrize(("first", "last"), [(-1, 1), (5, 4), (0, 10**9), (10**40, 10**40)])
def test_a_range_that_was_not_projected_is_refused(paid, first, last):
    account = format_id("account", paid.told.consortium.account("core"))
    with pytest.raises(HeightUnknown):
        paid.model.statement(paid.told.party("core"), account, from_height=first, to_height=last)


@pytest.mark.parametrize("height", [-1, 10**9, 10**40])
def test_balances_of_a_height_that_was_not_projected_are_refused(paid, height):
    with pytest.raises(HeightUnknown):
        paid.model.balances(paid.told.party("core"), height)


def test_balances_as_of_a_height_are_those_that_the_state_had_at_it(tmp_path):
    """The state is read after each block, while it is the last one."""
    told = Told(Consortium())
    consortium = told.consortium
    accounts = {name: consortium.account(name) for name in ("core", "bank", "supplier1")}
    history = []
    for amount, giver, receiver in (
        (11, "core", "bank"),
        (7, "bank", "supplier1"),
        (5, "supplier1", "core"),
    ):
        told.send(giver, Transfer(accounts[giver], accounts[receiver], amount))
        with told.state() as state:
            history.append(
                {
                    format_id("account", parts[0]): found.balance_minor
                    for parts, found in ACCOUNTS.scan(state)
                }
            )
    model = open_model(sqlite_address(tmp_path), consortium)
    model.project(told.store)
    for height, expected in enumerate(history, 1):
        page = model.balances(told.party("settle"), height)
        assert {row.account_id: row.balance_minor for row in page.rows} == expected
        assert {row.as_of_height for row in page.rows} == {height}
    model.close()
    consortium.close()


def test_an_account_that_was_opened_later_had_no_balance(paid):
    reader = paid.told.party("core")
    claims = paid.model.accounts(reader, asset_kind="claim").rows
    opened_at = min(row.height for row in claims)
    before = {row.account_id for row in paid.model.balances(reader, opened_at - 1).rows}
    after = {row.account_id for row in paid.model.balances(reader, opened_at).rows}
    first = {row.account_id for row in claims if row.height == opened_at}
    assert first
    assert first & before == set()
    assert first <= after


def test_pages_of_balances_give_every_account_once(paid):
    reader, height = paid.told.party("settle"), paid.model.height
    whole = paid.model.balances(reader, height, limit=200).rows
    found, cursor = [], None
    while True:
        page = paid.model.balances(reader, height, cursor=cursor, limit=1)
        found += page.rows
        cursor = page.next_cursor
        if cursor is None:
            break
    assert tuple(found) == whole
    with pytest.raises(CursorInvalid):
        paid.model.balances(reader, height, cursor="x")


@pytest.fixture(scope="module")
def restored(tmp_path_factory):
    """Give (what was told, a model of every block, one that begins with the state of the head)."""
    store = MemoryStore(history_heights=4)
    told = Told(Consortium(store))
    consortium = told.consortium
    accounts = {name: consortium.account(name) for name in ("core", "bank")}
    for _ in range(3):
        told.send("core", Transfer(accounts["core"], accounts["bank"], 5))
    folder = tmp_path_factory.mktemp("restored")
    full = open_model(sqlite_address(folder, "full.db"), consortium)
    full.project(told.store)
    list(prune(store, consortium.node.head().header.height))
    begun = open_model(sqlite_address(folder, "begun.db"), consortium)
    begun.project(told.store)
    yield told, full, begun
    full.close()
    begun.close()
    consortium.close()


def test_a_restored_node_gives_a_statement_from_where_its_history_begins(restored):
    told, full, begun = restored
    reader, consortium = told.party("core"), told.consortium
    account = format_id("account", consortium.account("core"))
    since = begun.since_height
    quiet = begun.statement(reader, account)
    assert quiet.postings == ()
    assert (quiet.opening_height, quiet.since_height, quiet.to_height) == (since, since, since)
    assert quiet.opening_minor == quiet.closing_minor == consortium.balance_minor("core")
    assert begun.statement(reader, account, period="2026-11") == quiet
    told.send("core", Transfer(consortium.account("core"), consortium.account("bank"), 7))
    for model in (full, begun):
        model.project(told.store)
    whole, part = full.statement(reader, account), begun.statement(reader, account)
    assert (whole.from_height, whole.opening_height, whole.since_height) == (0, 0, 0)
    assert (part.from_height, part.opening_height, part.since_height) == (since + 1, since, since)
    assert [row.amount_minor for row in part.postings] == [7]
    assert part.opening_minor - 7 == part.closing_minor == whole.closing_minor
    assert begun.statement(reader, account, period="2026-11").postings == part.postings
    with pytest.raises(HeightUnknown, match=f"{since + 1} to"):
        begun.statement(reader, account, from_height=0)
    with pytest.raises(HistoryMissing, match=f"height {since}"):
        begun.statement(reader, account, period="2026-10")


def test_a_statement_of_a_period_has_its_heights_and_never_both(paid):
    account = format_id("account", paid.told.consortium.account("core"))
    reader = paid.told.party("core")
    november = paid.model.statement(reader, account, period="2026-11", limit=200)
    assert november.from_height == november.opening_height == 0
    total = november.opening_minor + signed_sum(november.postings)
    assert total == november.closing_minor
    later = paid.model.statement(reader, account, period="2026-12", limit=200)
    assert later.opening_height == november.to_height
    assert later.opening_minor == november.closing_minor
    with pytest.raises(HeightUnknown, match="begins after"):
        paid.model.statement(reader, account, period="2026-10")
    for wrong in ({"period": "soon"}, {"period": "2026-11", "to_height": 3}):
        with pytest.raises(PeriodUnknown):
            paid.model.statement(reader, account, **wrong)
