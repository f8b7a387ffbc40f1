"""Orders, despatch advices and receipt advices."""

import pytest

from unit.connectors.samples import BUYER, DESPATCH, ORDER, RECEIPT, SELLER, SSCC, changed, wrap
from xinlian.connectors.errors import (
    AmountInvalid,
    DuplicateId,
    MissingElement,
    MixedCurrencies,
    SchemaInvalid,
    WrongCheckDigit,
)
from xinlian.connectors.ubl import read_ubl
from xinlian.connectors.xml_input import read_xml
from xinlian.primitives.time import day_of_iso


def _read(data):
    return read_ubl(read_xml(data), "ab")


def _refused(error, data):
    with pytest.raises(error) as refused:
        _read(data)
    return refused.value.where


def test_an_order_names_contract_parties_lines_and_total():
    order = _read(ORDER)
    assert (order.number, order.contract_number, order.currency) == ("PO-1", "HT-1", "CNY")
    assert (order.buyer.uscc, order.seller.uscc) == (BUYER, SELLER)
    assert order.issue_day == day_of_iso("2026-09-01")
    assert order.net_minor == 6_000_50
    assert [(line.quantity_e6, line.net_minor) for line in order.lines] == [(4_000_000, 6_000_50)]


def test_an_order_s_total_before_tax_is_taken_where_it_is_given():
    total = wrap('cbc:TaxExclusiveAmount currencyID="CNY"', "5900.50") + "<cbc:PayableAmount"
    assert _read(changed(ORDER, "<cbc:PayableAmount", total)).net_minor == 5_900_50


def test_an_order_may_leave_its_currency_to_its_amounts():
    code = "<cbc:DocumentCurrencyCode>CNY</cbc:DocumentCurrencyCode>"
    silent = changed(ORDER, code, "")
    assert _read(silent) == _read(ORDER)
    _refused(
        MixedCurrencies,
        changed(silent, 'PriceAmount currencyID="CNY"', 'PriceAmount currencyID="USD"'),
    )


def test_an_order_without_any_amount_has_no_currency():
    text = ORDER.decode()
    for name in ("LineExtensionAmount", "PayableAmount", "PriceAmount"):
        while f"<cbc:{name}" in text:
            start = text.index(f"<cbc:{name}")
            end = text.index(f"</cbc:{name}>") + len(f"</cbc:{name}>")
            text = text[:start] + text[end:]
    text = text.replace("<cbc:DocumentCurrencyCode>CNY</cbc:DocumentCurrencyCode>", "")
    order = _read(text.encode())
    assert (order.currency, order.net_minor, order.lines[0].net_minor) == (None, None, None)


def test_a_despatch_advice_names_vehicle_day_and_handling_units():
    advice = _read(DESPATCH)
    assert (advice.number, advice.order_number, advice.vehicle) == ("FH-1", "PO-1", "演A00001")
    assert (advice.buyer.uscc, advice.seller.uscc) == (BUYER, SELLER)
    assert advice.despatch_day == day_of_iso("2026-09-11")
    assert advice.handling_units == (SSCC,)
    assert advice.lines[0].order_line_no == "1"
    assert (advice.lines[0].net_minor, advice.lines[0].unit_price_e6) == (None, None)


def test_handling_units_have_check_digits_and_occur_once():
    unit = wrap('cac:TransportHandlingUnit/cbc:ID schemeID="SSCC"', SSCC)
    _refused(WrongCheckDigit, changed(DESPATCH, SSCC, SSCC[:-1] + "3"))
    _refused(DuplicateId, changed(DESPATCH, unit, unit + unit))
    other = unit.replace(SSCC, "PALLET-1").replace(' schemeID="SSCC"', "")
    assert _read(changed(DESPATCH, unit, unit + other)).handling_units == (SSCC,)


def test_a_despatch_advice_may_say_nothing_about_its_shipment():
    start, end = DESPATCH.index(b"<cac:Shipment>"), DESPATCH.index(b"</cac:Shipment>")
    advice = _read(DESPATCH[:start] + DESPATCH[end + len(b"</cac:Shipment>") :])
    assert (advice.despatch_day, advice.vehicle, advice.handling_units) == (None, None, ())


def test_the_buyer_and_seller_come_before_the_places_of_delivery():
    other = (
        wrap("cac:BuyerCustomerParty/cac:Party/cac:PartyName/cbc:Name", "总部") + "<cac:Shipment>"
    )
    assert _read(changed(DESPATCH, "<cac:Shipment>", other)).buyer.name == "总部"


def test_a_receipt_advice_says_what_was_turned_away_and_when():
    advice = _read(RECEIPT)
    assert (advice.order_number, advice.despatch_number) == ("PO-1", "FH-1")
    assert advice.receipt_day == day_of_iso("2026-09-12")
    assert advice.lines[0].quantity_e6 == 4_000_000
    assert advice.lines[0].rejected_quantity_e6 == 1_000_000


def test_the_day_of_delivery_comes_before_the_days_of_the_lines():
    shipment = (
        wrap("cac:Shipment/cac:Delivery/cbc:ActualDeliveryDate", "2026-09-11") + "<cac:ReceiptLine>"
    )
    stated = changed(RECEIPT, "<cac:ReceiptLine>", shipment)
    assert _read(stated).receipt_day == day_of_iso("2026-09-11")


def test_lines_that_arrived_on_several_days_are_several_receipts():
    day = "<cbc:ReceivedDate>2026-09-12</cbc:ReceivedDate>"
    _refused(SchemaInvalid, changed(RECEIPT, day, day + day.replace("12<", "13<")))
    assert _read(changed(RECEIPT, day, "")).receipt_day is None


def test_a_receipt_of_several_despatches_is_refused():
    one = "<cac:DespatchDocumentReference><cbc:ID>FH-1</cbc:ID></cac:DespatchDocumentReference>"
    _refused(SchemaInvalid, changed(RECEIPT, one, one + one.replace("FH-1", "FH-2")))
    assert _read(changed(RECEIPT, one, one + one)) == _read(RECEIPT)


@pytest.mark.parametrize(
    ("data", "name"), [(ORDER, "Order"), (DESPATCH, "DespatchAdvice"), (RECEIPT, "ReceiptAdvice")]
)
def test_negative_quantities_are_refused_outside_of_bills(data, name):
    assert name in _refused(AmountInvalid, changed(data, '"EA">4<', '"EA">-4<'))


def test_a_document_without_lines_is_refused():
    start, end = RECEIPT.index(b"<cac:ReceiptLine>"), RECEIPT.index(b"</cac:ReceiptLine>")
    empty = RECEIPT[:start] + RECEIPT[end + len(b"</cac:ReceiptLine>") :]
    assert _refused(MissingElement, empty) == "/ReceiptAdvice/cac:ReceiptLine"
