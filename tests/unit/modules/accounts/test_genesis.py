"""What the accounts section of a genesis file opens; refusals are tested with all sections."""

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
