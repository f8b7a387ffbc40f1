"""数电票: what it states, and each way in which it is refused."""

import pytest

from unit.connectors.samples import BUYER, SELLER, changed
from xinlian.connectors import read_document
from xinlian.connectors.errors import (
    AmountInvalid,
    DateInvalid,
    ForbiddenConstruct,
    MissingElement,
    SchemaInvalid,
    UnsupportedDocumentType,
    WrongCheckDigit,
)
from xinlian.modules.evidence.statements import CreditNoteStatement, InvoiceStatement
from xinlian.primitives.time import day_of_iso

NUMBER = "26991000000000000001"
EINVOICE = f"""<?xml version="1.0" encoding="UTF-8"?>
<EInvoice><Header><EIid>{NUMBER}</EIid><InherentLabel><GeneralOrSpecialVAT>
<LabelCode>01</LabelCode><LabelName>增值税专用发票</LabelName></GeneralOrSpecialVAT></InherentLabel>
</Header><EInvoiceData>
<SellerInformation><SellerIdNum>{SELLER}</SellerIdNum><SellerName>演示一级供应商</SellerName>
</SellerInformation>
<BuyerInformation><BuyerIdNum>{BUYER}</BuyerIdNum><BuyerName>演示核心企业</BuyerName>
</BuyerInformation>
<BasicInformation><TotalAmWithoutTax>1000.00</TotalAmWithoutTax><TotalTaxAm>130.00</TotalTaxAm>
<TotalTax-includedAmount>1130.00</TotalTax-includedAmount></BasicInformation>
<IssuItemInformation><ItemName>*通用设备*电机</ItemName><SpecMod>Y2-90</SpecMod>
<MeaUnits>台</MeaUnits><Quantity>4</Quantity><UnPrice>250.0000000000</UnPrice>
<Amount>1000.00</Amount><TaxRate>0.13</TaxRate><ComTaxAm>130.00</ComTaxAm></IssuItemInformation>
<AdditionalInformation><Remark>合同编号：HT-2026-001 订单号:PO-2026-001</Remark>
</AdditionalInformation></EInvoiceData>
<TaxSupervisionInfo><InvoiceNumber>{NUMBER}</InvoiceNumber>
<IssueTime>2026-09-14 10:00:00</IssueTime></TaxSupervisionInfo></EInvoice>""".encode()
BLUE = "26991000000000000777"


def red() -> bytes:
    """Return a red invoice that takes another back."""
    data = EINVOICE
    for name in ("TotalAmWithoutTax", "TotalTaxAm", "TotalTax-includedAmount", "Amount"):
        data = changed(data, f"<{name}>", f"<{name}>-")
    data = changed(data, "<Quantity>4", "<Quantity>-4")
    return changed(data, "合同编号：HT-2026-001 订单号:PO-2026-001", f"被红冲蓝字发票号码：{BLUE}")


def invoice(data: bytes = EINVOICE) -> InvoiceStatement:
    statement = read_document(data)
    assert isinstance(statement, InvoiceStatement)
    return statement


def test_it_becomes_the_invoice_that_the_checks_read():
    says = invoice()
    assert (says.source_format, says.number, says.currency) == ("cn-einvoice", NUMBER, "CNY")
    assert (says.net_minor, says.tax_minor, says.gross_minor) == (100_000, 13_000, 113_000)
    assert (says.seller.uscc, says.buyer.uscc) == (SELLER, BUYER)
    assert (says.contract_number, says.order_number) == ("HT-2026-001", "PO-2026-001")
    assert says.issue_day == day_of_iso("2026-09-14")
    line = says.lines[0]
    assert (line.item_name, line.unit, line.quantity_e6) == (
        "*通用设备*电机 Y2-90",
        "台",
        4_000_000,
    )
    assert (line.unit_price_e6, line.net_minor, line.tax_rate_e9) == (
        250_000_000,
        100_000,
        130_000_000,
    )


@pytest.mark.parametrize(
    ("written", "rate_e9"), [("13%", 130_000_000), ("0.13", 130_000_000), ("免税", None)]
)
def test_a_rate_is_a_share_a_percentage_or_a_word(written, rate_e9):
    says = invoice(changed(EINVOICE, "<TaxRate>0.13", f"<TaxRate>{written}"))
    assert says.lines[0].tax_rate_e9 == rate_e9


def test_a_price_beyond_six_decimals_is_left_out_not_rounded():
    says = invoice(changed(EINVOICE, "250.0000000000", "250.0000001"))
    assert says.lines[0].unit_price_e6 is None


def test_the_label_may_be_absent_and_the_day_may_stand_alone():
    bare = changed(EINVOICE, "<LabelCode>01</LabelCode>", "")
    assert invoice(bare).number == NUMBER
    day = invoice(changed(EINVOICE, "2026-09-14 10:00:00", "2026-09-14")).issue_day
    assert day == day_of_iso("2026-09-14")


def test_a_tax_number_of_another_form_is_kept_as_it_is():
    says = invoice(changed(EINVOICE, BUYER, "310101199001011234X"))
    assert (says.buyer.uscc, says.buyer.other_id) == (None, "tax:310101199001011234X")


def test_a_red_invoice_is_a_credit_note_that_names_the_one_it_takes_back():
    says = read_document(red())
    assert isinstance(says, CreditNoteStatement)
    assert says.invoice_numbers == (BLUE,)
    assert (says.net_minor, says.tax_minor, says.gross_minor) == (100_000, 13_000, 113_000)
    assert (says.lines[0].quantity_e6, says.lines[0].net_minor) == (4_000_000, 100_000)
    with pytest.raises(MissingElement):
        read_document(changed(red(), BLUE, "1"))


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (NUMBER, NUMBER[:-1], SchemaInvalid),
        (f"<EIid>{NUMBER}", f"<EIid>{BLUE}", SchemaInvalid),
        ("<LabelCode>01", "<LabelCode>03", UnsupportedDocumentType),
        (SELLER, SELLER[:-1] + ("0" if SELLER[-1] != "0" else "1"), WrongCheckDigit),
        ("<SellerName>演示一级供应商", "<SellerName>", MissingElement),
        (f"<BuyerIdNum>{BUYER}", "<BuyerIdNum>", MissingElement),
        ("<TotalTaxAm>130.00", "<TotalTaxAm>-130.00", SchemaInvalid),
        ("<TotalTaxAm>130.00", "<TotalTaxAm>1e2", AmountInvalid),
        ("<TotalTaxAm>130.00", "<TotalTaxAm>130.001", AmountInvalid),
        ("<Quantity>4</Quantity>", "", MissingElement),
        ("2026-09-14 10:00:00", "2026-02-30", DateInvalid),
        ("2026-09-14 10:00:00", "14.09.2026", DateInvalid),
        ("合同编号：HT-2026-001", "合同：HT-1 合同：HT-2", SchemaInvalid),
        ("</EInvoiceData>", "<BuyerInformation/></EInvoiceData>", SchemaInvalid),
    ],
)
def test_what_is_wrong_is_refused_by_name(old, new, error):
    with pytest.raises(error):
        read_document(changed(EINVOICE, old, new))


def test_a_file_without_lines_is_refused():
    start, end = EINVOICE.index(b"<IssuItemInf"), EINVOICE.index(b"<AdditionalInf")
    with pytest.raises(MissingElement):
        read_document(EINVOICE[:start] + EINVOICE[end:])


def test_an_entity_is_refused_before_it_is_expanded():
    with pytest.raises(ForbiddenConstruct):
        read_document(b'<!DOCTYPE EInvoice [<!ENTITY a "aa">]>' + EINVOICE.partition(b"?>")[2])
