"""Money that moves at banks: counted once, whoever shows it, and never by chance."""

import pytest
from msgspec.structs import replace

from unit.apps.supply_chain.looking import try_out
from xinlian.modules.accounts.messages import BookStatement
from xinlian.modules.obligations.messages import (
    ConfirmPayment,
    DischargeByReceipt,
    SettleDispute,
)
from xinlian.modules.obligations.types import OBLIGATIONS, ObligationStatus, SourceKind
from xinlian.primitives.time import china_day
from xinlian.testing.agreements import EVENING_MS, PROMISED_MINOR, Agreement
from xinlian.testing.trade import StepRefused

S = ObligationStatus


@pytest.fixture
def at_banks(consortium):
    """A promise of supplier2, whose account the ledger does not mirror, to core."""
    promise = Agreement(consortium, debtor="supplier2", creditor="core")
    promise.agree_unsecured()
    return promise


@pytest.fixture
def ordered(consortium):
    """A promise of core to supplier2: its payment order is out."""
    promise = Agreement(consortium, creditor="supplier2")
    promise.agree()
    promise.to_due_day()
    return promise


def test_an_entry_that_names_it_discharges_and_one_that_does_not_is_only_recorded(at_banks):
    for reference, named in (("1", b""), ("2", b"?" * 20), ("3", at_banks.id)):
        entry = at_banks.entry(
            10_000_00, on="supplier2", is_credit=False, named=named, reference=reference
        )
        at_banks.step("settle", entry)
    assert at_banks.found().performed_minor == 10_000_00


def test_both_banks_show_one_payment_and_it_counts_once(at_banks):
    c = at_banks.consortium
    before_minor = c.balance_minor("core")
    debit = at_banks.entry(30_000_00, on="supplier2", is_credit=False, named=at_banks.id)
    credit = at_banks.entry(30_000_00, on="core", is_credit=True, named=at_banks.id)
    at_banks.step("settle", debit)
    at_banks.step("settle", credit)
    assert at_banks.found().performed_minor == 30_000_00
    # The creditor's account is mirrored and the money was born outside: it exists now.
    assert c.balance_minor("core") == before_minor + 30_000_00


def test_what_banks_show_beyond_the_debt_discharges_nothing(at_banks):
    entry = at_banks.entry(PROMISED_MINOR + 1, on="supplier2", is_credit=False, named=at_banks.id)
    at_banks.step("settle", entry)
    assert (at_banks.status(), at_banks.found().performed_minor) == (S.PERFORMED, PROMISED_MINOR)


def test_a_receipt_is_for_no_more_than_is_owed(at_banks):
    too_much = DischargeByReceipt(at_banks.id, PROMISED_MINOR + 1, bytes(32))
    tried = try_out(at_banks.consortium, "core", too_much)
    assert tried.reference == "obligations/amount_too_large"


def test_an_entry_that_comes_late_with_a_value_day_in_time_is_on_time(at_banks):
    at_banks.to_due_day(EVENING_MS, days_later=2)
    assert at_banks.status() == S.DEFAULTED, "two banking days after the due day"
    entry = at_banks.entry(
        PROMISED_MINOR, on="supplier2", is_credit=False, named=at_banks.id, days_before=2
    )
    at_banks.step("settle", entry)
    assert at_banks.status() == S.PERFORMED
    assert at_banks.following(SourceKind.AGREED_INTEREST) == []


def test_a_payment_that_was_late_bears_its_interest(at_banks):
    at_banks.to_due_day(EVENING_MS, days_later=4)
    entry = at_banks.entry(PROMISED_MINOR, on="supplier2", is_credit=False, named=at_banks.id)
    at_banks.step("settle", entry)
    assert at_banks.status() == S.CURED
    ((_, interest),) = at_banks.following(SourceKind.AGREED_INTEREST)
    assert (interest.amount_minor, interest.status) == (200_00, S.DUE), "4 days at 0.05 %"


@pytest.mark.parametrize("amount_minor", [PROMISED_MINOR - 1, PROMISED_MINOR + 1])
def test_a_debit_of_another_amount_does_not_execute_the_order(ordered, amount_minor):
    entry = ordered.entry(amount_minor, on="core", is_credit=False, named=ordered.id)
    with pytest.raises(StepRefused, match="accounts/unmatched_bank_entry"):
        ordered.step("settle", entry)


def test_an_order_that_is_not_executed_ends_and_the_debtor_is_in_default(ordered):
    ordered.drain()
    ordered.to_due_day(EVENING_MS, days_later=1)
    assert ordered.status() == S.DUE, "while the bank executes nobody is in default"
    ordered.to_due_day(EVENING_MS, days_later=2)
    # Its money is free again, and ordered again: late now.
    assert ordered.status() == S.DEFAULTED
    assert ordered.found().awaiting_minor == PROMISED_MINOR


def test_an_order_that_the_bank_accepted_holds_a_day_longer_and_no_more(ordered):
    ordered.step("settle", ConfirmPayment(ordered.id, PROMISED_MINOR))
    again = try_out(ordered.consortium, "settle", ConfirmPayment(ordered.id, PROMISED_MINOR))
    assert again.reference == "obligations/already_agreed"
    ordered.to_due_day(EVENING_MS, days_later=2)
    assert ordered.status() == S.DUE
    ordered.to_due_day(EVENING_MS, days_later=3)
    assert ordered.status() == S.DEFAULTED


def test_locked_money_is_ordered_again_and_its_debtor_is_not_in_default(consortium):
    promise = Agreement(consortium, creditor="supplier2")
    promise.agree_locked()
    promise.to_due_day(EVENING_MS, days_later=3)
    assert (promise.status(), promise.found().awaiting_minor) == (S.DUE, PROMISED_MINOR)
    entry = promise.entry(PROMISED_MINOR, on="core", is_credit=False, named=promise.id)
    promise.step("settle", entry)
    assert promise.status() == S.PERFORMED


def test_a_debit_that_nobody_ordered_discharges_and_removes_the_deposit(promise):
    promise.agree()
    before_minor = promise.consortium.balance_minor("core")
    entry = promise.entry(25_000_00, on="core", is_credit=False, named=promise.id)
    promise.step("settle", entry)
    assert promise.found().performed_minor == 25_000_00
    assert promise.consortium.balance_minor("core") == before_minor - 25_000_00


def test_money_paid_outside_frees_what_was_locked_for_it(promise):
    promise.agree_locked()
    promise.step("supplier1", DischargeByReceipt(promise.id, 40_000_00, bytes(32)))
    promise.drain()
    assert promise.consortium.balance_minor("core") == 60_000_00
    promise.to_due_day()
    assert promise.status() == S.PERFORMED
    assert promise.consortium.balance_minor("supplier1") == 60_000_00


def test_the_echo_of_a_payment_on_the_ledger_adds_nothing(promise):
    promise.agree()
    promise.to_due_day()
    names = ("core", "supplier1")
    before_minor = [promise.consortium.balance_minor(name) for name in names]
    for name in names:
        is_credit = name == "supplier1"
        echo = promise.entry(PROMISED_MINOR, on=name, is_credit=is_credit, named=promise.id)
        promise.step("settle", echo)
    assert [promise.consortium.balance_minor(name) for name in names] == before_minor
    assert promise.following(SourceKind.RETURN) == []


def test_a_second_credit_for_what_is_paid_is_owed_back_to_the_debtor(promise):
    promise.agree()
    promise.to_due_day()
    for reference, amount_minor in (("1", PROMISED_MINOR), ("2", 30_000_00)):
        credit = promise.entry(
            amount_minor, on="supplier1", is_credit=True, named=promise.id, reference=reference
        )
        promise.step("settle", credit)
    c = promise.consortium
    ((_, back),) = promise.following(SourceKind.RETURN)
    assert (back.debtor, back.amount_minor) == (c["supplier1"].party, 30_000_00)
    assert c.balance_minor("supplier1") == PROMISED_MINOR + 30_000_00


def test_a_debtors_bank_alone_makes_no_creditor_owe_anything_back(at_banks):
    entry = at_banks.entry(PROMISED_MINOR + 1, on="supplier2", is_credit=False, named=at_banks.id)
    at_banks.step("settle", entry)
    assert at_banks.following(SourceKind.RETURN) == []


def test_what_both_a_debtor_and_its_guarantor_paid_is_owed_back_to_the_guarantor(consortium):
    promise = Agreement(consortium, creditor="supplier2")
    promise.agree_guaranteed("bank")
    promise.drain()
    promise.to_due_day(EVENING_MS)
    ((claim_id, claim),) = promise.following(SourceKind.GUARANTEE_CALL)
    assert claim.awaiting_minor == PROMISED_MINOR
    # While the guarantor's bank is executing all of it, the debtor pays a part at its own bank.
    promise.credit(10_000_00)
    debit = promise.entry(10_000_00, on="core", is_credit=False, named=promise.id, reference="2")
    promise.step("settle", debit)
    executed = promise.entry(
        PROMISED_MINOR, on="bank", is_credit=False, named=claim_id, reference="3"
    )
    promise.step("settle", executed)
    c = consortium
    ((_, recourse),) = promise.following(SourceKind.RECOURSE)
    assert (recourse.debtor, recourse.amount_minor) == (c["core"].party, 90_000_00)
    with c.engine.application.store.snapshot() as snapshot:
        (back,) = [
            found
            for _, found in OBLIGATIONS.scan(snapshot)
            if found.source_kind == SourceKind.RETURN
        ]
    assert (back.debtor, back.amount_minor) == (c["supplier2"].party, 10_000_00)


def test_a_payment_outside_is_not_counted_again_when_its_bank_shows_it_after_an_order(consortium):
    promise = Agreement(consortium, creditor="supplier2")
    promise.agree(part_performance=True)
    promise.dispute(40_000_00)
    promise.step("supplier2", DischargeByReceipt(promise.id, 30_000_00, bytes(32)))
    promise.to_due_day()
    order_minor = promise.found().awaiting_minor
    assert order_minor == 30_000_00
    for reference in ("executed", "paid before"):
        entry = promise.entry(
            order_minor, on="core", is_credit=False, named=promise.id, reference=reference
        )
        promise.step("settle", entry)
    assert promise.found().performed_minor == 60_000_00


def test_a_creditor_whose_own_account_is_mirrored_is_paid_by_an_order_without_losing_it(consortium):
    promise = Agreement(consortium)
    promise.propose()
    promise.step("supplier1", replace(promise.acceptance(), account=b""))
    promise.to_due_day()
    for name in ("core", "supplier1"):
        is_credit = name == "supplier1"
        entry = promise.entry(PROMISED_MINOR, on=name, is_credit=is_credit, named=promise.id)
        promise.step("settle", entry)
    assert promise.status() == S.PERFORMED
    assert consortium.balance_minor("supplier1") == PROMISED_MINOR


def test_money_born_outside_is_not_created_while_a_statement_differs(at_banks):
    c = at_banks.consortium
    yesterday = china_day(c.now_ms()) - 1
    stated = [
        BookStatement(c.bank_account("bank"), yesterday, closing_minor, True, bytes(32))
        for closing_minor in (1, c.balance_minor("bank"))
    ]
    at_banks.step("settle", stated[0])
    credit = at_banks.entry(30_000_00, on="core", is_credit=True, named=at_banks.id)
    assert try_out(c, "settle", credit).reference == "accounts/deposit_unreconciled"
    at_banks.step("settle", stated[1])
    at_banks.step("settle", credit)
    assert at_banks.found().performed_minor == 30_000_00


def test_what_a_receipt_leaves_may_be_an_amount_that_can_be_paid_whole_now(consortium):
    promise = Agreement(consortium)
    promise.agree_guaranteed("supplier2")
    promise.drain(keep_minor=60_000_00)
    promise.to_due_day(EVENING_MS)
    assert (promise.status(), promise.found().performed_minor) == (S.CALLED, 0)
    promise.step("supplier1", DischargeByReceipt(promise.id, 40_000_00, bytes(32)))
    consortium.settle_due_work()
    assert (promise.status(), promise.found().performed_minor) == (S.CURED, PROMISED_MINOR)


def test_locked_money_that_is_owed_again_is_paid_when_the_bank_has_executed_the_rest(consortium):
    promise = Agreement(consortium, creditor="supplier2")
    promise.agree_locked()
    promise.dispute(30_000_00)
    promise.to_due_day()
    assert promise.found().awaiting_minor == 70_000_00
    promise.step("core", SettleDispute(promise.id, 30_000_00))
    assert promise.found().awaiting_minor == 70_000_00, "one order at a time"
    entry = promise.entry(70_000_00, on="core", is_credit=False, named=promise.id)
    promise.step("settle", entry)
    assert promise.found().awaiting_minor == 30_000_00
    promise.to_due_day(EVENING_MS)
    assert promise.status() == S.PART_PERFORMED
