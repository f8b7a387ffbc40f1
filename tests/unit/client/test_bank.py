"""Only a booked entry with the bank's own reference becomes a bank fact."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.client.bank import (
    NotBookable,
    book_entries,
    end_to_end_id_of,
    order_of_end_to_end_id,
)
from xinlian.modules.accounts.types import bank_account_commitment, bank_entry_identity
from xinlian.modules.evidence.statements import BankEntryStatement, BookedEntry

BANK = b"b" * 20
ORDER = bytes(range(20))
ROOT = b"r" * 32

ENTRY = BookedEntry(
    servicer_reference="REF-1",
    end_to_end_id=end_to_end_id_of(ORDER),
    uetr=None,
    amount_minor=300_000_00,
    currency="CNY",
    is_credit=False,
    is_reversal=False,
    is_return=False,
    status="BOOK",
    booking_day=20_000,
    value_day=20_001,
    debtor=None,
    debtor_account=None,
    creditor=None,
    creditor_account=None,
    remittance_text=None,
    document_numbers=(),
)


def report(entry):
    return BankEntryStatement(
        source_format="camt.054.001.08",
        source_hash="00" * 32,
        message_type="camt.054.001.08",
        message_id="M-1",
        created_at_ms=None,
        servicer=None,
        account="99-0001",
        account_owner=None,
        entries=(entry,),
        opening_balance_minor=None,
        closing_balance_minor=None,
    )


def book(**changes):
    entry = msgspec.structs.replace(ENTRY, **changes)
    return book_entries(BANK, report(entry), ROOT, [ORDER])[0]


def test_a_booked_entry_becomes_a_bank_fact_that_names_its_order():
    message = book()
    account = bank_account_commitment(BANK, "99-0001")
    assert message.bank_account == account
    assert message.identity == bank_entry_identity(BANK, account, "REF-1")
    assert (message.amount_minor, message.is_credit) == (300_000_00, False)
    assert message.end_to_end_id == ORDER
    assert (message.value_day, message.booking_day) == (20_001, 20_000)


def test_without_one_of_its_dates_an_entry_has_the_other_for_both():
    assert book(value_day=None).value_day == 20_000
    assert book(booking_day=None).booking_day == 20_001


def test_a_reference_of_the_business_is_no_order():
    assert book(end_to_end_id="PO-2026-11").end_to_end_id == b""
    assert book(end_to_end_id=end_to_end_id_of(b"x" * 20)).end_to_end_id == b""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "PDNG"}, "PDNG"),
        ({"status": "INFO"}, "INFO"),
        ({"servicer_reference": None}, "AcctSvcrRef"),
        ({"is_return": True}, "return"),
        ({"is_reversal": True}, "reverses"),
        ({"value_day": None, "booking_day": None}, "no date"),
    ],
)
def test_what_only_informs_moves_nothing(changes, reason):
    with pytest.raises(NotBookable, match=reason):
        book(**changes)


@given(st.binary(min_size=20, max_size=20))
def test_an_order_and_its_reference_are_the_same_thing(order):
    reference = end_to_end_id_of(order)
    assert len(reference) <= 35
    assert order_of_end_to_end_id(reference) == order


@given(st.text(max_size=40))
def test_any_other_text_names_no_order_or_exactly_one(text):
    order = order_of_end_to_end_id(text)
    assert order == b"" or end_to_end_id_of(order) == text


def test_no_reference_names_no_order():
    assert order_of_end_to_end_id(None) == b""
