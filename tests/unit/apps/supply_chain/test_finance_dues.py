"""Loan, recourse and retained part: obligations of their own between financier and seller."""

import pytest

from unit.apps.supply_chain.looking import obligation_of
from xinlian.apps.supply_chain.types import ENCUMBRANCES, FINANCE_DUES
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.obligations.messages import ForgiveObligation
from xinlian.modules.obligations.types import ObligationStatus, SourceKind
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, StepRefused

ADVANCE_MINOR = 900_000_00
RETAINED_MINOR = FACE_MINOR - ADVANCE_MINOR


def retained(trade) -> tuple[bytes, bytes]:
    """Return (leaf, obligation of the retained part)."""
    leaf = trade.certify()[1]
    trade.request_on_terms(leaf, keeps_rest=True)
    trade.step("bank", trade.verdict(), trade.advance(leaf, ADVANCE_MINOR))
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        return leaf, ENCUMBRANCES.require(snapshot, leaf).retained_obligation


def test_a_retained_part_names_who_owes_whom_and_waits_for_its_leaf(trade):
    c = trade.consortium
    leaf, obligation = retained(trade)
    with c.engine.application.store.snapshot() as snapshot:
        due = FINANCE_DUES.require(snapshot, obligation)
    assert (due.leaf, due.debtor, due.creditor) == (leaf, c["bank"].party, c["supplier1"].party)
    found = obligation_of(c, obligation)
    assert found.source_kind == SourceKind.RETAINED_PART
    assert (found.status, found.open_minor) == (ObligationStatus.OPEN, RETAINED_MINOR)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    assert obligation_of(c, obligation).status == ObligationStatus.OPEN  # the leaf is not paid


def test_a_retained_part_waits_for_the_whole_of_its_leaf(trade):
    c = trade.consortium
    _, obligation = retained(trade)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.credit(FACE_MINOR - 1)
    assert obligation_of(c, obligation).status == ObligationStatus.OPEN


def test_a_financier_without_the_money_is_in_default_and_pays_when_it_has_it(trade):
    c = trade.consortium
    _, obligation = retained(trade)
    trade.to_due_day(EVENING_MS)
    c.settle_due_work()
    trade.to_due_day(days_later=1)
    c.settle_due_work()
    assert obligation_of(c, obligation).status == ObligationStatus.PERFORMED


def test_nobody_ends_such_a_debt_by_the_messages_of_agreed_ones(trade):
    leaf, obligation = retained(trade)
    assert leaf
    with pytest.raises(StepRefused, match="obligations/"):
        trade.step("supplier1", ForgiveObligation(obligation, 1))


def test_what_the_bank_owes_is_paid_from_the_account_that_it_disbursed_from(trade):
    c = trade.consortium
    retained(trade)
    supplier = c.balance_minor("supplier1")
    before = c.balance_minor("bank")
    trade.step("bank", Transfer(c.account("bank"), c.account("core"), 1_00))
    trade.to_due_day()
    c.settle_due_work()
    assert c.balance_minor("bank") == before - 1_00 + FACE_MINOR - RETAINED_MINOR
    assert c.balance_minor("supplier1") == supplier + RETAINED_MINOR
