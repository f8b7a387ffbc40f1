"""UBL Invoice and CreditNote, EN 16931 among them.

Rules this file keeps:
 1. Amounts are read as the document gives them; whether they add up is for the checks.
 2. A document that is negative in total is refused: it is a document of the other kind.
"""

from typing import Final

from xinlian.connectors.errors import SchemaInvalid
from xinlian.connectors.ubl.lines import LineForm, lines_of, references, the_only
from xinlian.connectors.ubl.money import Money, document_currency, tax_minor
from xinlian.connectors.ubl.parties import party_in, party_of
from xinlian.connectors.xml_input import XmlNode
from xinlian.modules.evidence.statements import CreditNoteStatement, InvoiceStatement

COMMERCIAL_INVOICE: Final = "380"
"""UNTDID 1001; what an invoice is that names no type."""

_INVOICE_LINE: Final = LineForm("cac:InvoiceLine", "cbc:InvoicedQuantity", is_signed=True)
_CREDIT_LINE: Final = LineForm("cac:CreditNoteLine", "cbc:CreditedQuantity", is_signed=True)
_SUPPLIER: Final = "cac:AccountingSupplierParty"
_CUSTOMER: Final = "cac:AccountingCustomerParty"


def read_invoice(invoice: XmlNode, source_format: str, source_hash: str) -> InvoiceStatement:
    """Return what an invoice states; raises DocumentError."""
    money = Money(document_currency(invoice))
    totals = invoice.required("cac:LegalMonetaryTotal")
    payee = invoice.optional("cac:PayeeParty")
    lines = invoice.all("cac:InvoiceLine")
    return InvoiceStatement(
        source_format=source_format,
        source_hash=source_hash,
        number=invoice.required_text("cbc:ID"),
        type_code=invoice.optional_text("cbc:InvoiceTypeCode") or COMMERCIAL_INVOICE,
        issue_day=invoice.required("cbc:IssueDate").day(),
        due_day=_due_day(invoice),
        seller=party_in(invoice, _SUPPLIER),
        buyer=party_in(invoice, _CUSTOMER),
        payee=None if payee is None else party_of(payee),
        currency=money.currency,
        contract_number=_document(invoice, "cac:ContractDocumentReference", "contracts"),
        order_number=_order_number(invoice, lines),
        despatch_number=_line_document(invoice, lines, "Despatch", "despatch advices"),
        receipt_number=_line_document(invoice, lines, "Receipt", "receipt advices"),
        lines=lines_of(invoice, _INVOICE_LINE, money),
        lines_net_minor=money.required(totals, "cbc:LineExtensionAmount"),
        allowances_minor=money.optional(totals, "cbc:AllowanceTotalAmount") or 0,
        charges_minor=money.optional(totals, "cbc:ChargeTotalAmount") or 0,
        net_minor=money.required(totals, "cbc:TaxExclusiveAmount"),
        tax_minor=tax_minor(invoice, money),
        gross_minor=money.required(totals, "cbc:TaxInclusiveAmount"),
        prepaid_minor=money.optional(totals, "cbc:PrepaidAmount") or 0,
        rounding_minor=money.optional(totals, "cbc:PayableRoundingAmount", signed=True) or 0,
        payable_minor=money.required(totals, "cbc:PayableAmount"),
    )


def read_credit_note(note: XmlNode, source_format: str, source_hash: str) -> CreditNoteStatement:
    """Return what a credit note states; raises DocumentError."""
    money = Money(document_currency(note))
    totals = note.required("cac:LegalMonetaryTotal")
    invoices = references([note], "cac:BillingReference", "cac:InvoiceDocumentReference", "cbc:ID")
    return CreditNoteStatement(
        source_format=source_format,
        source_hash=source_hash,
        number=note.required_text("cbc:ID"),
        issue_day=note.required("cbc:IssueDate").day(),
        seller=party_in(note, _SUPPLIER),
        buyer=party_in(note, _CUSTOMER),
        currency=money.currency,
        invoice_numbers=tuple(dict.fromkeys(filter(None, (node.text() for node in invoices)))),
        lines=lines_of(note, _CREDIT_LINE, money),
        net_minor=money.required(totals, "cbc:TaxExclusiveAmount"),
        tax_minor=tax_minor(note, money),
        gross_minor=money.required(totals, "cbc:TaxInclusiveAmount"),
    )


def _due_day(invoice: XmlNode) -> int | None:
    """Return the day on which all of it is due: in UBL 2.0 it stood with the means of payment."""
    stated = invoice.optional("cbc:DueDate")
    if stated is not None:
        return stated.day()
    days = {node.day() for node in references([invoice], "cac:PaymentMeans", "cbc:PaymentDueDate")}
    if len(days) > 1:
        raise SchemaInvalid(invoice.path, "it is due on several days; split it, one for each")
    return next(iter(days), None)


def _order_number(invoice: XmlNode, lines: list[XmlNode]) -> str | None:
    header = references([invoice], "cac:OrderReference", "cbc:ID")
    on_lines = references(lines, "cac:OrderLineReference", "cac:OrderReference", "cbc:ID")
    return the_only(invoice, [*header, *on_lines], "orders")


def _line_document(invoice: XmlNode, lines: list[XmlNode], kind: str, what: str) -> str | None:
    """Return the id of a despatch or receipt that header or lines refer to."""
    header = references([invoice], f"cac:{kind}DocumentReference", "cbc:ID")
    on_lines = references(lines, f"cac:{kind}LineReference", "cac:DocumentReference", "cbc:ID")
    return the_only(invoice, [*header, *on_lines], what)


def _document(invoice: XmlNode, name: str, what: str) -> str | None:
    return the_only(invoice, references([invoice], name, "cbc:ID"), what)
