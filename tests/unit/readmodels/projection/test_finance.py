"""Leaves that are pledged, pass on, go back or stand in recourse: their rows equal the state's."""

from collections.abc import Callable

import pytest

from unit.readmodels.conftest import Projected
from unit.readmodels.projection.test_leaves import leaf_fields, leaf_fields_of_row
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.apps.supply_chain.messages import (
    AcceptAssignment,
    AgreeCancellation,
    DischargeEarly,
    OfferAssignment,
    PayRecourse,
    ProposeCancellation,
    RepayPledge,
    StartRecourse,
    WithdrawRecourse,
)
from xinlian.apps.supply_chain.types import ENCUMBRANCES, LEAVES
from xinlian.primitives.time import MS_PER_DAY
from xinlian.readmodels.rows import AccountRow, EncumbranceRow, LeafRow
from xinlian.testing import Consortium
from xinlian.testing.trade import EVENING_MS, FACE_MINOR, Trade

ADVANCE_MINOR = 100_00


def top_up(trade: Trade) -> None:
    entry = trade.booking(10_00, is_credit=True, reference="top up", account="supplier1")
    trade.step("settle", entry)


def pledged(trade: Trade) -> None:
    trade.pledge(trade.certify()[1])


def repaid(trade: Trade) -> None:
    c, leaf = trade.consortium, trade.certify()[1]
    trade.pledge(leaf)
    top_up(trade)
    trade.step(
        "supplier1", RepayPledge(leaf, ADVANCE_MINOR, c.account("supplier1"), c.account("bank"))
    )


def pledge_paid(trade: Trade) -> None:
    pledged(trade)
    trade.to_due_day()


def bought_back_and_financed_again(trade: Trade) -> None:
    c, leaf = trade.consortium, trade.certify()[1]
    trade.finance(leaf)
    later_ms = c.now_ms() + MS_PER_DAY
    seller = c["supplier1"].party
    trade.step("bank", OfferAssignment(leaf, seller, 1_00, c.account("bank"), later_ms))
    accept = AcceptAssignment(leaf, 1_00, trade.root("change"), c.account("supplier1"))
    trade.step("supplier1", accept)
    trade.finance(leaf)


def passed_on(trade: Trade) -> None:
    c, leaf = trade.consortium, trade.certify()[1]
    trade.finance(leaf)
    later_ms, to = c.now_ms() + MS_PER_DAY, c["bank2"].party
    trade.step("bank", OfferAssignment(leaf, to, 1_00, c.account("bank"), later_ms))
    accept = AcceptAssignment(leaf, 1_00, trade.root("change"), c.account("bank2"))
    trade.step("bank2", accept)


def in_recourse(trade: Trade) -> bytes:
    leaf = trade.certify()[1]
    trade.request_on_terms(leaf, with_recourse=True)
    trade.step("bank", trade.verdict(), trade.advance(leaf))
    trade.drain()
    trade.to_due_day(EVENING_MS)
    trade.step("bank", StartRecourse(leaf))
    return leaf


def recourse_withdrawn(trade: Trade) -> None:
    trade.step("bank", WithdrawRecourse(in_recourse(trade)))


def recourse_paid(trade: Trade) -> None:
    c, leaf = trade.consortium, in_recourse(trade)
    top_up(trade)
    accounts = (c.account("supplier1"), c.account("bank"))
    trade.step("supplier1", PayRecourse(leaf, ADVANCE_MINOR, *accounts))


def paid_in_recourse(trade: Trade) -> None:
    in_recourse(trade)
    trade.credit(FACE_MINOR)


def paid_early(trade: Trade) -> None:
    c, leaf = trade.consortium, trade.certify()[1]
    trade.pledge(leaf)
    trade.step("core", DischargeEarly(leaf, FACE_MINOR, 0, c.account("core")))


def cancelled(trade: Trade) -> None:
    c, leaf = trade.consortium, trade.certify()[1]
    trade.step("core", ProposeCancellation(leaf, FACE_MINOR, c.now_ms() + MS_PER_DAY))
    trade.step("supplier1", AgreeCancellation(leaf, FACE_MINOR))


STORIES = [
    pledged,
    repaid,
    pledge_paid,
    bought_back_and_financed_again,
    passed_on,
    in_recourse,
    recourse_withdrawn,
    recourse_paid,
    paid_in_recourse,
    paid_early,
    cancelled,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_leaves_equal_those_of_the_state(tmp_path, story: Callable[[Trade], object]):
    consortium = Consortium(more_members=["bank2"], with_accounts=["bank2"])
    trade = Trade(consortium)
    trade.register()
    story(trade)
    told = Told(consortium)
    model = open_model(sqlite_address(tmp_path), consortium)
    model.project(told.store)
    projected = Projected(told, model)
    with told.state() as state:
        expected = [leaf_fields(parts[0], leaf) for parts, leaf in LEAVES.scan(state)]
        encumbered = [parts[0] for parts, _ in ENCUMBRANCES.scan(state)]
    assert sorted(map(leaf_fields_of_row, projected.rows(LeafRow))) == sorted(expected)
    assert len(projected.rows(EncumbranceRow)) <= max(len(encumbered), 1)
    loans = [row for row in projected.rows(AccountRow) if row.asset_kind == "loan"]
    assert sum(row.balance_minor for row in loans) == 0
    assert {row.asset_issuer[:5] for row in loans} <= {"leaf_"}
    model.close()
    consortium.close()
