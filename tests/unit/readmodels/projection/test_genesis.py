"""Height 0: what the genesis file describes is there before the first block."""

import pytest

from unit.readmodels.stories import genesis_state, open_model, sqlite_address
from xinlian.apps.supply_chain.types import LINES
from xinlian.modules.accounts.types import ACCOUNTS, ASSETS, BANK_ROUTES
from xinlian.modules.members.types import KEYS, PARTIES
from xinlian.modules.policy.types import ROWS
from xinlian.primitives import format_id
from xinlian.testing import Consortium
from xinlian.testing.consortium import POLICY


@pytest.fixture
def born(tmp_path):
    consortium = Consortium(suspended=("supplier2",))
    model = open_model(sqlite_address(tmp_path), consortium)
    assert model.project(consortium.engine.application.store) == 0
    yield consortium, model
    model.close()
    consortium.close()


def test_everything_of_genesis_has_a_row(born):
    consortium, model = born
    state = genesis_state(consortium)
    dump = model.dump()
    for table, collection in (
        ("parties", PARTIES),
        ("keys", KEYS),
        ("assets", ASSETS),
        ("accounts", ACCOUNTS),
        ("bank_accounts", BANK_ROUTES),
        ("issue_lines", LINES),
    ):
        assert len(dump[table]) == len(list(collection.scan(state))) > 0, table
    versions = sum(len(row.versions) for _, row in ROWS.scan(state))
    assert len(dump["policy_versions"]) == versions == len(POLICY)


def test_a_party_suspended_from_genesis_on_is_shown_so(born):
    consortium, model = born
    party_id = format_id("party", consortium["supplier2"].party)
    found = model.party(consortium["bank"].party, party_id)
    assert (found.row.status, found.row.kind) == ("suspended", "participant")
    assert (found.row.height, found.height) == (0, 0)


def test_opening_money_is_the_opening_balance(born):
    consortium, model = born
    account_id = format_id("account", consortium.account("core"))
    found = model.account(consortium["core"].party, account_id).row
    assert (found.opening_minor, found.balance_minor) == (5_000_000_00, 5_000_000_00)
    assert found.bank_account == consortium.bank_account("core").hex()
    statement = model.statement(consortium["core"].party, account_id)
    assert (statement.opening_minor, statement.closing_minor) == (5_000_000_00, 5_000_000_00)
    assert statement.postings == ()
