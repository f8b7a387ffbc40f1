"""Promises that perform themselves, told as a banker would tell them.

::

    core       the buyer, who promises; has 5 000 000.00 at the settlement bank
    supplier1  the seller, to whom is promised; has an account at the settlement bank
    bank       a guarantor; has 5 000 000.00 at the settlement bank
    supplier2  a seller whose account the ledger does not mirror: paid through the bank
    settle     the settlement bank
"""

import pytest

from xinlian.modules.obligations.messages import (
    CancelObligation,
    DischargeByReceipt,
    EndAuthority,
    ForgiveObligation,
    SettleDispute,
)
from xinlian.modules.obligations.types import ObligationStatus, SourceKind
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.agreements import EVENING_MS, OPENING_MS, Agreement
from xinlian.testing.trade import StepRefused

OPENING_MINOR = 5_000_000_00


@pytest.fixture
def consortium():
    running = Consortium()
    yield running
    running.settle_due_work()
    assert running.broken_invariants() == []
    running.close()


def test_a_debtor_that_does_nothing_pays_on_the_due_day(consortium):
    promise = Agreement(consortium)
    promise.agree()
    promise.to_due_day(8 * 3_600_000)
    assert promise.status() == ObligationStatus.OPEN, "before the bank opens"
    promise.to_due_day()
    assert promise.status() == ObligationStatus.PERFORMED
    assert consortium.balance_minor("supplier1") == 100_000_00
    assert consortium.balance_minor("core") == OPENING_MINOR - 100_000_00


def test_a_debtor_that_empties_its_account_is_in_default_and_pays_with_interest(consortium):
    promise = Agreement(consortium)
    promise.agree()
    promise.drain()
    promise.to_due_day(EVENING_MS)
    assert promise.status() == ObligationStatus.DEFAULTED
    # Ten days later money comes in from outside: the debt and its interest are paid by themselves.
    promise.to_due_day(OPENING_MS, days_later=10)
    promise.credit(200_000_00)
    assert promise.status() == ObligationStatus.CURED
    ((_, interest),) = promise.following(SourceKind.AGREED_INTEREST)
    assert interest.amount_minor == 500_00, "100 000.00 x 0.05 % x 10 days"
    assert interest.status == ObligationStatus.PERFORMED
    assert consortium.balance_minor("supplier1") == 100_500_00
    assert consortium.balance_minor("core") == 99_500_00


def test_a_milestone_is_paid_from_locked_money_when_the_goods_have_come(consortium):
    milestone = Agreement(consortium)
    milestone.agree_locked(condition_kind="goods_receipt", condition_grade="a")
    milestone.drain()
    assert consortium.balance_minor("core") == 100_000_00, "what is locked cannot be given away"
    assert milestone.status() == ObligationStatus.OPEN
    consortium.advance_to(consortium.now_ms() + 3 * MS_PER_DAY)
    milestone.record_receipt_of_goods()
    assert milestone.status() == ObligationStatus.PERFORMED
    assert consortium.balance_minor("supplier1") == 100_000_00
    assert consortium.balance_minor("core") == 0


def test_a_milestone_that_is_not_reached_gives_the_locked_money_back(consortium):
    milestone = Agreement(consortium)
    milestone.agree_locked(condition_kind="goods_receipt", condition_grade="a")
    milestone.to_due_day(days_later=1)
    assert milestone.status() == ObligationStatus.CANCELLED
    milestone.drain()
    assert consortium.balance_minor("core") == 0


def test_a_fact_of_too_low_a_grade_does_not_release_the_money(consortium):
    milestone = Agreement(consortium)
    milestone.agree_locked(condition_kind="order", condition_grade="b")
    milestone.record_despatch(countersigned=False)
    assert milestone.status() == ObligationStatus.OPEN, "the seller's word alone is grade C"
    milestone.record_despatch(countersigned=True)
    assert milestone.status() == ObligationStatus.PERFORMED


def test_a_guaranteed_debt_is_called_at_default_and_the_debtor_owes_the_guarantor(consortium):
    promise = Agreement(consortium)
    promise.agree_guaranteed("bank")
    promise.drain()
    at_bank_minor = consortium.balance_minor("bank")
    promise.to_due_day(EVENING_MS)
    ((_, claim),) = promise.following(SourceKind.GUARANTEE_CALL)
    assert claim.status == ObligationStatus.PERFORMED, "from the guarantor's own authority"
    assert consortium.balance_minor("supplier1") == 100_000_00
    assert consortium.balance_minor("bank") == at_bank_minor - 100_000_00
    assert promise.status() == ObligationStatus.SUBROGATED, "its creditor has been paid"
    ((_, recourse),) = promise.following(SourceKind.RECOURSE)
    assert recourse.debtor == consortium["core"].party
    assert (recourse.open_minor, recourse.status) == (100_000_00, ObligationStatus.DUE)


def test_the_second_guarantor_is_called_when_the_first_does_not_pay(consortium):
    promise = Agreement(consortium)
    promise.agree_guaranteed("supplier2", "bank")
    promise.drain()
    promise.to_due_day(EVENING_MS)
    ((_, first),) = promise.following(SourceKind.GUARANTEE_CALL)
    assert first.debtor == consortium["supplier2"].party
    promise.to_due_day(EVENING_MS, days_later=1)
    claims = {claim.debtor: claim for _, claim in promise.following(SourceKind.GUARANTEE_CALL)}
    assert claims[consortium["bank"].party].status == ObligationStatus.PERFORMED
    assert claims[consortium["supplier2"].party].open_minor == 0, "the debt is paid once"
    assert consortium.balance_minor("supplier1") == 100_000_00


def test_the_undisputed_part_of_a_disputed_delivery_is_paid_on_time(consortium):
    promise = Agreement(consortium)
    promise.agree()
    promise.dispute(30_000_00)
    promise.to_due_day()
    assert consortium.balance_minor("supplier1") == 70_000_00
    assert promise.status() == ObligationStatus.DISPUTED
    promise.to_due_day(EVENING_MS)
    assert promise.status() == ObligationStatus.DISPUTED, "what is disputed is not in default"
    # They settle: the seller lets 10 000.00 go, the buyer gives way on 20 000.00.
    promise.step("supplier1", SettleDispute(promise.id, 10_000_00))
    promise.step("core", SettleDispute(promise.id, 20_000_00))
    consortium.settle_due_work()
    assert promise.status() == ObligationStatus.PERFORMED
    assert consortium.balance_minor("supplier1") == 90_000_00
    assert promise.found().released_minor == 10_000_00


def test_once_it_is_due_nobody_stops_it_with_a_dispute(consortium):
    promise = Agreement(consortium)
    promise.agree()
    promise.drain()
    promise.to_due_day()
    with pytest.raises(StepRefused, match="obligations/too_late_to_dispute"):
        promise.dispute(1)


def test_a_debtor_does_not_take_its_authority_back_alone(consortium):
    promise = Agreement(consortium)
    promise.agree()
    with pytest.raises(StepRefused, match="obligations/not_entitled"):
        promise.step("core", EndAuthority(promise.id))
    promise.step("core", CancelObligation(promise.id, 100_000_00))
    assert promise.status() == ObligationStatus.OPEN, "one side alone cancels nothing"
    promise.to_due_day()
    assert promise.status() == ObligationStatus.PERFORMED


def test_a_creditor_may_let_the_authority_go_and_the_debt_stays(consortium):
    promise = Agreement(consortium)
    promise.agree()
    promise.step("supplier1", EndAuthority(promise.id))
    promise.to_due_day(EVENING_MS)
    assert promise.status() == ObligationStatus.DEFAULTED
    assert consortium.balance_minor("supplier1") == 0


def test_a_seller_without_a_mirrored_account_is_paid_through_the_bank(consortium):
    promise = Agreement(consortium, creditor="supplier2")
    promise.agree()
    promise.to_due_day()
    assert promise.found().awaiting_minor == 100_000_00, "the order is out, the money set aside"
    executed = promise.entry(100_000_00, on="core", is_credit=False, named=promise.id)
    promise.step("settle", executed)
    assert promise.status() == ObligationStatus.PERFORMED
    # The bank of the seller reports the same money: it discharges nothing again.
    promise.step(
        "settle", promise.entry(100_000_00, on="supplier2", is_credit=True, named=promise.id)
    )
    assert promise.found().performed_minor == 100_000_00
    assert consortium.balance_minor("core") == OPENING_MINOR - 100_000_00


def test_a_receipt_discharges_and_the_banks_entry_later_matches_it(consortium):
    promise = Agreement(consortium, debtor="supplier2")
    promise.agree_unsecured()
    receipt = DischargeByReceipt(promise.id, 60_000_00, promise.root("receipt"))
    promise.step("supplier1", receipt)
    assert promise.found().open_minor == 40_000_00
    same = promise.entry(60_000_00, on="supplier2", is_credit=False, named=promise.id)
    promise.step("settle", same)
    assert promise.found().open_minor == 40_000_00, "the same money twice"
    rest = promise.entry(
        40_000_00, on="supplier2", is_credit=False, named=promise.id, reference="2"
    )
    promise.step("settle", rest)
    assert promise.status() == ObligationStatus.PERFORMED


def test_a_creditor_forgives_a_part_and_the_rest_is_paid(consortium):
    promise = Agreement(consortium)
    promise.agree_locked()
    promise.step("supplier1", ForgiveObligation(promise.id, 25_000_00))
    promise.to_due_day()
    assert promise.status() == ObligationStatus.PERFORMED
    assert consortium.balance_minor("supplier1") == 75_000_00
    promise.drain()
    assert consortium.balance_minor("core") == 0, "what was forgiven is the debtor's again"
