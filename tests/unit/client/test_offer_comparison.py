"""Offers side by side: the same days, what is given up for the money, the cheapest first."""

from decimal import Decimal

import pytest

from xinlian.apps.supply_chain.offer_terms import OfferTerms
from xinlian.client.annual_rate import NoAnnualRate
from xinlian.client.offer_comparison import Claim, OfferOnLedger, compare, cost_of

DUE = 20_500
PAID = DUE - 73
"""A fifth of a year before."""
WHOLE = Claim(1_000_000_00, DUE, rest_is_kept=False)
ADVANCE_ALONE = WHOLE._replace(rest_is_kept=True)


def offer(bank: str, advance: int, discount: int, fee: int) -> OfferOnLedger:
    return OfferOnLedger(bank, "opened", str(advance), str(discount), str(fee))


def test_who_assigns_the_whole_leaf_gives_up_more_than_the_advance():
    terms = OfferTerms(990_000_00, 10_000_00, 0)
    whole, advance = (cost_of(terms, claim, PAID) for claim in (WHOLE, ADVANCE_ALONE))
    assert whole.net_minor == advance.net_minor == 980_000_00
    assert (whole.cost_minor, advance.cost_minor) == (20_000_00, 10_000_00)
    assert whole.annual_rate == ((Decimal(100) / 98) ** 5 - 1).quantize(whole.annual_rate)
    assert advance.simple_rate == (Decimal(1) / 98 * 5).quantize(advance.simple_rate)


def test_a_fee_costs_as_much_as_a_discount():
    by_fee = cost_of(OfferTerms(990_000_00, 0, 10_000_00), WHOLE, PAID)
    by_discount = cost_of(OfferTerms(990_000_00, 10_000_00, 0), WHOLE, PAID)
    assert by_fee == by_discount


def test_the_cheapest_comes_first_whatever_its_size_and_whatever_is_not_open_is_left_out():
    offers = [
        offer("party_b", 800_000_00, 12_000_00, 0),
        offer("party_c", 400_000_00, 2_000_00, 1_000_00),
        offer("party_a", 900_000_00, 13_500_00, 0),
        offer("party_d", 0, 0, 0),
    ]
    ordered = [each.bank for each, _ in compare(offers, ADVANCE_ALONE, PAID)]
    assert ordered == ["party_c", "party_a", "party_b"]


def test_of_two_offers_at_one_rate_the_one_that_brings_more_comes_first():
    small, large = offer("party_a", 100_00, 1_00, 0), offer("party_b", 200_00, 2_00, 0)
    ordered = [each.bank for each, _ in compare([small, large], ADVANCE_ALONE, PAID)]
    assert ordered == ["party_b", "party_a"]


def test_on_the_due_day_nothing_has_an_annual_cost():
    with pytest.raises(NoAnnualRate):
        cost_of(OfferTerms(100_00, 1_00, 0), WHOLE, DUE)
