"""Prices of one unit, from prices of several."""

import pytest

from unit.connectors.samples import ORDER, changed
from xinlian.connectors.errors import AmountInvalid, MissingElement
from xinlian.connectors.ubl import NAMESPACES
from xinlian.connectors.ubl.logistics import read_order
from xinlian.connectors.xml_input import node_of, read_xml

PRICE = '<cbc:PriceAmount currencyID="CNY">1500.125</cbc:PriceAmount>'


def _price_e6(price):
    return (
        read_order(node_of(read_xml(changed(ORDER, PRICE, price)), NAMESPACES), "", "")
        .lines[0]
        .unit_price_e6
    )


def _per(amount, base):
    return (
        f'<cbc:PriceAmount currencyID="CNY">{amount}</cbc:PriceAmount>'
        f'<cbc:BaseQuantity unitCode="EA">{base}</cbc:BaseQuantity>'
    )


@pytest.mark.parametrize(
    ("price", "unit_price_e6"),
    [
        (_per("1500.125", "1"), 1_500_125_000),
        (_per("1500", "100"), 15_000_000),
        (_per("1", "0.5"), 2_000_000),
        (_per("0", "7"), 0),
        (_per("100", "3"), None),
        (_per("100", "0"), None),
        ('<cbc:BaseQuantity unitCode="EA">1</cbc:BaseQuantity>', None),
    ],
)
def test_a_price_of_one_is_exact_or_left_out(price, unit_price_e6):
    assert _price_e6(price) == unit_price_e6


def test_a_negative_price_is_refused():
    with pytest.raises(AmountInvalid):
        _price_e6(_per("-1", "1"))


def test_a_price_has_a_currency():
    with pytest.raises(MissingElement) as refused:
        _price_e6("<cbc:PriceAmount>1</cbc:PriceAmount>")
    assert refused.value.where.endswith("cac:Price/cbc:PriceAmount/@currencyID")
