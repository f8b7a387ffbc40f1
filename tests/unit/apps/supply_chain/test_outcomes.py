"""How disputes end: the clock, the fresh cut-off after a default, and guarantors after it."""

import pytest

from support.court import Court
from unit.apps.supply_chain.looking import certificate_of, leaf_of, obligation_of
from unit.apps.supply_chain.test_disputes import (
    PART_MINOR,
    REST_MINOR,
    books,
    dispute,
    near_due,
    record,
)
from xinlian.apps.supply_chain.dispute_messages import WithdrawDispute
from xinlian.apps.supply_chain.dispute_types import DisputeStatus
from xinlian.apps.supply_chain.guarantee_messages import GiveGuarantee
from xinlian.apps.supply_chain.guarantee_records import calls_of
from xinlian.apps.supply_chain.types import Life
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms
from xinlian.testing import Consortium
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, Trade

UPHELD_BY_SILENCE = {"supply_chain.silent_dispute_upheld": 1}


def let_lapse(trade) -> None:
    c = trade.consortium
    c.advance_to(c.now_ms() + 30 * MS_PER_DAY + 1)
    c.settle_due_work()


def test_silence_past_the_clock_rejects_a_dispute(trade):
    certificate, leaf = trade.certify()
    opened = dispute(trade, leaf)
    let_lapse(trade)
    ended = record(trade, opened)
    assert (ended.status, ended.upheld_minor) == (DisputeStatus.LAPSED, 0)
    assert leaf_of(trade.consortium, leaf).disputed_minor == 0
    trade.to_due_day()
    assert books(trade, certificate)[3] == FACE_MINOR


def test_silence_upholds_it_where_policy_says_so_and_the_invoice_stays_occupied():
    c = Consortium(policy=UPHELD_BY_SILENCE)
    trade = Trade(c)
    trade.register()
    certificate, leaf = trade.certify()
    opened = dispute(trade, leaf)
    let_lapse(trade)
    ended = record(trade, opened)
    assert (ended.status, ended.upheld_minor) == (DisputeStatus.LAPSED, PART_MINOR)
    assert books(trade, certificate)[:3] == (FACE_MINOR, REST_MINOR, REST_MINOR)
    assert c.broken_invariants() == []
    c.close()


def test_silence_reduces_no_leaf_that_a_court_holds_until_its_order_has_ended():
    court = Court(policy=UPHELD_BY_SILENCE)
    certificate, leaf = court.trade.certify()
    opened = dispute(court.trade, leaf)
    court.freeze(certificate, leaf=leaf, days=40)
    let_lapse(court.trade)
    assert record(court.trade, opened).status == DisputeStatus.OPEN
    assert leaf_of(court.c, leaf).outstanding_minor == FACE_MINOR
    let_lapse(court.trade)
    assert record(court.trade, opened).status == DisputeStatus.LAPSED
    assert leaf_of(court.c, leaf).outstanding_minor == REST_MINOR
    court.close()


def split_and_dispute(trade, to="supplier2") -> tuple[bytes, bytes, bytes, bytes]:
    """Return (certificate, a leaf that is disputed whole, another leaf, the dispute)."""
    certificate, whole = near_due(trade)
    theirs, mine = trade.split(whole, PART_MINOR, to)
    return certificate, theirs, mine, dispute(trade, theirs)


def test_a_leaf_disputed_whole_at_the_default_of_its_certificate_is_not_late_with_it(trade):
    c = trade.consortium
    certificate, theirs, mine, opened = split_and_dispute(trade)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    assert certificate_of(c, certificate).life == Life.OVERDUE
    assert (leaf_of(c, theirs).life, leaf_of(c, mine).life) == (Life.DUE, Life.OVERDUE)
    trade.step("core", WithdrawDispute(opened))
    assert leaf_of(c, theirs).life == Life.DUE
    trade.to_due_day(EVENING_MS, days_later=1)
    assert leaf_of(c, theirs).life == Life.OVERDUE


def test_what_is_paid_by_its_fresh_cutoff_bears_no_late_interest(trade):
    c = trade.consortium
    certificate, theirs, mine, opened = split_and_dispute(trade, "bank")
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.step("core", WithdrawDispute(opened))
    trade.to_due_day(days_later=1)
    trade.credit(FACE_MINOR)
    assert (leaf_of(c, theirs).life, leaf_of(c, mine).life) == (Life.DISCHARGED, Life.DISCHARGED)
    found = certificate_of(c, certificate)
    assert found.life == Life.DISCHARGED
    assert found.interest_fixed_minor == REST_MINOR * 5 // 10_000  # a day, on what was late
    assert obligation_of(c, certificate).status == ObligationStatus.CURED


def test_guarantors_are_called_for_what_was_disputed_after_its_fresh_cutoff_alone(trade):
    c = trade.consortium
    certificate, theirs, _, opened = split_and_dispute(trade)
    deed = trade.root("deed")
    trade.step("bank", RegisterDocument(deed, "guarantee", 1))
    until_ms = china_midnight_ms(trade.due_day) + 60 * MS_PER_DAY
    account = c.account("bank")
    trade.step("bank", GiveGuarantee(certificate, 1, FACE_MINOR, account, until_ms, deed))
    trade.drain()
    trade.to_due_day(EVENING_MS)
    assert called_minor(c, certificate) == REST_MINOR
    trade.step("core", WithdrawDispute(opened))
    assert called_minor(c, certificate) == REST_MINOR
    trade.to_due_day(EVENING_MS, days_later=1)
    assert leaf_of(c, theirs).life in (Life.OVERDUE, Life.SPENT)
    assert called_minor(c, certificate) == FACE_MINOR


def called_minor(c, certificate: bytes) -> int:
    with c.engine.application.store.snapshot() as snapshot:
        return sum(claim.amount_minor for _, _, claim in calls_of(snapshot, certificate))


@pytest.mark.parametrize("days", [0, 3])
def test_a_dispute_after_the_default_takes_its_part_out_of_what_is_late(trade, days):
    c = trade.consortium
    certificate, leaf = trade.certify()
    trade.drain()
    trade.to_due_day(EVENING_MS, days_later=days)
    dispute(trade, leaf)
    trade.credit(FACE_MINOR)
    assert books(trade, certificate)[2] == PART_MINOR
    assert leaf_of(c, leaf).life == Life.OVERDUE
    assert certificate_of(c, certificate).life == Life.OVERDUE
