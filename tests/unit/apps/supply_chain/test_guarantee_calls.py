"""SC-T10: who is called for how much, in which order, and what lessens it."""

import pytest

from support.guarantor import Guaranteed
from unit.apps.supply_chain.looking import certificate_of, leaf_of, obligation_of
from xinlian.apps.supply_chain.guarantee_records import GuaranteeStatus
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.testing.trade import EVENING_MS, FACE_MINOR


@pytest.fixture
def guaranteed():
    """A trade, and organisations that guarantee for its obligor."""
    made = Guaranteed()
    yield made
    made.close()


def owed(guaranteed, certificate: bytes) -> list[tuple[str, int, int]]:
    """Return (guarantor, performed, open) of each call, the first to be called first."""
    names = {guaranteed.c[name].party: name for name in ("parent", "insurer")}
    return [
        (names[claim.debtor], claim.performed_minor, claim.open_minor)
        for claim in guaranteed.calls(certificate)
    ]


def test_a_default_calls_the_guarantor_which_pays_in_the_same_block(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    guaranteed.give(certificate)
    supplier, parent = c.balance_minor("supplier1"), c.balance_minor("parent")
    guaranteed.default()
    assert c.balance_minor("supplier1") == supplier + FACE_MINOR
    assert c.balance_minor("parent") == parent - FACE_MINOR
    found = leaf_of(c, leaf)
    assert (found.holder, found.life) == (c["parent"].party, Life.OVERDUE)
    assert (found.finance, found.taken_over_minor) == (Finance.NONE, FACE_MINOR)
    assert certificate_of(c, certificate).outstanding_minor == FACE_MINOR  # the obligor still owes
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.CALLED
    (claim,) = guaranteed.calls(certificate)
    assert claim.status == ObligationStatus.PERFORMED  # in time: its own standing is good
    assert obligation_of(c, certificate).status == ObligationStatus.CALLED


def test_nobody_is_called_while_the_obligor_pays(guaranteed):
    certificate, _ = guaranteed.trade.certify()
    guaranteed.give(certificate)
    guaranteed.trade.to_due_day(EVENING_MS)
    assert guaranteed.calls(certificate) == []
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.ENDED


@pytest.mark.parametrize(
    ("caps", "paid"),
    [
        ((600_000_00, 600_000_00), [("parent", 600_000_00, 0), ("insurer", 400_000_00, 0)]),
        ((FACE_MINOR, FACE_MINOR), [("parent", FACE_MINOR, 0)]),
        ((300_000_00, 200_000_00), [("parent", 300_000_00, 0), ("insurer", 200_000_00, 0)]),
    ],
)
def test_the_next_in_order_is_called_for_what_those_before_do_not_answer_for(
    guaranteed, caps, paid
):
    certificate, _ = guaranteed.trade.certify()
    guaranteed.give(certificate, "insurer", order_no=2, cap_minor=caps[1])
    guaranteed.give(certificate, "parent", order_no=1, cap_minor=caps[0])
    guaranteed.default()
    assert owed(guaranteed, certificate) == paid


def test_what_the_obligor_paid_nobody_is_called_for(guaranteed):
    certificate, _ = guaranteed.trade.certify()
    guaranteed.give(certificate)
    guaranteed.default(keep_minor=250_000_00)  # core pays a quarter at the cut-off
    assert owed(guaranteed, certificate) == [("parent", 750_000_00, 0)]


def test_a_guarantor_without_the_money_pays_a_part_and_the_rest_when_money_comes(guaranteed):
    trade, c = guaranteed.trade, guaranteed.c
    certificate, leaf = trade.certify()
    guaranteed.give(certificate)
    guaranteed.keep("parent", 400_000_00)
    guaranteed.default()
    assert owed(guaranteed, certificate) == [("parent", 400_000_00, 600_000_00)]
    assert leaf_of(c, leaf).life == Life.SPENT
    mine = leaf_of(c, guaranteed.leaf_of(certificate, "parent"))
    rest = leaf_of(c, guaranteed.leaf_of(certificate, "supplier1"))
    assert (mine.amount_minor, mine.life, mine.parent) == (400_000_00, Life.OVERDUE, leaf)
    assert (rest.amount_minor, rest.life, rest.parent) == (600_000_00, Life.OVERDUE, leaf)
    assert certificate_of(c, certificate).live_leaves == 2
    guaranteed.credit("parent", 600_000_00)
    assert owed(guaranteed, certificate) == [("parent", FACE_MINOR, 0)]
    assert guaranteed.calls(certificate)[0].status == ObligationStatus.PERFORMED


def test_what_the_obligor_pays_late_lessens_what_the_last_guarantor_owes_first(guaranteed):
    certificate, _ = guaranteed.trade.certify()
    for order_no, name in ((1, "parent"), (2, "insurer")):
        guaranteed.give(certificate, name, order_no=order_no, cap_minor=500_000_00)
        guaranteed.keep(name, 0)
    guaranteed.default()
    assert owed(guaranteed, certificate) == [("parent", 0, 500_000_00), ("insurer", 0, 500_000_00)]
    guaranteed.trade.credit(200_000_00)
    assert owed(guaranteed, certificate) == [("parent", 0, 500_000_00), ("insurer", 0, 300_000_00)]
    guaranteed.trade.credit(800_000_00, "the rest")
    assert owed(guaranteed, certificate) == [("parent", 0, 0), ("insurer", 0, 0)]
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.ENDED


def test_where_a_guarantor_is_in_default_those_behind_it_are_called_for_what_it_owes(guaranteed):
    trade = guaranteed.trade
    certificate, _ = trade.certify()
    guaranteed.give(certificate, "parent", order_no=1)
    guaranteed.give(certificate, "insurer", order_no=2)
    guaranteed.keep("parent", 300_000_00)
    guaranteed.default()
    assert owed(guaranteed, certificate) == [("parent", 300_000_00, 700_000_00)]
    trade.to_due_day(EVENING_MS, days_later=1)
    assert owed(guaranteed, certificate) == [("parent", 300_000_00, 0), ("insurer", 700_000_00, 0)]
    late = guaranteed.calls(certificate)[0]
    assert late.status == ObligationStatus.CURED or not late.open_minor
    assert guaranteed.standing("parent").defaulted == 1
    assert guaranteed.standing("insurer").on_time == 1


def test_a_guarantor_that_was_called_for_a_part_is_called_again_when_one_before_it_fails(
    guaranteed,
):
    trade = guaranteed.trade
    certificate, _ = trade.certify()
    guaranteed.give(certificate, "parent", order_no=1, cap_minor=600_000_00)
    guaranteed.give(certificate, "insurer", order_no=2, cap_minor=900_000_00)
    guaranteed.keep("parent", 0)
    guaranteed.default()
    assert owed(guaranteed, certificate) == [("parent", 0, 600_000_00), ("insurer", 400_000_00, 0)]
    trade.to_due_day(EVENING_MS, days_later=1)
    again = owed(guaranteed, certificate)
    assert ("insurer", 500_000_00, 0) in again  # as far as its cap goes
    assert ("parent", 0, 100_000_00) in again


@pytest.mark.parametrize("reaches_default", [False, True])
def test_a_default_after_the_end_of_a_guarantee_calls_nobody(guaranteed, reaches_default):
    trade = guaranteed.trade
    certificate, leaf = trade.certify()
    trade.split(leaf, FACE_MINOR)  # to supplier2, which is paid through its bank
    guaranteed.give(certificate, until_ms=0 if reaches_default else guaranteed.cutoff_ms())
    trade.to_due_day(EVENING_MS)
    assert guaranteed.calls(certificate) == []  # the bank has the order
    trade.to_due_day(EVENING_MS, days_later=9)  # and did not execute it
    assert obligation_of(guaranteed.c, certificate).open_minor == FACE_MINOR
    assert len(guaranteed.calls(certificate)) == reaches_default


def test_a_guarantee_that_is_let_go_when_called_is_owed_no_more(guaranteed):
    certificate, _ = guaranteed.trade.certify()
    guaranteed.give(certificate)
    guaranteed.keep("parent", 400_000_00)
    guaranteed.default()
    guaranteed.release(certificate, "supplier1")
    assert owed(guaranteed, certificate) == [("parent", 400_000_00, 0)]
    assert guaranteed.guarantee(certificate).status == GuaranteeStatus.RELEASED
    guaranteed.credit("parent", 600_000_00)
    assert owed(guaranteed, certificate) == [("parent", 400_000_00, 0)]
