"""Transfers and bank entries, as owners and banks send them."""

import msgspec
import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.apps.supply_chain.keeper import claim_account
from xinlian.modules.accounts.messages import (
    BookEntry,
    ClosePeriod,
    LinkedTransfer,
    LinkTransfers,
    PendTransfer,
    PostTransfer,
    Transfer,
)
from xinlian.modules.accounts.types import BANK_ENTRIES, PERIODS, account_id
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms, day_of_iso
from xinlian.testing import Consortium
from xinlian.testing.trade import FACE_MINOR, SUCCEEDED, Trade

replace = msgspec.structs.replace


@pytest.fixture
def trade():
    consortium = Consortium()
    yield Trade(consortium)
    assert consortium.broken_invariants() == []
    consortium.close()


def test_a_transfer_is_checked_in_its_order(trade):
    c = trade.consortium
    core, bank = c.account("core"), c.account("bank")
    issue = account_id(c["settle"].party, c.deposit)
    rows = [
        ("core", Transfer(core, core, 1), "accounts/same_account"),
        ("bank", Transfer(bytes(20), core, 1), "accounts/unknown_account"),
        ("bank", Transfer(core, bytes(20), 1), "accounts/not_account_owner"),
        ("core", Transfer(core, bytes(20), 10**10), "accounts/unknown_account"),
        ("core", Transfer(core, issue, 1), "accounts/not_transferable"),
        ("settle", Transfer(issue, core, 1), "accounts/not_transferable"),
        ("core", Transfer(core, bank, 5_000_000_01), "accounts/insufficient_balance"),
        ("core", Transfer(core, bank, 5_000_000_00), SUCCEEDED),
    ]
    for name, message, expected in rows:
        tried = try_out(c, name, message)
        assert tried.reference == expected, message
        assert tried.changes_nothing == (expected != SUCCEEDED)


def test_a_claim_moves_only_with_its_certificate(trade):
    c = trade.consortium
    trade.register()
    certificate, _ = trade.certify()
    claim = claim_account(certificate, c["supplier1"].party)
    assert (
        try_out(c, "supplier1", Transfer(claim, c.account("core"), 1)).reference
        == "accounts/not_transferable"
    )
    into = Transfer(c.account("core"), claim, 1)
    assert try_out(c, "core", into).reference == "accounts/mixed_assets"


def test_two_transfers_of_one_transaction_stand_or_fall_together(trade):
    c = trade.consortium
    core, bank = c.account("core"), c.account("bank")
    tried = try_out(c, "core", Transfer(core, bank, 1), Transfer(core, bank, 5_000_000_00))
    assert tried.reference == "accounts/insufficient_balance"
    assert tried.changes_nothing


def test_reserved_money_is_not_available(trade):
    c = trade.consortium
    trade.register()
    _, whole = trade.certify()
    trade.split(whole, FACE_MINOR)
    trade.to_due_day()  # supplier2 has no mirrored account: the money waits for the bank
    payment = Transfer(c.account("core"), c.account("bank"), 4_000_000_01)
    assert c.balance_minor("core") == 5_000_000_00
    assert try_out(c, "core", payment).reference == "accounts/insufficient_balance"
    assert try_out(c, "core", replace(payment, amount_minor=4_000_000_00)).reference == SUCCEEDED
    removal = trade.booking(4_000_000_01, is_credit=False, reference="removal")
    assert try_out(c, "settle", removal).reference == "accounts/insufficient_balance"


def test_a_bank_entry_is_checked_in_its_order_and_accepted_once(trade):
    c = trade.consortium
    good = trade.booking(7_00, is_credit=True)

    def gives(message: BookEntry = good, name: str = "settle") -> str:
        tried = try_out(c, name, message)
        assert tried.changes_nothing == (tried.reference != SUCCEEDED)
        return tried.reference

    assert gives(replace(good, end_to_end_id=b"short")) == "contracts/field_invalid"
    assert gives(replace(good, bank_account=bytes(32))) == "accounts/unknown_account"
    assert gives(name="bank") == "accounts/not_issuer"
    trade.step("settle", good)
    assert c.balance_minor("core") == 5_000_007_00
    assert gives(replace(good, bank_account=bytes(32))) == "accounts/unknown_account"
    assert gives(name="bank") == "accounts/not_issuer"
    assert gives() == "accounts/duplicate_bank_entry"
    assert gives(replace(good, amount_minor=8_00)) == "accounts/duplicate_bank_entry"


def test_an_entry_removes_only_what_is_there(trade):
    c = trade.consortium
    trade.step("settle", trade.booking(5_000_000_00, is_credit=False, reference="all"))
    assert c.balance_minor("core") == 0
    more = trade.booking(1, is_credit=False, reference="more")
    assert try_out(c, "settle", more).reference == "accounts/insufficient_balance"


def test_an_entry_on_an_unmirrored_account_is_a_fact_and_moves_no_deposit(trade):
    c = trade.consortium
    entry = trade.booking(5_00, is_credit=True, account="supplier2")
    tried = try_out(c, "settle", entry)
    assert tried.reference == SUCCEEDED
    of_accounts = BANK_ENTRIES.prefix[:2]
    changed = {key[:3] for key in tried.writes if key.startswith(of_accounts)}
    assert changed == {BANK_ENTRIES.prefix}


def test_the_banks_entries_of_a_transfer_match_it_and_add_nothing(trade):
    c = trade.consortium
    signed, _ = c.send("bank", Transfer(c.account("bank"), c.account("core"), 5_00))
    named = signed.created_id("transfer")
    for is_credit, account in ((True, "core"), (False, "bank")):
        entry = trade.booking(
            5_00, is_credit=is_credit, order=named, account=account, reference=account
        )
        trade.step("settle", entry)
    assert c.balance_minor("core") == 5_000_005_00
    assert c.balance_minor("bank") == 4_999_995_00


def test_what_is_booked_beyond_what_the_ledger_moved_adds_nothing_either(trade):
    c = trade.consortium
    signed, _ = c.send("bank", Transfer(c.account("bank"), c.account("core"), 5_00))
    named = signed.created_id("transfer")
    for reference in ("first", "second"):
        entry = trade.booking(5_00, is_credit=True, order=named, reference=reference)
        trade.step("settle", entry)
    assert c.balance_minor("core") == 5_000_005_00, "a bank names only what is on the ledger"
    debit = trade.booking(6_00, is_credit=False, order=named, account="bank", reference="third")
    assert try_out(c, "settle", debit).reference == "accounts/unmatched_bank_entry"


def test_each_of_linked_transfers_and_each_part_of_a_pending_one_is_booked_by_its_name(trade):
    c = trade.consortium
    core, bank, other = (c.account(name) for name in ("core", "bank", "supplier1"))
    links = LinkTransfers((LinkedTransfer(core, bank, 7_00), LinkedTransfer(core, other, 9_00)))
    signed, _ = c.send("core", links)
    expires_at_ms = c.now_ms() + MS_PER_DAY
    pended, _ = c.send("core", PendTransfer(core, bank, c["core"].party, 4_00, expires_at_ms))
    pending = pended.created_id("pending")
    trade.step("core", PostTransfer(pending, 3_00))
    before = {name: c.balance_minor(name) for name in ("core", "bank", "supplier1")}
    names = (signed.created_id("transfer"), signed.created_id("transfer", ordinal=1), pending)
    for named, to, amount_minor in zip(
        names, ("bank", "supplier1", "bank"), (7_00, 9_00, 3_00), strict=True
    ):
        for is_credit, account in ((True, to), (False, "core")):
            entry = trade.booking(
                amount_minor,
                is_credit=is_credit,
                order=named,
                account=account,
                reference=f"{amount_minor} {is_credit}",
            )
            trade.step("settle", entry)
    assert {name: c.balance_minor(name) for name in before} == before


def test_a_month_is_closed_once_when_it_is_over_and_in_order(trade):
    c = trade.consortium
    november, december = (ClosePeriod(month, 1, bytes(32)) for month in (202611, 202612))

    def gives(message: ClosePeriod) -> str:
        return try_out(c, "core", message).reference

    for month in (202600, 202613, 13, 196912, 999901):
        assert gives(replace(november, period=month)) == "contracts/field_invalid"
    assert gives(november) == "accounts/period_invalid"
    c.advance_to(china_midnight_ms(day_of_iso("2026-12-01")))
    assert gives(replace(november, as_of_height=c.engine.height() + 1)) == "accounts/period_invalid"
    assert gives(december) == "accounts/period_invalid"
    trade.step("core", november)
    trade.step("bank", november)
    assert gives(replace(november, period=202610)) == "accounts/period_invalid"
    assert gives(november) == "accounts/period_invalid"
    c.advance_to(china_midnight_ms(day_of_iso("2027-01-01")))
    trade.step("core", december)
    with c.engine.application.store.snapshot() as state:
        closed = [int.from_bytes(month, "big") for (_, month), _ in PERIODS.scan(state)]
    assert sorted(closed) == [202611, 202611, 202612]
