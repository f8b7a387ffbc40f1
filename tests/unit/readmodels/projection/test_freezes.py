"""Freeze orders: rows equal the state's, and who is held sees an order when it is confirmed."""

import pytest

from support.court import Court
from unit.readmodels.conftest import Projected
from unit.readmodels.projection.test_beginning import comparable
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.apps.supply_chain.holds import FREEZES, FreezeStatus
from xinlian.ledger.pruning import prune
from xinlian.primitives import format_id
from xinlian.primitives.time import MS_PER_DAY
from xinlian.readmodels.rows import FreezeRow
from xinlian.storage import MemoryStore


@pytest.fixture(scope="module")
def told():
    court = Court(MemoryStore(history_heights=4))
    told, trade = Told(court.c), court.trade
    certificate, whole = trade.certify()
    mine = trade.split(whole, 300_000_00)[1]
    secret = trade.step("court", court.ordering(certificate, leaf=mine, days=200))
    told.ids["secret"] = secret.created_id("freeze")
    told.ids["lifted"] = court.freeze(certificate, leaf=mine)
    told.ids["expired"] = court.freeze(certificate, holder="supplier2", days=5)
    court.lift(told.ids["lifted"])
    court.c.advance_to(court.c.now_ms() + 6 * MS_PER_DAY)
    told.ids["paid"] = court.freeze(certificate, holder="supplier1", days=150)
    trade.to_due_day()
    yield told
    court.close()


@pytest.fixture(scope="module")
def frozen(told, tmp_path_factory):
    model = open_model(sqlite_address(tmp_path_factory.mktemp("frozen")), told.consortium)
    model.project(told.store)
    yield Projected(told, model)
    model.close()


def test_freeze_orders_equal_those_of_the_state(frozen):
    with frozen.told.state() as state:
        expected = sorted(
            (
                format_id("freeze", freeze_id),
                format_id("party" if order.is_of_holder else "leaf", order.subject),
                format_id("party", order.confirmed_by) if order.confirmed_by else "",
                order.order_root.hex(),
                order.received_minor,
                FreezeStatus(order.status).name.lower(),
            )
            for (freeze_id,), order in FREEZES.scan(state)
        )
    rows = frozen.rows(FreezeRow)
    assert expected == sorted(
        (
            row.freeze_id,
            row.leaf_id or row.holder,
            row.confirmed_by,
            row.order_root,
            row.received_minor,
            row.status,
        )
        for row in rows
    )
    assert {row.status for row in rows} == {"ordered", "in_force", "lifted", "expired"}
    assert sum(row.received_minor for row in rows) == 700_000_00


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("court", {"secret", "lifted", "expired", "paid"}),
        ("core", {"lifted", "expired", "paid"}),
        ("officer", {"lifted", "expired", "paid"}),
        ("keeper", {"lifted", "expired", "paid"}),
        ("supplier1", {"lifted", "paid"}),
        ("supplier2", {"expired"}),
        ("bank", set()),
    ],
)
def test_who_is_held_sees_an_order_when_it_is_confirmed_and_not_before(frozen, name, sees):
    told, model = frozen.told, frozen.model
    expected = {told.text("freeze", one) for one in sees}
    reader = told.party(name)
    assert {row.freeze_id for row in model.freezes(reader).rows} == expected
    events = model.events(reader).rows
    told_of = {event.object_id for event in events if event.object_kind == "freeze"}
    assert told_of == expected
    secret = told.text("freeze", "secret")
    assert (model.freeze(reader, secret) is not None) == (name == "court")


def test_a_state_whose_blocks_are_gone_gives_the_same_rows(told, frozen, tmp_path):
    head = told.consortium.node.head().header.height
    list(prune(told.store, head))
    begun = open_model(sqlite_address(tmp_path, "begun.db"), told.consortium)
    assert begun.project(told.store) == head
    assert comparable(begun, "freezes") == comparable(frozen.model, "freezes")
    kept, whole = (
        {right for right in comparable(model, "readers") if right[1] == "freeze"}
        for model in (begun, frozen.model)
    )
    assert kept == whole
    begun.close()
