"""Related parties, and confirmations that the debtor's key did not sign."""

import itertools

import pytest

from unit.apps.supply_chain.fraud.trades import invoice, judged
from xinlian.apps.supply_chain.fraud import Confirmation, Fact, Link, LinkKind, Typology

OURS = invoice()


def links(*kinds: LinkKind, one: str = "seller", other: str = "buyer") -> list[Fact]:
    return [Link(f"{one} {kind.value} {other}", 1, one, other, kind) for kind in kinds]


@pytest.mark.parametrize("kind", [LinkKind.OWNERSHIP, LinkKind.OFFICER])
def test_one_strong_link_relates_two_parties(kind):
    assert Typology.RELATED_PARTIES in judged([*links(kind), OURS], 101)


def test_one_weak_link_does_not_and_two_kinds_of_them_do():
    assert Typology.RELATED_PARTIES not in judged([*links(LinkKind.ADDRESS), OURS], 101)
    two = links(LinkKind.ADDRESS, LinkKind.PHONE)
    assert Typology.RELATED_PARTIES in judged([*two, OURS], 101)


@pytest.mark.parametrize(("holdings", "is_found"), [(1, True), (2, True), (3, False)])
def test_control_over_holdings_counts_up_to_three_links(holdings, is_found):
    chain = ["seller", *(f"holding {number}" for number in range(holdings)), "buyer"]
    past = [
        link
        for one, other in itertools.pairwise(chain)
        for link in links(LinkKind.OWNERSHIP, one=one, other=other)
    ]
    assert (Typology.RELATED_PARTIES in judged([*past, OURS], 101)) is is_found


def test_dependence_counts_beside_a_weak_link_only():
    sales: list[Fact] = [
        invoice(name=f"sale {n}", day=90 + n, number=f"9{n}00", lots=()) for n in range(6)
    ]
    assert Typology.RELATED_PARTIES not in judged([*sales, OURS], 101)
    neighbours = links(LinkKind.ADDRESS)
    assert Typology.RELATED_PARTIES in judged([*neighbours, *sales, OURS], 101)
    elsewhere = invoice(name="elsewhere", day=99, buyer="another", gross_minor=300_000_00, lots=())
    assert Typology.RELATED_PARTIES not in judged([*neighbours, *sales, elsewhere, OURS], 101)


def terms(*days: int) -> list[Fact]:
    return [
        invoice(name=f"past {n}", day=50 + n, number=f"5{n}00", term_days=term, lots=())
        for n, term in enumerate(days)
    ]


def test_a_term_that_doubles_needs_the_debtors_own_key():
    past, long = terms(60, 60, 60, 60), invoice(term_days=120)
    assert Typology.FALSE_CONFIRMATION in judged([*past, long], 101)
    letter = Confirmation("letter", 100, "ours", by_own_key=False)
    found = judged([*past, long, letter], 101)
    assert found[Typology.FALSE_CONFIRMATION] == ("letter", "ours")
    signed = Confirmation("signed", 100, "ours", by_own_key=True)
    assert Typology.FALSE_CONFIRMATION not in judged([*past, long, letter, signed], 101)


def test_a_new_pair_and_an_ordinary_term_are_no_jump():
    assert Typology.FALSE_CONFIRMATION not in judged([*terms(60, 60), invoice(term_days=180)], 101)
    usual = [*terms(60, 90, 90, 90), invoice(term_days=120)]
    assert Typology.FALSE_CONFIRMATION not in judged(usual, 101)
