"""SC-R6, SC-T23: the stop flag is a state of its own that only the clock lifts."""

import msgspec
import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.apps.supply_chain.types import LINES, STOP_FLAGS, StopFlag
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR
from xinlian.testing import Consortium
from xinlian.testing.trade import EVENING_MS, SUCCEEDED, Trade

FACE = 400_000_00
STOP_ISSUE = "supply_chain/stop_issue"
LIFT_DAYS = 7


def flag_of(c) -> StopFlag | None:
    with c.engine.application.store.snapshot() as snapshot:
        return STOP_FLAGS.get(snapshot, c["core"].party)


def set_flag(c) -> StopFlag:
    flag = flag_of(c)
    assert flag is not None
    return flag


def overdue_count(c) -> int:
    with c.engine.application.store.snapshot() as snapshot:
        return LINES.require(snapshot, c["core"].party).overdue_certificates


@pytest.fixture
def later(trade):
    """A second trade of the same parties, due two days after the first."""
    other = Trade(trade.consortium, "later", due_day=trade.due_day + 2)
    other.register()
    return other


def proposed(trade) -> str:
    """What a proposal gives on an invoice of which nothing is wrong but its obligor's stop."""
    proposal = msgspec.structs.replace(trade.proposal(1_00), due_day=trade.due_day + 60)
    return try_out(trade.consortium, "core", proposal).reference


def test_who_pays_in_time_is_never_stopped(trade, later):
    trade.certify(FACE)
    trade.to_due_day(EVENING_MS)
    assert flag_of(trade.consortium) is None
    assert proposed(later) == SUCCEEDED


def test_the_flag_is_set_with_the_default_and_has_no_end_while_anything_is_overdue(trade, later):
    c = trade.consortium
    trade.certify(FACE)
    later.certify(FACE)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    set_at_ms = set_flag(c).set_at_ms
    assert flag_of(c) == StopFlag(set_at_ms, 0)
    later.to_due_day(EVENING_MS)
    assert (overdue_count(c), flag_of(c)) == (2, StopFlag(set_at_ms, 0))
    trade.credit(FACE)
    assert (overdue_count(c), flag_of(c)) == (1, StopFlag(set_at_ms, 0))
    c.advance_to(c.now_ms() + 30 * MS_PER_DAY)
    c.settle_due_work()
    assert flag_of(c) == StopFlag(set_at_ms, 0)


def test_when_all_is_discharged_the_clock_lifts_it_after_the_days_of_the_policy(trade, later):
    c = trade.consortium
    trade.certify(FACE)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.credit(FACE)
    lifts_at_ms = set_flag(c).lifts_at_ms
    assert 0 < lifts_at_ms - c.now_ms() <= LIFT_DAYS * MS_PER_DAY
    assert proposed(later) == STOP_ISSUE
    c.advance_to(lifts_at_ms - MS_PER_HOUR)
    c.settle_due_work()
    assert flag_of(c) is not None
    assert proposed(later) == STOP_ISSUE
    c.advance_to(lifts_at_ms)
    c.settle_due_work()
    assert flag_of(c) is None
    assert proposed(later) == SUCCEEDED


def test_a_new_default_takes_the_end_of_the_flag_away(trade, later):
    c = trade.consortium
    trade.certify(FACE)
    later.certify(FACE)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.credit(FACE)
    set_at_ms, first_end_ms = set_flag(c).set_at_ms, set_flag(c).lifts_at_ms
    assert first_end_ms
    later.to_due_day(EVENING_MS)
    assert flag_of(c) == StopFlag(set_at_ms, 0)
    c.advance_to(first_end_ms + MS_PER_DAY)
    c.settle_due_work()
    assert flag_of(c) == StopFlag(set_at_ms, 0)  # the earlier item lifts nothing
    later.credit(FACE, "second")
    assert set_flag(c).lifts_at_ms > first_end_ms


def test_where_the_policy_names_no_days_it_is_lifted_with_the_next_block():
    c = Consortium(policy={"supply_chain.stop_lift_days": 0})
    trade = Trade(c)
    trade.register()
    trade.certify(FACE)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    assert flag_of(c) is not None
    trade.credit(FACE)
    assert flag_of(c) is None
    assert c.broken_invariants() == []
    c.close()
