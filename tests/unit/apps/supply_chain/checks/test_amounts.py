"""Sums, tax, prices and the contract's open amount: where each bound lies."""

import msgspec
import pytest

from unit.apps.supply_chain.checks.trades import CLEAN, GTINS, Item, Trade, trade_of
from xinlian.apps.supply_chain.checks import Tolerances, check_trade
from xinlian.apps.supply_chain.checks.amounts import check_line_amounts, check_sums, check_tax

DEFAULTS = Tolerances()
ARITHMETIC_ONLY = Tolerances(tax_rates_e9=None)


def codes(check, trade: Trade, tolerances: Tolerances = DEFAULTS) -> list[str]:
    return [failure.code for failure in check(trade.file(), tolerances)]


@pytest.mark.parametrize(("off_by", "expected"), [(2, []), (-2, []), (3, ["invoice.sum_gross"])])
def test_a_sum_may_be_off_by_one_fen_a_line(off_by, expected):
    trade = CLEAN.but("invoice", gross_minor=CLEAN.invoice.gross_minor + off_by)
    trade = trade.but("invoice", payable_minor=CLEAN.invoice.payable_minor + off_by)
    assert len(CLEAN.invoice.lines) == 2
    assert codes(check_sums, trade) == expected


def test_a_sum_may_never_be_off_by_more_than_one_yuan_however_many_lines():
    line = CLEAN.invoice.lines[0]
    lines = tuple(msgspec.structs.replace(line, line_no=str(n), net_minor=1) for n in range(500))
    trade = CLEAN.but("invoice", lines=lines, lines_net_minor=601, allowances_minor=0)
    assert "invoice.sum_lines" in codes(check_sums, trade)
    assert "invoice.sum_lines" not in codes(check_sums, trade.but("invoice", lines_net_minor=600))


@pytest.mark.parametrize(("off_by", "expected"), [(12, []), (13, ["tax.amount"])])
def test_tax_may_be_off_by_six_fen_a_line(off_by, expected):
    trade = CLEAN.but("invoice", tax_minor=CLEAN.invoice.tax_minor - off_by)
    assert codes(check_tax, trade) == expected


@pytest.mark.parametrize("percent", [0, 1, 3, 6, 9, 13])
def test_the_rates_of_china_pass(percent):
    assert codes(check_tax, trade_of([Item(GTINS[0], 7, 12_34, percent)])) == []


@pytest.mark.parametrize("percent", [2, 5, 10, 17, 19])
def test_other_rates_are_blocked_in_china_and_computed_elsewhere(percent):
    trade = trade_of([Item(GTINS[0], 7, 12_34, percent)])
    assert codes(check_tax, trade) == ["tax.rate"]
    assert codes(check_tax, trade, ARITHMETIC_ONLY) == []
    wrong = trade.but("invoice", tax_minor=trade.invoice.tax_minor + 7)
    assert codes(check_tax, wrong, ARITHMETIC_ONLY) == ["tax.amount"]


def test_an_allowance_on_one_rate_lowers_the_tax_with_the_net():
    trade = trade_of([Item(GTINS[0], 100, 10_00, 13)])
    lowered = trade.but("invoice", allowances_minor=100_00, net_minor=900_00, tax_minor=117_00)
    assert codes(check_tax, lowered) == []
    assert codes(check_tax, lowered.but("invoice", tax_minor=130_00)) == ["tax.amount"]


def test_an_allowance_on_several_rates_cannot_be_recomputed():
    trade = trade_of([Item(GTINS[0], 100, 10_00, 13), Item(GTINS[1], 100, 10_00, 9)])
    lowered = trade.but("invoice", allowances_minor=100_00)
    assert codes(check_tax, lowered) == ["tax.unknown"]


def test_an_invoice_without_lines_is_held():
    assert "tax.unknown" in check_trade(CLEAN.but("invoice", lines=()).file()).codes


@pytest.mark.parametrize(
    ("currency", "net_minor"), [("CNY", 3_000), ("JPY", 30), ("KWD", 30_000), ("CLF", 300_000)]
)
def test_a_line_is_computed_in_the_minor_units_of_its_currency(currency, net_minor):
    trade = trade_of([Item(GTINS[0], 3, 10_00, 13)]).but("invoice", currency=currency)
    assert codes(check_line_amounts, trade.but_line("invoice", net_minor=net_minor)) == []
    wrong = trade.but_line("invoice", net_minor=net_minor + 2)
    assert codes(check_line_amounts, wrong) == ["invoice.line_amount"]


def test_a_line_that_takes_goods_back_is_computed_with_its_sign():
    trade = trade_of([Item(GTINS[0], 3, 10_00, 13)])
    back = trade.but_line("invoice", quantity_e6=-3_000_000, net_minor=-30_00)
    assert codes(check_line_amounts, back) == []
    assert codes(check_line_amounts, back.but_line("invoice", net_minor=30_00)) != []


def test_a_price_may_differ_by_what_policy_allows():
    price = CLEAN.order.lines[0].unit_price_e6 or 0
    trade = CLEAN.but_line("order", unit_price_e6=price + price // 100)
    assert "price.differs" in check_trade(trade.file()).codes
    loose = Tolerances(price_difference_e9=10_000_000)
    assert check_trade(trade.file(), loose).codes == ()


def test_an_item_that_was_not_ordered_has_no_known_price():
    trade = CLEAN.but("order", lines=CLEAN.order.lines[1:])
    assert check_trade(trade.file()).codes == ("price.unknown",)


def test_an_earlier_invoice_of_another_contract_does_not_use_this_one_up():
    other = msgspec.structs.replace(
        CLEAN.invoice, number="777", contract_number="HT-9", order_number=None,
        despatch_number="FH-9", receipt_number="SH-9",
    )  # fmt: skip
    assert check_trade(CLEAN.after("other", other).file()).codes == ()


def test_a_credit_note_on_an_earlier_invoice_gives_its_amount_back():
    earlier = msgspec.structs.replace(
        CLEAN.invoice, number="777", order_number="PO-9", despatch_number="FH-9",
        receipt_number="SH-9", gross_minor=113_00,
    )  # fmt: skip
    trade = CLEAN.after("earlier", earlier)
    assert check_trade(trade.file()).codes == ("contract.exceeded",)
    enlarged = trade.but("contract", amount_minor=CLEAN.contract.amount_minor + 113_00)
    assert check_trade(enlarged.file()).codes == ()
