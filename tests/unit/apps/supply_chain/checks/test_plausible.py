"""Prices beside their median; handling units and vehicles that cannot be in two places."""

import msgspec
import pytest

from unit.apps.supply_chain.checks.trades import CLEAN, GTINS, UNIT, Item, Trade, trade_of
from xinlian.apps.supply_chain.checks import check_trade

ONE_ITEM = trade_of([Item(GTINS[0], 100, 1_000_00, 13)], headroom_minor=10**12)
PRICE_E6 = 1_000 * UNIT
SSCC = "069012345100000017"


def codes(trade: Trade) -> tuple[str, ...]:
    return check_trade(trade.file()).codes


def seen_at(
    *prices_e6: int, days_before: int = 30, currency: str = "CNY", trade: Trade = ONE_ITEM
) -> Trade:
    """Return the trade after other sales of the item at some prices."""
    for number, price_e6 in enumerate(prices_e6):
        line = msgspec.structs.replace(trade.invoice.lines[0], unit_price_e6=price_e6)
        sale = msgspec.structs.replace(
            trade.invoice,
            number=f"2500000000000000{number:04}77{number}",
            issue_day=trade.invoice.issue_day - days_before,
            contract_number="HT-2025-OTHER",
            order_number=f"PO-2025-{number}",
            despatch_number=f"FH-2025-{number}",
            receipt_number=f"SH-2025-{number}",
            gross_minor=trade.invoice.gross_minor * (number + 2),
            currency=currency,
            lines=(line,),
        )
        trade = trade.after(f"sale {number}", sale)
    return trade


@pytest.mark.parametrize(
    ("median_e6", "expected"),
    [
        (PRICE_E6, ()),
        (PRICE_E6 * 5 // 4, ()),  # 20 % below the median, exactly
        (PRICE_E6 * 5 // 4 + 10, ("price.off_median",)),
        (PRICE_E6 * 10 // 12 + 1, ()),  # 20 % above it, nearly
        (PRICE_E6 * 10 // 12 - 1, ("price.off_median",)),
    ],
)
def test_a_price_more_than_a_fifth_from_the_median_is_looked_at(median_e6, expected):
    assert codes(seen_at(1, median_e6, 10**15)) == expected


def test_two_prices_make_no_median():
    assert codes(seen_at(1, 1)) == ()
    assert codes(seen_at(1, 1, 1)) == ("price.off_median",)


def test_only_the_last_ninety_days_and_the_same_currency_count():
    assert codes(seen_at(1, 1, 1, days_before=90)) == ("price.off_median",)
    assert codes(seen_at(1, 1, 1, days_before=91)) == ()
    assert codes(seen_at(1, 1, 1, currency="USD")) == ()


def second_trip(trade: Trade, *, ships: int, arrives: int, **changes: object) -> Trade:
    """Return the trade whose goods came in two halves; days count from the first despatch."""
    half = msgspec.structs.replace(
        trade.despatch.lines[0], quantity_e6=trade.despatch.lines[0].quantity_e6 // 2
    )
    first = trade.but("despatch", lines=(half,)).but("receipt", lines=(half,))
    start = trade.despatch.issue_day
    despatch = msgspec.structs.replace(
        first.despatch, number="FH-2", despatch_day=start + ships, **changes
    )
    receipt = msgspec.structs.replace(
        first.receipt, number="SH-2", despatch_number="FH-2", receipt_day=start + arrives
    )
    return first.adding("second despatch", despatch).adding("second receipt", receipt)


@pytest.mark.parametrize(
    ("ships", "arrives", "expected"),
    [
        (2, 4, ()),  # it left when the first trip had ended
        (0, 3, ()),  # one trip with two stops
        (1, 3, ("transit.vehicle_twice",)),
    ],
)
def test_a_vehicle_is_on_one_trip_at_a_time(ships, arrives, expected):
    assert codes(second_trip(ONE_ITEM, ships=ships, arrives=arrives)) == expected
    other = second_trip(ONE_ITEM, ships=ships, arrives=arrives, vehicle="演A00002")
    assert codes(other) == ()


def test_the_spelling_of_a_plate_makes_no_other_vehicle():
    same = second_trip(ONE_ITEM, ships=1, arrives=3, vehicle="演 a-00001")
    assert codes(same) == ("transit.vehicle_twice",)


def test_a_handling_unit_travels_under_one_despatch():
    once = ONE_ITEM.but("despatch", handling_units=(SSCC,))
    assert codes(second_trip(once, ships=2, arrives=4, handling_units=())) == ()
    again = second_trip(once, ships=2, arrives=4, handling_units=(SSCC,))
    assert codes(again) == ("transit.handling_unit_twice",)


@pytest.mark.parametrize(("tonnes", "expected"), [(49, ()), (50, ("transit.vehicle_overloaded",))])
def test_one_vehicle_carries_no_more_than_a_road_vehicle_weighs(tonnes, expected):
    coal = trade_of([Item(GTINS[0], tonnes, 500_00, 13, "TNE")])
    assert codes(coal) == expected
    assert codes(coal.but("despatch", vehicle=None)) == ()


def test_a_clean_trade_stays_clean():
    assert codes(CLEAN) == ()
