"""What a court's decision makes of a disputed amount."""

import pytest

from support.judgment import Judgment, with_courts
from unit.apps.supply_chain.looking import try_out
from xinlian.modules.obligations.types import ObligationStatus, SourceKind
from xinlian.testing.agreements import EVENING_MS, PROMISED_MINOR, Agreement

S = ObligationStatus
LATE_DAYS = 2
DISPUTED_MINOR = 40_000_00


@pytest.fixture
def promise():
    """A promise in a consortium with two courts; every invariant holds when the test is over."""
    running = with_courts()
    yield Agreement(running)
    running.settle_due_work()
    assert running.broken_invariants() == []
    running.close()


@pytest.fixture
def judgment(promise):
    """The court's word on a promise of which a part is disputed."""
    promise.agree()
    promise.dispute(DISPUTED_MINOR)
    return Judgment(promise)


def interest_minor(promise) -> int:
    return sum(owed.amount_minor for _, owed in promise.following(SourceKind.AGREED_INTEREST))


def test_what_is_not_owed_is_released(promise, judgment):
    judgment.decide(released_minor=DISPUTED_MINOR)
    found = promise.found()
    assert (found.open_minor, found.released_minor) == (60_000_00, DISPUTED_MINOR)
    promise.to_due_day()
    assert promise.status() == S.PERFORMED
    assert promise.consortium.balance_minor("supplier1") == 60_000_00


def test_what_a_court_finds_owed_before_the_due_day_is_paid_on_it_without_interest(
    promise, judgment
):
    judgment.decide(owed_minor=DISPUTED_MINOR)
    assert (promise.status(), promise.found().disputed_minor) == (S.OPEN, 0)
    promise.to_due_day()
    assert promise.status() == S.PERFORMED
    assert interest_minor(promise) == 0


def test_what_a_court_finds_owed_after_the_cutoff_bears_interest_from_the_due_day(
    promise, judgment
):
    promise.to_due_day(EVENING_MS)
    assert promise.status() == S.DISPUTED
    promise.to_due_day(days_later=LATE_DAYS)
    judgment.decide(owed_minor=DISPUTED_MINOR)
    assert promise.status() == S.PERFORMED
    rate_e9_per_day = promise.terms().late_rate_e9_per_day
    assert rate_e9_per_day > 0
    assert interest_minor(promise) == DISPUTED_MINOR * rate_e9_per_day * LATE_DAYS // 10**9


def test_a_decision_in_part_splits_what_was_disputed(promise, judgment):
    promise.to_due_day(EVENING_MS)
    judgment.decide(owed_minor=30_000_00, released_minor=10_000_00)
    found = promise.found()
    assert (found.performed_minor, found.released_minor) == (90_000_00, 10_000_00)
    assert promise.status() == S.PERFORMED


def test_what_is_not_paid_by_the_fresh_cutoff_is_in_default_whole(promise):
    promise.agree()
    promise.dispute(PROMISED_MINOR)
    promise.drain()
    promise.to_due_day(days_later=LATE_DAYS)
    Judgment(promise).decide(owed_minor=PROMISED_MINOR)
    assert promise.status() == S.DUE
    promise.to_due_day(EVENING_MS, days_later=LATE_DAYS)
    assert promise.status() == S.DEFAULTED
    assert promise.terms().late_base_minor == PROMISED_MINOR


def test_what_is_owed_joins_the_default_of_the_rest(promise, judgment):
    promise.drain()
    promise.to_due_day(EVENING_MS)
    assert promise.terms().late_base_minor == 60_000_00
    judgment.decide(owed_minor=DISPUTED_MINOR)
    assert promise.status() == S.DEFAULTED
    assert promise.terms().late_base_minor == PROMISED_MINOR


def test_what_is_owed_in_a_default_calls_the_next_guarantor(promise):
    promise.agree_guaranteed("supplier2", "bank", liability_minor=60_000_00)
    promise.dispute(DISPUTED_MINOR)
    promise.drain()
    promise.to_due_day(EVENING_MS)
    assert len(promise.following(SourceKind.GUARANTEE_CALL)) == 1
    Judgment(promise).decide(owed_minor=DISPUTED_MINOR)
    calls = promise.following(SourceKind.GUARANTEE_CALL)
    assert sorted(call.amount_minor for _, call in calls) == [DISPUTED_MINOR, 60_000_00]


def test_locked_money_goes_where_the_court_says(promise):
    promise.agree_locked()
    promise.dispute(PROMISED_MINOR)
    promise.to_due_day(EVENING_MS)
    Judgment(promise).decide(owed_minor=70_000_00, released_minor=30_000_00)
    assert promise.status() == S.PERFORMED
    assert promise.consortium.balance_minor("supplier1") == 70_000_00


@pytest.mark.parametrize(
    ("owed_minor", "refusal"),
    [
        (DISPUTED_MINOR - 1, "obligations/amount_differs"),
        (DISPUTED_MINOR + 1, "obligations/amount_differs"),
        (0, "obligations/terms_invalid"),
    ],
)
def test_a_court_decides_exactly_what_is_disputed(promise, judgment, owed_minor, refusal):
    decision = judgment.deciding(owed_minor=owed_minor)
    assert try_out(promise.consortium, "court", decision).reference == refusal


def test_an_ended_promise_is_beyond_a_court(promise, judgment):
    judgment.decide(released_minor=DISPUTED_MINOR)
    promise.to_due_day()
    more = Judgment(promise, "2026-2").deciding(owed_minor=1)
    assert try_out(promise.consortium, "court", more).reference == "obligations/wrong_state"
