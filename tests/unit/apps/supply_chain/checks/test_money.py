"""Bank entries: which count, whom they name, and how often."""

import msgspec
import pytest

from unit.apps.supply_chain.checks.trades import (
    BUYER,
    CLEAN,
    PARTIES,
    SELLER,
    STRANGER,
    Trade,
    booked_entry,
)
from xinlian.apps.supply_chain.checks import LedgerParties, check_trade
from xinlian.modules.evidence.statements import BookedEntry

PREPAID = CLEAN.invoice.prepaid_minor
ENTRY = booked_entry(PREPAID)


def codes(trade: Trade, **changes: object) -> tuple[str, ...]:
    return check_trade(trade.file(**changes)).codes


def entries(*all_entries: BookedEntry) -> Trade:
    return CLEAN.but("bank", entries=all_entries)


def changed(**changes: object) -> BookedEntry:
    return msgspec.structs.replace(ENTRY, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"remittance_text": None, "document_numbers": ("PO-2026-001",)},
        {"remittance_text": None, "document_numbers": ("26991000000000000001",)},
        {"remittance_text": "HT-2026-001"},
        {"remittance_text": "预付款(HT-2026-001)"},
        {"remittance_text": "付HT-2026-001款"},
    ],
)
def test_an_entry_names_the_trade_by_structured_reference_or_text(changes):
    assert codes(entries(changed(**changes))) == ()


@pytest.mark.parametrize("text", [None, "", "HT-2026-0012", "XHT-2026-001", "HT-2026"])
def test_part_of_a_number_names_nothing(text):
    assert codes(entries(changed(remittance_text=text))) == ("money.unlinked",)


def test_other_entries_of_a_statement_are_left_alone():
    other = changed(
        remittance_text="工资", debtor=STRANGER, end_to_end_id="E2E-9", servicer_reference="REF-9"
    )
    assert codes(entries(other, ENTRY)) == ()


def test_a_pending_notice_before_the_booking_is_no_defect():
    assert codes(entries(changed(status="PDNG", servicer_reference=None), ENTRY)) == ()


def test_money_that_came_back_holds_even_where_other_money_came():
    back = changed(is_return=True, end_to_end_id="E2E-2", servicer_reference="REF-2")
    assert codes(entries(ENTRY, back)) == ("money.returned",)


def test_two_parts_add_up_to_the_prepayment_and_a_repeated_one_counts_once():
    part = changed(amount_minor=PREPAID - 1)
    rest = changed(amount_minor=1, end_to_end_id="E2E-2", servicer_reference="REF-2")
    assert codes(entries(part, rest)) == ()
    assert codes(entries(part, rest, rest)) == ()
    assert codes(entries(part)) == ("money.amount_differs",)


def test_without_end_to_end_id_the_banks_reference_tells_payments_apart():
    half = changed(amount_minor=PREPAID // 2, end_to_end_id=None)
    rest = changed(
        amount_minor=PREPAID - PREPAID // 2, end_to_end_id=None, servicer_reference="REF-2"
    )
    assert codes(entries(half, rest)) == ()
    assert codes(entries(half, rest, half)) == ()


def test_without_any_reference_each_entry_is_one_payment():
    half = changed(amount_minor=PREPAID // 2, end_to_end_id=None, servicer_reference=None)
    rest = msgspec.structs.replace(half, amount_minor=PREPAID - PREPAID // 2, value_day=None)
    assert codes(entries(half, rest)) == ()


def test_the_owner_of_the_debited_account_is_the_payer():
    bare = changed(debtor=None, debtor_account=None)
    assert codes(entries(bare)) == ()
    stranger = CLEAN.but("bank", entries=(bare,), account_owner=STRANGER)
    assert codes(stranger) == ("money.payer_differs",)


def test_the_owner_of_the_credited_account_is_the_payee():
    bare = changed(is_credit=True, creditor=None, creditor_account=None)
    trade = CLEAN.but("bank", entries=(bare,), account="99-0001-0003", account_owner=SELLER)
    assert codes(trade) == ()
    assert codes(trade.but("bank", account_owner=BUYER)) == ("money.payee_differs",)


def test_account_numbers_are_compared_only_where_the_checker_knows_them():
    other = changed(debtor_account="99-7777-0001")
    assert codes(entries(other)) == ("money.payer_differs",)
    unknown = LedgerParties(PARTIES.buyer_uscc, PARTIES.seller_uscc)
    assert codes(entries(other), parties=unknown) == ()
    assert codes(entries(changed(debtor=None)), parties=unknown) == ("money.unidentified",)


def test_without_a_stated_prepayment_any_part_of_the_gross_will_do():
    none = CLEAN.but("invoice", prepaid_minor=0, payable_minor=CLEAN.invoice.gross_minor)
    assert codes(none) == ()
    too_much = none.but_entry(amount_minor=CLEAN.invoice.gross_minor + 1)
    assert codes(too_much) == ("money.amount_differs",)


def test_the_first_payment_is_found_though_the_contract_itself_is_missing():
    assert codes(CLEAN.lacking("contract")) == ("contract.missing",)
