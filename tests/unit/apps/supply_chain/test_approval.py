"""Financing by rule: terms, what the rules see, and many requests that wait for one verdict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.bidding import FIRST, Bidding
from unit.apps.supply_chain.looking import leaf_of
from xinlian.apps.supply_chain.approval import (
    DECISIONS_AT_ONCE_MAX,
    DISBURSE,
    NAMES,
)
from xinlian.apps.supply_chain.messages import RecordRegistration
from xinlian.apps.supply_chain.types import ENCUMBRANCES, Finance
from xinlian.modules.conditions.messages import SignRulePack
from xinlian.modules.conditions.types import DECISIONS, Rule, Term
from xinlian.modules.members.types import message_type_part
from xinlian.primitives import half_up_div
from xinlian.primitives.time import MS_PER_DAY, china_day
from xinlian.testing.trade import DUE_DAY, FACE_MINOR


def sign_pack(trade, *, share_e4=9_000, rate_e9=36_000_000, rule="verdict_passed"):
    trade.step(
        "bank",
        SignRulePack(
            DISBURSE,
            (Rule("only", rule),),
            (Term("advance_share_e4", share_e4), Term("discount_rate_e9_per_year", rate_e9)),
            trade.consortium.account("bank"),
            FACE_MINOR,
            FACE_MINOR,
            FACE_MINOR,
            trade.consortium.now_ms() + 30 * MS_PER_DAY,
        ),
    )


def decision(trade, leaf):
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        return DECISIONS.get(snapshot, message_type_part(DISBURSE), leaf)


def test_many_requests_that_wait_for_one_verdict_are_all_decided(trade):
    c = trade.consortium
    leaves = [trade.certify(10_000_00)[1] for _ in range(DECISIONS_AT_ONCE_MAX + 2)]
    for leaf in leaves:
        trade.request(leaf)
    sign_pack(trade)
    trade.step("bank", *(RecordRegistration(leaf, trade.root("register")) for leaf in leaves))
    assert {decision(trade, leaf).reason for leaf in leaves} == {"rules_not_met"}
    trade.step("bank", trade.verdict())
    c.settle_due_work()
    assert {decision(trade, leaf).reason for leaf in leaves} == {"approved"}
    assert {leaf_of(c, leaf).finance for leaf in leaves} == {Finance.ASSIGNED}


@pytest.mark.parametrize(
    ("share_e4", "rate_e9"), [(10_000, 0), (9_000, 36_000_000), (3_333, 999_999_999), (1, 1)]
)
def test_the_terms_are_computed_from_the_pack(trade, share_e4, rate_e9):
    leaf = trade.certify()[1]
    sign_pack(trade, share_e4=share_e4, rate_e9=rate_e9)
    trade.request(leaf)
    trade.step("bank", trade.verdict(), RecordRegistration(leaf, trade.root("register")))
    days = DUE_DAY - china_day(trade.consortium.now_ms())
    advance = FACE_MINOR * share_e4 // 10_000
    exact = advance * rate_e9 * days / (365 * 10**9)
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        taken = ENCUMBRANCES.require(snapshot, leaf)
    assert taken.advance_minor == advance
    assert abs(taken.discount_minor - exact) <= 0.51


@given(st.integers(1, 10**12), st.integers(0, 10**9), st.integers(0, 366))
def test_a_discount_is_rounded_half_up_once(advance, rate_e9, days):
    numerator, denominator = advance * rate_e9 * days, 365 * 10**9
    rounded = half_up_div(numerator, denominator)
    assert 2 * numerator - denominator < 2 * rounded * denominator <= 2 * numerator + denominator


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_declared_name_has_its_value_in_a_decision(trade, name):
    leaf = trade.certify()[1]
    sign_pack(trade, rule=f"{name} == {name}")
    trade.request(leaf)
    trade.step("bank", trade.verdict(), RecordRegistration(leaf, trade.root("register")))
    made = decision(trade, leaf)
    assert made.reason == "approved"
    assert {each.name for each in made.inputs} == set(NAMES)


def test_what_the_holder_accepted_is_what_the_rules_decide_and_pay():
    bidding = Bidding()
    trade = bidding.trade
    sign_pack(trade, rule="advance_minor == 90000000")
    bidding.open_all()
    trade.step("supplier1", bidding.accepting("bank"))
    registered = RecordRegistration(bidding.leaf, trade.root("register"))
    trade.step("bank", trade.verdict(), registered)
    assert decision(trade, bidding.leaf).reason == "approved"
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        taken = ENCUMBRANCES.require(snapshot, bidding.leaf)
    assert (taken.advance_minor, taken.discount_minor) == (FIRST.advance_minor, FIRST.kept_minor)
    bidding.close()
