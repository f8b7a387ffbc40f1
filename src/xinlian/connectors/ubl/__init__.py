"""UBL 2: Order, DespatchAdvice, ReceiptAdvice, Invoice and CreditNote of any 2.x version.

Rules this file keeps:
 1. The kind of document is its namespace and root element; the version is not asked, because all
    2.x share them.
 2. What a statement needs must be there, by name; the rest of the document is not read.

Source: OASIS Universal Business Language 2.1 to 2.4; EN 16931-1, CEN/TS 16931-3-2.
"""

from collections.abc import Callable
from typing import Final

from lxml import etree

from xinlian.connectors.errors import SchemaInvalid, UnsupportedDocumentType, quoted
from xinlian.connectors.ubl.billing import read_credit_note, read_invoice
from xinlian.connectors.ubl.logistics import read_despatch, read_order, read_receipt
from xinlian.connectors.xml_input import XmlNode, node_of
from xinlian.modules.evidence.statements import Statement

UBL_NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMESPACES: Final = {
    "cac": f"{UBL_NAMESPACE}CommonAggregateComponents-2",
    "cbc": f"{UBL_NAMESPACE}CommonBasicComponents-2",
}
_READERS: Final[dict[str, Callable[[XmlNode, str, str], Statement]]] = {
    "Order": read_order,
    "DespatchAdvice": read_despatch,
    "ReceiptAdvice": read_receipt,
    "Invoice": read_invoice,
    "CreditNote": read_credit_note,
}
UBL_KINDS: Final = tuple(_READERS)


def read_ubl(root: etree._Element, source_hash: str) -> Statement:
    """Return what a UBL document states.

    Raises:
        UnsupportedDocumentType: it is of another kind, or not UBL 2.
        DocumentError: see ``errors.py``.
    """
    document = node_of(root, NAMESPACES)
    kind, _, major = document.namespace.removeprefix(UBL_NAMESPACE).rpartition("-")
    if major != "2" or kind not in _READERS:
        name = document.namespace.removeprefix(UBL_NAMESPACE)
        raise UnsupportedDocumentType(document.path, f"UBL {quoted(name)}")
    if document.local_name != kind:
        raise SchemaInvalid(document.path, f"its namespace is that of {kind}")
    return _READERS[kind](document, f"ubl-2-{kind}", source_hash)
