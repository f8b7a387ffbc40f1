"""Lines of UBL documents."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xinlian.connectors.errors import (
    DuplicateId,
    MissingElement,
    SchemaInvalid,
    TooManyNodes,
    quoted,
)
from xinlian.connectors.identifiers import item_id_of
from xinlian.connectors.ubl.money import Money
from xinlian.connectors.values import percent_e9, quantity_e6
from xinlian.connectors.xml_input import XmlNode
from xinlian.modules.evidence.statements import LINES_MAX, TradeLine


@dataclass(frozen=True, slots=True)
class LineForm:
    """Where a kind of document keeps what a line says."""

    name: str
    quantity: str
    below: str | None = None
    """An element between the line and its content."""
    rejected: str | None = None
    is_signed: bool = False
    """Whether a line may take back: returns on an invoice."""


def lines_of(document: XmlNode, form: LineForm, money: Money | None) -> tuple[TradeLine, ...]:
    """Return the lines of a document; without ``money`` they have no amounts.

    Raises:
        MissingElement: there is none, or one lacks its number or quantity.
        DuplicateId: two have one number.
    """
    nodes = document.all(form.name)
    if not nodes:
        raise MissingElement(f"{document.path}/{form.name}")
    if len(nodes) > LINES_MAX:
        raise TooManyNodes(f"{document.path}/{form.name}", f"more than {LINES_MAX} lines")
    lines = tuple(_line(node, form, money) for node in nodes)
    seen: set[str] = set()
    for node, line in zip(nodes, lines, strict=True):
        if line.line_no in seen:
            raise DuplicateId(node.path, f"line {quoted(line.line_no)} occurs twice")
        seen.add(line.line_no)
    return lines


def the_only(document: XmlNode, references: Iterable[XmlNode], what: str) -> str | None:
    """Return the one id that all references name, None if there is none.

    Raises:
        SchemaInvalid: they name several; one statement is about one.
    """
    ids = sorted({reference.text() for reference in references} - {""})
    if len(ids) > 1:
        raise SchemaInvalid(document.path, f"it refers to several {what}; split it, one for each")
    return ids[0] if ids else None


def references(nodes: Iterable[XmlNode], *names: str) -> Iterator[XmlNode]:
    """Yield the ids along the names below each node; the first name may occur more than once."""
    first, *rest = names
    for node in nodes:
        for reference in node.all(first):
            found = reference.optional(*rest)
            if found is not None:
                yield found


def _line(node: XmlNode, form: LineForm, money: Money | None) -> TradeLine:
    content = node if form.below is None else node.required(form.below)
    quantity = content.required(form.quantity)
    rejected = None if form.rejected is None else content.optional(form.rejected)
    item = content.required("cac:Item")
    return TradeLine(
        line_no=content.required_text("cbc:ID"),
        item_id=_item_id(item),
        item_name=_item_name(item),
        quantity_e6=quantity_e6(quantity.text(), quantity.path, signed=form.is_signed),
        unit=quantity.attribute("unitCode"),
        unit_price_e6=None if money is None else money.price_e6(content),
        net_minor=None if money is None else _net_minor(content, form, money),
        tax_rate_e9=_tax_rate_e9(item),
        rejected_quantity_e6=(
            None if rejected is None else quantity_e6(rejected.text(), rejected.path)
        ),
        order_line_no=the_only(
            content, references([content], "cac:OrderLineReference", "cbc:LineID"), "order lines"
        ),
    )


def _net_minor(content: XmlNode, form: LineForm, money: Money) -> int | None:
    return money.optional(content, "cbc:LineExtensionAmount", signed=form.is_signed)


def _item_id(item: XmlNode) -> str | None:
    standard = item.optional("cac:StandardItemIdentification", "cbc:ID")
    if standard is not None and standard.text():
        return item_id_of(standard.text(), standard.attribute("schemeID"), standard.path)
    for parent, scheme in (
        ("cac:SellersItemIdentification", "seller"),
        ("cac:BuyersItemIdentification", "buyer"),
    ):
        value = item.optional_text(parent, "cbc:ID")
        if value:
            return f"{scheme}:{value}"
    return None


def _item_name(item: XmlNode) -> str | None:
    name = item.optional_text("cbc:Name")
    if name:
        return name
    descriptions = item.all("cbc:Description")
    return descriptions[0].text() or None if descriptions else None


def _tax_rate_e9(item: XmlNode) -> int | None:
    """Return the rate of the line's tax, None if it has none or several."""
    categories = item.all("cac:ClassifiedTaxCategory")
    percent = categories[0].optional("cbc:Percent") if len(categories) == 1 else None
    return None if percent is None else percent_e9(percent.text(), percent.path)
