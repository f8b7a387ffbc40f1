"""Whether price and transport are plausible beside what the checker has seen before.

Rules this file keeps:
 1. A price is compared with the median of the same item, currency and unit over the 90 days before
    the invoice, and only where the checker's own store holds at least three such prices.
 2. A handling unit travels under one despatch advice.
 3. One vehicle is on one trip at a time: trips that began on different days do not overlap.
 4. What one vehicle carries by weight is within what a road vehicle may weigh at all.

Source: docs/concepts/three-flows.md, unit price vs median; transport.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Final, NamedTuple

from xinlian.apps.supply_chain.checks.canonical import (
    bare_number,
    canonical_text,
    line_item,
    same_number,
)
from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.apps.supply_chain.checks.dates import format_day, receipt_day, ship_day
from xinlian.apps.supply_chain.checks.report import CheckFailure
from xinlian.apps.supply_chain.checks.tolerances import Tolerances
from xinlian.apps.supply_chain.checks.trade_file import Opened, TradeFile
from xinlian.modules.evidence.statements import (
    QUANTITY_SCALE,
    DespatchStatement,
    GoodsReceiptStatement,
    InvoiceStatement,
    TradeLine,
)
from xinlian.primitives import RATE_SCALE

GRAMS_OF: Final = {"GRM": 1, "KGM": 1_000, "TNE": 1_000_000}
"""UN/ECE Recommendation 20 codes of weight."""


class Priced(NamedTuple):
    """What two prices must have in common to be compared."""

    item: str
    unit: str
    currency: str


class _Trip(NamedTuple):
    """A vehicle's way from a despatch to its last receipt."""

    root: bytes
    number: str
    vehicle: str
    first_day: int
    last_day: int


def priced(line: TradeLine, invoice: InvoiceStatement) -> Priced | None:
    """Return what a line's price is a price of, None where the line does not say."""
    item = line_item(line)
    if item is None:
        return None
    unit = canonical_text(line.unit or "").upper()
    return Priced(item, unit, canonical_text(invoice.currency))


def check_price_median(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """Each invoiced price is near the median of what the checker saw of the item lately.

    Source: docs/concepts/three-flows.md, unit price vs 90-day median.
    """
    for invoice in file.of(InvoiceStatement):
        seen = _prices_before(file, invoice.says.issue_day, tolerances.median_days)
        for line in invoice.says.lines:
            item = priced(line, invoice.says)
            prices = [] if item is None else sorted(seen.get(item, ()))
            if line.unit_price_e6 is None or len(prices) < tolerances.median_prices_min:
                continue  # nothing to compare with: check_prices compares with the order
            median_e6 = prices[(len(prices) - 1) // 2]
            difference = abs(line.unit_price_e6 - median_e6) * RATE_SCALE
            if difference > tolerances.median_difference_e9 * median_e6:
                found = f"line {line.line_no}: {line.unit_price_e6}, median {median_e6} "
                found += f"of {len(prices)} (in 1e-6)"
                yield Check.PRICE_MEDIAN.failed([invoice.root], found)


def check_handling_units(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """No handling unit (SSCC) is in two despatches.

    Source: docs/concepts/three-flows.md, transport; GS1 General Specifications, SSCC reuse.
    """
    first: dict[str, Opened[DespatchStatement]] = {}
    for despatch in file.of(DespatchStatement):
        for unit in despatch.says.handling_units:
            other = first.setdefault(unit, despatch)
            if other.root != despatch.root:
                found = f"{unit} in {other.says.number} and {despatch.says.number}"
                yield Check.HANDLING_UNIT_TWICE.failed([other.root, despatch.root], found)


def check_vehicles(file: TradeFile, _: Tolerances) -> Iterator[CheckFailure]:
    """No vehicle is on two trips at once.

    Source: docs/concepts/three-flows.md, transport.
    """
    for one, other in combinations(_trips(file), 2):
        if one.vehicle != other.vehicle or one.first_day == other.first_day:
            continue
        if one.first_day < other.last_day and other.first_day < one.last_day:
            found = f"{one.number} from {format_day(one.first_day)} to {format_day(one.last_day)}, "
            found += f"{other.number} from {format_day(other.first_day)}"
            yield Check.VEHICLE_TWICE.failed([one.root, other.root], found)


def check_capacity(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """What a vehicle carries by weight is not more than a road vehicle may weigh.

    Source: GB 1589-2016, 49 t for the heaviest combination, its own weight included [unverified].
    """
    for despatch in file.of(DespatchStatement):
        if despatch.says.vehicle is None:
            continue
        grams_e6 = sum(
            line.quantity_e6 * GRAMS_OF.get(canonical_text(line.unit or "").upper(), 0)
            for line in despatch.says.lines
        )
        if grams_e6 > tolerances.vehicle_kg_max * 1_000 * QUANTITY_SCALE:
            kilograms = grams_e6 // (1_000 * QUANTITY_SCALE)
            found = f"despatch {despatch.says.number}: {kilograms} kg on one vehicle"
            yield Check.VEHICLE_OVERLOADED.failed([despatch.root], found)


def _prices_before(file: TradeFile, day: int, days: int) -> dict[Priced, list[int]]:
    """Return the prices of the checker's earlier invoices of the days before one, by item."""
    prices: dict[Priced, list[int]] = {}
    for earlier in file.earlier():
        if not day - days <= earlier.says.issue_day <= day:
            continue
        for line in earlier.says.lines:
            key = priced(line, earlier.says)
            if key is not None and line.unit_price_e6 is not None and line.unit_price_e6 > 0:
                prices.setdefault(key, []).append(line.unit_price_e6)
    return prices


def _trips(file: TradeFile) -> Iterator[_Trip]:
    """Yield the trips whose vehicle and receipt are known."""
    receipts = file.of(GoodsReceiptStatement)
    for despatch in file.of(DespatchStatement):
        says = despatch.says
        arrived = [
            receipt_day(receipt.says)
            for receipt in receipts
            if same_number(receipt.says.despatch_number, says.number)
        ]
        if says.vehicle is not None and arrived:
            vehicle = bare_number(says.vehicle)
            yield _Trip(despatch.root, says.number, vehicle, ship_day(says), max(arrived))
