"""Amounts of UBL documents: one currency a document."""

from dataclasses import dataclass

from xinlian.connectors.errors import AmountInvalid, MissingElement, MixedCurrencies
from xinlian.connectors.values import (
    QUANTITY_SCALE_E6,
    amount_minor,
    currency_of,
    quantity_e6,
)
from xinlian.connectors.xml_input import XmlNode
from xinlian.primitives import AMOUNT_MINOR_MAX


@dataclass(frozen=True, slots=True)
class Money:
    """Reads amounts of one currency."""

    currency: str

    def required(self, node: XmlNode, *names: str, signed: bool = False) -> int:
        """Return minor units; raises MissingElement, AmountInvalid, MixedCurrencies."""
        return self._minor(node.required(*names), signed=signed)

    def optional(self, node: XmlNode, *names: str, signed: bool = False) -> int | None:
        """Return minor units, None if absent."""
        found = node.optional(*names)
        return None if found is None else self._minor(found, signed=signed)

    def price_e6(self, line: XmlNode) -> int | None:
        """Return the price of one unit in 1e-6, None if absent.

        A price of several units (BaseQuantity) that has no exact price of one is left out: the
        line's own amount stands.
        """
        amount = line.optional("cac:Price", "cbc:PriceAmount")
        if amount is None:
            return None
        self._require_currency(amount)
        price_e6 = quantity_e6(amount.text(), amount.path)
        base = line.optional("cac:Price", "cbc:BaseQuantity")
        base_e6 = QUANTITY_SCALE_E6 if base is None else quantity_e6(base.text(), base.path)
        if base_e6 == 0:
            return None
        unit_e6, rest = divmod(price_e6 * QUANTITY_SCALE_E6, base_e6)
        return None if rest else unit_e6

    def _minor(self, node: XmlNode, *, signed: bool) -> int:
        self._require_currency(node)
        text = node.text()
        if not text:
            raise MissingElement(node.path, "it is empty")
        return amount_minor(text, self.currency, node.path, signed=signed)

    def _require_currency(self, node: XmlNode) -> None:
        currency = node.attribute("currencyID")
        if currency is None:
            raise MissingElement(f"{node.path}/@currencyID")
        if currency_of(currency, node.path) != self.currency:
            raise MixedCurrencies(node.path, f"{currency} in a document of {self.currency}")


def document_currency(document: XmlNode) -> str:
    """Return the currency that the document names; raises MissingElement, AmountInvalid."""
    node = document.required("cbc:DocumentCurrencyCode")
    return currency_of(document.required_text("cbc:DocumentCurrencyCode"), node.path)


def tax_minor(document: XmlNode, money: Money) -> int:
    """Return the document's tax, 0 if it states none.

    A second total in the currency of the tax accounts (EN 16931, BT-111) is not read.

    Raises:
        MixedCurrencies: a total is in another currency.
    """
    accounting = document.optional_text("cbc:TaxCurrencyCode")
    totals = [total.required("cbc:TaxAmount") for total in document.all("cac:TaxTotal")]
    read = [
        total
        for total in totals
        if accounting in (None, money.currency) or total.attribute("currencyID") != accounting
    ]
    tax = sum(money.required(total) for total in read)
    if tax > AMOUNT_MINOR_MAX:
        raise AmountInvalid(f"{document.path}/cac:TaxTotal", "the sum is too large")
    return tax
