"""Invoices and credit notes, as the documents give them."""

import pytest

from unit.connectors.samples import BUYER, CREDIT_NOTE, GTIN, INVOICE, SELLER, changed, wrap
from xinlian.connectors.errors import (
    AmountInvalid,
    DateInvalid,
    MissingElement,
    MixedCurrencies,
    SchemaInvalid,
    WrongCheckDigit,
)
from xinlian.connectors.ubl import read_ubl
from xinlian.connectors.xml_input import read_xml
from xinlian.modules.evidence.statements import (
    CreditNoteStatement,
    InvoiceStatement,
    TradeLine,
    TradeParty,
)
from xinlian.primitives.time import day_of_iso

SELLING = TradeParty("演示一级供应商", SELLER, None)
BUYING = TradeParty("演示核心企业", BUYER, None)
LINE = TradeLine(
    line_no="1",
    item_id=f"gtin:{GTIN}",
    item_name="不锈钢离心泵",
    quantity_e6=4_000_000,
    unit="EA",
    unit_price_e6=1_500_125_000,
    net_minor=6_000_50,
    tax_rate_e9=130_000_000,
    rejected_quantity_e6=None,
    order_line_no=None,
)


def _read(data):
    return read_ubl(read_xml(data), "ab")


def _refused(error, data):
    with pytest.raises(error) as refused:
        _read(data)
    return refused.value.where


def test_an_invoice_is_read_field_by_field():
    assert _read(INVOICE) == InvoiceStatement(
        source_format="ubl-2-Invoice",
        source_hash="ab",
        number="FP-1",
        type_code="380",
        issue_day=day_of_iso("2026-09-20"),
        due_day=day_of_iso("2026-12-19"),
        seller=SELLING,
        buyer=BUYING,
        payee=None,
        currency="CNY",
        contract_number="HT-1",
        order_number="PO-1",
        despatch_number="FH-1",
        receipt_number="SH-1",
        lines=(LINE,),
        lines_net_minor=6_000_50,
        allowances_minor=0,
        charges_minor=0,
        net_minor=6_000_50,
        tax_minor=780_07,
        gross_minor=6_780_57,
        prepaid_minor=780_57,
        rounding_minor=0,
        payable_minor=6_000_00,
    )


def test_a_credit_note_is_read_field_by_field():
    assert _read(CREDIT_NOTE) == CreditNoteStatement(
        source_format="ubl-2-CreditNote",
        source_hash="ab",
        number="FP-1",
        issue_day=day_of_iso("2026-09-20"),
        seller=SELLING,
        buyer=BUYING,
        currency="CNY",
        invoice_numbers=("FP-0",),
        lines=(LINE,),
        net_minor=6_000_50,
        tax_minor=780_07,
        gross_minor=6_780_57,
    )


def test_amounts_that_do_not_add_up_are_read_all_the_same():
    """Whether they add up is for the checks, whose verdict the parties see."""
    odd = changed(INVOICE, ">6780.57<", ">9999.99<")
    assert _read(odd).gross_minor == 9_999_99


@pytest.mark.parametrize(
    ("piece", "where"),
    [
        ("<cbc:ID>FP-1</cbc:ID>", "/Invoice/cbc:ID"),
        ("<cbc:IssueDate>2026-09-20</cbc:IssueDate>", "/Invoice/cbc:IssueDate"),
        (
            "<cbc:DocumentCurrencyCode>CNY</cbc:DocumentCurrencyCode>",
            "/Invoice/cbc:DocumentCurrencyCode",
        ),
        (
            '<cbc:PayableAmount currencyID="CNY">6000.00</cbc:PayableAmount>',
            "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount",
        ),
        (
            '<cbc:TaxExclusiveAmount currencyID="CNY">6000.50</cbc:TaxExclusiveAmount>',
            "/Invoice/cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount",
        ),
        (
            '<cbc:InvoicedQuantity unitCode="EA">4</cbc:InvoicedQuantity>',
            "/Invoice/cac:InvoiceLine[1]/cbc:InvoicedQuantity",
        ),
    ],
)
def test_what_an_invoice_must_have_is_named_when_it_is_absent_or_empty(piece, where):
    assert _refused(MissingElement, changed(INVOICE, piece, "")) == where
    name = piece[1:].split(">")[0].split(" ")[0]
    start, end = piece.index(">") + 1, piece.index("</")
    empty = changed(INVOICE, piece, f"{piece[:start]} {piece[end:]}")
    refusals = (MissingElement, AmountInvalid, DateInvalid)
    assert _refused(refusals, empty).endswith(name)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (">780.07<", ">780.075<", AmountInvalid),
        (">6000.00<", ">-6000.00<", AmountInvalid),
        (">780.57<", ">-780.57<", AmountInvalid),
        (">6000.00<", ">6,000.00<", AmountInvalid),
        (">1500.125<", ">1500.1250001<", AmountInvalid),
        (">4<", ">four<", AmountInvalid),
        ('PayableAmount currencyID="CNY"', 'PayableAmount currencyID="USD"', MixedCurrencies),
        ('PriceAmount currencyID="CNY"', 'PriceAmount currencyID="EUR"', MixedCurrencies),
        ('TaxAmount currencyID="CNY"', 'TaxAmount currencyID="EUR"', MixedCurrencies),
        ('PayableAmount currencyID="CNY"', "PayableAmount", MissingElement),
        (">CNY<", ">RMB元<", AmountInvalid),
        ("2026-09-20", "2026-09-31", DateInvalid),
        ("2026-12-19", "19.12.2026", DateInvalid),
        (SELLER, SELLER[:-1] + ("0" if SELLER[-1] != "0" else "1"), WrongCheckDigit),
        (GTIN, GTIN[:-1] + "3", WrongCheckDigit),
        ("<cbc:ID>FP-1</cbc:ID>", "<cbc:ID>FP-1</cbc:ID><cbc:ID>FP-2</cbc:ID>", SchemaInvalid),
        ("<cbc:ID>FP-1</cbc:ID>", "<cbc:ID><cbc:ID>FP-1</cbc:ID></cbc:ID>", SchemaInvalid),
        ("<cbc:ID>FP-1</cbc:ID>", f"<cbc:ID>{'9' * 1_001}</cbc:ID>", SchemaInvalid),
    ],
)
def test_wrong_values_are_refused(old, new, error):
    _refused(error, changed(INVOICE, old, new))


def test_a_line_may_take_back_but_the_whole_may_not():
    line = changed(INVOICE, ">4</cbc:InvoicedQuantity>", ">-4</cbc:InvoicedQuantity>")
    assert _read(line).lines[0].quantity_e6 == -4_000_000


def test_only_the_tax_in_the_document_s_currency_is_read():
    """EN 16931 allows a second total in the currency of the seller's tax accounts (BT-111)."""
    second = '<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">100.00</cbc:TaxAmount></cac:TaxTotal>'
    code = wrap("cbc:TaxCurrencyCode", "EUR")
    with_code = changed(INVOICE, "<cac:TaxTotal>", code + "<cac:TaxTotal>")
    both = changed(with_code, "<cac:LegalMonetaryTotal>", f"{second}<cac:LegalMonetaryTotal>")
    assert _read(both).tax_minor == 780_07
    _refused(
        MixedCurrencies,
        changed(INVOICE, "<cac:LegalMonetaryTotal>", f"{second}<cac:LegalMonetaryTotal>"),
    )


def test_the_due_day_may_stand_with_the_means_of_payment():
    due = "<cbc:DueDate>2026-12-19</cbc:DueDate>"
    means = "<cac:PaymentMeans><cbc:PaymentDueDate>{}</cbc:PaymentDueDate></cac:PaymentMeans>"
    moved = changed(
        changed(INVOICE, due, ""), "<cac:TaxTotal>", means.format("2026-12-19") + "<cac:TaxTotal>"
    )
    assert _read(moved) == _read(INVOICE)
    assert _read(changed(INVOICE, due, "")).due_day is None
    two = changed(moved, "<cac:TaxTotal>", means.format("2026-12-20") + "<cac:TaxTotal>")
    _refused(SchemaInvalid, two)


def test_one_invoice_is_about_one_order():
    order = "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>"
    line = (
        wrap(
            "cac:OrderLineReference",
            "<cbc:LineID>7</cbc:LineID>" + wrap("cac:OrderReference/cbc:ID", "{}"),
        )
        + "<cac:Item>"
    )
    on_line = changed(changed(INVOICE, order, ""), "<cac:Item>", line.format("PO-1"))
    assert _read(on_line).order_number == "PO-1"
    assert _read(on_line).lines[0].order_line_no == "7"
    assert _read(changed(INVOICE, "<cac:Item>", line.format("PO-1"))).order_number == "PO-1"
    _refused(SchemaInvalid, changed(INVOICE, "<cac:Item>", line.format("PO-2")))


def test_an_invoice_without_a_type_is_a_commercial_invoice():
    without = changed(INVOICE, "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>", "")
    assert _read(without).type_code == "380"


def test_a_factor_is_read_as_payee():
    payee = wrap("cac:PayeeParty/cac:PartyName/cbc:Name", "演示保理")
    factored = changed(INVOICE, "<cac:TaxTotal>", payee + "<cac:TaxTotal>")
    assert _read(factored).payee == TradeParty("演示保理", None, None)
