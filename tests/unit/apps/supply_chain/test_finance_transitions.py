"""Every state of a leaf against every message of its financing, allowed and refused."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from unit.apps.supply_chain.looking import leaf_of, try_out
from unit.apps.supply_chain.states import (
    ACTIVE_FREE,
    ACTIVE_LOCKED,
    NOT_FINANCIER,
    OCCUPIED,
    WRONG_STATE,
    LeafState,
    Next,
    assigned,
    assigned_with_recourse,
    cancelled,
    defaulted,
    fallen_due,
    free,
    in_recourse,
    locked,
    locked_for_pledge,
    paid,
    paid_in_recourse,
    part_of_the_guarantor,
    pledged,
    recourse_paid,
    rest_of_the_holder,
    spent,
    taken_over,
    taken_over_and_paid,
    taken_over_in_part,
    voided,
    voided_assigned,
)
from xinlian.apps.supply_chain.messages import (
    DischargeEarly,
    OfferAssignment,
    PayRecourse,
    ReleasePledge,
    RepayPledge,
    StartRecourse,
    WithdrawRecourse,
)
from xinlian.apps.supply_chain.types import Finance, Life
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import SUCCEEDED, Trade


class FinanceRow(NamedTuple):
    """A state of a leaf (life × finance), and what each message of its financing gives in it."""

    prepare: Callable[[Trade], LeafState]
    state: Next
    pledge: Next | str = NOT_FINANCIER
    let_go: Next | str = WRONG_STATE
    repay: Next | str = WRONG_STATE
    pass_on: Next | str = WRONG_STATE
    sell_back: Next | str = WRONG_STATE
    start: Next | str = NOT_FINANCIER
    pay: Next | str = WRONG_STATE
    withdraw: Next | str = NOT_FINANCIER
    early: Next | str = WRONG_STATE


ASSIGNED = (Life.ACTIVE, Finance.ASSIGNED)
PAID = (Life.DISCHARGED, Finance.NONE)
PAID_ASSIGNED = (Life.DISCHARGED, Finance.ASSIGNED)
OF_FINANCIER = {"pledge": OCCUPIED, "start": WRONG_STATE, "withdraw": WRONG_STATE}

FINANCE_ROWS = [
    FinanceRow(free, ACTIVE_FREE, early=PAID),
    FinanceRow(
        locked,
        ACTIVE_LOCKED,
        pledge="supply_chain/terms_mismatch",
        start=WRONG_STATE,
        withdraw=WRONG_STATE,
        early=OCCUPIED,
    ),
    FinanceRow(
        locked_for_pledge,
        ACTIVE_LOCKED,
        pledge=(Life.ACTIVE, Finance.PLEDGED),
        start=WRONG_STATE,
        withdraw=WRONG_STATE,
        early=OCCUPIED,
    ),
    FinanceRow(
        pledged,
        (Life.ACTIVE, Finance.PLEDGED),
        let_go=ACTIVE_FREE,
        repay=ACTIVE_FREE,
        early=PAID,
        **OF_FINANCIER,
    ),
    FinanceRow(
        assigned,
        ASSIGNED,
        pass_on=SUCCEEDED,
        sell_back=SUCCEEDED,
        early=PAID_ASSIGNED,
        **OF_FINANCIER,
    ),
    FinanceRow(spent, (Life.SPENT, Finance.NONE)),
    FinanceRow(cancelled, (Life.CANCELLED, Finance.NONE)),
    FinanceRow(voided, (Life.VOID, Finance.NONE)),
    FinanceRow(voided_assigned, (Life.VOID, Finance.ASSIGNED), **OF_FINANCIER),
    FinanceRow(fallen_due(free), (Life.DUE, Finance.NONE)),
    FinanceRow(
        fallen_due(pledged),
        (Life.DUE, Finance.PLEDGED),
        let_go=(Life.DUE, Finance.NONE),
        repay=(Life.DUE, Finance.NONE),
        **OF_FINANCIER,
    ),
    FinanceRow(fallen_due(assigned), (Life.DUE, Finance.ASSIGNED), **OF_FINANCIER),
    FinanceRow(defaulted(free), (Life.OVERDUE, Finance.NONE)),
    FinanceRow(
        defaulted(pledged),
        (Life.OVERDUE, Finance.PLEDGED),
        let_go=(Life.OVERDUE, Finance.NONE),
        repay=(Life.OVERDUE, Finance.NONE),
        **OF_FINANCIER,
    ),
    FinanceRow(
        defaulted(assigned),
        (Life.OVERDUE, Finance.ASSIGNED),
        sell_back=SUCCEEDED,
        **(OF_FINANCIER | {"start": "supply_chain/recourse_not_agreed"}),
    ),
    FinanceRow(
        defaulted(assigned_with_recourse),
        (Life.OVERDUE, Finance.ASSIGNED),
        sell_back=SUCCEEDED,
        **(OF_FINANCIER | {"start": (Life.RECOURSE, Finance.ASSIGNED)}),
    ),
    FinanceRow(
        in_recourse,
        (Life.RECOURSE, Finance.ASSIGNED),
        pledge=OCCUPIED,
        start=WRONG_STATE,
        pay=(Life.OVERDUE, Finance.NONE),
        withdraw=(Life.OVERDUE, Finance.ASSIGNED),
    ),
    FinanceRow(recourse_paid, (Life.OVERDUE, Finance.NONE)),
    FinanceRow(taken_over, (Life.OVERDUE, Finance.NONE)),
    FinanceRow(taken_over_in_part, (Life.SPENT, Finance.NONE)),
    FinanceRow(part_of_the_guarantor, (Life.OVERDUE, Finance.NONE)),
    FinanceRow(rest_of_the_holder, (Life.OVERDUE, Finance.NONE)),
    FinanceRow(taken_over_and_paid, PAID),
    FinanceRow(paid(free), PAID),
    FinanceRow(paid(pledged), PAID),
    FinanceRow(paid(assigned), PAID_ASSIGNED, **OF_FINANCIER),
    FinanceRow(paid_in_recourse, PAID_ASSIGNED, **OF_FINANCIER),
]


@pytest.mark.parametrize("row", FINANCE_ROWS, ids=lambda row: row.prepare.__name__)
def test_every_state_of_a_leaf_against_every_message_of_its_financing(trade, row):
    leaf, holder, _ = row.prepare(trade)
    c = trade.consortium
    found = leaf_of(c, leaf)
    assert (found.life, found.finance) == row.state
    top_up = trade.booking(1_00, is_credit=True, reference="top up", account="supplier1")
    trade.step("settle", top_up)
    c.send("bank", trade.verdict())  # heard in the states in which the bank is asked
    later_ms = c.now_ms() + MS_PER_DAY
    back, bank = (c.account("supplier1"), c.account("bank")), c.account("bank")
    seller, other = c["supplier1"].party, c["supplier2"].party
    owed_minor = max(found.outstanding_minor, 1)
    for expected, actor, message in (
        (row.pledge, "bank", trade.pledging(leaf)),
        (row.let_go, "bank", ReleasePledge(leaf, 100_00)),
        (row.repay, "supplier1", RepayPledge(leaf, 100_00, *back)),
        (row.pass_on, holder, OfferAssignment(leaf, other, 1_00, bank, later_ms)),
        (row.sell_back, holder, OfferAssignment(leaf, seller, 1_00, bank, later_ms)),
        (row.start, "bank", StartRecourse(leaf)),
        (row.pay, "supplier1", PayRecourse(leaf, 100_00, *back)),
        (row.withdraw, "bank", WithdrawRecourse(leaf)),
        (row.early, "core", DischargeEarly(leaf, owed_minor, 0, c.account("core"))),
    ):
        tried = try_out(c, actor, message)
        if isinstance(expected, str):
            assert tried.reference == expected, message
            assert tried.changes_nothing or expected == SUCCEEDED, message
            continue
        assert tried.reference == SUCCEEDED, message
        changed = tried.leaf(leaf)
        assert (changed.life, changed.finance) == expected, message
