"""The invoice adds up, is taxed by law, is priced as ordered and is within its contract."""

from collections.abc import Iterable, Iterator

from xinlian.apps.supply_chain.checks.canonical import line_item, same_number
from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.apps.supply_chain.checks.copies import counted_earlier
from xinlian.apps.supply_chain.checks.report import CheckFailure
from xinlian.apps.supply_chain.checks.tolerances import Tolerances
from xinlian.apps.supply_chain.checks.trade_file import Opened, TradeFile
from xinlian.modules.evidence.statements import (
    PRICE_SCALE,
    QUANTITY_SCALE,
    ContractStatement,
    CreditNoteStatement,
    InvoiceStatement,
    OrderStatement,
    TradeLine,
)
from xinlian.primitives import RATE_SCALE, half_up_div
from xinlian.primitives.currencies import decimals_of


def check_sums(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """Lines add up, net follows from them, net + tax is the gross, and the payable from it.

    Source: docs/concepts/three-flows.md, row 1; EN 16931 BR-CO-10, 13, 15, 16.
    """
    for invoice in file.of(InvoiceStatement):
        says = invoice.says
        allowed = min(
            tolerances.sum_per_line_minor * len(says.lines), tolerances.sum_per_invoice_minor
        )
        sums = (
            (
                Check.SUM_LINES,
                says.lines_net_minor,
                sum(line.net_minor or 0 for line in says.lines),
            ),
            (
                Check.SUM_NET,
                says.net_minor,
                says.lines_net_minor - says.allowances_minor + says.charges_minor,
            ),
            (Check.SUM_GROSS, says.gross_minor, says.net_minor + says.tax_minor),
            (
                Check.SUM_PAYABLE,
                says.payable_minor,
                says.gross_minor - says.prepaid_minor + says.rounding_minor,
            ),
        )
        for check, stated, computed in sums:
            if abs(stated - computed) > allowed:
                found = f"invoice {says.number}: {stated} stated, {computed} computed (minor units)"
                yield check.failed([invoice.root], found)


def check_line_amounts(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """Each line's amount is its quantity times its price.

    Discounts of a single line are not in a statement, so a difference is held, not blocked [ours].
    """
    for invoice in file.of(InvoiceStatement):
        for line in invoice.says.lines:
            if line.unit_price_e6 is None:
                continue  # check_prices holds it
            computed = _line_minor(line.quantity_e6 * line.unit_price_e6, invoice.says.currency)
            if line.net_minor is None or (
                abs(line.net_minor - computed) > tolerances.sum_per_line_minor
            ):
                stated = "nothing" if line.net_minor is None else str(line.net_minor)
                found = f"line {line.line_no}: {stated} stated, {computed} computed (minor units)"
                yield Check.LINE_AMOUNT.failed([invoice.root], found)


def check_tax(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """Each line's rate is one of the jurisdiction's, and the tax is what the rates make.

    Source: docs/concepts/three-flows.md, row 2.
    """
    for invoice in file.of(InvoiceStatement):
        rates = [line.tax_rate_e9 for line in invoice.says.lines]
        wrong = sorted(
            {rate for rate in rates if rate is not None and not _is_legal(rate, tolerances)}
        )
        if wrong:
            found = f"invoice {invoice.says.number}: rates in 1e-9: {', '.join(map(str, wrong))}"
            yield Check.TAX_RATE.failed([invoice.root], found)
            continue
        computed = _tax_minor(invoice.says)
        if computed is None:
            yield Check.TAX_UNKNOWN.failed([invoice.root], f"invoice {invoice.says.number}")
        elif abs(computed - invoice.says.tax_minor) > tolerances.tax_per_line_minor * len(rates):
            found = f"{invoice.says.tax_minor} stated, {computed} computed (minor units)"
            yield Check.TAX_AMOUNT.failed([invoice.root], f"invoice {invoice.says.number}: {found}")


def check_prices(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """Each invoiced price is that of the order.

    Source: docs/concepts/three-flows.md, unit price vs order.
    """
    orders = file.of(OrderStatement)
    if not orders:
        return  # reported as missing
    ordered = _prices_by_item(line for order in orders for line in order.says.lines)
    for invoice in file.of(InvoiceStatement):
        for line in invoice.says.lines:
            prices = sorted(ordered.get(line_item(line) or "", ()))
            if line.unit_price_e6 is None or not prices:
                found = f"invoice {invoice.says.number}, line {line.line_no}"
                yield Check.PRICE_UNKNOWN.failed([invoice.root], found)
            elif not any(_is_price(line.unit_price_e6, price, tolerances) for price in prices):
                found = f"line {line.line_no}: {line.unit_price_e6}, ordered at {prices} (in 1e-6)"
                yield Check.PRICE_DIFFERS.failed([invoice.root], found)


def check_contract_amount(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """Invoices of a contract, earlier ones included, stay within its amount, tax included.

    An invoice of the file counts unless it names another contract, an earlier one if it names
    this contract, or no contract but an order of the file.
    Source: docs/concepts/three-flows.md, row 3.
    """
    invoices = file.of(InvoiceStatement)
    earlier = counted_earlier(file)
    orders = [order.says.number for order in file.of(OrderStatement)]
    for contract in file.of(ContractStatement):
        number = contract.says.number
        now = [i for i in invoices if _is_under(i.says, number)]
        before = [i for i in earlier if _is_under(i.says, number) and _is_tied(i.says, orders)]
        total = sum(invoice.says.gross_minor for invoice in (*now, *before))
        total -= _credited_minor(file, before)
        if now and total > contract.says.amount_minor + tolerances.contract_excess_minor:
            found = f"contract {contract.says.number}: {contract.says.amount_minor}, "
            found += f"invoiced {total} with {len(before)} earlier invoices (minor units)"
            yield Check.CONTRACT_EXCEEDED.failed([contract.root, *(i.root for i in now)], found)


def check_credit_notes(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """A credit note on the invoice lowers what may be financed on it.

    Source: docs/reference/rules.md, SC-I3.
    """
    for note in file.of(CreditNoteStatement):
        for invoice in file.of(InvoiceStatement):
            if any(same_number(n, invoice.says.number) for n in note.says.invoice_numbers):
                found = f"{note.says.number} takes {note.says.gross_minor} off (minor units)"
                yield Check.CREDITED.failed([note.root, invoice.root], found)


def check_clause(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """The contract agrees to payment by certificate.

    Source: SC-R4, State Council Order 802, article 11.
    """
    for contract in file.of(ContractStatement):
        if not contract.says.accepts_certificates:
            yield Check.NO_CERTIFICATES.failed([contract.root], f"contract {contract.says.number}")


def _line_minor(product_e12: int, currency: str) -> int:
    per_unit = 10 ** decimals_of(currency)
    magnitude = half_up_div(abs(product_e12) * per_unit, QUANTITY_SCALE * PRICE_SCALE)
    return magnitude if product_e12 >= 0 else -magnitude


def _is_legal(rate_e9: int, tolerances: Tolerances) -> bool:
    return tolerances.tax_rates_e9 is None or rate_e9 in tolerances.tax_rates_e9


def _tax_minor(invoice: InvoiceStatement) -> int | None:
    """Return the tax that the lines' rates make, None where they do not determine it."""
    rates = [line.tax_rate_e9 for line in invoice.lines if line.tax_rate_e9 is not None]
    if len(rates) != len(invoice.lines) or not rates:
        return None
    nets = [line.net_minor or 0 for line in invoice.lines]
    if invoice.allowances_minor or invoice.charges_minor:
        if min(rates) != max(rates):
            return None  # which rate an allowance is under is not in the statement
        rates, nets = rates[:1], [invoice.net_minor]
    total_e9 = sum(net * rate for net, rate in zip(nets, rates, strict=True))
    return half_up_div(max(total_e9, 0), RATE_SCALE)


def _prices_by_item(lines: Iterable[TradeLine]) -> dict[str, set[int]]:
    """Return the prices at which each item was ordered."""
    prices: dict[str, set[int]] = {}
    for line in lines:
        item = line_item(line)
        if item is not None and line.unit_price_e6 is not None:
            prices.setdefault(item, set()).add(line.unit_price_e6)
    return prices


def _is_price(invoiced_e6: int, ordered_e6: int, tolerances: Tolerances) -> bool:
    difference = abs(invoiced_e6 - ordered_e6) * RATE_SCALE
    return difference <= tolerances.price_difference_e9 * abs(ordered_e6)


def _is_under(invoice: InvoiceStatement, contract_number: str) -> bool:
    return invoice.contract_number is None or same_number(invoice.contract_number, contract_number)


def _is_tied(invoice: InvoiceStatement, orders: list[str]) -> bool:
    return invoice.contract_number is not None or any(
        same_number(invoice.order_number, order) for order in orders
    )


def _credited_minor(file: TradeFile, invoices: list[Opened[InvoiceStatement]]) -> int:
    return sum(
        note.says.gross_minor
        for note in file.of(CreditNoteStatement)
        if any(
            same_number(number, invoice.says.number)
            for number in note.says.invoice_numbers
            for invoice in invoices
        )
    )
