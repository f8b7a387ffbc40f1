"""Disputes: rows equal the state's, and both sides and the court see them."""

import pytest

from support.court import Court
from unit.apps.supply_chain.test_disputes import PART_MINOR, disputing, settle
from unit.readmodels.conftest import Projected
from unit.readmodels.projection.test_beginning import comparable
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.apps.supply_chain.dispute_messages import JudgeDispute, OpenDispute, WithdrawDispute
from xinlian.apps.supply_chain.dispute_types import DISPUTES, DisputeStatus, Ground
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES, Life
from xinlian.ledger.pruning import prune
from xinlian.primitives import format_id
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms
from xinlian.readmodels.rows import CertificateRow, DisputeRow, LeafRow
from xinlian.storage import MemoryStore
from xinlian.testing.trade import EVENING_MS


@pytest.fixture(scope="module")
def told():
    court = Court(MemoryStore(history_heights=4))
    told, trade = Told(court.c), court.trade
    theirs, mine = trade.split(trade.certify()[1], 300_000_00)
    court.c.advance_to(china_midnight_ms(trade.due_day) - 10 * MS_PER_DAY)

    def open_dispute(leaf, amount_minor, name="core"):
        return trade.step(name, disputing(trade, leaf, amount_minor, name)).created_id("dispute")

    suit = OpenDispute(mine, 200_000_00, Ground.COURT, court.document())
    told.ids["agreed"] = open_dispute(mine, PART_MINOR)
    settle(trade, told.ids["agreed"], 100_000_00)
    told.ids["decided"] = trade.step("core", suit).created_id("dispute")
    told.ids["lapsed"] = open_dispute(mine, 1, "supplier1")
    told.ids["withdrawn"] = open_dispute(theirs, PART_MINOR)
    trade.drain()
    trade.to_due_day(EVENING_MS)
    decision = JudgeDispute(told.ids["decided"], 200_000_00, 50_000_00, True, court.document())
    trade.step("court", decision)
    trade.step("core", WithdrawDispute(told.ids["withdrawn"]))
    trade.to_due_day(EVENING_MS, days_later=1)
    court.c.advance_to(court.c.now_ms() + 30 * MS_PER_DAY)
    court.c.settle_due_work()
    told.ids["open"] = open_dispute(theirs, 7, "supplier2")
    yield told
    court.close()


@pytest.fixture(scope="module")
def disputed(told, tmp_path_factory):
    model = open_model(sqlite_address(tmp_path_factory.mktemp("disputed")), told.consortium)
    model.project(told.store)
    yield Projected(told, model)
    model.close()


def test_disputes_equal_those_of_the_state(disputed):
    with disputed.told.state() as state:
        expected = sorted(
            (
                format_id("dispute", dispute_id),
                format_id("leaf", dispute.leaf),
                DisputeStatus(dispute.status).name.lower(),
                dispute.amount_minor,
                dispute.upheld_minor,
                dispute.proposed_minor,
                dispute.frees_invoice,
                dispute.decision_root.hex(),
            )
            for (dispute_id,), dispute in DISPUTES.scan(state)
        )
    rows = disputed.rows(DisputeRow)
    assert {row.status for row in rows} == {status.name.lower() for status in DisputeStatus}
    assert expected == sorted(
        (
            row.dispute_id,
            row.leaf_id,
            row.status,
            row.amount_minor,
            row.upheld_minor,
            row.proposed_minor,
            row.frees_invoice,
            row.decision_root,
        )
        for row in rows
    )


def test_reduced_and_overdue_leaves_equal_those_of_the_state(disputed):
    with disputed.told.state() as state:
        leaves = {
            format_id("leaf", leaf_id): (
                leaf.amount_minor,
                leaf.outstanding_minor,
                Life(leaf.life).name.lower(),
            )
            for (leaf_id,), leaf in LEAVES.scan(state)
            if leaf.life != Life.SPENT
        }
        certificates = {
            format_id("cert", certificate_id): (
                certificate.outstanding_minor,
                Life(certificate.life).name.lower(),
                certificate.live_leaves,
            )
            for (certificate_id,), certificate in CERTIFICATES.scan(state)
        }
    assert leaves == {
        row.leaf_id: (row.amount_minor, row.outstanding_minor, row.life)
        for row in disputed.rows(LeafRow)
        if row.life != "spent"
    }
    assert certificates == {
        row.certificate_id: (row.outstanding_minor, row.life, row.live_leaves)
        for row in disputed.rows(CertificateRow)
    }


def test_both_sides_and_the_court_see_a_dispute_and_nobody_else_does(disputed):
    model, party = disputed.model, disputed.told.party
    decided = format_id("dispute", disputed.told.ids["decided"])
    agreed = format_id("dispute", disputed.told.ids["agreed"])
    for name in ("core", "supplier1", "court"):
        assert model.dispute(party(name), decided) is not None
    assert model.dispute(party("court"), agreed) is None
    assert model.dispute(party("supplier2"), decided) is None
    assert model.dispute(party("bank"), decided) is None
    assert len(model.disputes(party("supplier2")).rows) == 2


def test_a_state_whose_blocks_are_gone_gives_the_same_rows(told, disputed, tmp_path):
    head = told.consortium.node.head().header.height
    list(prune(told.store, head))
    begun = open_model(sqlite_address(tmp_path, "begun.db"), told.consortium)
    assert begun.project(told.store) == head
    assert comparable(begun, "disputes") == comparable(disputed.model, "disputes")
    kept, whole = (
        {right for right in comparable(model, "readers") if right[1] == "dispute"}
        for model in (begun, disputed.model)
    )
    assert kept == whole
    begun.close()
