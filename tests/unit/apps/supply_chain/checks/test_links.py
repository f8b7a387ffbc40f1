"""The join graph, and what each purpose needs."""

import msgspec
import pytest

from unit.apps.supply_chain.checks.trades import CLEAN, Trade
from xinlian.apps.supply_chain.checks import Purpose, check_trade

KINDS = ("contract", "order", "despatch", "receipt", "invoice", "event", "bank")


def codes(trade: Trade, purpose: Purpose = Purpose.FINANCE) -> tuple[str, ...]:
    return check_trade(trade.file(purpose=purpose)).codes


@pytest.mark.parametrize("kept", KINDS)
def test_one_document_alone_never_passes(kept):
    alone = CLEAN.lacking(*(kind for kind in KINDS if kind != kept))
    for purpose in Purpose:
        missing = [code for code in codes(alone, purpose) if code.endswith(".missing")]
        assert len(missing) >= 4


def test_numbers_match_in_full_width_and_with_spaces_but_not_otherwise():
    assert codes(CLEAN.but("order", contract_number=" ＨＴ－２０２６－００１")) == ()
    assert codes(CLEAN.but("order", contract_number="HT2026001")) == ("link.order",)


def test_one_reference_to_the_goods_is_enough_for_an_invoice():
    trade = CLEAN.but("invoice", despatch_number=None, receipt_number=None, contract_number=None)
    assert codes(trade) == ()


def test_a_receipt_need_not_repeat_the_order():
    assert codes(CLEAN.but("receipt", order_number=None)) == ()


def test_a_second_order_of_the_contract_is_no_defect():
    second = msgspec.structs.replace(CLEAN.order, number="PO-2026-002")
    assert codes(CLEAN.adding("second order", second)) == ()
