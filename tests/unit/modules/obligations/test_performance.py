"""What a default brings: interest, guarantors in their order, recourse; and that a debt is one."""

import pytest

from xinlian.modules.obligations.messages import DischargeByReceipt, ForgiveObligation
from xinlian.modules.obligations.performance import late_interest_minor
from xinlian.modules.obligations.types import NOTHING, TERMS, ObligationStatus, SourceKind
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_midnight_ms
from xinlian.testing.agreements import EVENING_MS, PROMISE_DUE_DAY, PROMISED_MINOR, Agreement

S = ObligationStatus
CALL = SourceKind.GUARANTEE_CALL


@pytest.mark.parametrize(
    ("base_minor", "days", "interest_minor"),
    [(100_000_00, 10, 500_00), (1, 1, 0), (1_000, 1, 1), (999, 1, 0), (100_000_00, 0, 0)],
)
def test_interest_is_simple_by_days_and_rounded_half_up_once(base_minor, days, interest_minor):
    assert late_interest_minor(base_minor, 500_000, days) == interest_minor


def test_each_payment_fixes_the_interest_of_what_it_pays(promise):
    promise.agree(part_performance=True)
    promise.drain()
    promise.to_due_day(EVENING_MS)
    for days, amount_minor in ((4, 40_000_00), (10, 60_000_00)):
        promise.to_due_day(days_later=days)
        promise.credit(amount_minor, reference=str(days))
    assert promise.status() == S.CURED
    amounts = sorted(i.amount_minor for _, i in promise.following(SourceKind.AGREED_INTEREST))
    assert amounts == [80_00, 300_00]


def test_interest_beyond_the_cap_is_owed_without_an_authority(promise):
    promise.agree(authority_cap_minor=PROMISED_MINOR)
    promise.drain()
    promise.to_due_day(days_later=10)
    promise.credit(2 * PROMISED_MINOR)
    ((_, interest),) = promise.following(SourceKind.AGREED_INTEREST)
    assert (interest.account, interest.status) == (b"", S.DUE)
    assert promise.consortium.balance_minor("core") == PROMISED_MINOR


def test_where_no_row_was_agreed_no_interest_is_owed(promise):
    promise.agree(late_row=NOTHING)
    promise.drain()
    promise.to_due_day(days_later=10)
    promise.credit(PROMISED_MINOR)
    assert promise.status() == S.CURED
    assert promise.following(SourceKind.AGREED_INTEREST) == []


def test_guarantors_are_called_together_where_one_does_not_answer_for_all(promise):
    promise.agree_guaranteed("bank", "supplier2", liability_minor=60_000_00)
    promise.drain(name="bank")
    promise.drain()
    promise.drain(name="bank")
    promise.drain()
    promise.to_due_day(EVENING_MS)
    claims = {claim.debtor: claim for _, claim in promise.following(CALL)}
    c = promise.consortium
    assert claims[c["bank"].party].amount_minor == 60_000_00
    assert claims[c["supplier2"].party].amount_minor == 40_000_00


def test_what_one_of_them_pays_the_others_owe_no_more(promise):
    promise.agree_guaranteed("supplier2")
    promise.drain()
    promise.to_due_day(EVENING_MS)
    ((claim_id, claim),) = promise.following(CALL)
    assert (promise.status(), claim.open_minor) == (S.CALLED, PROMISED_MINOR)
    # The guarantor pays a part outside; the debtor the rest, by its authority.
    promise.step("supplier1", DischargeByReceipt(claim_id, 30_000_00, bytes(32)))
    assert promise.found().open_minor == 70_000_00
    promise.credit(PROMISED_MINOR)
    assert promise.status() == S.CURED
    assert promise.found(claim_id).open_minor == 0
    assert promise.consortium.balance_minor("supplier1") == 70_000_00
    ((_, recourse),) = promise.following(SourceKind.RECOURSE)
    assert recourse.amount_minor == 30_000_00


def test_a_debtor_that_pays_itself_leaves_its_guarantor_free(promise):
    promise.agree_guaranteed("bank")
    promise.to_due_day(EVENING_MS)
    assert promise.status() == S.PERFORMED
    assert promise.following(CALL) == []
    assert promise.consortium.balance_minor("bank") == 5_000_000_00


def test_a_guarantor_without_money_is_in_default_itself(promise):
    promise.agree_guaranteed("supplier2")
    promise.drain()
    promise.to_due_day(EVENING_MS)
    ((claim_id, claim),) = promise.following(CALL)
    assert claim.status == S.DUE
    promise.consortium.advance_to(claim.cutoff_at_ms)
    promise.consortium.settle_due_work()
    assert promise.found(claim_id).status == S.DEFAULTED
    assert promise.status() == S.CALLED


def test_what_was_let_go_may_leave_an_amount_that_can_be_paid_whole_now(promise):
    promise.agree(part_performance=False)
    promise.drain(keep_minor=60_000_00)
    promise.to_due_day(EVENING_MS)
    assert promise.status() == S.DEFAULTED
    promise.step(promise.creditor, ForgiveObligation(promise.id, 40_000_00))
    promise.consortium.settle_due_work()
    assert (promise.status(), promise.found().performed_minor) == (S.CURED, 60_000_00)


def test_a_guarantor_whose_order_failed_owes_no_more_than_the_debtor_by_then(consortium):
    promise = Agreement(consortium, creditor="supplier2")
    promise.agree_guaranteed("bank")
    promise.drain()
    promise.to_due_day(EVENING_MS)
    ((claim_id, claim),) = promise.following(CALL)
    assert claim.awaiting_minor == PROMISED_MINOR
    # The debtor pays a part at its bank while the guarantor's bank is executing all of it.
    promise.credit(10_000_00)
    entry = promise.entry(10_000_00, on="core", is_credit=False, named=promise.id, reference="2")
    promise.step("settle", entry)
    assert promise.found().open_minor == 90_000_00
    assert promise.found(claim_id).open_minor == PROMISED_MINOR
    assert consortium.broken_invariants() == []
    promise.to_due_day(days_later=7)
    assert promise.found(claim_id).open_minor == 90_000_00


@pytest.mark.parametrize(("later_ms", "status"), [(-MS_PER_HOUR, S.CURED), (1, S.DEFAULTED)])
def test_money_that_comes_after_the_authority_has_ended_is_not_taken(promise, later_ms, status):
    until_ms = china_midnight_ms(PROMISE_DUE_DAY) + MS_PER_DAY
    promise.agree(authority_until_ms=until_ms)
    promise.drain()
    promise.to_due_day(EVENING_MS)
    promise.consortium.advance_to(until_ms + later_ms)
    promise.credit(PROMISED_MINOR)
    assert promise.status() == status


def test_what_is_forgiven_after_a_default_bears_no_interest(promise):
    promise.agree()
    promise.drain()
    promise.to_due_day(EVENING_MS)
    assert promise.terms().late_base_minor == PROMISED_MINOR
    promise.step(promise.creditor, ForgiveObligation(promise.id, 40_000_00))
    assert promise.terms().late_base_minor == 60_000_00
    promise.to_due_day(days_later=10)
    promise.credit(PROMISED_MINOR)
    ((_, interest),) = promise.following(SourceKind.AGREED_INTEREST)
    assert interest.amount_minor == 300_00, "60,000.00 for 10 days at 0.05 %"


def test_what_a_guarantor_owes_no_more_is_no_base_of_its_default(promise):
    promise.agree_guaranteed("supplier2")
    promise.drain()
    promise.to_due_day(EVENING_MS)
    ((claim_id, claim),) = promise.following(CALL)
    promise.consortium.advance_to(claim.cutoff_at_ms)
    promise.consortium.settle_due_work()
    promise.step(promise.creditor, ForgiveObligation(promise.id, 40_000_00))
    assert promise.found(claim_id).open_minor == 60_000_00
    with promise.consortium.engine.application.store.snapshot() as snapshot:
        assert TERMS.require(snapshot, claim_id).late_base_minor == 60_000_00
