"""Lines of documents: numbers are unique, items and rates are found where documents keep them."""

import pytest

from unit.connectors.samples import ORDER, changed
from xinlian.connectors.errors import DuplicateId, MissingElement, TooManyNodes
from xinlian.connectors.ubl import NAMESPACES
from xinlian.connectors.ubl.logistics import read_order
from xinlian.connectors.xml_input import node_of, read_xml

LINE = ORDER[ORDER.index(b"<cac:OrderLine>") : ORDER.index(b"</Order>")].decode()
STANDARD = LINE[
    LINE.index("<cac:StandardItemIdentification>") : LINE.index("<cac:ClassifiedTaxCategory>")
]
CATEGORY = LINE[LINE.index("<cac:ClassifiedTaxCategory>") : LINE.index("</cac:Item>")]
NAME = "<cbc:Name>不锈钢离心泵</cbc:Name>"


def _line(data):
    return read_order(node_of(read_xml(data), NAMESPACES), "", "").lines[0]


def test_line_numbers_are_unique():
    with pytest.raises(DuplicateId) as refused:
        _line(changed(ORDER, LINE, LINE + LINE))
    assert refused.value.where == "/Order/cac:OrderLine[2]"


def test_the_number_of_lines_is_bounded():
    one = "<cac:OrderLine><cac:LineItem/></cac:OrderLine>"
    with pytest.raises(TooManyNodes):
        _line(changed(ORDER, LINE, one * 10_001))


def test_an_item_may_be_named_by_seller_or_buyer_alone():
    seller = "<cac:SellersItemIdentification><cbc:ID>P-7</cbc:ID></cac:SellersItemIdentification>"
    buyer = "<cac:BuyersItemIdentification><cbc:ID>B-7</cbc:ID></cac:BuyersItemIdentification>"
    assert _line(changed(ORDER, STANDARD, buyer + seller)).item_id == "seller:P-7"
    assert _line(changed(ORDER, STANDARD, buyer)).item_id == "buyer:B-7"
    assert _line(changed(ORDER, STANDARD, "")).item_id is None


def test_an_item_without_a_name_is_known_by_its_first_description():
    described = "<cbc:Description>泵</cbc:Description><cbc:Description>更多</cbc:Description>"
    assert _line(changed(ORDER, NAME, described)).item_name == "泵"
    assert _line(changed(ORDER, NAME, "")).item_name is None


def test_a_rate_is_read_only_where_there_is_one():
    assert _line(ORDER).tax_rate_e9 == 130_000_000
    assert _line(changed(ORDER, CATEGORY, "")).tax_rate_e9 is None
    assert _line(changed(ORDER, CATEGORY, CATEGORY + CATEGORY)).tax_rate_e9 is None


def test_a_line_needs_an_item():
    start, end = LINE.index("<cac:Item>"), LINE.index("</cac:Item>") + len("</cac:Item>")
    with pytest.raises(MissingElement) as refused:
        _line(changed(ORDER, LINE[start:end], ""))
    assert refused.value.where == "/Order/cac:OrderLine[1]/cac:LineItem/cac:Item"
