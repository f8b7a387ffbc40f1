"""SC-T15: recourse only where it was agreed, never for more than the financier lacks."""

import msgspec
import pytest

from unit.apps.supply_chain.looking import leaf_of, obligation_of, try_out
from xinlian.apps.supply_chain.messages import PayRecourse, StartRecourse, WithdrawRecourse
from xinlian.apps.supply_chain.types import ENCUMBRANCES, Finance, Life
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, SUCCEEDED

replace = msgspec.structs.replace
ADVANCE_MINOR = 800_000_00


def overdue(trade, *, with_recourse: bool = True) -> bytes:
    leaf: bytes = trade.certify()[1]
    trade.request_on_terms(leaf, with_recourse=with_recourse)
    trade.step("bank", trade.verdict(), trade.advance(leaf, ADVANCE_MINOR, 1_00))
    trade.drain()
    trade.to_due_day(EVENING_MS)
    return leaf


def started(trade) -> tuple[bytes, bytes]:
    """Return (leaf, recourse obligation)."""
    leaf = overdue(trade)
    trade.step("bank", StartRecourse(leaf))
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        return leaf, ENCUMBRANCES.require(snapshot, leaf).obligation


def payment(trade, leaf: bytes, amount_minor: int = ADVANCE_MINOR) -> PayRecourse:
    c = trade.consortium
    return PayRecourse(leaf, amount_minor, c.account("supplier1"), c.account("bank"))


def test_without_the_term_there_is_no_recourse(trade):
    c = trade.consortium
    leaf = overdue(trade, with_recourse=False)
    tried = try_out(c, "bank", StartRecourse(leaf))
    assert (tried.reference, tried.changes_nothing) == ("supply_chain/recourse_not_agreed", True)


def test_recourse_is_the_financiers_and_for_an_overdue_leaf(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request_on_terms(leaf, with_recourse=True)
    trade.step("bank", trade.verdict(), trade.advance(leaf, ADVANCE_MINOR, 1_00))
    message = StartRecourse(leaf)
    assert try_out(c, "supplier1", message).reference == "supply_chain/not_financier"
    assert try_out(c, "bank", message).reference == "supply_chain/wrong_state"


def test_the_seller_owes_the_advance_and_the_claim_entries_stay(trade):
    c = trade.consortium
    leaf, recourse = started(trade)
    assert leaf_of(c, leaf).life == Life.RECOURSE
    owed = obligation_of(c, recourse)
    assert (owed.debtor, owed.open_minor) == (c["supplier1"].party, ADVANCE_MINOR)
    assert try_out(c, "bank", StartRecourse(leaf)).reference == "supply_chain/wrong_state"


def test_the_seller_that_pays_holds_the_leaf_again(trade):
    c = trade.consortium
    leaf, recourse = started(trade)
    top_up = trade.booking(1_00, is_credit=True, reference="top up", account="supplier1")
    trade.step("settle", top_up)
    bank, supplier = c.balance_minor("bank"), c.balance_minor("supplier1")
    wrong = payment(trade, leaf, ADVANCE_MINOR - 1)
    assert try_out(c, "supplier1", wrong).reference == "supply_chain/amount_not_owed"
    assert try_out(c, "bank", payment(trade, leaf)).reference == "supply_chain/not_holder"
    trade.step("supplier1", payment(trade, leaf))
    found = leaf_of(c, leaf)
    assert (found.holder, found.life) == (c["supplier1"].party, Life.OVERDUE)
    assert found.finance == Finance.NONE
    assert c.balance_minor("bank") == bank + ADVANCE_MINOR
    assert c.balance_minor("supplier1") == supplier - ADVANCE_MINOR
    assert obligation_of(c, recourse).open_minor == 0
    trade.credit(FACE_MINOR + 100_000_00)  # now the obligor pays the seller
    assert leaf_of(c, leaf).life == Life.DISCHARGED
    assert c.balance_minor("supplier1") >= supplier - ADVANCE_MINOR + FACE_MINOR


def test_a_financier_asks_no_more(trade):
    c = trade.consortium
    leaf, recourse = started(trade)
    message = WithdrawRecourse(leaf)
    assert try_out(c, "supplier1", message).reference == "supply_chain/not_financier"
    trade.step("bank", message)
    assert leaf_of(c, leaf).life == Life.OVERDUE
    assert obligation_of(c, recourse).status == ObligationStatus.CANCELLED
    assert try_out(c, "supplier1", payment(trade, leaf)).reference == "supply_chain/wrong_state"
    assert try_out(c, "bank", StartRecourse(leaf)).reference == SUCCEEDED


@pytest.mark.parametrize(
    ("paid_minor", "left_minor", "life"),
    [
        (300_000_00, ADVANCE_MINOR - 300_000_00, Life.RECOURSE),
        (ADVANCE_MINOR, 0, Life.OVERDUE),
        (FACE_MINOR, 0, Life.DISCHARGED),
    ],
)
def test_what_the_obligor_pays_late_lowers_the_recourse(trade, paid_minor, left_minor, life):
    c = trade.consortium
    leaf, recourse = started(trade)
    trade.credit(paid_minor)
    assert obligation_of(c, recourse).open_minor == left_minor
    assert leaf_of(c, leaf).life == life
