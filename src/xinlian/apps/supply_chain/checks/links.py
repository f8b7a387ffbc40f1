"""The join graph: contract ← order ← despatch ← receipt ← invoice, by exact numbers.

Rules this file keeps:
 1. A document that is not there is reported as missing, once; links to it are not.
 2. A number that is given must be that of a document in the file.
 3. Numbers match exactly: likeness may lower a grade, never make a link.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from xinlian.apps.supply_chain.checks.canonical import same_number
from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.apps.supply_chain.checks.report import CheckFailure
from xinlian.apps.supply_chain.checks.tolerances import Tolerances
from xinlian.apps.supply_chain.checks.trade_file import Purpose, TradeFile
from xinlian.modules.evidence.statements import (
    BankEntryStatement,
    ContractStatement,
    DespatchStatement,
    GoodsReceiptStatement,
    InvoiceStatement,
    OrderStatement,
    Statement,
)

_TRADE: Final = (
    (ContractStatement, Check.CONTRACT_MISSING),
    (OrderStatement, Check.ORDER_MISSING),
    (DespatchStatement, Check.DESPATCH_MISSING),
    (GoodsReceiptStatement, Check.RECEIPT_MISSING),
    (InvoiceStatement, Check.INVOICE_MISSING),
)
REQUIRED: Final[dict[Purpose, tuple[tuple[type[Statement], Check], ...]]] = {
    Purpose.FINANCE: (*_TRADE, (BankEntryStatement, Check.BANK_ENTRY_MISSING)),
    Purpose.TRANSFER: _TRADE,
}
"""Which kinds of documents each purpose needs."""


def check_present(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """Every flow has the documents that the purpose needs.

    Source: docs/concepts/three-flows.md, "print which fact is missing".
    """
    for kind, check in REQUIRED[file.purpose]:
        if not file.of(kind):
            yield check.failed(file.roots, f"purpose: {file.purpose.value}")


def check_links(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """Each document names the one it follows from.

    Source: docs/concepts/three-flows.md, join graph.
    """
    contracts = [contract.says.number for contract in file.of(ContractStatement)]
    orders = [order.says.number for order in file.of(OrderStatement)]
    despatches = [despatch.says.number for despatch in file.of(DespatchStatement)]
    for order in file.of(OrderStatement):
        pairs = [(order.says.contract_number, contracts)]
        yield from _broken(Check.LINK_ORDER, order.root, order.says.number, pairs)
    for despatch in file.of(DespatchStatement):
        pairs = [(despatch.says.order_number, orders)]
        yield from _broken(Check.LINK_DESPATCH, despatch.root, despatch.says.number, pairs)
    for receipt in file.of(GoodsReceiptStatement):
        pairs = [(receipt.says.despatch_number, despatches)]
        if receipt.says.order_number is not None:
            pairs.append((receipt.says.order_number, orders))
        yield from _broken(Check.LINK_RECEIPT, receipt.root, receipt.says.number, pairs)


def check_invoice_links(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """An invoice names at least one of receipt, despatch and order, and only those of the file.

    Source: docs/concepts/three-flows.md, join graph (invoice n–m receipt).
    """
    contracts = [contract.says.number for contract in file.of(ContractStatement)]
    orders = [order.says.number for order in file.of(OrderStatement)]
    despatches = [despatch.says.number for despatch in file.of(DespatchStatement)]
    receipts = [receipt.says.number for receipt in file.of(GoodsReceiptStatement)]
    for invoice in file.of(InvoiceStatement):
        says = invoice.says
        pairs = [
            (says.receipt_number, receipts),
            (says.despatch_number, despatches),
            (says.order_number, orders),
            (says.contract_number, contracts),
        ]
        given = [pair for pair in pairs if pair[0] is not None]
        if all(number is None for number, _ in pairs[:-1]):
            given = [(None, orders)]
        yield from _broken(Check.LINK_INVOICE, invoice.root, says.number, given)


def _broken(
    check: Check, root: bytes, number: str, pairs: Sequence[tuple[str | None, Sequence[str]]]
) -> Iterator[CheckFailure]:
    """Yield one failure if a reference leads nowhere; kinds that are wholly absent are excused."""
    broken = [
        reference
        for reference, known in pairs
        if known and not any(same_number(reference, candidate) for candidate in known)
    ]
    if broken:
        names = ", ".join(reference or "nothing" for reference in broken)
        yield check.failed([root], f"{number} names {names}")
