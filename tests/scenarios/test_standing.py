"""What became of a promise is written by the ledger; nobody reports it, nobody leaves it out.

Roles: core owes; supplier1 is owed; bank finances by its signed rules; settle keeps the money.
"""

import pytest

from xinlian.apps.supply_chain.approval import DISBURSE
from xinlian.apps.supply_chain.messages import RecordRegistration
from xinlian.modules.conditions.messages import SignRulePack
from xinlian.modules.conditions.types import DECISIONS, Rule, Term
from xinlian.modules.members.types import message_type_part
from xinlian.modules.obligations.types import SourceKind
from xinlian.modules.standing.keeper import standing_of
from xinlian.modules.standing.types import CREDIT_FACTS, OPEN_DEFAULTS, CreditFactKind
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, OPENING_MS, Trade


@pytest.fixture
def trade():
    consortium = Consortium()
    registered = Trade(consortium)
    registered.register()
    yield registered
    assert consortium.broken_invariants() == []
    consortium.close()


def standing(trade, name="core"):
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        return standing_of(snapshot, trade.consortium[name].party)


def facts(trade, name="core", source=SourceKind.CERTIFICATE):
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        found = CREDIT_FACTS.scan(snapshot, trade.consortium[name].party)
        return [fact for _, fact in found if fact.source_kind == source]


def kinds(trade):
    return [CreditFactKind(fact.kind) for fact in facts(trade)]


def test_a_promise_kept_in_time_is_written_down(trade):
    certificate, _ = trade.certify()
    assert facts(trade) == []
    trade.to_due_day(EVENING_MS)
    (fact,) = facts(trade)
    assert (fact.kind, fact.obligation) == (CreditFactKind.ON_TIME, certificate)
    assert (fact.amount_minor, fact.due_day, fact.days_late) == (FACE_MINOR, trade.due_day, 0)
    assert (standing(trade).on_time, standing(trade).defaulted) == (1, 0)
    assert standing(trade, "supplier1").fact_count == 0


def test_a_default_is_open_until_it_is_cured_and_the_days_are_counted(trade):
    certificate, _ = trade.certify()
    trade.drain()
    trade.to_due_day(EVENING_MS)
    (default,) = facts(trade)
    assert (default.kind, default.amount_minor) == (CreditFactKind.DEFAULTED, FACE_MINOR)
    assert standing(trade).open_defaults == 1
    trade.to_due_day(OPENING_MS, days_later=4)
    trade.credit(2 * FACE_MINOR)
    assert kinds(trade) == [CreditFactKind.DEFAULTED, CreditFactKind.CURED]
    cured = facts(trade)[1]
    assert (cured.obligation, cured.days_late) == (certificate, 4)
    after = standing(trade)
    assert (after.defaulted, after.open_defaults, after.cured) == (1, 0, 1)
    assert after.days_late_max == 4
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        assert OPEN_DEFAULTS.get(snapshot, certificate) is None


def test_a_broken_promise_stops_the_banks_rules_and_its_cure_lifts_the_stop(trade):
    c = trade.consortium
    trade.certify(100_000_00)
    other = Trade(c, "other", due_day=trade.due_day + 30)
    other.register()
    leaf = other.certify(100_000_00)[1]
    rules = (Rule("standing", "obligor_open_defaults == 0"), Rule("passed", "verdict_passed"))
    trade.step(
        "bank",
        SignRulePack(
            DISBURSE,
            rules,
            (Term("advance_share_e4", 9_000), Term("discount_rate_e9_per_year", 0)),
            c.account("bank"),
            FACE_MINOR,
            FACE_MINOR,
            FACE_MINOR,
            c.now_ms() + 300 * MS_PER_DAY,
        ),
    )
    trade.drain()
    trade.to_due_day(EVENING_MS)
    other.request(leaf)
    other.step("bank", other.verdict(), RecordRegistration(leaf, other.root("register")))

    def made():
        with c.engine.application.store.snapshot() as snapshot:
            return DECISIONS.require(snapshot, message_type_part(DISBURSE), leaf)

    assert made().reason == "rules_not_met"
    assert [result.name for result in made().results if result.outcome != 1] == ["standing"]
    trade.credit(200_000_00)
    assert standing(trade).open_defaults == 0
    other.step("bank", other.verdict())
    assert made().reason == "approved"
