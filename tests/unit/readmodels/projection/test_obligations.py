"""Obligations equal the state's, but for promises that never bound anybody."""

from collections.abc import Iterator

import pytest

from support.council import FIVE, Council
from support.judgment import Judgment, with_courts
from unit.readmodels.conftest import Projected
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.apps.supply_chain.types import OFFERS, ORDERS
from xinlian.bootstrap import build_registry
from xinlian.contracts.message import type_name
from xinlian.modules.governance.messages import ProposeCalendarYear
from xinlian.modules.obligations.messages import (
    CancelObligation,
    ConfirmPayment,
    EndAuthority,
    ForgiveObligation,
    SettleDispute,
)
from xinlian.modules.obligations.types import OBLIGATIONS, TERMS, ObligationStatus, SourceKind
from xinlian.modules.policy.types import CalendarException
from xinlian.primitives import format_id
from xinlian.primitives.time import MS_PER_DAY, china_day, day_of_iso
from xinlian.readmodels.rows import EventRow, ObligationRow, OfferRow, PaymentOrderRow, ReaderRow
from xinlian.testing import Consortium
from xinlian.testing.agreements import EVENING_MS, Agreement
from xinlian.testing.trade import FACE_MINOR, Trade

ALL = ("bank", "settle", "mill", "port")


def fields_of(obligation_id, obligation, creditor=b""):
    return (
        format_id("obligation", obligation_id),
        format_id("party", obligation.debtor),
        format_id("party", creditor) if creditor else "",
        format_id("asset", obligation.asset),
        obligation.amount_minor,
        obligation.performed_minor,
        obligation.released_minor,
        obligation.open_minor,
        obligation.awaiting_minor,
        obligation.disputed_minor,
        obligation.due_day,
        obligation.due_at_ms,
        obligation.cutoff_at_ms,
        ObligationStatus(obligation.status).name.lower(),
        SourceKind(obligation.source_kind).name.lower(),
        format_id("account", obligation.account) if obligation.account else "",
        obligation.authority_cap_minor,
        obligation.authority_until_ms,
        obligation.enforced_minor,
        bool(obligation.is_enforced),
    )


def fields_of_row(row):
    return (
        row.obligation_id,
        row.debtor,
        row.creditor,
        row.asset_id,
        row.amount_minor,
        row.performed_minor,
        row.released_minor,
        row.open_minor,
        row.awaiting_minor,
        row.disputed_minor,
        row.due_day,
        row.due_at_ms,
        row.cutoff_at_ms,
        row.status,
        row.source_kind,
        row.account_id,
        row.authority_cap_minor,
        row.authority_until_ms,
        row.enforced_minor,
        bool(row.enforced_by),
    )


def test_obligations_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            fields_of(parts[0], obligation)
            for parts, obligation in OBLIGATIONS.scan(state)
            if obligation.status != ObligationStatus.CANCELLED
        )
    assert expected
    assert [fields_of_row(row) for row in projected.rows(ObligationRow)] == expected


def test_a_promise_that_was_declined_has_no_row(paid):
    declined = paid.told.ids["declined"]
    with paid.told.state() as state:
        assert OBLIGATIONS.require(state, declined).status == ObligationStatus.CANCELLED
    ids = [row.obligation_id for row in paid.rows(ObligationRow)]
    assert format_id("obligation", declined) not in ids


def test_a_debt_that_was_paid_late_is_cured_and_its_interest_owed(late):
    statuses = {row.source_kind: row.status for row in late.rows(ObligationRow)}
    assert statuses["certificate"] == "cured"
    assert len([row for row in late.rows(ObligationRow) if row.source_kind == "late_interest"]) == 2


@pytest.fixture(scope="module")
def agreed(tmp_path_factory) -> Iterator[Projected]:
    consortium = with_courts()
    told = Told(consortium, tell_of_agreements(consortium))
    model = open_model(sqlite_address(tmp_path_factory.mktemp("agreed")), consortium)
    model.project(told.store)
    yield Projected(told, model)
    model.close()
    consortium.close()


def tell_of_agreements(c: Consortium) -> dict[str, bytes]:
    """Tell of promises of every kind; return them by name."""
    names = ("ended", "milestone", "disputed", "through the bank", "failed", "let go", "cancelled")
    ended, milestone, disputed, ordered, failed, let_go, cancelled = (
        Agreement(
            c, name, creditor="supplier2" if name in ("through the bank", "failed") else "supplier1"
        )
        for name in names
    )
    guaranteed = Agreement(c, "guaranteed", due_day=ended.due_day + 7)
    executed = Agreement(c, "executed")
    executed.agree_unsecured()
    judged = Agreement(c, "judged")
    judged.agree()
    judged.dispute(30_000_00)
    Judgment(judged).decide(owed_minor=20_000_00, released_minor=10_000_00)
    ended.propose()
    ended.step("supplier1", CancelObligation(ended.id, ended.amount_minor))
    milestone.agree_locked(condition_kind="goods_receipt", condition_grade="a")
    milestone.step("supplier1", ForgiveObligation(milestone.id, 1_00))
    for promise in (disputed, ordered, failed, let_go, cancelled):
        promise.agree()
    guaranteed.agree_guaranteed("supplier2", "bank")
    disputed.dispute(30_000_00)
    disputed.step("supplier1", SettleDispute(disputed.id, 10_000_00))
    let_go.step("supplier1", EndAuthority(let_go.id))
    for name in ("core", "supplier1"):
        cancelled.step(name, CancelObligation(cancelled.id, cancelled.amount_minor))
    milestone.record_receipt_of_goods()
    ordered.to_due_day()
    ordered.step("settle", ConfirmPayment(ordered.id, ordered.amount_minor))
    entry = ordered.entry(ordered.amount_minor, on="core", is_credit=False, named=ordered.id)
    ordered.step("settle", entry)
    failed.to_due_day(EVENING_MS, days_later=3)
    guaranteed.drain()
    guaranteed.to_due_day(EVENING_MS, days_later=1)
    guaranteed.credit(50_000_00)
    paid_outside = let_go.entry(
        let_go.amount_minor, on="core", is_credit=False, named=let_go.id, reference="2"
    )
    let_go.credit(let_go.amount_minor, reference="3")
    executed.credit(40_000_00, reference="4")
    Judgment(executed, "2026-2").enforce(executed.found().open_minor)
    executed.credit(90_000_00, reference="5")
    let_go.step("settle", paid_outside)
    c.settle_due_work()
    made = (ended, milestone, disputed, ordered, failed, let_go, cancelled, guaranteed)
    return {promise.name: promise.id for promise in (*made, judged, executed)}


def test_the_agreements_have_every_event_of_obligations(agreed):
    told = {row.event_type for row in agreed.rows(EventRow)}
    wanted = {type_name(event) for event in build_registry().events.values()}
    assert {name for name in wanted if name.startswith("obligations.")} - told == {
        "obligations.BankingDayMoved",  # below
        "obligations.ObligationOrderMoved",
        "obligations.SurplusOwedBack",  # its debt is an obligation as any other
    }


def test_agreed_obligations_equal_those_of_the_state(agreed):
    with agreed.told.state() as state:
        expected = sorted(
            fields_of(parts[0], obligation, TERMS.require(state, *parts).creditor)
            for parts, obligation in OBLIGATIONS.scan(state)
            if parts[0] != agreed.told.ids["ended"]
        )
    assert len({fields[12] for fields in expected}) > 4, "many states"
    assert [fields_of_row(row) for row in agreed.rows(ObligationRow)] == expected


def test_parties_guarantors_and_the_bank_of_an_order_read_it(agreed):
    def readers(name: str) -> set[str]:
        object_id = format_id("obligation", agreed.told.ids[name])
        return {
            row.party_id
            for row in agreed.rows(ReaderRow)
            if (row.object_kind, row.object_id) == ("obligation", object_id)
        }

    party = agreed.told.party_text
    assert readers("ended") == {party("core"), party("supplier1")}
    assert readers("judged") == {party(name) for name in ("core", "supplier1", "court")}
    assert readers("through the bank") == {party("core"), party("supplier2"), party("settle")}
    assert readers("guaranteed") == {
        party(name) for name in ("core", "supplier1", "supplier2", "bank")
    }


@pytest.fixture(scope="module")
def moved(tmp_path_factory) -> Iterator[Projected]:
    """A promise whose banking day a calendar moves, and an order at a bank whose end it moves."""
    council = Council(*FIVE)
    c = council.c
    certified = Trade(c, due_day=day_of_iso("2027-02-26"))
    certified.register()
    _, whole = certified.certify()
    unanswered = certified.offer(whole, FACE_MINOR, to="bank", days=1)
    c.advance_to(c.now_ms() + 2 * MS_PER_DAY)
    c.settle_due_work()
    certified.split(whole, FACE_MINOR)
    later = Agreement(c, "later", due_day=day_of_iso("2027-03-01"))
    later.agree()
    certified.to_due_day()
    closed = (CalendarException(later.due_day, is_working=False),)
    council.decide(ProposeCalendarYear(2027, closed), *ALL)
    told = Told(c, {"later": later.id, "unanswered": unanswered})
    model = open_model(sqlite_address(tmp_path_factory.mktemp("moved")), c)
    model.project(told.store)
    yield Projected(told, model)
    model.close()
    c.close()


def test_moments_that_a_calendar_moved_equal_those_of_the_state(moved):
    events = [row.event_type for row in moved.rows(EventRow)]
    assert events.count("obligations.BankingDayMoved") == 1
    with moved.told.state() as state:
        expected = OBLIGATIONS.require(state, moved.told.ids["later"])
    row = next(row for row in moved.rows(ObligationRow) if row.creditor)
    assert (row.due_at_ms, row.cutoff_at_ms) == (expected.due_at_ms, expected.cutoff_at_ms)
    assert china_day(row.due_at_ms) == row.due_day + 1


def test_the_end_of_an_order_that_a_calendar_moved_equals_that_of_the_state(moved):
    events = [row.event_type for row in moved.rows(EventRow)]
    assert events.count("supply_chain.PaymentOrderMoved") == 1
    with moved.told.state() as state:
        ((_, order),) = ORDERS.scan(state)
    (row,) = moved.rows(PaymentOrderRow)
    assert row.expires_at_ms == order.expires_at_ms


def test_an_offer_that_nobody_accepted_in_time_has_lapsed(moved):
    with moved.told.state() as state:
        assert OFFERS.get(state, moved.told.ids["unanswered"]) is None
    statuses = {row.offer_id: row.status for row in moved.rows(OfferRow)}
    assert statuses[moved.told.text("offer", "unanswered")] == "lapsed"
    assert sorted(statuses.values()) == ["accepted", "lapsed"]
