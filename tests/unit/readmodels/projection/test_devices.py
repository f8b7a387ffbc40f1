"""Devices, their alerts and watches: rows equal the state's, for whom they concern."""

import msgspec
import pytest

from unit.modules.devices.watching import CREDITOR, OWNER, Watching
from unit.readmodels.conftest import Projected
from unit.readmodels.projection.test_beginning import comparable
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.ledger.pruning import prune
from xinlian.modules.devices.messages import RetireDevice
from xinlian.modules.devices.types import DEVICES, DeviceStatus
from xinlian.modules.evidence.watch_types import WATCHES
from xinlian.primitives import format_id
from xinlian.readmodels.rows import DeviceRow, WatchRow
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium
from xinlian.testing.trade import Trade


@pytest.fixture(scope="module")
def told():
    trade = Trade(Consortium(MemoryStore(history_heights=4)))
    trade.register()
    case = Watching(trade.consortium, trade)
    told = Told(case.c)
    told.ids["warns"], told.ids["cured"], told.ids["retired"] = (case.watched() for _ in range(3))
    told.ids["apart"] = case.registered(serves=case.c["settle"].party)
    told.send(OWNER, case.batch(told.ids["warns"]))
    told.send(OWNER, case.alert(told.ids["warns"], "above_limit", last_no=10))
    told.send(OWNER, case.alert(told.ids["cured"], "gap"))
    told.send(OWNER, case.clearing(told.ids["cured"]))
    told.send(CREDITOR, case.end(told.ids["retired"]))
    told.send(OWNER, RetireDevice(told.ids["retired"]))
    yield told
    case.c.close()


@pytest.fixture(scope="module")
def watched(told, tmp_path_factory):
    model = open_model(sqlite_address(tmp_path_factory.mktemp("watched")), told.consortium)
    model.project(told.store)
    yield Projected(told, model)
    model.close()


def test_devices_equal_those_of_the_state(watched):
    with watched.told.state() as state:
        devices = {format_id("device", parts[0]): d for parts, d in DEVICES.scan(state)}
    rows = watched.rows(DeviceRow)
    assert {row.device_id for row in rows} == set(devices)
    for row in rows:
        told = msgspec.structs.asdict(devices[row.device_id])
        told |= msgspec.structs.asdict(told.pop("terms"))
        told["status"] = DeviceStatus(told["status"]).name.lower()
        for name in ("owner", "serves"):
            told[name] = format_id("party", told[name])
        for name in ("public_key", "terms_root", "alert_root"):
            told[name] = told[name].hex()
        del told["registered_at_ms"]
        assert {name: getattr(row, name) for name in told} == told


def test_watches_equal_those_of_the_state_and_ended_ones_stay_listed(watched):
    with watched.told.state() as state:
        open_ = {(s.hex(), format_id("device", d)): w.until_ms for (s, d), w in WATCHES.scan(state)}
    rows = watched.rows(WatchRow)
    assert {(r.subject, r.device_id): r.until_ms for r in rows if not r.ended_at_ms} == open_
    assert [r.device_id for r in rows if r.ended_at_ms] == [watched.told.text("device", "retired")]


def test_owner_party_served_and_parties_of_the_claim_see_a_device_and_nobody_else_does(watched):
    told, model = watched.told, watched.model
    of_trade = {told.text("device", name) for name in ("warns", "cured", "retired")}
    apart = {told.text("device", "apart")}
    sees = {
        OWNER: of_trade | apart,
        CREDITOR: of_trade,
        "core": of_trade,
        "settle": apart,
        "bank": set(),
    }
    for name, expected in sees.items():
        assert {row.device_id for row in model.devices(told.party(name)).rows} == expected
    warns = told.text("device", "warns")
    assert model.device(told.party("core"), warns) is not None
    assert model.device(told.party("bank"), warns) is None
    events = [row.event_type for row in model.events(told.party("core"), object_id=warns).rows]
    assert events == ["devices.DeviceRegistered", "devices.BatchRecorded", "devices.AlertRaised"]
    assert model.watches(told.party("bank")).rows == ()


def test_who_watches_a_claim_now_is_asked_for_at_a_moment(watched):
    told, model = watched.told, watched.model
    subject = model.watches(told.party("core")).rows[0].subject
    now_ms = told.consortium.now_ms()
    found = {row.device_id for row in model.watching(told.party("core"), subject, now_ms)}
    assert found == {told.text("device", name) for name in ("warns", "cured")}
    assert model.watching(told.party("core"), subject, now_ms + 31 * 86_400_000) == []


def test_a_state_whose_blocks_are_gone_gives_the_same_rows(told, watched, tmp_path):
    head = told.consortium.node.head().header.height
    list(prune(told.store, head))
    begun = open_model(sqlite_address(tmp_path, "begun.db"), told.consortium)
    assert begun.project(told.store) == head
    assert comparable(begun, "devices") == comparable(watched.model, "devices")
    assert comparable(begun, "readers") <= comparable(watched.model, "readers")
    begun.close()
