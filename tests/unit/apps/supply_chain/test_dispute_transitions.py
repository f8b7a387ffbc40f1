"""Every state of a leaf against a dispute, and against every message while it is disputed."""

import pytest

from unit.apps.supply_chain.looking import leaf_of, try_out
from unit.apps.supply_chain.test_disputes import disputing
from unit.apps.supply_chain.test_freezes import messages_to
from unit.apps.supply_chain.test_transitions import LEAF_ROWS
from xinlian.apps.supply_chain.dispute_messages import (
    AgreeOutcome,
    ProposeOutcome,
    WithdrawDispute,
)
from xinlian.apps.supply_chain.dispute_types import Ground
from xinlian.apps.supply_chain.messages import (
    AgreeDiscount,
    OfferAssignment,
    ReleaseLock,
    ReleasePledge,
    RepayPledge,
    WithdrawRecourse,
)
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.testing.trade import SUCCEEDED

DISPUTED = "supply_chain/leaf_disputed"
OPEN_TO_DISPUTE = (Life.ACTIVE, Life.DUE, Life.OVERDUE)
GOES_ON = (ReleaseLock, ReleasePledge, RepayPledge, WithdrawRecourse, AgreeDiscount)
"""What neither passes the leaf on nor ends it."""


def expected_of(life: Life, finance: Finance, *, is_obligor: bool) -> str:
    """What a dispute on a side's own word is in a state."""
    if life not in OPEN_TO_DISPUTE:
        return "supply_chain/wrong_state"
    is_financed = finance in (Finance.ASSIGNED, Finance.PLEDGED)
    is_financier = not is_obligor and finance == Finance.ASSIGNED
    return "supply_chain/defence_waived" if is_financed and not is_financier else SUCCEEDED


@pytest.mark.parametrize("row", LEAF_ROWS, ids=lambda row: row.prepare.__name__)
def test_in_every_state_each_side_disputes_and_the_leaf_is_paid_and_given_back_alone(trade, row):
    leaf, actor, offer = row.prepare(trade)
    c = trade.consortium
    names = {c[name].party: name for name in ("supplier1", "supplier2", "bank", "settle")}
    holder = names[leaf_of(c, leaf).holder]
    for name in ("core", holder):
        expected = expected_of(*row.state, is_obligor=name == "core")
        tried = try_out(c, name, disputing(trade, leaf, 1, name))
        assert tried.reference == expected, name
        if expected != SUCCEEDED:
            assert tried.changes_nothing
            continue
        assert tried.leaf(leaf).disputed_minor == 1
        quality = disputing(trade, leaf, 1, name, Ground.QUALITY)
        assert try_out(c, name, quality).reference == "supply_chain/defence_waived"
    while_disputed(trade, leaf, actor, offer)


def while_disputed(trade, leaf: bytes, holder: str, offer: bytes) -> None:
    """Dispute a leaf where that is possible, and try every message: it is paid and given back."""
    c = trade.consortium
    found = leaf_of(c, leaf)
    c.send("bank", trade.verdict())  # heard in the states in which the bank is asked
    is_assigned = found.finance == Finance.ASSIGNED
    side = "bank" if is_assigned else "core"
    opening = disputing(trade, leaf, 1, side)
    if try_out(c, side, opening).reference != SUCCEEDED:
        return
    free = [try_out(c, name, one) for name, one, _ in messages_to(trade, leaf, holder, offer)]
    opened = trade.step(side, opening).created_id("dispute")
    disputed = messages_to(trade, leaf, holder, offer)
    for before, (name, message, _) in zip(free, disputed, strict=True):
        after = try_out(c, name, message)
        is_back = isinstance(message, OfferAssignment) and found.life == Life.OVERDUE
        if before.reference != SUCCEEDED:
            assert after.reference != SUCCEEDED, message
        elif isinstance(message, GOES_ON) or is_back:
            assert after.reference == SUCCEEDED, message
        else:
            assert after.reference == DISPUTED, message
    if found.is_live and not is_assigned:
        trade.step("core", ProposeOutcome(opened, 1, frees_invoice=False))
        owner = "supplier1" if found.holder == c["supplier1"].party else holder
        agree = AgreeOutcome(opened, 1, frees_invoice=False)
        assert try_out(c, owner, agree).reference == SUCCEEDED
    given_up = try_out(c, side, WithdrawDispute(opened))
    assert given_up.reference == SUCCEEDED
    assert given_up.leaf(leaf).disputed_minor == 0
