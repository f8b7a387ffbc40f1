"""Guarantees: rows equal the state's, and who is owed by a guarantor sees it."""

import pytest

from support.guarantor import Guaranteed
from unit.readmodels.conftest import Projected
from unit.readmodels.projection.test_beginning import comparable
from unit.readmodels.projection.test_leaves import leaf_fields, leaf_fields_of_row
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.apps.supply_chain.guarantee_records import GUARANTEES, GuaranteeStatus, calls_of
from xinlian.apps.supply_chain.types import LEAVES
from xinlian.ledger.pruning import prune
from xinlian.primitives import format_id
from xinlian.readmodels.rows import GuaranteeRow, LeafRow, ObligationRow
from xinlian.storage import MemoryStore


@pytest.fixture(scope="module")
def told():
    """A pledged leaf is paid in part by its guarantor, then back in part; others are let go."""
    guaranteed = Guaranteed(MemoryStore(history_heights=4))
    told, trade = Told(guaranteed.c), guaranteed.trade
    certificate, leaf = trade.certify(600_000_00)
    told.ids["certificate"] = certificate
    trade.pledge(leaf, 500_000_00)
    guaranteed.give(certificate, cap_minor=600_000_00)
    guaranteed.keep("parent", 400_000_00)
    other, _ = trade.certify(200_000_00)
    guaranteed.give(other, "insurer", order_no=2, cap_minor=100_000_00)
    guaranteed.release(other, "supplier1", 2)
    whole, _ = trade.certify(50_000_00)
    guaranteed.give(whole, "insurer", cap_minor=50_000_00)
    guaranteed.default()
    trade.credit(90_000_00)
    yield told
    guaranteed.close()


@pytest.fixture(scope="module")
def shown(told, tmp_path_factory):
    model = open_model(sqlite_address(tmp_path_factory.mktemp("guaranteed")), told.consortium)
    model.project(told.store)
    yield Projected(told, model)
    model.close()


def test_guarantees_equal_those_of_the_state(shown):
    expected = []
    with shown.told.state() as state:
        for (certificate, order), found in GUARANTEES.scan(state):
            order_no = int.from_bytes(order, "big")
            claims = [claim for no, _, claim in calls_of(state, certificate) if no == order_no]
            expected.append(
                (
                    f"{format_id('cert', certificate)}.{order_no}",
                    format_id("party", found.guarantor),
                    found.cap_minor,
                    sum(claim.amount_minor for claim in claims),
                    sum(claim.performed_minor for claim in claims),
                    GuaranteeStatus(found.status).name.lower(),
                )
            )
    rows = shown.rows(GuaranteeRow)
    assert sorted(expected) == sorted(
        (
            row.guarantee_id,
            row.guarantor,
            row.cap_minor,
            row.called_minor,
            row.paid_minor,
            row.status,
        )
        for row in rows
    )
    assert {row.status for row in rows} == {"called", "released"}


def test_leaves_that_guarantors_took_over_equal_those_of_the_state(shown):
    with shown.told.state() as state:
        expected = [leaf_fields(parts[0], leaf) for parts, leaf in LEAVES.scan(state)]
    assert sorted(map(leaf_fields_of_row, shown.rows(LeafRow))) == sorted(expected)


@pytest.mark.parametrize(
    ("name", "count"),
    [("parent", 1), ("core", 3), ("supplier1", 3), ("bank", 1), ("insurer", 2), ("supplier2", 0)],
)
def test_guarantor_obligor_and_who_is_covered_see_a_guarantee(shown, name, count):
    reader = shown.told.party(name)
    assert len(shown.model.guarantees(reader).rows) == count


@pytest.mark.parametrize(
    ("name", "sees"),
    [("parent", True), ("supplier1", True), ("core", True), ("supplier2", False)],
)
def test_who_is_owed_by_a_guarantor_sees_what(shown, name, sees):
    parent = format_id("party", shown.told.party("parent"))
    (call,) = [
        row
        for row in shown.rows(ObligationRow)
        if (row.source_kind, row.debtor) == ("certificate_call", parent)
    ]
    found = shown.model.obligation(shown.told.party(name), call.obligation_id)
    assert (found is not None) == sees


def test_a_state_whose_blocks_are_gone_gives_the_same_rows(told, shown, tmp_path):
    head = told.consortium.node.head().header.height
    list(prune(told.store, head))
    begun = open_model(sqlite_address(tmp_path, "begun.db"), told.consortium)
    assert begun.project(told.store) == head
    assert comparable(begun, "guarantees") == comparable(shown.model, "guarantees")
    kept, whole = (
        {right for right in comparable(model, "readers") if right[1] == "guarantee"}
        for model in (begun, shown.model)
    )
    assert kept == whole
    begun.close()
