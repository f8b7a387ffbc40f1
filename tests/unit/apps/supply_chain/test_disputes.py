"""SC-T16, SC-T22: what is disputed waits, the rest is paid on the due day; both sides end it."""

import msgspec
import pytest

from support.court import Court
from unit.apps.supply_chain.looking import certificate_of, leaf_of, obligation_of, try_out
from xinlian.apps.supply_chain.dispute_messages import (
    AgreeOutcome,
    OpenDispute,
    ProposeOutcome,
    WithdrawDispute,
)
from xinlian.apps.supply_chain.dispute_types import DISPUTES, TRANSITIONS, DisputeStatus, Ground
from xinlian.apps.supply_chain.keeper import claim_account
from xinlian.apps.supply_chain.messages import DischargeEarly, ProposeCancellation, RequestFinance
from xinlian.apps.supply_chain.types import INVOICES, LINES, STOP_FLAGS, Finance, Life
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, SUCCEEDED

PART_MINOR = 300_000_00
REST_MINOR = FACE_MINOR - PART_MINOR


def grounds(trade, name="core"):
    root = trade.root(f"grounds of {name} at {trade.consortium.now_ms()}")
    trade.step(name, RegisterDocument(root, "dispute_grounds", 1))
    return root


def disputing(trade, leaf, amount_minor=PART_MINOR, name="core", ground=Ground.FRAUD):
    return OpenDispute(leaf, amount_minor, ground, grounds(trade, name))


def dispute(trade, leaf, amount_minor=PART_MINOR, name="core"):
    return trade.step(name, disputing(trade, leaf, amount_minor, name)).created_id("dispute")


def near_due(trade) -> tuple[bytes, bytes]:
    """Certify, and wait until ten days before the due day: a dispute outlives it."""
    certificate, leaf = trade.certify()
    trade.consortium.advance_to(china_midnight_ms(trade.due_day) - 10 * MS_PER_DAY)
    return certificate, leaf


def settle(trade, opened: bytes, upheld_minor: int, *, frees_invoice: bool = True) -> None:
    trade.step("core", ProposeOutcome(opened, upheld_minor, frees_invoice))
    trade.step("supplier1", AgreeOutcome(opened, upheld_minor, frees_invoice))


def refused(trade, name: str, message) -> str:
    tried = try_out(trade.consortium, name, message)
    assert tried.changes_nothing
    return tried.reference


def record(trade, opened: bytes):
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        return DISPUTES.require(snapshot, opened)


def books(trade, certificate: bytes) -> tuple[int, int, int, int]:
    """What invoice and line count as in use, the claim of supplier1, and what it was paid."""
    c = trade.consortium
    with c.engine.application.store.snapshot() as snapshot:
        claim = ACCOUNTS.require(snapshot, claim_account(certificate, c["supplier1"].party))
        return (
            INVOICES.require(snapshot, trade.root("invoice")).occupied_minor,
            LINES.require(snapshot, c["core"].party).used_minor,
            claim.balance_minor,
            c.balance_minor("supplier1"),
        )


def test_the_undisputed_part_is_paid_on_the_due_day_and_nobody_is_late_for_the_rest(trade):
    certificate, leaf = near_due(trade)
    dispute(trade, leaf)
    trade.to_due_day()
    assert books(trade, certificate) == (PART_MINOR, PART_MINOR, PART_MINOR, REST_MINOR)
    trade.to_due_day(EVENING_MS)
    assert leaf_of(trade.consortium, leaf).life == Life.DUE
    found = obligation_of(trade.consortium, certificate)
    assert (found.status, found.disputed_minor) == (ObligationStatus.DISPUTED, PART_MINOR)
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        assert STOP_FLAGS.get(snapshot, trade.consortium["core"].party) is None


def test_what_is_withdrawn_before_the_due_day_is_paid_on_it(trade):
    certificate, leaf = trade.certify()
    opened = dispute(trade, leaf)
    assert refused(trade, "supplier1", WithdrawDispute(opened)) == "supply_chain/not_disputing"
    trade.step("core", WithdrawDispute(opened))
    assert record(trade, opened).status == DisputeStatus.WITHDRAWN
    assert leaf_of(trade.consortium, leaf).disputed_minor == 0
    trade.to_due_day()
    assert books(trade, certificate) == (0, 0, 0, FACE_MINOR)


def test_what_is_withdrawn_after_the_due_day_has_a_fresh_cutoff_and_is_overdue_after_it(trade):
    c = trade.consortium
    certificate, leaf = near_due(trade)
    opened = dispute(trade, leaf, FACE_MINOR)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.step("core", WithdrawDispute(opened))
    c.settle_due_work()
    assert leaf_of(c, leaf).life == Life.DUE
    assert obligation_of(c, certificate).status == ObligationStatus.DUE
    trade.to_due_day(EVENING_MS, days_later=1)
    assert leaf_of(c, leaf).life == Life.OVERDUE
    assert certificate_of(c, certificate).life == Life.OVERDUE


def test_what_both_sides_agree_is_not_owed_leaves_claim_line_obligation_and_invoice(trade):
    c = trade.consortium
    certificate, leaf = trade.certify()
    opened = dispute(trade, leaf)
    trade.step("supplier1", ProposeOutcome(opened, PART_MINOR, frees_invoice=True))
    assert books(trade, certificate)[2] == FACE_MINOR  # one signature binds nobody
    trade.step("core", AgreeOutcome(opened, PART_MINOR, frees_invoice=True))
    assert books(trade, certificate) == (REST_MINOR, REST_MINOR, REST_MINOR, 0)
    found = certificate_of(c, certificate)
    assert (found.life, found.reduced_minor) == (Life.ACTIVE, PART_MINOR)
    assert obligation_of(c, certificate).released_minor == PART_MINOR
    trade.to_due_day()
    assert books(trade, certificate) == (0, 0, 0, REST_MINOR)
    assert certificate_of(c, certificate).life == Life.DISCHARGED


def test_the_invoice_stays_occupied_where_the_sides_agree_on_that(trade):
    certificate, leaf = trade.certify()
    settle(trade, dispute(trade, leaf), PART_MINOR, frees_invoice=False)
    assert books(trade, certificate)[:3] == (FACE_MINOR, REST_MINOR, REST_MINOR)


def test_a_leaf_of_which_all_is_upheld_is_void_or_discharged_if_anything_was_paid(trade):
    c = trade.consortium
    certificate, leaf = trade.certify()
    settle(trade, dispute(trade, leaf, FACE_MINOR), FACE_MINOR)
    assert (leaf_of(c, leaf).life, certificate_of(c, certificate).life) == (Life.VOID, Life.VOID)
    assert obligation_of(c, certificate).status == ObligationStatus.CANCELLED
    second, its_leaf = near_due(trade)
    opened = dispute(trade, its_leaf)
    trade.to_due_day(EVENING_MS)
    settle(trade, opened, PART_MINOR)
    assert leaf_of(c, its_leaf).life == Life.DISCHARGED
    assert certificate_of(c, second).life == Life.DISCHARGED
    assert obligation_of(c, second).status == ObligationStatus.PERFORMED


def test_an_overdue_certificate_that_a_dispute_ends_gives_its_obligor_the_end_of_the_stop(trade):
    c = trade.consortium
    certificate, leaf = trade.certify()
    trade.drain()
    trade.to_due_day(EVENING_MS)
    assert certificate_of(c, certificate).life == Life.OVERDUE
    settle(trade, dispute(trade, leaf, FACE_MINOR), FACE_MINOR)
    assert certificate_of(c, certificate).life == Life.VOID
    with c.engine.application.store.snapshot() as snapshot:
        assert STOP_FLAGS.require(snapshot, c["core"].party).lifts_at_ms > c.now_ms()


def test_a_disputed_leaf_is_neither_passed_on_nor_financed_nor_cancelled_nor_paid_early(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    dispute(trade, leaf)
    later_ms = c.now_ms() + MS_PER_DAY
    for name, message in (
        ("supplier1", RequestFinance(leaf, c["bank"].party, later_ms)),
        ("supplier1", ProposeCancellation(leaf, FACE_MINOR, later_ms)),
        ("core", DischargeEarly(leaf, FACE_MINOR, 0, c.account("core"))),
    ):
        assert refused(trade, name, message) == "supply_chain/leaf_disputed"


def test_a_financier_that_was_asked_does_not_pay_on_a_leaf_that_became_disputed(trade):
    leaf = trade.certify()[1]
    trade.request(leaf)
    trade.step("bank", trade.verdict())
    opened = dispute(trade, leaf)
    assert refused(trade, "bank", trade.advance(leaf)) == "supply_chain/leaf_disputed"
    settle(trade, opened, FACE_MINOR - REST_MINOR)
    too_much = trade.advance(leaf, REST_MINOR + 1)
    assert refused(trade, "bank", too_much) == "supply_chain/advance_invalid"
    assert try_out(trade.consortium, "bank", trade.advance(leaf)).reference == SUCCEEDED


def test_quality_was_waived_and_who_financed_is_held_up_by_a_court_alone(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    quality = disputing(trade, leaf, ground=Ground.QUALITY)
    assert refused(trade, "core", quality) == "supply_chain/defence_waived"
    trade.finance(leaf)
    assert refused(trade, "core", disputing(trade, leaf)) == "supply_chain/defence_waived"
    stranger = disputing(trade, leaf, name="supplier1")  # it sold the leaf
    assert refused(trade, "supplier1", stranger) == "supply_chain/not_disputing"
    assert try_out(c, "bank", disputing(trade, leaf, name="bank")).reference == SUCCEEDED


def test_a_side_disputes_a_leaf_once_on_its_own_word(trade):
    leaf = trade.certify()[1]
    opened = dispute(trade, leaf, 1)
    again = disputing(trade, leaf)
    assert refused(trade, "core", again) == "supply_chain/disputed_before"
    trade.step("core", WithdrawDispute(opened))
    assert refused(trade, "core", again) == "supply_chain/disputed_before"
    other = disputing(trade, leaf, name="supplier1")
    assert try_out(trade.consortium, "supplier1", other).reference == SUCCEEDED


def test_a_dispute_is_for_what_is_open_and_by_grounds_of_ones_own(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    plain = disputing(trade, leaf)
    foreign = msgspec.structs.replace(plain, grounds_root=trade.root("invoice"))
    assert refused(trade, "core", foreign) == "supply_chain/grounds_not_own"
    no_court = msgspec.structs.replace(plain, ground=Ground.COURT)
    assert refused(trade, "core", no_court) == "members/not_in_role"
    unheard = msgspec.structs.replace(plain, ground=9)
    assert refused(trade, "core", unheard) == "supply_chain/ground_invalid"
    assert refused(trade, "bank", plain) == "supply_chain/not_disputing"
    beyond = msgspec.structs.replace(plain, amount_minor=FACE_MINOR + 1)
    assert refused(trade, "core", beyond) == "supply_chain/dispute_too_large"
    assert try_out(c, "core", plain).reference == SUCCEEDED


def test_an_outcome_is_agreed_by_the_other_side_for_the_same_amount_only(trade):
    leaf = trade.certify()[1]
    opened = dispute(trade, leaf)
    agree = AgreeOutcome(opened, 1, frees_invoice=False)
    assert refused(trade, "supplier1", agree) == "supply_chain/unknown_offer"
    beyond = ProposeOutcome(opened, PART_MINOR + 1, frees_invoice=False)
    assert refused(trade, "core", beyond) == "supply_chain/dispute_too_large"
    trade.step("core", ProposeOutcome(opened, 1, frees_invoice=False))
    assert refused(trade, "core", agree) == "supply_chain/unknown_offer"
    assert refused(trade, "bank", agree) == "supply_chain/not_disputing"
    other = AgreeOutcome(opened, 2, frees_invoice=False)
    assert refused(trade, "supplier1", other) == "supply_chain/unknown_offer"
    trade.step("supplier1", agree)
    ended = record(trade, opened)
    assert (ended.status, ended.upheld_minor) == (DisputeStatus.AGREED, 1)
    assert leaf_of(trade.consortium, leaf).disputed_minor == 0
    assert refused(trade, "supplier1", agree) == "supply_chain/wrong_state"


def test_obligor_and_holder_do_not_give_up_what_a_pledge_secures():
    court = Court()
    trade = court.trade
    leaf = trade.certify()[1]
    trade.pledge(leaf, advance_minor=PART_MINOR)
    before_court = OpenDispute(leaf, FACE_MINOR, Ground.COURT, court.document())
    opened = trade.step("core", before_court).created_id("dispute")
    too_much = ProposeOutcome(opened, REST_MINOR + 1, frees_invoice=False)
    assert refused(trade, "core", too_much) == "supply_chain/pledge_uncovered"
    settle(trade, opened, REST_MINOR)
    found = leaf_of(court.c, leaf)
    assert (found.outstanding_minor, found.finance) == (PART_MINOR, Finance.PLEDGED)
    court.close()


@pytest.fixture(scope="module")
def held():
    court = Court()
    certificate, leaf = court.trade.certify()
    opened = dispute(court.trade, leaf)
    court.freeze(certificate, leaf=leaf)
    yield court, leaf, opened
    court.close()


def test_what_a_court_holds_is_not_disputed_anew_nor_settled_but_given_up(held):
    court, leaf, opened = held
    second = disputing(court.trade, leaf, 1, "supplier1")
    assert refused(court.trade, "supplier1", second) == "supply_chain/leaf_frozen"
    proposal = ProposeOutcome(opened, 1, frees_invoice=False)
    assert refused(court.trade, "core", proposal) == "supply_chain/leaf_frozen"
    assert try_out(court.c, "core", WithdrawDispute(opened)).reference == SUCCEEDED


def test_a_dispute_ends_once():
    assert TRANSITIONS[DisputeStatus.OPEN] == set(DisputeStatus) - {DisputeStatus.OPEN}
    assert all(not TRANSITIONS[one] for one in DisputeStatus if one != DisputeStatus.OPEN)
