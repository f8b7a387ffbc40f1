"""What runs on under a dispute, and what giving way does."""

from unit.apps.supply_chain.looking import try_out
from xinlian.modules.obligations.messages import (
    DisputeObligation,
    ForgiveObligation,
    SettleDispute,
)
from xinlian.modules.obligations.types import ObligationStatus, SourceKind
from xinlian.testing.agreements import EVENING_MS, PROMISED_MINOR

S = ObligationStatus


def test_no_more_is_disputed_than_is_open(promise):
    promise.agree()
    promise.dispute(60_000_00)
    more = DisputeObligation(promise.id, 40_000_01, bytes(32))
    tried = try_out(promise.consortium, "core", more)
    assert tried.reference == "obligations/amount_too_large"


def test_a_debtor_that_gives_way_has_a_fresh_cutoff_and_no_interest(promise):
    promise.agree()
    promise.dispute(PROMISED_MINOR)
    promise.to_due_day(EVENING_MS)
    assert promise.status() == S.DISPUTED
    promise.drain()
    promise.to_due_day(days_later=2)
    promise.step("core", SettleDispute(promise.id, PROMISED_MINOR))
    assert promise.status() == S.DUE
    promise.to_due_day(EVENING_MS - 2 * 3_600_000, days_later=2)
    assert promise.status() == S.DUE, "until the cut-off of the day on which it gave way"
    promise.credit(PROMISED_MINOR)
    assert promise.status() == S.PERFORMED
    assert promise.following(SourceKind.AGREED_INTEREST) == []


def test_a_creditor_that_gives_way_on_everything_is_owed_nothing(promise):
    promise.agree_locked()
    promise.dispute(PROMISED_MINOR)
    promise.step("supplier1", SettleDispute(promise.id, PROMISED_MINOR))
    assert promise.status() == S.CANCELLED
    assert promise.found().released_minor == PROMISED_MINOR


def test_the_undisputed_part_defaults_alone(promise):
    promise.agree()
    promise.dispute(30_000_00)
    promise.drain()
    promise.to_due_day(EVENING_MS)
    assert promise.status() == S.DEFAULTED
    assert promise.terms().late_base_minor == 70_000_00
    promise.credit(70_000_00)
    assert promise.status() == S.DISPUTED


def test_forgiving_everything_ends_it_in_any_state(promise):
    promise.agree()
    promise.drain()
    promise.to_due_day(EVENING_MS)
    promise.step("supplier1", ForgiveObligation(promise.id, 40_000_00))
    assert (promise.status(), promise.found().open_minor) == (S.DEFAULTED, 60_000_00)
    promise.step("supplier1", ForgiveObligation(promise.id, 60_000_00))
    assert promise.status() == S.FORGIVEN


def test_forgiving_the_debtor_frees_the_guarantor(promise):
    promise.agree_guaranteed("supplier2")
    promise.drain()
    promise.to_due_day(EVENING_MS)
    promise.step("supplier1", ForgiveObligation(promise.id, 70_000_00))
    ((_, claim),) = promise.following(SourceKind.GUARANTEE_CALL)
    assert claim.open_minor == 30_000_00
