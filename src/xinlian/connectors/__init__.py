"""Formats of the outside world, read into statements and written from instructions.

Rules this file keeps:
 1. A format is recognised by the content of the file: its root's namespace, or its JSON shape.
 2. Reading means parsing and validating; it never means that what is stated is true.
 3. A statement names its format and the SHA-256 of the very bytes it was read from.
"""

import hashlib
from typing import Final, NamedTuple

from lxml import etree

from xinlian.connectors.contract import CONTRACT_FORMAT, read_contract
from xinlian.connectors.einvoice import EINVOICE_ROOT, read_einvoice
from xinlian.connectors.epcis import EPCIS_EVENT_TYPES, EPCIS_FORMAT, read_epcis
from xinlian.connectors.errors import (
    DocumentError,
    TooLarge,
    UnknownFormat,
    UnsupportedDocumentType,
    quoted,
)
from xinlian.connectors.iso20022 import ISO20022_NAMESPACE, read_iso20022
from xinlian.connectors.iso20022.camt053 import (
    AccountStatement,
    StatementEntry,
    write_statement,
)
from xinlian.connectors.iso20022.pain001 import PaymentInstruction, write_payment_order
from xinlian.connectors.json_input import JsonObject, read_json
from xinlian.connectors.limits import DOCUMENT_BYTES_MAX
from xinlian.connectors.ubl import UBL_NAMESPACE, read_ubl
from xinlian.connectors.xml_input import read_xml
from xinlian.modules.evidence.statements import Statement

__all__ = [
    "DOCUMENT_BYTES_MAX",
    "SUPPORTED",
    "AccountStatement",
    "DocumentError",
    "PaymentInstruction",
    "StatementEntry",
    "SupportedDocument",
    "read_document",
    "write_payment_order",
    "write_statement",
]

_BOM: Final = b"\xef\xbb\xbf"
_UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
_CONTRACT_FAMILY: Final = "xinlian-contract-"
_EPCIS_DOCUMENTS: Final = ("EPCISDocument", "EPCISQueryDocument")


class SupportedDocument(NamedTuple):
    """A kind of document that is read."""

    standard: str
    kind: str
    recognised_by: str
    schema: str
    """Of the statement that it becomes."""


SUPPORTED: Final = (
    SupportedDocument("UBL 2.x", "Order", f"{UBL_NAMESPACE}Order-2", "order"),
    SupportedDocument("UBL 2.x", "DespatchAdvice", f"{UBL_NAMESPACE}DespatchAdvice-2", "despatch"),
    SupportedDocument(
        "UBL 2.x", "ReceiptAdvice", f"{UBL_NAMESPACE}ReceiptAdvice-2", "goods_receipt"
    ),
    SupportedDocument("UBL 2.x, EN 16931", "Invoice", f"{UBL_NAMESPACE}Invoice-2", "invoice"),
    SupportedDocument(
        "UBL 2.x, EN 16931", "CreditNote", f"{UBL_NAMESPACE}CreditNote-2", "credit_note"
    ),
    SupportedDocument("EPCIS 2.0 JSON", "document or event", "type", "goods_event"),
    SupportedDocument(
        "ISO 20022", "camt.053.001.02-.14", f"{ISO20022_NAMESPACE}camt.053.001.*", "bank_entry"
    ),
    SupportedDocument(
        "ISO 20022", "camt.054.001.02-.14", f"{ISO20022_NAMESPACE}camt.054.001.*", "bank_entry"
    ),
    SupportedDocument("数电票 XML", "EInvoice", EINVOICE_ROOT, "invoice"),
    SupportedDocument("数电票 XML", "EInvoice (红字)", EINVOICE_ROOT, "credit_note"),
    SupportedDocument(CONTRACT_FORMAT, "contract", "format", "contract"),
)


def read_document(data: bytes) -> Statement:
    """Return what a file states, whatever format of ``SUPPORTED`` it is in.

    Args:
        data: the file's bytes, at most 5 MiB.

    Raises:
        DocumentError: the file is refused; see ``errors.py`` for the reasons.
    """
    if len(data) > DOCUMENT_BYTES_MAX:
        raise TooLarge("", f"{len(data)} bytes")
    source_hash = hashlib.sha256(data).hexdigest()
    start = data.removeprefix(_BOM).lstrip()[:1]
    if start == b"<" or data.startswith(_UTF16_BOMS):
        return _read_xml(read_xml(data), source_hash)
    if start in (b"{", b"["):
        return _read_json(read_json(data), source_hash)
    raise UnknownFormat("", "it is neither XML nor JSON")


def _read_xml(root: etree._Element, source_hash: str) -> Statement:
    namespace = etree.QName(root).namespace or ""
    if namespace.startswith(UBL_NAMESPACE):
        return read_ubl(root, source_hash)
    if namespace.startswith(ISO20022_NAMESPACE):
        return read_iso20022(root, source_hash)
    if etree.QName(root).localname == EINVOICE_ROOT:
        return read_einvoice(root, source_hash)
    raise UnknownFormat(f"/{etree.QName(root).localname}", f"namespace {quoted(namespace)}")


def _read_json(document: object, source_hash: str) -> Statement:
    if not isinstance(document, dict):
        raise UnknownFormat("", "a document is a JSON object")
    name = document.get("format")
    if name == CONTRACT_FORMAT:
        return read_contract(document, source_hash)
    if isinstance(name, str) and name.startswith(_CONTRACT_FAMILY):
        raise UnsupportedDocumentType("/format", quoted(name))
    if _is_epcis(document):
        return read_epcis(document, source_hash)
    raise UnknownFormat("", f"its form is neither {EPCIS_FORMAT} nor {CONTRACT_FORMAT}")


def _is_epcis(document: JsonObject) -> bool:
    kind = document.get("type")
    return "@context" in document or kind in (*EPCIS_EVENT_TYPES, *_EPCIS_DOCUMENTS)
