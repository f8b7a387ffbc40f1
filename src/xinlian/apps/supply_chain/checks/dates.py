"""The trade happened in an order that makes sense, and is due when the contract says."""

from collections.abc import Iterator

from xinlian.apps.supply_chain.checks.canonical import same_number
from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.apps.supply_chain.checks.report import CheckFailure
from xinlian.apps.supply_chain.checks.tolerances import Tolerances
from xinlian.apps.supply_chain.checks.trade_file import Opened, TradeFile
from xinlian.modules.evidence.statements import (
    ContractStatement,
    DespatchStatement,
    GoodsReceiptStatement,
    InvoiceStatement,
    OrderStatement,
)
from xinlian.primitives.time import MS_PER_DAY, TIME_MS_MAX, iso_of_day

Dated = tuple[bytes, str, int]
"""(root, what it is, day)."""


def check_date_order(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """Contract ≤ order ≤ despatch ≤ receipt, along the links of the join graph.

    Source: docs/concepts/three-flows.md, date order.
    """
    contracts = {c.says.number: _signed(c) for c in file.of(ContractStatement)}
    orders = {o.says.number: _ordered(o) for o in file.of(OrderStatement)}
    shipped = {d.says.number: _shipped(d) for d in file.of(DespatchStatement)}
    for order in file.of(OrderStatement):
        yield from _late(contracts, order.says.contract_number, _ordered(order))
    for despatch in file.of(DespatchStatement):
        yield from _late(orders, despatch.says.order_number, _shipped(despatch))
    for receipt in file.of(GoodsReceiptStatement):
        yield from _late(shipped, receipt.says.despatch_number, _received(receipt))


def check_invoice_window(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """An invoice is issued between 30 days before the despatch and 60 days after the receipt.

    Source: docs/concepts/three-flows.md, date order.
    """
    ships = [ship_day(despatch.says) for despatch in file.of(DespatchStatement)]
    receipts = [receipt_day(receipt.says) for receipt in file.of(GoodsReceiptStatement)]
    if not ships or not receipts:
        return  # reported as missing
    first = min(ships) - tolerances.invoice_before_ship_days
    last = max(receipts) + tolerances.invoice_after_receipt_days
    for invoice in file.of(InvoiceStatement):
        if not first <= invoice.says.issue_day <= last:
            found = f"invoice {invoice.says.number} of {format_day(invoice.says.issue_day)}: "
            found += f"expected {format_day(first)} to {format_day(last)}"
            yield Check.INVOICE_WINDOW.failed([invoice.root], found)


def check_term(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """Nothing is due later than the contract's term after the last receipt.

    Source: SC-R3 and SC-R4 (a certificate may not stretch the term), State Council Order 802,
    articles 9 and 11; that the term counts from the last receipt is [ours].
    """
    for contract in file.of(ContractStatement):
        term_days = contract.says.payment_term_days
        if term_days > tolerances.term_days_agreed_max:
            yield Check.TERM_LONG.failed([contract.root], f"{term_days} days")
        elif term_days > tolerances.term_days_statutory:
            yield Check.TERM_AGREED.failed([contract.root], f"{term_days} days")
        received = [receipt_day(receipt.says) for receipt in file.of(GoodsReceiptStatement)]
        if not received:
            continue  # reported as missing
        last_day = max(received) + term_days
        for root, what, day in _due(file, contract.root):
            if day > last_day:
                found = f"{what} {format_day(day)}, at most {format_day(last_day)}"
                yield Check.TERM_STRETCHED.failed([root], found)


def ship_day(despatch: DespatchStatement) -> int:
    """Return the day on which goods left: that stated, else the day of the document."""
    return despatch.issue_day if despatch.despatch_day is None else despatch.despatch_day


def receipt_day(receipt: GoodsReceiptStatement) -> int:
    """Return the day on which goods came: that stated, else the day of the document."""
    return receipt.issue_day if receipt.receipt_day is None else receipt.receipt_day


def format_day(day: int) -> str:
    """Return a date for people; a statement may name a day that no calendar has.

    >>> format_day(20780), format_day(-1)
    ('2026-11-23', 'day -1')
    """
    return iso_of_day(day) if 0 <= day < TIME_MS_MAX // MS_PER_DAY else f"day {day}"


def _signed(contract: Opened[ContractStatement]) -> Dated:
    return (contract.root, f"contract {contract.says.number}", contract.says.signed_day)


def _ordered(order: Opened[OrderStatement]) -> Dated:
    return (order.root, f"order {order.says.number}", order.says.issue_day)


def _shipped(despatch: Opened[DespatchStatement]) -> Dated:
    return (despatch.root, f"despatch {despatch.says.number}", ship_day(despatch.says))


def _received(receipt: Opened[GoodsReceiptStatement]) -> Dated:
    return (receipt.root, f"receipt {receipt.says.number}", receipt_day(receipt.says))


def _late(known: dict[str, Dated], reference: str | None, later: Dated) -> Iterator[CheckFailure]:
    """Yield a failure if a document is dated before the one that it follows from."""
    for number, earlier in known.items():
        if same_number(reference, number) and earlier[2] > later[2]:
            found = f"{earlier[1]} of {format_day(earlier[2])} is after "
            found += f"{later[1]} of {format_day(later[2])}"
            yield Check.DATE_ORDER.failed([earlier[0], later[0]], found)


def _due(file: TradeFile, contract_root: bytes) -> Iterator[Dated]:
    for invoice in file.of(InvoiceStatement):
        if invoice.says.due_day is not None:
            yield (invoice.root, f"invoice {invoice.says.number} is due", invoice.says.due_day)
    if file.due_day is not None:
        yield (contract_root, "the certificate is due", file.due_day)
