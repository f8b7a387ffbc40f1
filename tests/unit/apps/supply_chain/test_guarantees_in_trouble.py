"""Guarantees beside pledges, disputes, recourse and locks: nothing sticks or stays for ever."""

import pytest

from support.bidding import Bidding
from support.court import Court
from support.guarantor import Guaranteed
from unit.apps.supply_chain.looking import certificate_of, leaf_of, obligation_of, try_out
from unit.apps.supply_chain.test_disputes import dispute, grounds
from unit.readmodels.conftest import Projected
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.apps.supply_chain.dispute_messages import (
    AgreeOutcome,
    JudgeDispute,
    OpenDispute,
    ProposeOutcome,
    WithdrawDispute,
)
from xinlian.apps.supply_chain.dispute_types import Ground
from xinlian.apps.supply_chain.messages import StartRecourse
from xinlian.apps.supply_chain.types import ENCUMBRANCES, Life
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.modules.schedule.types import PARKED
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_midnight_ms
from xinlian.readmodels.rows import ObligationRow
from xinlian.testing.trade import EVENING_MS, FACE_MINOR


def parked(c):
    with c.engine.application.store.snapshot() as state:
        return [item for _, item in PARKED.scan(state)]


def encumbrance_of(c, leaf):
    with c.engine.application.store.snapshot() as state:
        return ENCUMBRANCES.require(state, leaf)


def test_a_guarantor_that_lent_on_the_leaf_sets_its_loan_off_and_pays_the_rest():
    g = Guaranteed()
    certificate, leaf = g.trade.certify()
    g.trade.pledge(leaf, 400_000_00)
    g.give(certificate, "bank")
    before_minor = g.c.balance_minor("supplier1")
    g.default()
    assert g.c.balance_minor("supplier1") - before_minor == 600_000_00
    assert [claim.open_minor for claim in g.calls(certificate)] == [0]
    assert parked(g.c) == []
    assert g.c.broken_invariants() == []
    g.close()


DISPUTED = 6


@pytest.fixture
def often_disputed():
    """A guarantor without money; small disputes are given up one after the other, day by day."""
    g = Guaranteed()
    t = g.trade
    until_ms = china_midnight_ms(t.due_day) + 400 * MS_PER_DAY
    certificate, leaf = t.certify(until_ms=until_ms)
    parts = []
    for _ in range(DISPUTED):
        theirs, leaf = t.split(leaf, 1_000_00, "dealer")
        parts.append(theirs)
    g.give(certificate, "parent")
    g.keep("parent", 0)
    g.c.advance_to(china_midnight_ms(t.due_day) - MS_PER_HOUR)
    paper = grounds(t)
    opened = [
        t.step("core", OpenDispute(part, 1, Ground.FRAUD, paper)).created_id("dispute")
        for part in parts
    ]
    g.default()
    for days, disputed in enumerate(opened, 1):
        t.step("core", WithdrawDispute(disputed))
        t.to_due_day(EVENING_MS, 4 * days)
    yield g, certificate
    g.close()


def test_however_often_more_is_missing_one_call_stands_and_the_money_finds_its_way(often_disputed):
    g, certificate = often_disputed
    assert [claim.open_minor for claim in g.calls(certificate)] == [FACE_MINOR]
    g.trade.credit(2 * FACE_MINOR)
    assert certificate_of(g.c, certificate).outstanding_minor == 0
    assert parked(g.c) == []
    assert g.c.broken_invariants() == []


def test_a_call_that_was_raised_is_shown_with_what_is_owed_now(often_disputed, tmp_path):
    g, certificate = often_disputed
    told = Told(g.c)
    model = open_model(sqlite_address(tmp_path, "raised.db"), g.c)
    model.project(told.store)
    rows = Projected(told, model).rows(ObligationRow)
    owed = [row.open_minor for row in rows if row.source_kind == "certificate_call"]
    assert owed == [claim.open_minor for claim in g.calls(certificate)]
    model.close()


def test_a_courts_paper_holds_a_leaf_up_once():
    g = Court()
    t = g.trade
    _, leaf = t.certify()
    paper = g.document()
    first = t.step("core", OpenDispute(leaf, 1, Ground.COURT, paper)).created_id("dispute")
    t.step("court", JudgeDispute(first, 1, 0, False, g.document()))
    again = try_out(g.c, "core", OpenDispute(leaf, 1, Ground.COURT, paper))
    assert again.reference == "supply_chain/disputed_before"
    t.step("core", OpenDispute(leaf, 1, Ground.COURT, g.document()))
    g.close()


def test_what_is_left_of_a_leaf_was_disputed_before_as_the_leaf_was():
    g = Guaranteed()
    t, c = g.trade, g.c
    certificate, leaf = t.certify()
    g.give(certificate, "parent")
    g.keep("parent", 0)
    g.default()
    disputed = dispute(t, leaf, leaf_of(c, leaf).outstanding_minor)
    t.step("core", WithdrawDispute(disputed))
    t.to_due_day(EVENING_MS, 4)
    g.credit("parent", 1_000_00)
    rest = g.leaf_of(certificate, "supplier1")
    assert rest != leaf
    again = try_out(c, "core", OpenDispute(rest, 1, Ground.FRAUD, grounds(t)))
    assert again.reference == "supply_chain/disputed_before"
    g.close()


def test_a_recourse_ends_with_its_leaf():
    g = Court()
    t, c = g.trade, g.c
    _, leaf = t.certify()
    t.request_on_terms(leaf, with_recourse=True)
    t.step("bank", t.verdict(), t.advance(leaf, 900_000_00, 1_00))
    disputed = dispute(t, leaf, 400_000_00, name="bank")
    t.step("core", ProposeOutcome(disputed, 400_000_00, False))
    t.step("bank", AgreeOutcome(disputed, 400_000_00, False))
    t.drain()
    t.to_due_day(EVENING_MS)
    t.step("bank", StartRecourse(leaf))
    recourse = encumbrance_of(c, leaf).obligation
    t.credit(600_000_00)
    assert leaf_of(c, leaf).life == Life.DISCHARGED
    assert obligation_of(c, recourse).open_minor == 0
    t.to_due_day(EVENING_MS, 5)
    assert obligation_of(c, recourse).status != ObligationStatus.DEFAULTED
    g.close()


def test_a_lock_that_is_open_on_the_due_day_takes_its_accepted_terms_with_it():
    b = Bidding()
    b.c.advance_to(china_midnight_ms(b.trade.due_day) - 4 * MS_PER_DAY)
    b.open_all()
    b.trade.step("supplier1", b.accepting("bank2"))
    b.trade.to_due_day()
    assert b.c.broken_invariants() == []
    b.c.close()
