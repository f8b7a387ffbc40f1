"""The watch as a whole: its order in time, its labelled cases, its words."""

import pytest

from unit.apps.supply_chain.fraud.trades import invoice, received
from xinlian.apps.supply_chain.fraud import (
    DETECTORS,
    FinanceAsk,
    Typology,
    UnknownInvoice,
    Watch,
)
from xinlian.testing.fraud_cases import evaluate, labelled_trade


def test_every_typology_has_a_detector_and_words_in_both_languages():
    assert list(DETECTORS) == list(Typology)
    titles = {(each.title_zh, each.title_en) for each in Typology}
    assert len(titles) == len(Typology)


def test_a_request_for_what_was_never_told_is_refused_not_passed():
    with pytest.raises(UnknownInvoice, match="ask asks for finance of ours"):
        Watch().tell(FinanceAsk("ask", 1, "ours", 1))


def test_an_ordinary_sale_raises_nothing():
    watch, ours = Watch(), invoice()
    for fact in (ours, received(ours, 105)):
        assert watch.tell(fact) == ()
    assert watch.tell(FinanceAsk("ask", 110, "ours", 40_000_00)) == ()


@pytest.fixture(scope="module")
def trade():
    return labelled_trade(7, cases_each=20)


@pytest.fixture(scope="module")
def evaluation(trade):
    return evaluate(trade, Watch())


def test_the_same_seed_gives_the_same_trade_and_the_same_signals(trade):
    assert labelled_trade(7, cases_each=20) == trade
    first, second = evaluate(trade, Watch()), evaluate(trade, Watch())
    assert first == second


def test_facts_are_told_in_the_order_in_which_they_became_known(trade):
    days = [fact.day for fact in trade.facts]
    assert days == sorted(days)


@pytest.mark.parametrize("typology", list(Typology))
def test_cases_that_do_not_evade_are_found(evaluation, typology):
    open_cases = [
        case
        for case in (*evaluation.found, *evaluation.missed)
        if case.typology is typology and not case.is_evasive
    ]
    found = [case for case in open_cases if case in evaluation.found]
    assert len(open_cases) == 14
    assert len(found) >= 13


def test_cases_made_to_evade_mostly_do_so_and_stay_in_the_recall(evaluation):
    evasive = [case for case in evaluation.missed if case.is_evasive]
    assert len(evasive) >= 30


def test_few_honest_requests_raise_a_signal(trade, evaluation):
    alarmed = {alert.ask for alert in evaluation.false_alarms}
    assert 0 < len(alarmed) < len(trade.honest_asks) * 5 // 100


def test_a_signal_names_facts_that_were_known_when_it_was_raised(trade):
    known: set[str] = set()
    watch = Watch()
    raised = 0
    for fact in trade.facts:
        known.add(fact.name)
        for alert in watch.tell(fact):
            raised += 1
            assert known.issuperset(alert.evidence)
    assert raised > 100
