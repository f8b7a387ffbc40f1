"""Goods: bulk and counted, several deliveries, events with serial numbers."""

import msgspec
import pytest

from unit.apps.supply_chain.checks.trades import CLEAN, GTINS, UNIT, Item, Trade, trade_of
from xinlian.apps.supply_chain.checks import check_trade
from xinlian.modules.evidence.statements import GoodsQuantity

COAL = trade_of([Item(GTINS[0], 1_000, 500_00, 13, "TNE")]).lacking("event")
COAL = COAL.but("despatch", vehicle=None)  # by rail: no lorry carries so much
PUMPS = trade_of([Item(GTINS[0], 1_000, 500_00, 13, "EA")]).lacking("event")


def codes(trade: Trade) -> tuple[str, ...]:
    return check_trade(trade.file()).codes


def received(trade: Trade, quantity_e6: int) -> Trade:
    return trade.but_line("receipt", quantity_e6=quantity_e6)


@pytest.mark.parametrize("lost_e6", [5 * UNIT, -5 * UNIT])
def test_bulk_goods_may_differ_by_half_a_percent(lost_e6):
    assert codes(received(COAL, 1_000 * UNIT - lost_e6)) == ()


def test_bulk_goods_beyond_half_a_percent_are_held():
    assert codes(received(COAL, 1_000 * UNIT - 5 * UNIT - 1)) == (
        "goods.invoiced_more",
        "goods.received_short",
    )


def test_counted_goods_may_not_differ_at_all():
    assert codes(received(PUMPS, 1_000 * UNIT - 1)) == (
        "goods.invoiced_more",
        "goods.received_short",
    )
    assert codes(received(PUMPS, 1_001 * UNIT)) == ("goods.received_more",)


def test_a_short_delivery_invoiced_as_received_is_still_held_but_not_overinvoiced():
    short = received(PUMPS, 900 * UNIT)
    part = trade_of([Item(GTINS[0], 900, 500_00, 13)])
    assert codes(short.but("order", lines=part.order.lines)) == (
        "goods.invoiced_more",
        "goods.received_short",
    )
    fair = Trade(
        short.contract, short.order, short.despatch, short.receipt, part.invoice, part.event,
        part.bank, without=("event",),
    )  # fmt: skip
    assert codes(fair) == ("goods.received_short",)


def test_two_deliveries_add_up():
    first = PUMPS.but_line("despatch", quantity_e6=600 * UNIT)
    first = first.but_line("receipt", quantity_e6=600 * UNIT)
    line = msgspec.structs.replace(PUMPS.despatch.lines[0], quantity_e6=400 * UNIT)
    despatch = msgspec.structs.replace(PUMPS.despatch, number="FH-2", lines=(line,))
    receipt = msgspec.structs.replace(
        PUMPS.receipt, number="SH-2", despatch_number="FH-2", lines=(line,)
    )
    both = first.adding("second despatch", despatch).adding("second receipt", receipt)
    assert codes(both) == ()
    assert "goods.invoiced_more" in codes(first)


def test_other_goods_received_than_shipped_are_short_and_more():
    other = PUMPS.but_line("receipt", item_id=f"gtin:{GTINS[1]}")
    assert set(codes(other)) == {
        "goods.received_short",
        "goods.received_more",
        "goods.invoiced_more",
    }


def test_serial_numbers_count_one_each_and_pallets_nothing():
    three = trade_of([Item(GTINS[0], 3, 500_00, 13)])
    serials = tuple(f"urn:epc:id:sgtin:690123456.0789.{n}" for n in range(3))
    pallet = "urn:epc:id:sscc:690123456.10000001"
    assert codes(three.but_event(quantities=(), objects=(*serials, pallet))) == ()
    assert codes(three.but_event(quantities=(), objects=(*serials[1:], pallet))) == (
        "goods.event_differs",
    )


def test_goods_in_an_event_that_no_receipt_names_differ():
    stranger = GoodsQuantity("urn:epc:class:lgtin:690123456.0790.L", UNIT, None)
    quantities = PUMPS.event.events[0].quantities
    trade = trade_of([Item(GTINS[0], 1_000, 500_00, 13)]).but_event(
        quantities=(*quantities, stranger)
    )
    assert codes(trade) == ("goods.event_differs",)


def test_only_receiving_events_are_compared():
    packing = msgspec.structs.replace(CLEAN.event.events[0], business_step="packing")
    assert codes(CLEAN.but("event", events=(packing, *CLEAN.event.events))) == ()


def test_items_without_a_number_are_compared_by_name():
    unnamed = PUMPS
    for name in ("order", "despatch", "receipt", "invoice"):
        unnamed = unnamed.but_line(name, item_id=None, item_name="水泵")
    assert codes(unnamed) == ()
    assert "goods.received_short" in codes(unnamed.but_line("receipt", item_name="阀门"))
