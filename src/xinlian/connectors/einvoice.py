"""China's fully digitalised invoice (数电票) as XML, ``EInvoice``; a red one takes another back.

Rules this file keeps:
 1. The number has 20 digits; where the header gives it too, the two are one.
 2. Seller and buyer are named by their tax number; one with the form of a unified social credit
    code has its check character.
 3. Label 01 is a special invoice, 02 an ordinary one; other labels are refused by name.
 4. A file that is negative in total (红字) becomes a credit note with positive amounts, and its
    remark has to name the invoice that it takes back.
 5. Numbers of contract and order stand in the remark (备注), after 合同 and 订单.
 6. A price with more than six decimals is left out: the line's own amount stands.
 7. The file proves nothing by itself: whether the tax authority issued it is for a verifier to ask.

Source: ten public parsers agree on these names; no official schema was found [unverified].
STA Notice 2024-11 for the number [secondary source, unverified].
"""

import re
from typing import Final

from lxml import etree

from xinlian.connectors.errors import (
    MissingElement,
    SchemaInvalid,
    TooManyNodes,
    UnsupportedDocumentType,
    quoted,
)
from xinlian.connectors.identifiers import uscc_of
from xinlian.connectors.values import (
    E6_DECIMALS,
    E9_DECIMALS,
    amount_minor,
    day_of,
    decimal_of,
    percent_e9,
    quantity_e6,
    scaled,
)
from xinlian.connectors.xml_input import XmlNode, node_of
from xinlian.modules.evidence.statements import (
    LINES_MAX,
    CreditNoteStatement,
    InvoiceStatement,
    TradeLine,
    TradeParty,
)

EINVOICE_ROOT: Final = "EInvoice"
EINVOICE_FORMAT: Final = "cn-einvoice"
LABELS: Final = {"01": "special", "02": "ordinary"}
"""Label code of ``GeneralOrSpecialVAT`` → kind of tax invoice; files without a label occur."""
COMMERCIAL_INVOICE: Final = "380"
CNY: Final = "CNY"
_NUMBER: Final = re.compile(r"[0-9]{20}")
_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T][0-9]{2}:[0-9]{2}:[0-9]{2})?")
_CONTRACT: Final = re.compile(r"合同(?:编号|号码|号)?[:：\s]*([0-9A-Za-z][0-9A-Za-z/_-]{0,63})")
_ORDER: Final = re.compile(r"订单(?:编号|号码|号)?[:：\s]*([0-9A-Za-z][0-9A-Za-z/_-]{0,63})")
_TAKEN_BACK: Final = re.compile(r"发票号码[:：\s]*([0-9]{20})(?![0-9])")
_DATA: Final = "EInvoiceData"
_BASIC: Final = (_DATA, "BasicInformation")
_LABEL: Final = ("Header", "InherentLabel", "GeneralOrSpecialVAT", "LabelCode")


def read_einvoice(root: etree._Element, source_hash: str) -> InvoiceStatement | CreditNoteStatement:
    """Return what a 数电票 states.

    Raises:
        DocumentError: see ``errors.py`` and the rules of this file.
    """
    document = node_of(root, {"": etree.QName(root).namespace or ""})
    _check_label(document)
    gross_minor = _minor(document.required(*_BASIC, "TotalTax-includedAmount"))
    if gross_minor < 0:
        return _credit_note(document, source_hash)
    return _invoice(document, source_hash)


def _invoice(document: XmlNode, source_hash: str) -> InvoiceStatement:
    net_minor, tax_minor, gross_minor = _totals(document, sign=1)
    lines = _lines(document, sign=1)
    return InvoiceStatement(
        source_format=EINVOICE_FORMAT,
        source_hash=source_hash,
        number=_number(document),
        type_code=COMMERCIAL_INVOICE,
        issue_day=_issue_day(document),
        due_day=None,
        seller=_party(document, "Seller"),
        buyer=_party(document, "Buyer"),
        payee=None,
        currency=CNY,
        contract_number=_in_remark(document, _CONTRACT, "contracts"),
        order_number=_in_remark(document, _ORDER, "orders"),
        despatch_number=None,
        receipt_number=None,
        lines=lines,
        lines_net_minor=sum(line.net_minor or 0 for line in lines),
        allowances_minor=0,
        charges_minor=0,
        net_minor=net_minor,
        tax_minor=tax_minor,
        gross_minor=gross_minor,
        prepaid_minor=0,
        rounding_minor=0,
        payable_minor=gross_minor,
    )


def _credit_note(document: XmlNode, source_hash: str) -> CreditNoteStatement:
    taken_back = _in_remark(document, _TAKEN_BACK, "invoices")
    if taken_back is None:
        raise MissingElement(
            f"{document.path}/{_DATA}/AdditionalInformation/Remark",
            "a red invoice names the number of the one that it takes back",
        )
    net_minor, tax_minor, gross_minor = _totals(document, sign=-1)
    return CreditNoteStatement(
        source_format=EINVOICE_FORMAT,
        source_hash=source_hash,
        number=_number(document),
        issue_day=_issue_day(document),
        seller=_party(document, "Seller"),
        buyer=_party(document, "Buyer"),
        currency=CNY,
        invoice_numbers=(taken_back,),
        lines=_lines(document, sign=-1),
        net_minor=net_minor,
        tax_minor=tax_minor,
        gross_minor=gross_minor,
    )


def _check_label(document: XmlNode) -> None:
    label = document.optional_text(*_LABEL)
    if label is not None and label not in LABELS:
        where = "/".join((document.path, *_LABEL))
        raise UnsupportedDocumentType(where, f"label {quoted(label)}; 01 and 02 are read")


def _number(document: XmlNode) -> str:
    node = document.required("TaxSupervisionInfo", "InvoiceNumber")
    number = node.text()
    if not _NUMBER.fullmatch(number):
        raise SchemaInvalid(node.path, f"{quoted(number)} has not 20 digits")
    header = document.optional("Header", "EIid")
    if header is not None and header.text() != number:
        raise SchemaInvalid(header.path, "it is not the number of the invoice")
    return number


def _issue_day(document: XmlNode) -> int:
    """Return the day on which it was issued; the hour is not kept."""
    node = document.required("TaxSupervisionInfo", "IssueTime")
    text = node.text()
    match = _DAY.fullmatch(text)
    return day_of(match[1] if match else text, node.path)


def _party(document: XmlNode, role: str) -> TradeParty:
    information = document.required(_DATA, f"{role}Information")
    name = information.required_text(f"{role}Name")
    number = information.required(f"{role}IdNum")
    text = number.text()
    if not text:
        raise MissingElement(number.path, "it is empty")
    code = uscc_of(text, None, number.path)
    return TradeParty(name, code, None if code else f"tax:{text}")


def _totals(document: XmlNode, *, sign: int) -> tuple[int, int, int]:
    """Return net, tax and gross times the sign; raises SchemaInvalid where one has the other."""
    found = []
    for name in ("TotalAmWithoutTax", "TotalTaxAm", "TotalTax-includedAmount"):
        node = document.required(*_BASIC, name)
        minor = _minor(node) * sign
        if minor < 0:
            raise SchemaInvalid(node.path, "its sign is not that of the gross amount")
        found.append(minor)
    return (found[0], found[1], found[2])


def _minor(node: XmlNode) -> int:
    return amount_minor(node.text(), CNY, node.path, signed=True)


def _lines(document: XmlNode, *, sign: int) -> tuple[TradeLine, ...]:
    nodes = document.required(_DATA).all("IssuItemInformation")
    if not nodes:
        raise MissingElement(f"{document.path}/{_DATA}/IssuItemInformation")
    if len(nodes) > LINES_MAX:
        raise TooManyNodes(f"{document.path}/{_DATA}", f"more than {LINES_MAX} lines")
    return tuple(_line(node, str(number), sign) for number, node in enumerate(nodes, 1))


def _line(node: XmlNode, line_no: str, sign: int) -> TradeLine:
    quantity = node.required("Quantity")
    name, model = node.required_text("ItemName"), node.optional_text("SpecMod")
    return TradeLine(
        line_no=line_no,
        item_id=None,
        item_name=name if model is None else f"{name} {model}",
        quantity_e6=quantity_e6(quantity.text(), quantity.path, signed=True) * sign,
        unit=node.optional_text("MeaUnits"),
        unit_price_e6=_price_e6(node.optional("UnPrice")),
        net_minor=_minor(node.required("Amount")) * sign,
        tax_rate_e9=_rate_e9(node.optional("TaxRate")),
        rejected_quantity_e6=None,
        order_line_no=None,
    )


def _price_e6(node: XmlNode | None) -> int | None:
    text = "" if node is None else node.text()
    if node is None or not text:
        return None
    decimals = len(text.partition(".")[2].rstrip("0"))
    return None if decimals > E6_DECIMALS else quantity_e6(text, node.path)


def _rate_e9(node: XmlNode | None) -> int | None:
    """Return a rate written as 0.13 or as 13%; None for words such as 免税."""
    text = "" if node is None else node.text()
    if node is None or not text or not text[0].isascii():
        return None
    if text.endswith("%"):
        return percent_e9(text[:-1], node.path)
    return scaled(decimal_of(text, node.path), E9_DECIMALS, node.path, signed=False)


def _in_remark(document: XmlNode, pattern: re.Pattern[str], what: str) -> str | None:
    """Return the one number that the remark gives; raises SchemaInvalid if it gives several."""
    remark = document.optional(_DATA, "AdditionalInformation", "Remark")
    if remark is None:
        return None
    numbers = sorted(set(pattern.findall(remark.text())))
    if len(numbers) > 1:
        raise SchemaInvalid(remark.path, f"it names several {what}; split it, one for each")
    return numbers[0] if numbers else None
