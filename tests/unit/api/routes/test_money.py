"""Reads of money: what is read is what the ledger's state has."""

import pytest

from unit.readmodels.stories import FACE, REST, TO_SUPPLIER2
from xinlian.apps.supply_chain.types import ORDERS
from xinlian.modules.accounts.types import ACCOUNTS, bank_entry_id
from xinlian.modules.obligations.types import OBLIGATIONS
from xinlian.primitives import format_id

NAMES = ("core", "bank", "supplier1")


def account_path(served, name: str) -> str:
    return f"/v1/accounts/{format_id('account', served.consortium.account(name))}"


@pytest.mark.parametrize("name", NAMES)
def test_an_account_has_the_balance_of_the_state(served, name):
    item = served.caller(name).get(account_path(served, name)).json()["item"]
    assert item["balance_minor"] == str(served.consortium.balance_minor(name))
    assert item["owner"] == served.told.party_text(name)
    assert (item["asset_kind"], item["currency"], item["scale"]) == ("deposit", "CNY", 2)


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_leads_from_its_opening_to_its_closing_balance(served, name):
    statement = served.caller(name).get(f"{account_path(served, name)}/statement?limit=200").json()
    total = int(statement["opening_minor"])
    for posting in statement["postings"]:
        sign = 1 if posting["is_debit"] else -1
        total += sign * int(posting["amount_minor"])
        assert posting["balance_minor"] == str(total)
    assert statement["closing_minor"] == str(total) == str(served.consortium.balance_minor(name))
    assert statement["next_cursor"] is None


def test_a_statement_of_a_range_begins_where_the_one_before_ended(served):
    path = f"{account_path(served, 'core')}/statement"
    caller = served.caller("core")
    head = served.consortium.node.head().header.height
    middle = head // 2
    first = caller.get(f"{path}?to_height={middle}").json()
    second = caller.get(f"{path}?from_height={middle + 1}").json()
    assert first["closing_minor"] == second["opening_minor"]
    assert (second["to_height"], second["height"]) == (head, head)


def test_the_keeper_of_an_account_reads_it_and_another_supplier_does_not(served):
    path = account_path(served, "core")
    assert served.caller("settle").get(path).status_code == 200
    assert served.caller("supplier1").get(path).status_code == 404


def test_accounts_are_filtered_by_owner_and_kind(served):
    caller = served.caller("core")
    mine = served.told.party_text("core")
    found = caller.items(f"/v1/accounts?owner={mine}&asset_kind=deposit")
    assert [item["account_id"] for item in found] == [
        format_id("account", served.consortium.account("core")),
    ]
    assert caller.items("/v1/accounts?asset_kind=nothing") == []


def test_a_balance_as_of_a_past_height_is_that_of_then(served):
    account = format_id("account", served.consortium.account("core"))
    caller = served.caller("core")
    head = served.consortium.node.head().header.height
    for height in (0, head):
        found = caller.items(f"/v1/balances?as_of_height={height}&limit=200")
        balance = next(item["balance_minor"] for item in found if item["account_id"] == account)
        expected = 5_000_000_00 if height == 0 else served.consortium.balance_minor("core")
        assert balance == str(expected)


def test_an_entry_of_the_banks_books_is_read_by_owner_and_bank(served):
    entry = bank_entry_id(served.consortium["settle"].party, served.told.ids["entry"])
    for name in ("supplier2", "settle"):
        found = served.caller(name).items("/v1/bank-entries")
        amounts = {item["identity"]: item["amount_minor"] for item in found}
        assert amounts[entry.hex()] == str(TO_SUPPLIER2)
    assert served.caller("supplier1").items("/v1/bank-entries") == []


def test_bank_entries_are_filtered_by_account(served):
    account = served.consortium.bank_account("core").hex()
    found = served.caller("settle").items(f"/v1/bank-entries?bank_account={account}")
    assert {item["bank_account"] for item in found} == {account}


def test_a_payment_order_is_as_in_the_state(served):
    certificate = served.told.text("cert", "certificate")
    path = f"/v1/payment-orders?certificate_id={certificate}&status=executed"
    (item,) = served.caller("supplier2").items(path)
    with served.told.state() as state:
        order = ORDERS.require(state, served.told.ids["order"])
    assert item["order_id"] == served.told.text("order", "order")
    assert item["amount_minor"] == str(order.amount_minor) == str(TO_SUPPLIER2)
    assert item["expires_at_ms"] == order.expires_at_ms


def test_an_obligation_is_as_in_the_state(served):
    debtor = served.told.party_text("core")
    (item,) = served.caller("core").items(f"/v1/obligations?debtor={debtor}&status=performed")
    with served.told.state() as state:
        obligation = OBLIGATIONS.require(state, served.told.ids["certificate"])
    assert item["amount_minor"] == str(FACE) == str(TO_SUPPLIER2 + REST)
    assert item["performed_minor"] == str(obligation.performed_minor)
    assert item["due_date"] == "2027-03-01"


def test_the_story_has_no_late_interest(served):
    certificate = served.told.text("cert", "certificate")
    assert served.caller("core").items(f"/v1/late-interest?certificate_id={certificate}") == []


def test_the_state_that_is_compared_with_is_the_ledgers(served):
    with served.told.state() as state:
        account = ACCOUNTS.require(state, served.consortium.account("core"))
    assert account.owner == served.told.party("core")
