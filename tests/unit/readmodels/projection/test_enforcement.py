"""Orders of courts on obligations: rows equal the state's, and who reads them."""

import pytest

from support.judgment import Judgment, with_courts
from unit.readmodels.conftest import Projected
from unit.readmodels.projection.test_beginning import comparable
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.ledger.pruning import prune
from xinlian.modules.obligations.types import ENFORCEMENTS, OBLIGATIONS, EnforcementStatus
from xinlian.primitives import format_id
from xinlian.readmodels.rows import ObligationRow
from xinlian.storage import MemoryStore
from xinlian.testing.agreements import EVENING_MS, PROMISED_MINOR, Agreement

NAMES = ("in force", "lifted", "executed", "forgotten")


@pytest.fixture(scope="module")
def told():
    c = with_courts(MemoryStore(history_heights=4))
    promises = {name: Agreement(c, name) for name in NAMES}
    for promise in promises.values():
        promise.agree_unsecured()
    in_force, lifted, executed, _ = promises.values()
    in_force.drain()
    in_force.to_due_day(EVENING_MS, days_later=2)
    Judgment(executed).enforce(20_000_00)
    executed.credit(20_000_00, "first")
    Judgment(lifted).enforce(PROMISED_MINOR)
    lifted.credit(30_000_00, "second")
    lifted.step("court", Judgment(lifted).lifting())
    Judgment(in_force).enforce(PROMISED_MINOR)
    in_force.credit(40_000_00, "third")
    yield Told(c, {name: promise.id for name, promise in promises.items()})
    assert c.broken_invariants() == []
    c.close()


@pytest.fixture(scope="module")
def projected(told, tmp_path_factory):
    model = open_model(sqlite_address(tmp_path_factory.mktemp("enforced")), told.consortium)
    model.project(told.store)
    yield Projected(told, model)
    model.close()


def test_orders_equal_those_of_the_state(projected):
    court = projected.told.party_text("court")
    expected = {}
    with projected.told.state() as state:
        for (obligation_id,), found in OBLIGATIONS.scan(state):
            order = ENFORCEMENTS.get(state, obligation_id)
            if order is None or order.status != EnforcementStatus.IN_FORCE:
                in_force = ("", 0)
            else:
                in_force = (court, order.left_minor)
            expected[format_id("obligation", obligation_id)] = (found.enforced_minor, *in_force)
    rows = projected.rows(ObligationRow)
    assert expected == {
        row.obligation_id: (row.enforced_minor, row.enforced_by, row.enforceable_minor)
        for row in rows
    }
    ids = {name: format_id("obligation", one) for name, one in projected.told.ids.items()}
    assert [expected[ids[name]] for name in NAMES] == [
        (40_000_00, court, 60_000_00),
        (30_000_00, "", 0),
        (20_000_00, "", 0),
        (0, "", 0),
    ]


def test_the_court_reads_what_it_acted_on_and_nothing_else(projected):
    model, court = projected.model, projected.told.party("court")
    for name in NAMES[:3]:
        row = model.obligation(court, format_id("obligation", projected.told.ids[name]))
        assert row is not None
    forgotten = format_id("obligation", projected.told.ids["forgotten"])
    assert model.obligation(court, forgotten) is None
    assert model.obligation(projected.told.party("arbitrator"), forgotten) is None


def test_a_state_whose_blocks_are_gone_gives_the_same_rows(told, projected, tmp_path):
    head = told.consortium.node.head().header.height
    list(prune(told.store, head))
    begun = open_model(sqlite_address(tmp_path, "begun.db"), told.consortium)
    assert begun.project(told.store) == head
    assert comparable(begun, "obligations") == comparable(projected.model, "obligations")
    kept, whole = (
        {right for right in comparable(model, "readers") if right[1] == "obligation"}
        for model in (begun, projected.model)
    )
    assert kept == whole
    begun.close()
