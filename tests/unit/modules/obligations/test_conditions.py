"""A fact as the due moment: of which kind, about what, with which grade, until when."""

from unit.apps.supply_chain.looking import try_out
from xinlian.apps.supply_chain.messages import RegisterInvoice
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.obligations.types import (
    CONDITIONS_PER_SUBJECT_MAX,
    ObligationStatus,
    subject_of,
)
from xinlian.primitives.time import china_day, iso_of_day
from xinlian.testing.agreements import EVENING_MS, Agreement
from xinlian.testing.trade import Trade

S = ObligationStatus
CONDITION = {"condition_kind": "goods_receipt", "condition_grade": "a"}


def test_the_fact_gives_the_due_day_and_an_empty_account_then_defaults(promise):
    promise.agree(**CONDITION)
    promise.drain()
    promise.record_receipt_of_goods()
    found = promise.found()
    assert found.status == S.DUE
    assert found.due_day == china_day(promise.consortium.now_ms())
    promise.consortium.advance_to(found.cutoff_at_ms)
    promise.consortium.settle_due_work()
    assert promise.status() == S.DEFAULTED


def test_a_fact_in_the_evening_is_due_on_the_next_banking_day(promise):
    promise.agree(**CONDITION)
    friday = promise.due_day - 3
    promise.to_due_day(EVENING_MS, days_later=-3)
    promise.record_receipt_of_goods()
    assert promise.status() == S.OPEN
    assert iso_of_day(promise.found().due_day) == iso_of_day(friday + 1), "whatever banks do then"
    due_at_ms = promise.found().due_at_ms
    assert iso_of_day(china_day(due_at_ms)) == iso_of_day(friday + 3), "over the weekend"


def test_a_fact_after_the_last_day_makes_nothing_due(promise):
    promise.agree(**CONDITION)
    promise.to_due_day(days_later=1)
    assert promise.status() == S.CANCELLED
    promise.record_receipt_of_goods()
    assert promise.status() == S.CANCELLED
    assert promise.consortium.balance_minor("supplier1") == 0


def test_a_fact_of_another_kind_is_not_the_condition(promise):
    promise.agree_locked(condition_kind="invoice", condition_grade="a")
    promise.record_receipt_of_goods()
    assert promise.status() == S.OPEN


def test_a_subject_of_the_same_two_sides_may_be_named_and_its_facts_count_already(consortium):
    trade = Trade(consortium)
    trade.register()
    promise = Agreement(consortium)
    promise.agree_locked(**CONDITION, condition_subject=trade.root("invoice"))
    consortium.settle_due_work()
    assert promise.status() == S.PERFORMED
    stranger = Agreement(consortium, "stranger", creditor="bank")
    tried = try_out(
        consortium,
        "core",
        stranger.proposal(**CONDITION, condition_subject=trade.root("invoice")),
    )
    assert tried.reference == "obligations/condition_invalid"


def test_a_subject_wakes_a_bounded_number_of_promises(consortium):
    trade = Trade(consortium)
    trade.register()
    subject = trade.root("invoice")
    waiting = {
        "condition_kind": "goods_event",
        "condition_grade": "a",
        "condition_subject": subject,
    }
    for number in range(CONDITIONS_PER_SUBJECT_MAX):
        Agreement(consortium, f"promise {number}", amount_minor=1_00).agree(**waiting)
    one_more = Agreement(consortium, "one more", amount_minor=1_00)
    one_more.propose(**waiting)
    tried = try_out(consortium, "supplier1", one_more.acceptance())
    assert tried.reference == "obligations/too_many_conditions"


def test_nobody_takes_the_subject_of_a_promise_for_an_invoice(promise):
    c = promise.consortium
    promise.agree(**CONDITION)
    root = subject_of(promise.id)
    promise.step("supplier2", RegisterDocument(root, "invoice", 1))
    taken = RegisterInvoice(root, c["core"].party, "CNY", 100, 0)
    tried = try_out(c, "supplier2", taken)
    assert (tried.reference, tried.changes_nothing) == ("evidence/subject_exists", True)


def test_a_subject_that_was_taken_before_is_a_refusal_and_no_fault_of_ours(promise):
    c = promise.consortium
    promise.propose(**CONDITION)
    root = subject_of(promise.id)
    invoice = RegisterInvoice(root, c["core"].party, "CNY", 100, 0)
    promise.step("supplier2", RegisterDocument(root, "invoice", 1), invoice)
    tried = try_out(c, "supplier1", promise.acceptance())
    assert (tried.reference, tried.changes_nothing) == ("evidence/subject_exists", True)
