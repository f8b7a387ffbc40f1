"""The order of facts, what is forgotten, and how numbers are compared."""

import pytest

from unit.apps.supply_chain.fraud.trades import invoice, received
from xinlian.apps.supply_chain.fraud import Credit, History, OutOfOrder
from xinlian.apps.supply_chain.fraud.history import (
    FORGET_EVERY,
    canonical_number,
    pair,
    within_percent,
)


def test_a_fact_of_an_earlier_day_is_refused_and_changes_nothing():
    history = History(memory_days=10)
    history.learn(invoice(day=5))
    with pytest.raises(OutOfOrder, match="of day 4 was told after day 5"):
        history.learn(invoice(name="late", day=4))
    assert list(history.invoices) == ["ours"]
    assert history.day == 5


def test_what_is_older_than_the_memory_is_forgotten_everywhere():
    history = History(memory_days=10)
    old = invoice(name="old", day=0)
    for fact in (old, received(old, 1), Credit("credit", 2, "old")):
        history.learn(fact)
    for number in range(FORGET_EVERY):
        history.learn(invoice(name=f"n{number}", day=50, number=f"{number}", lots=()))
    assert "old" not in history.invoices
    assert not history.credited
    assert not history.deliveries
    assert not history.by_lot
    assert len(history.sold_by["seller"]) == FORGET_EVERY


def test_an_index_gives_what_is_from_a_day_on_the_oldest_first():
    history = History(memory_days=100)
    for day in (1, 5, 9):
        history.learn(invoice(name=f"of {day}", day=day))
    assert [each.day for each in history.sold_by.of("seller", 5)] == [5, 9]
    assert history.sold_by.of("nobody", 0) == []


def test_two_pairs_never_share_a_word():
    assert pair("ab", "c") != pair("a", "bc")
    assert pair("a", "b") != pair("b", "a")


@pytest.mark.parametrize(
    ("one", "other"), [("INV-001", "inv 1"), ("No.7", "7"), ("００７", "007"), ("A0", "a")]
)
def test_numbers_are_compared_without_what_people_write_differently(one, other):
    assert canonical_number(one) == canonical_number(other)


def test_amounts_are_near_within_a_share_of_the_larger():
    assert within_percent(99, 100, 1)
    assert not within_percent(98, 100, 1)
    assert within_percent(0, 0, 1)
