"""Rows from a state whose blocks are not here, held against a model that saw every block."""

import pytest

from unit.readmodels.stories import Told, open_model, sqlite_address, tell_late, tell_paid
from xinlian.ledger.pruning import prune
from xinlian.modules.accounts.messages import Transfer
from xinlian.readmodels import HeightUnknown
from xinlian.readmodels.errors import HistoryMissing
from xinlian.readmodels.tables import METADATA
from xinlian.storage import MemoryStore

WHOLE = {
    "parties",
    "keys",
    "assets",
    "bank_accounts",
    "policy_versions",
    "issue_lines",
    "documents",
    "facts",
    "verdicts",
    "invoices",
    "certificates",
    "leaves",
    "encumbrances",
    "obligations",
    "payment_orders",
    "accounts",
    "pending_transfers",
    "bank_statements",
    "period_closes",
    "votes",
}
"""Tables of which every row is in the state."""
BORN = {"height", "born_height", "time_ms", "changed_height", "opening_minor", "transaction_id"}
"""Columns that say when something arose, which the state does not tell."""


@pytest.fixture(scope="module", params=[tell_paid, tell_late])
def told(request):
    told: Told = request.param(MemoryStore(history_heights=4))
    yield told
    told.consortium.close()


@pytest.fixture(scope="module")
def models(told, tmp_path_factory):
    """(a model of every block, a model that began with the state of the head)."""
    folder = tmp_path_factory.mktemp("models")
    full = open_model(sqlite_address(folder, "full.db"), told.consortium)
    full.project(told.store)
    head = told.consortium.node.head().header.height
    list(prune(told.store, head))
    begun = open_model(sqlite_address(folder, "begun.db"), told.consortium)
    assert begun.project(told.store) == full.height == head
    yield full, begun
    full.close()
    begun.close()


def comparable(model, name):
    columns = [column.name for column in METADATA.tables[name].columns]
    compared = [at for at, column in enumerate(columns) if column not in BORN]
    return {tuple(row[at] for at in compared) for row in model.dump()[name]}


def test_every_row_that_a_state_holds_is_the_one_that_the_blocks_gave(models):
    full, begun = models
    assert set(METADATA.tables) >= WHOLE
    for name in sorted(WHOLE):
        assert comparable(begun, name) == comparable(full, name), name
    for name in ("reservations", "transfer_offers"):
        assert comparable(begun, name) <= comparable(full, name), name


def test_nobody_gets_a_right_that_the_blocks_did_not_give(models):
    full, begun = models
    assert comparable(begun, "readers") <= comparable(full, "readers")


def test_lists_say_since_when_they_are_whole_and_balances_are_complete(told, models):
    full, begun = models
    assert full.since_height == 0
    assert begun.since_height == begun.height
    payer = told.party("core")
    now = begun.balances(payer, as_of_height=begun.height)
    before = full.balances(payer, as_of_height=full.height)
    assert [(row.account_id, row.balance_minor) for row in sorted_rows(now)] == [
        (row.account_id, row.balance_minor) for row in sorted_rows(before)
    ]
    with pytest.raises(HeightUnknown, match=f"{begun.since_height} to"):
        begun.balances(payer, as_of_height=begun.since_height - 1)


def test_books_are_not_drawn_up_from_a_part_of_the_blocks(told, models):
    full, begun = models
    reader = told.party("core")
    for ask in (
        lambda model: model.books.trial_balance(reader, "2026-11"),
        lambda model: model.books.vouchers(reader, "2026-11", limit=9),
        lambda model: model.books.ageing(reader, "2026-11"),
    ):
        assert ask(full) is not None
        with pytest.raises(HistoryMissing, match=f"height {begun.since_height}"):
            ask(begun)


def sorted_rows(page):
    return sorted(page.rows, key=lambda row: row.account_id)


def test_later_blocks_are_projected_alike(told, models):
    full, begun = models
    consortium = told.consortium
    for _ in range(3):
        told.send("core", Transfer(consortium.account("core"), consortium.account("bank"), 3))
    began = begun.since_height
    assert full.project(told.store) == begun.project(told.store)
    assert begun.since_height == began < begun.height
    for name in sorted(WHOLE):
        assert comparable(begun, name) == comparable(full, name), name
    assert len(begun.dump()["transfers"]) >= 3
