"""UBL Order, DespatchAdvice and ReceiptAdvice."""

from collections.abc import Iterator
from typing import Final

from xinlian.connectors.errors import DuplicateId, SchemaInvalid, quoted
from xinlian.connectors.identifiers import sscc_of
from xinlian.connectors.ubl.lines import LineForm, lines_of, references, the_only
from xinlian.connectors.ubl.money import Money
from xinlian.connectors.ubl.parties import party_in
from xinlian.connectors.values import currency_of
from xinlian.connectors.xml_input import XmlNode
from xinlian.modules.evidence.statements import (
    DespatchStatement,
    GoodsReceiptStatement,
    OrderStatement,
)

_ORDER_LINE: Final = LineForm("cac:OrderLine", "cbc:Quantity", below="cac:LineItem")
_DESPATCH_LINE: Final = LineForm("cac:DespatchLine", "cbc:DeliveredQuantity")
_RECEIPT_LINE: Final = LineForm(
    "cac:ReceiptLine", "cbc:ReceivedQuantity", rejected="cbc:RejectedQuantity"
)
_BUYER: Final = ("cac:BuyerCustomerParty", "cac:DeliveryCustomerParty")
_SELLER: Final = ("cac:SellerSupplierParty", "cac:DespatchSupplierParty")


def read_order(order: XmlNode, source_format: str, source_hash: str) -> OrderStatement:
    """Return what an order states; raises DocumentError."""
    currency = _currency(order)
    money = None if currency is None else Money(currency)
    total = order.optional("cac:AnticipatedMonetaryTotal")
    return OrderStatement(
        source_format=source_format,
        source_hash=source_hash,
        number=order.required_text("cbc:ID"),
        issue_day=order.required("cbc:IssueDate").day(),
        buyer=party_in(order, _BUYER[0]),
        seller=party_in(order, _SELLER[0]),
        currency=currency,
        contract_number=the_only(order, references([order], "cac:Contract", "cbc:ID"), "contracts"),
        lines=lines_of(order, _ORDER_LINE, money),
        net_minor=None if money is None or total is None else _net_minor(total, money),
    )


def read_despatch(advice: XmlNode, source_format: str, source_hash: str) -> DespatchStatement:
    """Return what a despatch advice states; raises DocumentError."""
    delivery = advice.optional("cac:Shipment", "cac:Delivery")
    day = delivery and delivery.optional("cac:Despatch", "cbc:ActualDespatchDate")
    return DespatchStatement(
        source_format=source_format,
        source_hash=source_hash,
        number=advice.required_text("cbc:ID"),
        issue_day=advice.required("cbc:IssueDate").day(),
        despatch_day=None if day is None else day.day(),
        buyer=party_in(advice, *_BUYER),
        seller=party_in(advice, *_SELLER),
        order_number=_order_number(advice, advice.all("cac:DespatchLine")),
        vehicle=_vehicle(advice),
        handling_units=_handling_units(advice),
        lines=lines_of(advice, _DESPATCH_LINE, None),
    )


def read_receipt(advice: XmlNode, source_format: str, source_hash: str) -> GoodsReceiptStatement:
    """Return what a receipt advice states; raises DocumentError."""
    lines = advice.all("cac:ReceiptLine")
    header = references([advice], "cac:DespatchDocumentReference", "cbc:ID")
    on_lines = references(lines, "cac:DespatchLineReference", "cac:DocumentReference", "cbc:ID")
    return GoodsReceiptStatement(
        source_format=source_format,
        source_hash=source_hash,
        number=advice.required_text("cbc:ID"),
        issue_day=advice.required("cbc:IssueDate").day(),
        receipt_day=_receipt_day(advice, lines),
        buyer=party_in(advice, *_BUYER),
        seller=party_in(advice, *_SELLER),
        order_number=_order_number(advice, lines),
        despatch_number=the_only(advice, [*header, *on_lines], "despatch advices"),
        lines=lines_of(advice, _RECEIPT_LINE, None),
    )


def _currency(order: XmlNode) -> str | None:
    """Return the order's currency: as it says, or as all amounts on its lines and total say."""
    stated = order.optional_text("cbc:DocumentCurrencyCode")
    if stated:
        return currency_of(stated, f"{order.path}/cbc:DocumentCurrencyCode")
    found = {amount.attribute("currencyID") for amount in _amounts(order)} - {None}
    currencies = sorted(currency for currency in found if currency is not None)
    return currency_of(currencies[0], order.path) if currencies else None


def _amounts(order: XmlNode) -> Iterator[XmlNode]:
    total = order.optional("cac:AnticipatedMonetaryTotal")
    for line in order.all("cac:OrderLine"):
        item = line.optional("cac:LineItem")
        for amount in (
            item and item.optional("cbc:LineExtensionAmount"),
            item and item.optional("cac:Price", "cbc:PriceAmount"),
        ):
            if amount:
                yield amount
    payable = total and total.optional("cbc:PayableAmount")
    if payable:
        yield payable


def _net_minor(total: XmlNode, money: Money) -> int | None:
    """Return the total before tax, or that of the lines where the order gives no other."""
    before_tax = money.optional(total, "cbc:TaxExclusiveAmount")
    if before_tax is not None:
        return before_tax
    return money.optional(total, "cbc:LineExtensionAmount")


def _order_number(advice: XmlNode, lines: list[XmlNode]) -> str | None:
    header = references([advice], "cac:OrderReference", "cbc:ID")
    on_lines = references(lines, "cac:OrderLineReference", "cac:OrderReference", "cbc:ID")
    return the_only(advice, [*header, *on_lines], "orders")


def _vehicle(advice: XmlNode) -> str | None:
    shipment = advice.optional("cac:Shipment")
    stages = [] if shipment is None else shipment.all("cac:ShipmentStage")
    plates = references(stages, "cac:TransportMeans", "cac:RoadTransport", "cbc:LicensePlateID")
    return next((plate.text() for plate in plates if plate.text()), None)


def _handling_units(advice: XmlNode) -> tuple[str, ...]:
    shipment = advice.optional("cac:Shipment")
    units = (
        [] if shipment is None else references([shipment], "cac:TransportHandlingUnit", "cbc:ID")
    )
    codes: dict[str, None] = {}
    for unit in units:
        code = sscc_of(unit.text(), unit.attribute("schemeID"), unit.path)
        if code in codes:
            raise DuplicateId(unit.path, f"handling unit {quoted(unit.text())} occurs twice")
        if code is not None:
            codes[code] = None
    return tuple(codes)


def _receipt_day(advice: XmlNode, lines: list[XmlNode]) -> int | None:
    """Return the day of arrival: that of the delivery, or that of all lines."""
    arrival = advice.optional("cac:Shipment", "cac:Delivery", "cbc:ActualDeliveryDate")
    if arrival is not None:
        return arrival.day()
    days = {node.day() for line in lines for node in line.all("cbc:ReceivedDate")}
    if len(days) > 1:
        raise SchemaInvalid(
            advice.path, "its lines arrived on several days; split it, one for each"
        )
    return next(iter(days), None)
