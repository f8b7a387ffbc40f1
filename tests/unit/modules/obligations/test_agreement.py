"""Making and ending an agreement: what binds whom, from when, and by whose money."""

import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.modules.accounts.types import account_id
from xinlian.modules.obligations.messages import (
    AcceptGuarantee,
    AcceptObligation,
    CancelObligation,
)
from xinlian.modules.obligations.types import ObligationStatus, Security
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms, day_of_iso
from xinlian.testing.agreements import EVENING_MS, PROMISED_MINOR, Agreement
from xinlian.testing.trade import StepRefused

S = ObligationStatus


def test_a_creditor_proposes_and_the_debtor_names_its_account_when_it_accepts(promise):
    c = promise.consortium
    proposal = promise.proposal(
        account=c.account("supplier1"), authority_cap_minor=0, authority_until_ms=0
    )
    promise.id = promise.step("supplier1", proposal)
    assert promise.status() == S.PROPOSED
    until_ms = china_midnight_ms(promise.due_day) + MS_PER_DAY
    promise.step("core", AcceptObligation(promise.id, PROMISED_MINOR, c.account("core"),
                                          PROMISED_MINOR, until_ms))  # fmt: skip
    found = promise.found()
    assert (found.status, found.account) == (S.OPEN, c.account("core"))
    assert promise.terms().payee_account == c.account("supplier1")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"due_day": day_of_iso("2026-11-29")}, "obligations/due_day_invalid"),
        ({"asset": b"?" * 20}, "obligations/due_day_invalid"),
        ({"grace_days": 91}, "obligations/terms_invalid"),
        ({"security": 9}, "obligations/terms_invalid"),
        ({"security": Security.GUARANTEE}, "obligations/terms_invalid"),
        ({"condition_kind": "order"}, "obligations/terms_invalid"),
        ({"condition_subject": bytes(32)}, "obligations/terms_invalid"),
        ({"account": b"short"}, "obligations/terms_invalid"),
        ({"security": Security.NONE}, "obligations/terms_invalid"),
        ({"late_row": "banking.opening_minute"}, "obligations/unknown_late_row"),
        ({"late_row": "no.such.row"}, "obligations/unknown_late_row"),
        ({"account": b""}, "obligations/security_invalid"),
        ({"authority_cap_minor": PROMISED_MINOR - 1}, "obligations/security_invalid"),
        ({"authority_until_ms": china_midnight_ms(day_of_iso("2026-12-14"))},
         "obligations/security_invalid"),
        ({"condition_kind": "rumour", "condition_grade": "a"}, "obligations/condition_invalid"),
        ({"condition_kind": "order", "condition_grade": "z"}, "obligations/condition_invalid"),
        ({"condition_kind": "order", "condition_grade": "a", "condition_subject": b"?" * 32},
         "obligations/condition_invalid"),
        ({"creditor": b"?" * 20}, "members/unknown_party"),
    ],
)  # fmt: skip
def test_terms_that_cannot_hold_are_refused(promise, changes, refusal):
    assert try_out(promise.consortium, "core", promise.proposal(**changes)).reference == refusal


def test_nobody_gives_an_authority_over_anothers_money(promise):
    c = promise.consortium
    for foreign in (c.account("bank"), account_id(c["settle"].party, c.deposit)):
        tried = try_out(c, "core", promise.proposal(account=foreign))
        assert tried.reference == "obligations/security_invalid"
    promise.propose()
    paid_elsewhere = AcceptObligation(promise.id, PROMISED_MINOR, c.account("bank"), 0, 0)
    assert try_out(c, "supplier1", paid_elsewhere).reference == "obligations/security_invalid"


def test_a_third_party_proposes_nothing(promise):
    tried = try_out(promise.consortium, "bank", promise.proposal())
    assert tried.reference == "obligations/not_entitled"
    same = promise.proposal(creditor=promise.consortium["core"].party)
    assert try_out(promise.consortium, "core", same).reference == "obligations/terms_invalid"


def test_the_proposer_does_not_accept_for_the_other(promise):
    c = promise.consortium
    promise.propose()
    until_ms = china_midnight_ms(promise.due_day) + MS_PER_DAY
    own = AcceptObligation(promise.id, PROMISED_MINOR, c.account("core"), PROMISED_MINOR, until_ms)
    assert try_out(c, "core", own).reference == "obligations/already_agreed"
    other = AcceptObligation(promise.id, PROMISED_MINOR - 1, b"", 0, 0)
    assert try_out(c, "supplier1", other).reference == "obligations/amount_differs"


def test_a_mandate_sees_the_amount_that_is_accepted(promise):
    promise.propose()
    assert promise.acceptance().capped_amount_minor() == PROMISED_MINOR


def test_a_proposal_lapses_after_a_week_and_binds_nobody(promise):
    promise.propose()
    promise.consortium.advance_to(promise.consortium.now_ms() + 7 * MS_PER_DAY + 1)
    promise.consortium.settle_due_work()
    assert promise.status() == S.CANCELLED
    with pytest.raises(StepRefused, match="obligations/wrong_state"):
        promise.step("supplier1", promise.acceptance())


def test_locking_needs_the_money(promise):
    promise.propose(security=Security.LOCKED, authority_cap_minor=0, authority_until_ms=0)
    promise.drain(keep_minor=PROMISED_MINOR - 1)
    tried = try_out(promise.consortium, "supplier1", promise.acceptance())
    assert tried.reference == "accounts/insufficient_balance"
    assert promise.status() == S.PROPOSED


def test_it_opens_when_the_last_guarantor_agrees(promise):
    c = promise.consortium
    promise.propose(security=Security.GUARANTEE, guarantors=(c["bank"].party, c["supplier2"].party))
    until_ms = china_midnight_ms(promise.due_day) + MS_PER_DAY
    promise.step("bank", AcceptGuarantee(promise.id, 60_000_00, c.account("bank"), until_ms))
    promise.step("supplier1", promise.acceptance())
    assert promise.status() == S.PROPOSED
    again = AcceptGuarantee(promise.id, 1, b"", 0)
    assert try_out(c, "bank", again).reference == "obligations/already_agreed"
    assert try_out(c, "settle", again).reference == "obligations/not_entitled"
    too_much = AcceptGuarantee(promise.id, PROMISED_MINOR + 1, b"", 0)
    assert try_out(c, "supplier2", too_much).reference == "obligations/amount_differs"
    promise.step("supplier2", AcceptGuarantee(promise.id, 40_000_00, b"", 0))
    assert promise.status() == S.OPEN


def test_a_guarantor_ends_a_proposal_and_nothing_that_binds(promise):
    c = promise.consortium
    promise.propose(security=Security.GUARANTEE, guarantors=(c["bank"].party,))
    promise.step("bank", CancelObligation(promise.id, PROMISED_MINOR))
    assert promise.status() == S.CANCELLED
    other = Agreement(c, "other")
    other.agree_guaranteed("bank")
    tried = try_out(c, "bank", CancelObligation(other.id, PROMISED_MINOR))
    assert tried.reference == "obligations/not_entitled"


def test_both_cancel_what_binds_and_locked_money_is_free_again(promise):
    promise.agree_locked()
    before_minor = promise.consortium.balance_minor("core")
    promise.step("core", CancelObligation(promise.id, PROMISED_MINOR))
    tried = try_out(promise.consortium, "core", CancelObligation(promise.id, PROMISED_MINOR))
    assert tried.reference == "obligations/already_agreed"
    other = try_out(promise.consortium, "supplier1", CancelObligation(promise.id, 1))
    assert other.reference == "obligations/amount_differs"
    promise.step("supplier1", CancelObligation(promise.id, PROMISED_MINOR))
    assert promise.status() == S.CANCELLED
    promise.drain()
    assert promise.consortium.balance_minor("core") == 0 < before_minor


def test_days_of_grace_move_the_cutoff_and_not_the_due_day(promise):
    promise.agree(grace_days=3)
    promise.drain()
    promise.to_due_day(EVENING_MS, days_later=2)
    assert promise.status() == S.DUE
    promise.to_due_day(EVENING_MS, days_later=3)
    assert promise.status() == S.DEFAULTED
    assert promise.found().due_day == promise.due_day


def test_whole_or_nothing_unless_parts_are_a_term(consortium):
    whole = Agreement(consortium, "whole")
    whole.agree()
    whole.drain(keep_minor=40_000_00)
    whole.to_due_day(EVENING_MS)
    assert (whole.status(), whole.found().performed_minor) == (S.DEFAULTED, 0)


def test_with_the_term_a_part_is_paid_as_soon_as_it_is_due(consortium):
    parts = Agreement(consortium, "parts")
    parts.agree(part_performance=True)
    parts.drain(keep_minor=40_000_00)
    parts.to_due_day()
    assert (parts.status(), parts.found().performed_minor) == (S.PART_PERFORMED, 40_000_00)
    parts.credit(60_000_00)
    assert parts.status() == S.PERFORMED


def test_two_promises_of_one_day_are_paid_by_due_time_then_id(consortium):
    promises = [Agreement(consortium, f"promise {n}") for n in range(3)]
    for promise in promises:
        promise.agree()
    promises[0].drain(keep_minor=200_000_00)
    promises[0].to_due_day()
    by_id = sorted(promises, key=lambda promise: promise.id)
    assert [promise.status() for promise in by_id] == [S.PERFORMED, S.PERFORMED, S.DUE]


def test_a_large_debt_in_default_does_not_starve_a_small_one(consortium):
    large = Agreement(consortium, "large", amount_minor=200_000_00)
    small = Agreement(consortium, "small", due_day=large.due_day + 1, amount_minor=10_000_00)
    large.agree()
    small.agree()
    large.drain(keep_minor=50_000_00)
    small.to_due_day()
    assert (large.status(), small.status()) == (S.DEFAULTED, S.PERFORMED)
