"""Several promises over one account: who comes first, who holds whom up, and for how much."""

import pytest

from xinlian.modules.obligations.types import ObligationStatus
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms
from xinlian.testing.agreements import EVENING_MS, PROMISE_DUE_DAY, PROMISED_MINOR, Agreement

S = ObligationStatus


@pytest.fixture
def two(consortium):
    """Two promises of core for one day; the first by id comes first."""
    promises = [Agreement(consortium, name) for name in ("one", "other")]
    for promise in promises:
        promise.agree()
    return sorted(promises, key=lambda promise: promise.id)


def test_of_one_day_the_lower_id_is_paid_first(two):
    first, second = two
    first.drain(keep_minor=PROMISED_MINOR)
    first.to_due_day()
    assert (first.status(), second.status()) == (S.PERFORMED, S.DUE)


def test_what_cannot_be_paid_whole_holds_up_the_next_one_until_its_cutoff(consortium):
    large = Agreement(consortium, "large", amount_minor=2 * PROMISED_MINOR)
    large.agree()
    small = Agreement(consortium, "small", due_day=PROMISE_DUE_DAY)
    while True:
        small.agree()
        if large.id < small.id:
            break
        small.name += "r"
    large.drain(keep_minor=PROMISED_MINOR)
    large.to_due_day()
    assert (large.found().performed_minor, small.found().performed_minor) == (0, 0)


def test_an_authority_that_has_ended_holds_nobody_up(consortium):
    until_ms = china_midnight_ms(PROMISE_DUE_DAY) + MS_PER_DAY
    early, late = Agreement(consortium, "early"), Agreement(consortium, "late")
    early.agree(authority_until_ms=until_ms)
    late.agree()
    early.drain()
    early.to_due_day(EVENING_MS)
    early.to_due_day(days_later=2)
    early.credit(PROMISED_MINOR)
    assert (early.status(), late.status()) == (S.DEFAULTED, S.CURED)


def test_no_debit_goes_beyond_the_cap(promise):
    promise.agree(authority_cap_minor=PROMISED_MINOR)
    promise.to_due_day(EVENING_MS)
    assert promise.found().performed_minor == PROMISED_MINOR
    assert promise.status() == S.PERFORMED


@pytest.mark.parametrize(("may_be_part", "paid_minor"), [(True, 60_000_00), (False, 0)])
def test_a_part_is_paid_where_that_was_agreed_and_else_nothing_of_it(
    promise, may_be_part, paid_minor
):
    promise.agree(part_performance=may_be_part)
    promise.drain(keep_minor=60_000_00)
    promise.to_due_day()
    assert promise.found().performed_minor == paid_minor
    promise.to_due_day(EVENING_MS)
    assert promise.found().performed_minor == paid_minor
