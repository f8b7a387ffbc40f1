"""What is taken off a leaf: who bears it, and what ends with it."""

import pytest

from support.court import Court
from unit.apps.supply_chain.looking import leaf_of, obligation_of
from unit.apps.supply_chain.test_disputes import PART_MINOR, dispute, settle
from xinlian.apps.supply_chain.dispute_messages import AgreeOutcome, ProposeOutcome
from xinlian.apps.supply_chain.messages import AcceptTransfer
from xinlian.apps.supply_chain.types import ENCUMBRANCES, REQUESTS, Finance, Life
from xinlian.testing.trade import FACE_MINOR, StepRefused

ADVANCE_MINOR = 900_000_00
RETAINED_MINOR = FACE_MINOR - ADVANCE_MINOR


def retained_of(trade, leaf: bytes):
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        obligation = ENCUMBRANCES.require(snapshot, leaf).retained_obligation
    return obligation_of(trade.consortium, obligation)


def test_the_children_of_a_reduced_leaf_have_what_is_left_of_it(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    settle(trade, dispute(trade, leaf), PART_MINOR)
    theirs, mine = trade.split(leaf, 200_000_00)
    assert leaf_of(c, theirs).amount_minor == 200_000_00
    assert leaf_of(c, mine).amount_minor == FACE_MINOR - PART_MINOR - 200_000_00


def test_an_offer_of_the_leaf_as_it_was_ends(trade):
    leaf = trade.certify()[1]
    offer = trade.offer(leaf, FACE_MINOR)
    settle(trade, dispute(trade, leaf), PART_MINOR)
    with pytest.raises(StepRefused, match="unknown_offer"):
        trade.step("supplier2", AcceptTransfer(offer))


def test_a_locked_leaf_of_which_nothing_is_left_is_asked_of_nobody(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request(leaf)
    settle(trade, dispute(trade, leaf, FACE_MINOR), FACE_MINOR)
    found = leaf_of(c, leaf)
    assert (found.life, found.finance) == (Life.VOID, Finance.NONE)
    with c.engine.application.store.snapshot() as snapshot:
        assert REQUESTS.get(snapshot, trade.root("invoice"), leaf) is None


@pytest.mark.parametrize("upheld_minor", [40_000_00, RETAINED_MINOR, 300_000_00])
def test_what_a_financier_kept_back_bears_the_loss_first(upheld_minor):
    court = Court()
    trade = court.trade
    leaf = trade.certify()[1]
    trade.request_on_terms(leaf, keeps_rest=True)
    trade.step("bank", trade.verdict(), trade.advance(leaf, ADVANCE_MINOR))
    assert retained_of(trade, leaf).open_minor == RETAINED_MINOR
    opened = dispute(trade, leaf, name="bank")
    trade.step("core", ProposeOutcome(opened, upheld_minor, frees_invoice=False))
    trade.step("bank", AgreeOutcome(opened, upheld_minor, frees_invoice=False))
    assert leaf_of(court.c, leaf).outstanding_minor == FACE_MINOR - upheld_minor
    assert retained_of(trade, leaf).open_minor == max(RETAINED_MINOR - upheld_minor, 0)
    trade.to_due_day()
    court.c.settle_due_work()
    assert retained_of(trade, leaf).performed_minor == max(RETAINED_MINOR - upheld_minor, 0)
    court.close()
