"""Circles of sales and money that comes back."""

import itertools

import pytest

from unit.apps.supply_chain.fraud.trades import invoice, judged, received
from xinlian.apps.supply_chain.fraud import Fact, Payment, Typology

OURS = invoice()


def circle(hops: int, growth_percent: int = 0, lot: str = "lot") -> list[Fact]:
    """Return sales from the buyer back to the seller, four days apart, then ours."""
    firms = ["buyer", *(f"firm {number}" for number in range(hops - 2)), "seller"]
    sales: list[Fact] = []
    for step, (one, other) in enumerate(itertools.pairwise(firms)):
        sale = invoice(
            name=f"step {step}",
            day=100 - 4 * (hops - 1 - step),
            seller=one,
            buyer=other,
            number=f"77{step}",
            gross_minor=50_000_00 * (100 + growth_percent) // 100,
            lots=(lot,),
        )
        sales += [sale, received(sale, sale.day + 1)]
    return [*sales, OURS, received(OURS, 100)]


@pytest.mark.parametrize("hops", [2, 3, 6])
def test_the_same_goods_sold_round_up_to_six_sales_are_found(hops):
    steps = tuple(f"step {step}" for step in range(hops - 1))
    assert judged(circle(hops), 101)[Typology.CIRCULAR_TRADE] == (*steps, "ours")


def test_longer_circles_larger_gains_and_delivered_other_goods_are_no_signal():
    for past in (circle(7), circle(3, growth_percent=20), circle(3, lot="other goods")):
        assert Typology.CIRCULAR_TRADE not in judged(past, 101)


def test_other_goods_that_never_came_are_found_once_they_are_overdue():
    past = [fact for fact in circle(3, lot="other goods") if "goods of step" not in fact.name]
    assert Typology.CIRCULAR_TRADE not in judged(past, 101)
    assert Typology.CIRCULAR_TRADE in judged(past, 130)


def test_sales_that_run_backwards_in_time_are_no_circle():
    forward = invoice(name="forward", day=90, seller="buyer", buyer="firm")
    to_us = invoice(name="to us", day=80, seller="firm", buyer="seller")
    assert Typology.CIRCULAR_TRADE not in judged([to_us, forward, OURS], 101)


def test_many_like_sales_end_the_search_instead_of_the_watch():
    crowd: list[Fact] = [
        invoice(name=f"{one}-{other}", day=95, seller=f"f{one}", buyer=f"f{other}", number=f"{one}")
        for one in range(40)
        for other in range(40)
        if one != other
    ]
    to_us = invoice(name="to us", day=96, seller="f0", buyer="seller")
    assert Typology.CIRCULAR_TRADE not in judged([*crowd, to_us, OURS], 101)


def returned(share_percent: int, days: int, hops: int = 3) -> list[Fact]:
    way = ["buyer", "seller", *(f"between {number}" for number in range(hops - 2)), "buyer"]
    return [
        OURS,
        *(
            Payment(
                f"payment {step}",
                100 + (days if step else 0),
                payer,
                payee,
                1_000_00 * (share_percent if step else 100) // 100,
            )
            for step, (payer, payee) in enumerate(itertools.pairwise(way))
        ),
    ]


def test_most_of_a_payment_that_is_back_within_a_month_is_found():
    names = ("payment 0", "payment 1", "payment 2")
    assert judged(returned(80, 30), 131)[Typology.ROUND_TRIP_MONEY] == names
    assert Typology.ROUND_TRIP_MONEY in judged(returned(100, 1, hops=5), 131)


@pytest.mark.parametrize(
    ("share_percent", "days", "hops"),
    [(79, 5, 3), (100, 31, 3), (100, 5, 6), (101, 5, 3)],
    ids=["too little", "too late", "too far", "more than came"],
)
def test_what_differs_by_a_little_more_is_no_signal(share_percent, days, hops):
    assert Typology.ROUND_TRIP_MONEY not in judged(returned(share_percent, days, hops), 135)
