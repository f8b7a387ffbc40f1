"""Dates: the bounds of the windows, and from which day the payment term counts."""

import pytest

from unit.apps.supply_chain.checks.trades import CLEAN, SIGNED, Trade
from xinlian.apps.supply_chain.checks import Severity, check_trade


def codes(trade: Trade, **changes: object) -> tuple[str, ...]:
    return check_trade(trade.file(**changes)).codes


def test_everything_may_happen_on_one_day():
    trade = CLEAN.but("order", issue_day=SIGNED)
    trade = trade.but("despatch", despatch_day=SIGNED).but("receipt", receipt_day=SIGNED)
    assert codes(trade) == ()


@pytest.mark.parametrize("issue_day", [SIGNED - 20, SIGNED + 72])
def test_the_window_of_invoices_includes_its_ends(issue_day):
    assert codes(CLEAN.but("invoice", issue_day=issue_day)) == ()


@pytest.mark.parametrize("issue_day", [SIGNED - 21, SIGNED + 73])
def test_a_day_outside_the_window_is_reviewed(issue_day):
    report = check_trade(CLEAN.but("invoice", issue_day=issue_day).file())
    assert [failure.severity for failure in report.failures] == [Severity.REVIEW]


def test_without_a_day_of_despatch_or_receipt_the_documents_day_counts():
    trade = CLEAN.but("despatch", despatch_day=None, issue_day=SIGNED + 2)
    assert codes(trade) == ("date.order",)
    trade = CLEAN.but("receipt", receipt_day=None, issue_day=SIGNED + 11)
    assert codes(trade) == ()


@pytest.mark.parametrize(
    ("due_day", "expected"), [(SIGNED + 72, ()), (SIGNED + 73, ("term.stretched",))]
)
def test_the_term_counts_from_the_receipt_for_invoice_and_certificate(due_day, expected):
    assert codes(CLEAN.but("invoice", due_day=due_day)) == expected
    assert codes(CLEAN, due_day=due_day) == expected


@pytest.mark.parametrize(
    ("days", "failures", "notes"),
    [
        (60, (), ()),
        (61, (), ("term.agreed_beyond_60_days",)),
        (180, (), ("term.agreed_beyond_60_days",)),
        (181, ("term.long",), ()),
    ],
)
def test_a_long_term_is_noted_then_reviewed(days, failures, notes):
    report = check_trade(CLEAN.but("contract", payment_term_days=days).file())
    assert report.codes == failures
    assert tuple(note.code for note in report.notes) == notes
