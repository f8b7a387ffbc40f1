"""Whom documents are between, and in what currency."""

import pytest

from unit.apps.supply_chain.checks.trades import BUYER, CLEAN, SELLER, STRANGER, Trade
from xinlian.apps.supply_chain.checks import check_trade
from xinlian.modules.evidence.statements import TradeParty

NAMES = ("contract", "order", "despatch", "receipt", "invoice")


def codes(trade: Trade) -> tuple[str, ...]:
    return check_trade(trade.file()).codes


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_a_stranger_on_any_document_is_blocked(name, side):
    assert codes(CLEAN.but(name, **{side: STRANGER})) == (f"party.{side}_differs",)


@pytest.mark.parametrize("name", NAMES)
def test_swapped_sides_are_blocked(name):
    assert codes(CLEAN.but(name, buyer=SELLER, seller=BUYER)) == (
        "party.buyer_differs",
        "party.seller_differs",
    )


def test_another_name_under_the_right_code_is_the_same_party():
    assert codes(CLEAN.but("invoice", buyer=TradeParty("旧名称", BUYER.uscc, None))) == ()


def test_the_seller_itself_may_be_named_as_payee():
    assert codes(CLEAN.but("invoice", payee=SELLER)) == ()
    assert codes(CLEAN.but("invoice", payee=TradeParty("某保理公司", None, None))) == (
        "invoice.other_payee",
    )


def test_a_document_may_leave_the_currency_out():
    assert codes(CLEAN.but("order", currency=None)) == ()
