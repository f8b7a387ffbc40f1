"""Booked entries: what moved on the account, and what may discharge a debt."""

import pytest

from unit.connectors.samples import CAMT054, changed, wrap
from xinlian.connectors.errors import DuplicateId, MixedCurrencies, SchemaInvalid
from xinlian.connectors.iso20022 import read_iso20022
from xinlian.connectors.xml_input import read_xml
from xinlian.modules.evidence.statements import BookedEntry, TradeParty
from xinlian.primitives.time import day_of_iso

ENTRY = CAMT054[CAMT054.index(b"<Ntry>") : CAMT054.index(b"</Ntry>") + len(b"</Ntry>")].decode()
DETAILS = ENTRY[ENTRY.index("<TxDtls>") : ENTRY.index("</NtryDtls>")]
AMOUNT = '<Amt Ccy="CNY">780.57</Amt>'


def _entries(old=ENTRY, new=ENTRY):
    return read_iso20022(read_xml(changed(CAMT054, old, new)), "").entries


def _transaction(end_to_end_id, amount, currency="CNY", direction="", reference=""):
    refs = wrap("EndToEndId", end_to_end_id)
    if reference:
        refs = wrap("AcctSvcrRef", reference) + refs
    money = f'<Amt Ccy="{currency}">{amount}</Amt>' if amount else ""
    return wrap("TxDtls", wrap("Refs", refs) + money + direction)


def test_an_entry_is_read_field_by_field():
    assert _entries() == (
        BookedEntry(
            servicer_reference="QS20260902-1",
            end_to_end_id="PO-1-YF",
            uetr="8a562c67-ca16-48ba-b074-65581be6f001",
            amount_minor=780_57,
            currency="CNY",
            is_credit=True,
            is_reversal=False,
            is_return=False,
            status="BOOK",
            booking_day=day_of_iso("2026-09-02"),
            value_day=day_of_iso("2026-09-02"),
            debtor=TradeParty("演示核心企业", None, None),
            debtor_account="6228480000000001",
            creditor=TradeParty("演示一级供应商", None, None),
            creditor_account="6228480000000004",
            remittance_text="PO-1 预付款",
            document_numbers=("PO-1",),
        ),
    )


@pytest.mark.parametrize(
    ("status", "read"),
    [("<Sts>BOOK</Sts>", "BOOK"), ("<Sts>PDNG</Sts>", "PDNG"), (wrap("Sts/Prtry", "HELD"), "HELD")],
)
def test_the_status_is_read_in_every_version_s_form(status, read):
    assert _entries("<Sts><Cd>BOOK</Cd></Sts>", status)[0].status == read


def test_parties_are_read_in_every_version_s_form():
    older = changed(CAMT054, "<Pty>", "").replace(b"</Pty>", b"")
    assert read_iso20022(read_xml(older), "").entries == _entries()


def test_a_debit_a_reversal_and_a_return_are_marked():
    assert not _entries("<CdtDbtInd>CRDT<", "<CdtDbtInd>DBIT<")[0].is_credit
    assert _entries("<AcctSvcrRef>", "<RvslInd>true</RvslInd><AcctSvcrRef>")[0].is_reversal
    assert not _entries("<AcctSvcrRef>", "<RvslInd>false</RvslInd><AcctSvcrRef>")[0].is_reversal
    returned = wrap("RtrInf/Rsn/Cd", "AC04") + "</TxDtls>"
    assert _entries("</TxDtls>", returned)[0].is_return


def test_a_direction_is_credit_or_debit():
    with pytest.raises(SchemaInvalid):
        _entries("<CdtDbtInd>CRDT<", "<CdtDbtInd>BOTH<")


def test_no_payment_id_is_no_payment_id():
    assert _entries(">PO-1-YF<", ">NOTPROVIDED<")[0].end_to_end_id is None


def test_the_day_of_a_time_is_the_bank_s():
    moment = wrap("BookgDt/DtTm", "2026-09-02T00:30:00+08:00")
    entry = _entries(wrap("BookgDt/Dt", "2026-09-02"), moment)[0]
    assert entry.booking_day == day_of_iso("2026-09-02")


def test_the_amount_of_a_single_transaction_is_the_entry_s():
    foreign = _entries("<RltdPties>", '<Amt Ccy="EUR">100.00</Amt><RltdPties>')[0]
    assert (foreign.amount_minor, foreign.currency) == (780_57, "CNY")


def test_a_transaction_s_own_reference_comes_first():
    entry = _entries("<Refs>", "<Refs><AcctSvcrRef>TX-1</AcctSvcrRef>")[0]
    assert entry.servicer_reference == "TX-1"


def test_an_entry_without_details_has_only_what_the_bank_books():
    entry = _entries(DETAILS, "")[0]
    assert entry.servicer_reference == "QS20260902-1"
    assert (entry.end_to_end_id, entry.debtor, entry.remittance_text) == (None, None, None)


def test_a_batch_becomes_its_transactions():
    batch = _transaction("A", "700.00", reference="TX-1") + _transaction("B", "80.57")
    first, second = _entries(DETAILS, batch)
    assert (first.end_to_end_id, first.amount_minor) == ("A", 700_00)
    assert (second.end_to_end_id, second.amount_minor) == ("B", 80_57)
    assert first.servicer_reference == "TX-1"
    assert second.servicer_reference is None, "the bank's reference of the batch is not its own"
    assert first.is_credit
    assert first.booking_day == second.booking_day == day_of_iso("2026-09-02")


def test_a_batch_may_be_in_several_details():
    parts = _transaction("A", "700.00") + "</NtryDtls><NtryDtls>" + _transaction("B", "80.57")
    assert [entry.end_to_end_id for entry in _entries(DETAILS, parts)] == ["A", "B"]


def test_amounts_of_a_batch_may_stand_where_version_02_has_them():
    old = wrap("AmtDtls/TxAmt", '<Amt Ccy="CNY">700.00</Amt>')
    batch = _transaction("A", "").replace("</TxDtls>", old + "</TxDtls>") + _transaction(
        "B", "80.57"
    )
    assert [entry.amount_minor for entry in _entries(DETAILS, batch)] == [700_00, 80_57]


def test_a_batch_that_does_not_add_up_is_refused():
    """Otherwise one entry could discharge more than was booked."""
    batch = _transaction("A", "700.00") + _transaction("B", "780.57")
    with pytest.raises(SchemaInvalid):
        _entries(DETAILS, batch)


def test_a_transaction_against_the_batch_counts_against_it():
    batch = _transaction("A", "800.00") + _transaction(
        "B", "19.43", direction="<CdtDbtInd>DBIT</CdtDbtInd>"
    )
    assert [entry.is_credit for entry in _entries(DETAILS, batch)] == [True, False]


@pytest.mark.parametrize(("amount", "currency"), [("", "CNY"), ("80.57", "EUR")])
def test_a_batch_whose_parts_are_not_booked_amounts_stays_whole(amount, currency):
    batch = _transaction("A", "700.00") + _transaction("B", amount, currency)
    (entry,) = _entries(DETAILS, batch)
    assert (entry.amount_minor, entry.end_to_end_id) == (780_57, None)
    assert entry.servicer_reference == "QS20260902-1"


def test_a_return_anywhere_in_a_whole_batch_marks_it():
    batch = _transaction("A", "") + _transaction("B", "", direction="<RtrInf/>")
    assert _entries(DETAILS, batch)[0].is_return


def test_one_reference_is_booked_once():
    with pytest.raises(DuplicateId):
        _entries(ENTRY, ENTRY + ENTRY)
    reversal = ENTRY.replace("<AcctSvcrRef>", "<RvslInd>true</RvslInd><AcctSvcrRef>")
    assert len(_entries(ENTRY, ENTRY + reversal)) == 2


def test_entries_are_in_the_account_s_currency():
    with pytest.raises(MixedCurrencies):
        _entries(AMOUNT, AMOUNT.replace("CNY", "USD"))


def test_a_long_remittance_is_refused_not_cut():
    with pytest.raises(SchemaInvalid):
        _entries("<Ustrd>", wrap("Ustrd", "9" * 999) + "<Ustrd>")


def test_creditor_references_count_as_document_numbers():
    reference = "<Strd>" + wrap("CdtrRefInf/Ref", "RF18539007547034") + "</Strd></RmtInf>"
    assert _entries("</RmtInf>", reference)[0].document_numbers == ("PO-1", "RF18539007547034")
