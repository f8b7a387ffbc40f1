"""When an order of a court moves money, and how what it moves is counted."""

from types import SimpleNamespace
from typing import cast

from support.council import FIVE, Council
from support.judgment import Judgment
from unit.apps.supply_chain.looking import try_out
from xinlian.contracts.context import Context
from xinlian.ledger.overlay import Overlay
from xinlian.modules.governance.messages import ProposeRoleWithdrawal
from xinlian.modules.members.roles import OfficialRole, write_role
from xinlian.modules.obligations.enforced import left_of_order
from xinlian.modules.obligations.messages import DischargeByReceipt
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    WAITING,
    EnforcementStatus,
    ObligationStatus,
)
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.agreements import EVENING_MS, PROMISED_MINOR, Agreement
from xinlian.testing.trade import SUCCEEDED

S = ObligationStatus
E = EnforcementStatus


def test_nothing_is_taken_before_the_order_s_moment(in_court, judgment):
    in_court.credit(PROMISED_MINOR)
    from_ms = in_court.consortium.now_ms() + MS_PER_DAY
    judgment.enforce(PROMISED_MINOR, from_ms=from_ms)
    in_court.credit(1_00, "another")
    assert in_court.found().performed_minor == 0
    in_court.consortium.advance_to(from_ms)
    in_court.consortium.settle_due_work()
    assert in_court.status() == S.ENFORCED


def test_a_creditor_without_an_account_is_paid_by_the_bank(in_court):
    through_bank = Agreement(in_court.consortium, "bank", creditor="supplier2")
    through_bank.agree_unsecured()
    through_bank.drain()
    through_bank.to_due_day(EVENING_MS, days_later=2)
    judgment = Judgment(through_bank)
    judgment.enforce(PROMISED_MINOR)
    through_bank.credit(PROMISED_MINOR)
    assert through_bank.found().awaiting_minor == judgment.order().ordered_minor == PROMISED_MINOR
    debit = through_bank.entry(
        PROMISED_MINOR, on="core", is_credit=False, named=through_bank.id, reference="executed"
    )
    through_bank.step("settle", debit)
    assert through_bank.status() == S.ENFORCED
    assert judgment.order().status == E.EXECUTED


def test_what_a_bank_executes_goes_on_after_the_order_is_lifted(in_court):
    through_bank = Agreement(in_court.consortium, "bank", creditor="supplier2")
    through_bank.agree_unsecured()
    through_bank.drain()
    through_bank.to_due_day(EVENING_MS, days_later=2)
    judgment = Judgment(through_bank)
    judgment.enforce(PROMISED_MINOR)
    through_bank.credit(40_000_00)
    through_bank.step("court", judgment.lifting())
    again = Judgment(through_bank, "2026-2")
    tried = try_out(in_court.consortium, "court", again.enforcing(60_000_00))
    assert tried.reference == "obligations/payment_under_way"
    through_bank.to_due_day(EVENING_MS, days_later=8)
    assert judgment.order().ordered_minor == through_bank.found().awaiting_minor == 0
    assert through_bank.found().enforced_minor == 0
    assert try_out(in_court.consortium, "court", again.enforcing(60_000_00)).reference == SUCCEEDED


def test_the_order_of_who_is_no_court_any_more_rests_and_another_lifts_it():
    council = Council(*FIVE, official_roles={"mill": ("court",), "port": ("court",)})
    made = Agreement(council.c)
    made.agree_unsecured()
    made.drain()
    made.to_due_day(EVENING_MS, days_later=2)
    judgment = Judgment(made)
    made.step("mill", judgment.enforcing(PROMISED_MINOR))
    withdrawal = ProposeRoleWithdrawal(judgment.party("mill"), "court")
    council.decide(withdrawal, "core", "bank", "settle", "port")
    made.credit(PROMISED_MINOR)
    assert made.found().enforced_minor == 0
    assert try_out(council.c, "mill", judgment.lifting()).reference == "members/not_in_role"
    assert try_out(council.c, "port", judgment.lifting()).reference == SUCCEEDED
    assert council.c.broken_invariants() == []
    council.c.close()


def test_an_order_for_a_part_takes_that_part_alone(in_court, judgment):
    in_court.credit(PROMISED_MINOR)
    judgment.enforce(40_000_00)
    found = in_court.found()
    assert (found.status, found.open_minor, found.is_enforced) == (S.DEFAULTED, 60_000_00, False)
    assert judgment.order().status == E.EXECUTED
    Judgment(in_court, "2026-2").enforce(60_000_00)
    assert in_court.status() == S.ENFORCED


def test_an_order_rests_until_what_was_disputed_is_in_default_too(in_court):
    in_court.agree_unsecured()
    in_court.dispute(40_000_00)
    in_court.drain()
    in_court.to_due_day(EVENING_MS, days_later=2)
    Judgment(in_court).enforce(60_000_00)
    in_court.step("supplier1", DischargeByReceipt(in_court.id, 60_000_00, bytes(32)))
    assert in_court.status() == S.DISPUTED
    in_court.to_due_day(days_later=3)
    Judgment(in_court, "2026-2").decide(owed_minor=40_000_00)
    in_court.credit(50_000_00)
    assert in_court.status() == S.PART_PERFORMED
    assert in_court.found().enforced_minor == 0, "it has until the fresh cut-off to pay itself"
    in_court.to_due_day(EVENING_MS, days_later=3)
    assert (in_court.status(), in_court.found().enforced_minor) == (S.ENFORCED, 40_000_00)


def test_nothing_waits_for_an_account_any_more_when_the_order_is_over(in_court, judgment):
    def waiting() -> int:
        with in_court.consortium.engine.application.store.snapshot() as snapshot:
            return sum(1 for _ in WAITING.scan(snapshot, in_court.account_of("core")))

    judgment.enforce(PROMISED_MINOR)
    assert waiting() == 1
    in_court.step("court", judgment.lifting())
    assert waiting() == 0


def test_an_order_rests_once_its_debtor_keeps_frozen_money_for_courts(in_court, judgment):
    judgment.enforce(PROMISED_MINOR)
    c = in_court.consortium
    debtor, account = c["core"].party, c.account("core")
    with c.engine.application.store.snapshot() as snapshot:
        state = Overlay(snapshot)
        context = cast("Context", SimpleNamespace(state=state, time_ms=c.now_ms()))
        owed = OBLIGATIONS.require(state, in_court.id)
        assert left_of_order(context, account, in_court.id, owed) == PROMISED_MINOR
        write_role(state, debtor, OfficialRole.FROZEN_MONEY_KEEPER, c.now_ms())
        assert left_of_order(context, account, in_court.id, owed) == 0
