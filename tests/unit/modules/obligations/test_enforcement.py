"""A court executes what is in default from the accounts of its debtor."""

import msgspec
import pytest

from support.court import Court
from support.judgment import Judgment
from unit.apps.supply_chain.looking import try_out
from xinlian.modules.accounts.messages import PendTransfer
from xinlian.modules.obligations.messages import DischargeByReceipt, ForgiveObligation
from xinlian.modules.obligations.types import EnforcementStatus, ObligationStatus, SourceKind
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.agreements import EVENING_MS, PROMISED_MINOR, Agreement
from xinlian.testing.trade import SUCCEEDED

S = ObligationStatus
E = EnforcementStatus


def test_an_order_takes_what_comes_until_the_debt_is_paid(in_court, judgment):
    judgment.enforce(PROMISED_MINOR)
    assert (in_court.status(), in_court.found().performed_minor) == (S.DEFAULTED, 0)
    in_court.credit(30_000_00, "first")
    assert in_court.found().enforced_minor == 30_000_00
    in_court.credit(90_000_00, "second")
    assert in_court.status() == S.ENFORCED
    assert judgment.order().status == E.EXECUTED
    assert in_court.consortium.balance_minor("supplier1") == PROMISED_MINOR
    assert in_court.consortium.balance_minor("core") == 20_000_00, "and no fen more"


def test_money_that_is_there_is_taken_at_once(in_court, judgment):
    in_court.credit(PROMISED_MINOR)
    judgment.enforce(PROMISED_MINOR)
    assert in_court.status() == S.ENFORCED


def test_a_last_fen_that_the_debtor_pays_itself_does_not_undo_the_order(in_court, judgment):
    judgment.enforce(PROMISED_MINOR)
    in_court.credit(PROMISED_MINOR - 1)
    in_court.step("supplier1", DischargeByReceipt(in_court.id, 1, bytes(32)))
    assert in_court.status() == S.ENFORCED
    assert judgment.order().status == E.ENDED


def test_what_is_forgiven_ends_the_order(in_court, judgment):
    judgment.enforce(PROMISED_MINOR)
    in_court.step("supplier1", ForgiveObligation(in_court.id, PROMISED_MINOR))
    in_court.credit(1_00)
    assert (in_court.status(), judgment.order().status) == (S.FORGIVEN, E.ENDED)
    assert in_court.consortium.balance_minor("core") == 1_00


def test_what_is_set_aside_for_others_is_not_touched(in_court, judgment):
    c = in_court.consortium
    in_court.credit(50_000_00)
    pended = PendTransfer(
        c.account("core"), c.account("bank"), c["bank"].party, 45_000_00, c.now_ms() + MS_PER_DAY
    )
    in_court.step("core", pended)
    judgment.enforce(PROMISED_MINOR)
    assert in_court.found().enforced_minor == 5_000_00


def test_an_authority_of_another_promise_that_is_due_first_is_paid_first(in_court):
    first = Agreement(in_court.consortium, "first", due_day=in_court.due_day - 1)
    first.agree(part_performance=True)
    in_court.agree_unsecured()
    in_court.drain()
    in_court.to_due_day(EVENING_MS, days_later=2)
    Judgment(in_court).enforce(PROMISED_MINOR)
    in_court.credit(60_000_00)
    assert (first.found().performed_minor, in_court.found().performed_minor) == (60_000_00, 0)


def test_the_debtor_s_own_authority_is_used_up_before_the_order(in_court):
    in_court.agree(authority_cap_minor=PROMISED_MINOR, part_performance=True)
    in_court.drain()
    in_court.to_due_day(EVENING_MS)
    judgment = Judgment(in_court)
    judgment.enforce(PROMISED_MINOR)
    in_court.credit(PROMISED_MINOR)
    assert in_court.status() == S.CURED, "its own promise paid it, not the order"
    assert judgment.order().status == E.ENDED


def test_an_order_takes_parts_where_the_terms_want_it_whole(in_court):
    in_court.agree()
    in_court.drain()
    in_court.to_due_day(EVENING_MS)
    Judgment(in_court).enforce(PROMISED_MINOR)
    in_court.credit(25_000_00)
    assert in_court.found().enforced_minor == 25_000_00


def test_a_lifted_order_takes_nothing_more(in_court, judgment):
    judgment.enforce(PROMISED_MINOR)
    in_court.credit(10_000_00, "first")
    in_court.step("court", judgment.lifting())
    in_court.credit(10_000_00, "second")
    assert in_court.found().enforced_minor == 10_000_00
    assert judgment.order().status == E.LIFTED
    tried = try_out(in_court.consortium, "court", judgment.lifting())
    assert tried.reference == "obligations/wrong_state"


def test_the_court_that_ordered_lifts(in_court, judgment):
    judgment.enforce(PROMISED_MINOR)
    c = in_court.consortium
    assert try_out(c, "core", judgment.lifting()).reference == "members/not_in_role"
    assert (
        try_out(c, "arbitrator", judgment.lifting()).reference == "obligations/other_courts_order"
    )
    assert try_out(c, "court", judgment.lifting()).reference == SUCCEEDED


def test_a_recourse_and_late_interest_are_executed_as_debts_of_their_own(in_court):
    in_court.agree_guaranteed("bank")
    in_court.drain()
    in_court.to_due_day(EVENING_MS)
    ((recourse_id, recourse),) = in_court.following(SourceKind.RECOURSE)
    in_court.to_due_day(EVENING_MS, days_later=3)
    judgment = Judgment(in_court)
    order = judgment.enforcing(recourse.amount_minor, obligation=recourse_id, creditor="bank")
    in_court.step("court", order)
    in_court.credit(PROMISED_MINOR)
    assert in_court.found(recourse_id).status == S.ENFORCED


def test_interest_that_was_not_paid_is_put_in_default_and_executed(in_court, judgment):
    judgment.enforce(PROMISED_MINOR)
    in_court.credit(PROMISED_MINOR)
    ((interest_id, interest),) = in_court.following(SourceKind.AGREED_INTEREST)
    other = Judgment(in_court, "2026-2")
    order = other.enforcing(interest.amount_minor, obligation=interest_id)
    assert try_out(in_court.consortium, "court", order).reference == "obligations/wrong_state"
    in_court.to_due_day(EVENING_MS, days_later=5)
    in_court.step("court", order)
    assert in_court.found(interest_id).status == S.DEFAULTED
    in_court.credit(interest.amount_minor, "for the interest")
    assert in_court.found(interest_id).status == S.ENFORCED


def test_what_an_order_takes_frees_the_guarantor(in_court):
    in_court.agree_guaranteed("supplier2")
    in_court.drain()
    in_court.to_due_day(EVENING_MS)
    Judgment(in_court).enforce(PROMISED_MINOR)
    in_court.credit(70_000_00)
    ((_, claim),) = in_court.following(SourceKind.GUARANTEE_CALL)
    assert claim.open_minor == in_court.found().open_minor == 30_000_00


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"amount_minor": PROMISED_MINOR + 1}, "obligations/amount_too_large"),
        ({"accounts": (b"?" * 20,)}, "obligations/account_not_executable"),
        ({"accounts": (b"?" * 20,) * 2}, "obligations/terms_invalid"),
        ({"debtor": b"?" * 20}, "obligations/parties_differ"),
    ],
)
def test_a_wrong_order_is_refused(in_court, judgment, changes, refusal):
    order = msgspec.structs.replace(judgment.enforcing(PROMISED_MINOR), **changes)
    tried = try_out(in_court.consortium, "court", order)
    assert (tried.reference, tried.changes_nothing) == (refusal, True)


def test_nobody_else_s_account_is_executed(in_court, judgment):
    order = judgment.enforcing(PROMISED_MINOR, in_court.consortium.account("bank"))
    tried = try_out(in_court.consortium, "court", order)
    assert tried.reference == "obligations/account_not_executable"


def test_no_second_order_executes_at_the_same_time(in_court, judgment):
    judgment.enforce(PROMISED_MINOR)
    second = Judgment(in_court, "2026-2").enforcing(1_00)
    assert try_out(in_court.consortium, "court", second).reference == "obligations/already_enforced"


def test_a_case_executes_once_even_after_it_was_lifted(in_court, judgment):
    judgment.enforce(PROMISED_MINOR)
    in_court.step("court", judgment.lifting())
    again = try_out(in_court.consortium, "court", judgment.enforcing(PROMISED_MINOR))
    assert again.reference == "obligations/case_used"


@pytest.mark.parametrize("is_due", [False, True])
def test_what_is_not_in_default_is_not_executed(in_court, is_due):
    in_court.agree()
    if is_due:
        in_court.drain()
        in_court.to_due_day()
    order = Judgment(in_court).enforcing(PROMISED_MINOR)
    assert try_out(in_court.consortium, "court", order).reference == "obligations/wrong_state"


def test_what_is_disputed_is_not_executed(in_court):
    in_court.agree()
    in_court.dispute(40_000_00)
    in_court.drain()
    in_court.to_due_day(EVENING_MS)
    order = Judgment(in_court).enforcing(60_000_01)
    assert try_out(in_court.consortium, "court", order).reference == "obligations/amount_too_large"
    Judgment(in_court).enforce(60_000_00)
    in_court.credit(PROMISED_MINOR)
    assert (in_court.status(), in_court.found().disputed_minor) == (S.DISPUTED, 40_000_00)


def test_the_accounts_of_a_keeper_of_frozen_money_are_not_executed():
    court = Court()
    owed_by_keeper = Agreement(court.c, "rent", debtor="keeper")
    owed_by_keeper.agree_unsecured()
    owed_by_keeper.to_due_day(EVENING_MS, days_later=2)
    assert owed_by_keeper.status() == S.DEFAULTED
    tried = try_out(court.c, "court", Judgment(owed_by_keeper).enforcing(PROMISED_MINOR))
    assert tried.reference == "obligations/account_not_executable"
    court.close()
