"""What was shipped, received, kept and invoiced agree, item by item.

Rules this file keeps:
 1. Quantities are summed per item over all documents of a kind; earlier invoices count.
 2. What a receipt turned away was received but is not kept: it may not be invoiced.
 3. Counted goods agree exactly, weighed and measured ones within the tolerance.
"""

from collections.abc import Iterable, Iterator

from xinlian.apps.supply_chain.checks.canonical import (
    canonical_item,
    canonical_text,
    cbv_term,
    line_item,
    same_number,
    transaction_number,
)
from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.apps.supply_chain.checks.copies import counted_earlier
from xinlian.apps.supply_chain.checks.report import CheckFailure
from xinlian.apps.supply_chain.checks.tolerances import Tolerances
from xinlian.apps.supply_chain.checks.trade_file import Opened, TradeFile
from xinlian.modules.evidence.statements import (
    QUANTITY_SCALE,
    CreditNoteStatement,
    DespatchStatement,
    GoodsEvent,
    GoodsEventStatement,
    GoodsReceiptStatement,
    InvoiceStatement,
    OrderStatement,
    TradeLine,
)
from xinlian.primitives import RATE_SCALE

Lined = (
    OrderStatement
    | DespatchStatement
    | GoodsReceiptStatement
    | InvoiceStatement
    | CreditNoteStatement
)
"""Documents that list goods."""
RECEIVING_STEPS = ("receiving", "accepting")
BAD_DISPOSITIONS = ("damaged", "mismatch_quantity", "mismatch_class", "mismatch_instance")


def check_items(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """Each line says what it is about, and an item is counted in one unit throughout.

    Source: docs/concepts/three-flows.md, qty+UoM.
    """
    units: dict[str, str] = {}
    for document in _lined(file):
        for line in document.says.lines:
            item = line_item(line)
            where = f"{document.says.number}, line {line.line_no}"
            if item is None:
                yield Check.ITEM_UNIDENTIFIED.failed([document.root], where)
            elif line.unit is not None:
                unit = canonical_text(line.unit).upper()
                first = units.setdefault(item, unit)
                if unit != first:
                    found = f"{where}: {item} in {unit} and {first}"
                    yield Check.UNIT_DIFFERS.failed([document.root], found)


def check_received(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """What was received is what was shipped.

    Source: docs/concepts/three-flows.md, shipped vs received.
    """
    despatches = file.of(DespatchStatement)
    receipts = file.of(GoodsReceiptStatement)
    if not despatches or not receipts:
        return  # reported as missing
    shipped = _total(line for despatch in despatches for line in despatch.says.lines)
    received = _total(line for receipt in receipts for line in receipt.says.lines)
    bulk = _bulk_items(file, tolerances)
    roots = [*(d.root for d in despatches), *(r.root for r in receipts)]
    for item in sorted({*shipped, *received}):
        out, came = shipped.get(item, 0), received.get(item, 0)
        if _differs(out, came, tolerances, is_bulk=item in bulk):
            check = Check.RECEIVED_SHORT if came < out else Check.RECEIVED_MORE
            found = f"{item}: {format_quantity(out)} shipped, {format_quantity(came)} received"
            yield check.failed(roots, found)


def check_invoiced(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """No more is invoiced, earlier invoices included, than was received and kept.

    An earlier invoice counts where it names a receipt, despatch or order of the file.
    Source: docs/concepts/three-flows.md, invoiced vs received.
    """
    invoices = file.of(InvoiceStatement)
    receipts = file.of(GoodsReceiptStatement)
    if not invoices or not receipts:
        return  # reported as missing
    before = [invoice for invoice in counted_earlier(file) if _is_for_goods_of(file, invoice.says)]
    invoiced = _total(line for document in (*invoices, *before) for line in document.says.lines)
    kept = _total((line for receipt in receipts for line in receipt.says.lines), only_kept=True)
    bulk = _bulk_items(file, tolerances)
    roots = [*(i.root for i in invoices), *(r.root for r in receipts)]
    for item, quantity_e6 in sorted(invoiced.items()):
        limit = kept.get(item, 0)
        if quantity_e6 > limit and _differs(quantity_e6, limit, tolerances, is_bulk=item in bulk):
            found = (
                f"{item}: {format_quantity(quantity_e6)} invoiced, {format_quantity(limit)} kept"
            )
            yield Check.INVOICED_MORE.failed(roots, found)


def check_goods_events(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """The receiving events count the goods of the receipt, and name its order or despatch.

    A file without goods events is not held for that: the buyer's receipt speaks for the goods.
    Source: docs/concepts/three-flows.md, receipts.
    """
    files = file.of(GoodsEventStatement)
    receipts = file.of(GoodsReceiptStatement)
    if not files or not receipts:
        return
    receiving = [(each.root, event) for each in files for event in each.says.events]
    receiving = [pair for pair in receiving if cbv_term(pair[1].business_step) in RECEIVING_STEPS]
    if not receiving:
        yield Check.EVENT_NOT_RECEIVING.failed(
            [each.root for each in files], "no bizStep receiving"
        )
        return
    for root, event in receiving:
        yield from _check_event(file, root, event)
    counted = _counted(event for _, event in receiving)
    received = _total(line for receipt in receipts for line in receipt.says.lines)
    bulk = _bulk_items(file, tolerances)
    roots = [*(root for root, _ in receiving), *(receipt.root for receipt in receipts)]
    for item in sorted({*counted, *received}):
        scanned, stated = counted.get(item, 0), received.get(item, 0)
        if _differs(stated, scanned, tolerances, is_bulk=item in bulk):
            found = (
                f"{item}: {format_quantity(scanned)} in events, {format_quantity(stated)} received"
            )
            yield Check.EVENT_DIFFERS.failed(sorted(set(roots)), found)


def format_quantity(quantity_e6: int) -> str:
    """Return a quantity without trailing zeros.

    >>> format_quantity(12_500_000), format_quantity(-3_000_000)
    ('12.5', '-3')
    """
    sign = "-" if quantity_e6 < 0 else ""
    whole, rest = divmod(abs(quantity_e6), QUANTITY_SCALE)
    return sign + f"{whole}.{rest:06}".rstrip("0").rstrip(".")


def _check_event(file: TradeFile, root: bytes, event: GoodsEvent) -> Iterator[CheckFailure]:
    known = {
        "po": [order.says.number for order in file.of(OrderStatement)],
        "desadv": [despatch.says.number for despatch in file.of(DespatchStatement)],
        "recadv": [receipt.says.number for receipt in file.of(GoodsReceiptStatement)],
    }
    is_linked = any(
        same_number(transaction_number(identifier), number)
        for kind, identifier in event.business_transactions
        for number in known.get(cbv_term(kind) or "", ())
    )
    if not is_linked:
        found = f"event {event.event_hash[:48]}: {len(event.business_transactions)} references"
        yield Check.EVENT_UNLINKED.failed([root], found)
    disposition = cbv_term(event.disposition)
    if disposition in BAD_DISPOSITIONS:
        yield Check.EVENT_DISPOSITION.failed([root], f"disposition {disposition}")


def _counted(events: Iterable[GoodsEvent]) -> dict[str, int]:
    """Return the quantity of each item that events list; an object with a serial counts one."""
    totals: dict[str, int] = {}
    for event in events:
        for quantity in event.quantities:
            item = canonical_item(quantity.item_id)
            totals[item] = totals.get(item, 0) + quantity.quantity_e6
        for identifier in event.objects:
            item = canonical_item(identifier)
            if item.startswith("gtin:"):  # a handling unit (SSCC) is not an item
                totals[item] = totals.get(item, 0) + QUANTITY_SCALE
    return totals


def _total(lines: Iterable[TradeLine], *, only_kept: bool = False) -> dict[str, int]:
    totals: dict[str, int] = {}
    for line in lines:
        item = line_item(line)
        if item is not None:  # check_items holds a line without
            rejected = (line.rejected_quantity_e6 or 0) if only_kept else 0
            totals[item] = totals.get(item, 0) + line.quantity_e6 - rejected
    return totals


def _lined(file: TradeFile) -> Iterator[Opened[Lined]]:
    for document in file.documents:
        if isinstance(document.statement, Lined):
            yield Opened(document.root, document.statement)


def _bulk_items(file: TradeFile, tolerances: Tolerances) -> frozenset[str]:
    """Return the items that every document weighs or measures."""
    units: dict[str, list[str]] = {}
    for document in _lined(file):
        for line in document.says.lines:
            item = line_item(line)
            if item is not None:
                unit = canonical_text(line.unit or "").upper()
                units.setdefault(item, []).append(unit)
    return frozenset(
        item for item, used in units.items() if all(unit in tolerances.bulk_units for unit in used)
    )


def _differs(stated_e6: int, actual_e6: int, tolerances: Tolerances, *, is_bulk: bool) -> bool:
    allowed_e9 = tolerances.bulk_quantity_e9 if is_bulk else 0
    return abs(stated_e6 - actual_e6) * RATE_SCALE > allowed_e9 * abs(stated_e6)


def _is_for_goods_of(file: TradeFile, invoice: InvoiceStatement) -> bool:
    numbers = (
        *((invoice.receipt_number, r.says.number) for r in file.of(GoodsReceiptStatement)),
        *((invoice.despatch_number, d.says.number) for d in file.of(DespatchStatement)),
        *((invoice.order_number, o.says.number) for o in file.of(OrderStatement)),
    )
    return any(same_number(one, other) for one, other in numbers)
