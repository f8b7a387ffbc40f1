"""Figures name all their facts, no counterparty, and no value where there is too little."""

import re

import pytest

from unit.readmodels.test_portrait import dealing
from xinlian.modules.consent.types import PORTRAIT_KINDS
from xinlian.readmodels.portrait import CorroboratedInvoice, Dealings, span_of
from xinlian.readmodels.portrait_figures import FIGURE_OF, FIGURES

AS_OF = 20_800
NOTHING = Dealings(span_of(AS_OF), (), (), ())
SHARES = [kind for kind in FIGURES if kind.unit in {"e4", "days"}]


def of(*received, owed=(), invoices=()):
    return Dealings(span_of(AS_OF), received, owed, invoices)


def test_every_kind_of_data_has_figures_with_words_in_both_languages():
    assert {kind.data_kind for kind in FIGURES} == PORTRAIT_KINDS
    assert len(FIGURE_OF) == len(FIGURES)
    assert all(re.search("[\u4e00-\u9fff]", kind.chinese) and kind.english for kind in FIGURES)
    assert {kind.unit for kind in FIGURES} == {"months", "count", "minor", "e4", "days"}


@pytest.mark.parametrize("kind", SHARES, ids=lambda kind: kind.name)
def test_of_nothing_there_is_no_share_and_no_median(kind):
    assert kind.compute(NOTHING) == (None, [])


def test_concentration_is_the_share_of_the_largest_buyer():
    new = {"opened_day": AS_OF - 5}
    three = of(
        dealing(other="a", amount_minor=50, **new),
        dealing(other="b", amount_minor=30, **new),
        dealing(other="b", amount_minor=40, **new),
    )
    value, facts = FIGURE_OF["largest_buyer_share"].compute(three)
    assert (value, len(facts)) == (5_833, 3)
    assert FIGURE_OF["buyers"].compute(three)[0] == 2


def test_what_is_older_than_the_months_counts_no_more_but_stays_owed():
    old = dealing(opened_day=AS_OF - 1_000, open_minor=100)
    assert FIGURE_OF["receivables"].compute(of(old))[0] == 0
    assert FIGURE_OF["own_open_amount"].compute(of(owed=(old,)))[0] == 100


def test_a_trend_has_two_halves_that_share_no_fact():
    days = (AS_OF - 400, AS_OF - 250, AS_OF - 5)
    each = [dealing(fact_id=f"o{day}", opened_day=day) for day in days]
    recent = FIGURE_OF["receivables_amount_recent"].compute(of(*each))[1]
    before = FIGURE_OF["receivables_amount_before"].compute(of(*each))[1]
    assert ([f.fact_id for f in recent], [f.fact_id for f in before]) == (
        [f"o{days[2]}"],
        [f"o{days[1]}"],
    )


def test_invoices_are_counted_with_their_amounts():
    invoice = CorroboratedInvoice("root", 1, 700, AS_OF)
    assert FIGURE_OF["corroborated_amount"].compute(of(invoices=(invoice,))) == (700, (invoice,))
