"""More finance than goods, amounts below a limit, goods that are not there."""

import pytest

from unit.apps.supply_chain.fraud.trades import advanced, invoice, judged, received
from xinlian.apps.supply_chain.fraud import Fact, Pledge, Typology

OURS = invoice()


def test_an_invoice_is_not_advanced_beyond_its_amount():
    past: list[Fact] = [OURS, received(OURS, 100), advanced(OURS, 101, 30_000_00)]
    assert Typology.OVER_FINANCING in judged(past, 102, 20_000_01)
    assert Typology.OVER_FINANCING not in judged(past, 102, 15_000_00)


def test_advances_stay_below_nine_tenths_of_what_the_buyer_took_in():
    other = invoice(name="other", day=90, number="77", lots=("more",))
    past: list[Fact] = [other, received(other, 91), advanced(other, 92, 40_000_00), OURS]
    assert Typology.OVER_FINANCING not in judged(past, 101, 5_000_00)
    assert Typology.OVER_FINANCING in judged(past, 101, 5_000_01)
    with_goods: list[Fact] = [*past, received(OURS, 100)]
    assert Typology.OVER_FINANCING not in judged(with_goods, 101, 40_000_00)


def slices(count: int, gross_minor: int, days_apart: int = 3) -> list[Fact]:
    return [
        invoice(
            name="ours" if n == count - 1 else f"slice {n}",
            day=100 + days_apart * (n - count + 1),
            number=f"{n}77{n}",
            gross_minor=gross_minor,
            lots=(f"lot {n}",),
        )
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("past", "is_found"),
    [
        (slices(4, 999_999_99), True),
        (slices(4, 900_000_00), True),
        (slices(3, 999_999_99), False),
        (slices(4, 1_000_000_00), False),
        (slices(4, 899_999_99), False),
        (slices(4, 999_999_99, days_apart=12), False),
    ],
    ids=["just below", "a tenth below", "too few", "examined", "far below", "over months"],
)
def test_four_invoices_in_a_month_just_below_the_examined_amount_are_found(past, is_found):
    assert (Typology.SPLITTING in judged(past, 101)) is is_found


def pledge(receipt: str, day: int, *, is_release: bool = False) -> Pledge:
    kind = "release" if is_release else "pledge"
    return Pledge(f"{kind} {receipt}", day, "lot", receipt, "another bank", is_release)


def test_goods_that_were_pledged_before_they_were_sold_are_found_until_released():
    past: list[Fact] = [pledge("r1", 90), OURS, received(OURS, 100)]
    assert judged(past, 101)[Typology.PHANTOM_GOODS] == ("pledge r1", "ours")
    released: list[Fact] = [*past, pledge("r1", 95, is_release=True)]
    assert Typology.PHANTOM_GOODS not in judged(released, 101)


def test_one_lot_under_two_receipts_is_found():
    past: list[Fact] = [OURS, received(OURS, 100), pledge("r1", 101), pledge("r2", 102)]
    assert Typology.PHANTOM_GOODS in judged(past, 103)
    assert Typology.PHANTOM_GOODS not in judged(past[:3], 103)


def test_goods_count_as_missing_only_when_they_are_overdue():
    assert Typology.PHANTOM_GOODS not in judged([OURS], 129)
    assert Typology.PHANTOM_GOODS in judged([OURS], 130)
