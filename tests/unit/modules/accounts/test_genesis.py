"""What the accounts section of a genesis file opens; refusals are tested with all sections."""

import pytest

from unit.ledger.fakes import TableView
from xinlian.ledger.genesis import GenesisInvalid
from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.genesis import AccountsSection, GenesisAccount, load
from xinlian.modules.accounts.types import ACCOUNTS, BANK_ROUTES, AccountClass, account_id
from xinlian.testing import Consortium


def test_money_exists_only_against_the_banks_opening_entries():
    c = Consortium(opening_minor=7_00)
    with c.engine.application.store.snapshot() as snapshot:
        issue = ACCOUNTS.require(snapshot, account_id(c["settle"].party, c.deposit))
    assert issue.account_class == AccountClass.ISSUE
    assert issue.balance_minor == -14_00
    assert [c.balance_minor(name) for name in ("core", "bank", "supplier1")] == [7_00, 7_00, 0]
    assert c.broken_invariants() == []
    c.close()


def test_a_bank_account_is_mirrored_by_one_ledger_account_or_by_none():
    c = Consortium()
    with c.engine.application.store.snapshot() as snapshot:
        for name in ("core", "bank", "supplier1", "supplier2"):
            route = BANK_ROUTES.require(snapshot, c.bank_account(name))
            assert (route.owner, route.bank) == (c[name].party, c["settle"].party)
            assert route.account == (b"" if name == "supplier2" else c.account(name))
            if route.account:
                mirror = ACCOUNTS.require(snapshot, route.account)
                assert mirror.mirrored
                assert mirror.bank_account == c.bank_account(name)
    c.close()


def test_an_account_in_a_currency_that_is_none_is_refused_with_the_code_that_is_meant():
    c = Consortium()
    entry = GenesisAccount(c["settle"].uscc, c["core"].uscc, "99-1", mirrored=False, currency="RMB")
    with c.engine.application.store.snapshot() as snapshot:
        state = Overlay(TableView(dict(snapshot.scan(b"", b"\xff" * 200))))
        with pytest.raises(GenesisInvalid, match="write CNY"):
            load(state, AccountsSection((entry,)), c.chain_id)
    c.close()
