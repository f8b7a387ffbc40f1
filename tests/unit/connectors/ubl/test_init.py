"""UBL documents are known by namespace and root element, whatever their 2.x version."""

import pytest

from unit.connectors.samples import INVOICE, ORDER, changed
from xinlian.connectors.errors import SchemaInvalid, UnsupportedDocumentType
from xinlian.connectors.ubl import UBL_KINDS, read_ubl
from xinlian.connectors.xml_input import read_xml

NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd"


def _read(data):
    return read_ubl(read_xml(data), "00")


def test_the_five_kinds_are_these():
    assert UBL_KINDS == ("Order", "DespatchAdvice", "ReceiptAdvice", "Invoice", "CreditNote")


@pytest.mark.parametrize("version", ["2.0", "2.1", "2.2", "2.3", "2.4", "2.5"])
def test_any_version_2_is_read_alike(version):
    other = changed(ORDER, ">2.1<", f">{version}<")
    assert _read(other) == _read(ORDER)
    assert _read(other).source_format == "ubl-2-Order"


@pytest.mark.parametrize(
    "kind", ["OrderResponse-2", "Reminder-2", "InventoryReport-2", "Order-3", "Order"]
)
def test_another_kind_or_major_version_is_refused_by_name(kind):
    with pytest.raises(UnsupportedDocumentType) as refused:
        _read(changed(ORDER, f"{NAMESPACE}:Order-2", f"{NAMESPACE}:{kind}"))
    assert kind in refused.value.detail


def test_a_root_that_is_not_its_namespace_s_is_refused():
    with pytest.raises(SchemaInvalid):
        _read(changed(INVOICE, f"{NAMESPACE}:Invoice-2", f"{NAMESPACE}:CreditNote-2"))


def test_prefixes_do_not_matter():
    other = changed(changed(ORDER, "cbc:", "b:"), "xmlns:cbc=", "xmlns:b=")
    assert _read(other) == _read(ORDER)
