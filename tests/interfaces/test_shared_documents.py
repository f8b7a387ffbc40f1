"""Documents written by others, unchanged: what imports and what is refused.

They lie beside the repository, not in it; without them these tests are skipped.
"""

from pathlib import Path
from typing import Final

import pytest

from xinlian.connectors import DocumentError, read_document
from xinlian.connectors.errors import SchemaInvalid, UnsupportedDocumentType
from xinlian.crypto.field_tree import document_root
from xinlian.modules.evidence.statements import (
    STATEMENT_VERSION,
    BankEntryStatement,
    CreditNoteStatement,
    GoodsEventStatement,
    InvoiceStatement,
    OrderStatement,
    fields_of,
    schema_of,
)

SHARED: Final = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="shared data not present")

SCHEMAS: Final = {
    "UBL-Order-2.1-Example.xml": "order",
    "UBL-Invoice-2.1-Example.xml": "invoice",
    "UBL-CreditNote-2.1-Example.xml": "credit_note",
    "BIS_Billing_30-Factoring.xml": "invoice",
    "ubl-tc434-example1.xml": "invoice",
    "ubl-tc434-example2.xml": "invoice",
    "ubl-tc434-example3.xml": "invoice",
    "ubl-tc434-example5.xml": "invoice",
    "ubl-tc434-creditnote1.xml": "credit_note",
    "business_sample_camt.053.001.04.xml": "bank_entry",
    "business_sample_camt.054.001.04.xml": "bank_entry",
    "statement_ac04.xml": "bank_entry",
}
UNSUPPORTED: Final = {
    "UBL-OrderResponse-2.1-Example.xml",
    "UBL-Reminder-2.1-Example.xml",
    "UBL-InventoryReport-2.1-Example.xml",
    "business_sample_camt.052.001.04.xml",
}
INVALID: Final = {
    "Combination_of_events_with_missing_mandatory_fields.json": "/epcisBody/eventList/0/action",
    "Combination_of_non_standard_bizStep_and_disposition.json": "/epcisBody/eventList/0/bizStep",
    "ObjectEvent_with_ilmd_field_without_namespace.json": (
        "/epcisBody/eventList/0/ilmd/materialType"
    ),
    "ObjectEvent_with_invalid_certificationInfo.json": (
        "/epcisBody/eventList/0/certificationInfo/0"
    ),
    "ObjectEvent_with_non_standard_bizStep.json": "/epcisBody/eventList/0/bizStep",
    "ObjectEvent_with_non_standard_disposition.json": "/epcisBody/eventList/0/disposition",
    "ObjectEvent_with_unknown_field_in_quantityList.json": (
        "/epcisBody/eventList/0/quantityList/0/weight"
    ),
    "ObjectEvent_without_identifier_list.json": "/epcisBody/eventList/0",
}
ALL_KEYS_HASH: Final = (
    "ni:///sha-256;40744f32beff53a4bf5bb5956d465cb52de5bbcc9f131409d8efb903b04d9351?ver=CBV2.0"
)
"""Published for this very event in github.com/RalphTro/epcis-event-hash-generator @ 5d2f1c3."""


def _files(*folders, suffix):
    return sorted(path for folder in folders for path in (SHARED / folder).glob(f"*{suffix}"))


def _ids(path):
    return path.name


@pytest.mark.parametrize("path", _files("ubl", "iso20022", suffix=".xml"), ids=_ids)
def test_xml_documents_import_or_are_of_an_unsupported_kind(path):
    if path.name in UNSUPPORTED:
        with pytest.raises(UnsupportedDocumentType):
            read_document(path.read_bytes())
        return
    statement = read_document(path.read_bytes())
    assert schema_of(statement) == SCHEMAS[path.name]
    root = document_root(schema_of(statement), STATEMENT_VERSION, fields_of(statement), bytes(32))
    assert len(root) == 32


@pytest.mark.parametrize(
    "path", _files("epcis/documents", "epcis/events", suffix=".json"), ids=_ids
)
def test_epcis_documents_and_events_import(path):
    statement = read_document(path.read_bytes())
    assert isinstance(statement, GoodsEventStatement)
    assert statement.events
    assert all(event.event_hash.startswith("ni:///sha-256;") for event in statement.events)


@pytest.mark.parametrize("path", _files("epcis/invalid", suffix=".json"), ids=_ids)
def test_invalid_epcis_is_refused_with_the_pointer(path):
    with pytest.raises(SchemaInvalid) as refused:
        read_document(path.read_bytes())
    assert refused.value.reference == "connectors/schema_invalid"
    assert refused.value.where == INVALID[path.name]


def test_no_file_was_overlooked():
    xml = {path.name for path in _files("ubl", "iso20022", suffix=".xml")}
    assert xml == {*SCHEMAS, *UNSUPPORTED}
    assert {path.name for path in _files("epcis/invalid", suffix=".json")} == set(INVALID)
    assert len(_files("epcis/documents", "epcis/events", suffix=".json")) == 22


def _read(name):
    return read_document((SHARED / name).read_bytes())


def test_amounts_of_the_oasis_invoice():
    invoice = _read("ubl/UBL-Invoice-2.1-Example.xml")
    assert isinstance(invoice, InvoiceStatement)
    assert (invoice.number, invoice.currency, len(invoice.lines)) == ("TOSL108", "EUR", 5)
    assert (invoice.lines_net_minor, invoice.tax_minor) == (1_436_50, 292_20)
    assert (invoice.gross_minor, invoice.prepaid_minor) == (1_729_00, 1_000_00)
    assert (invoice.rounding_minor, invoice.payable_minor) == (30, 729_00)
    assert (invoice.order_number, invoice.contract_number) == ("123", "Contract321")
    assert invoice.lines[1].quantity_e6 == -1_000_000


def test_references_of_the_en_16931_example():
    invoice = _read("ubl/ubl-tc434-example5.xml")
    assert isinstance(invoice, InvoiceStatement)
    assert (invoice.order_number, invoice.despatch_number) == ("PO4711", "5433")
    assert (invoice.receipt_number, invoice.contract_number) == ("3544", "2013-05")
    assert (invoice.currency, invoice.tax_minor) == ("DKK", 675_00)


def test_the_factor_of_the_peppol_example_is_its_payee():
    invoice = _read("ubl/BIS_Billing_30-Factoring.xml")
    assert isinstance(invoice, InvoiceStatement)
    assert invoice.payee is not None
    assert invoice.payee.name == "Likviditet o. Finans AB"


def test_the_oasis_order_and_credit_note():
    order, note = _read("ubl/UBL-Order-2.1-Example.xml"), _read("ubl/ubl-tc434-creditnote1.xml")
    assert isinstance(order, OrderStatement)
    assert isinstance(note, CreditNoteStatement)
    assert (order.number, order.contract_number, order.net_minor) == ("34", "34322", 6_225_00)
    assert (note.number, note.gross_minor) == ("018304 / 28865", 100_11)


def test_entries_of_the_camt_samples():
    statement = _read("iso20022/business_sample_camt.053.001.04.xml")
    assert isinstance(statement, BankEntryStatement)
    assert (statement.opening_balance_minor, statement.closing_balance_minor) == (
        500_000_00,
        435_678_50,
    )
    assert [entry.is_credit for entry in statement.entries] == [True, False, True]
    assert statement.entries[2].amount_minor == 30_000_00, "the account's amount, not the EUR"


def test_a_returned_payment_is_marked():
    statement = _read("iso20022/statement_ac04.xml")
    assert isinstance(statement, BankEntryStatement)
    assert [entry.is_return for entry in statement.entries] == [True, True, False]


def test_the_published_hash_of_an_event_with_all_keys():
    statement = _read("epcis/documents/epcisDocWithAllGS1Keys.json")
    assert isinstance(statement, GoodsEventStatement)
    assert statement.events[0].event_hash == ALL_KEYS_HASH


@pytest.mark.parametrize(
    "path",
    _files("ubl", "iso20022", suffix=".xml")
    + _files("epcis/documents", "epcis/events", suffix=".json"),
    ids=_ids,
)
def test_half_of_a_real_document_is_refused_by_name(path):
    data = path.read_bytes()
    with pytest.raises(DocumentError):
        read_document(data[: len(data) // 2])
