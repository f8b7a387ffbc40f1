"""From a device to a refusal: readings over MQTT, an alert on the ledger, no finance till cured."""

import dataclasses
import time
from collections.abc import Iterator

import pytest

from support.device import Publisher, Sensor
from support.live import live_ledger
from unit.apps.supply_chain.looking import try_out
from unit.modules.devices.watching import KEY, OWNER, Watching
from xinlian.agents.gateway import (
    EmbeddedBroker,
    Gateway,
    Journal,
    ListenAddress,
    Pace,
    SessionLedger,
)
from xinlian.client.session import Session
from xinlian.connectors.devices import RULES_VERSION, readings_root
from xinlian.engines.embedded.clock import wall_clock_ms
from xinlian.primitives.time import MS_PER_HOUR
from xinlian.testing.trade import SUCCEEDED, Trade

WITHHELD = "evidence/withheld"
SECONDS_MAX = 20


@dataclasses.dataclass
class Live:
    """A live ledger with a trade that the bank would finance, and a gateway of the warehouse."""

    case: Watching
    leaf: bytes
    device: bytes
    gateway: Gateway
    journal: Journal
    broker: EmbeddedBroker
    sensor: Sensor
    ahead_ms: list[int]
    """By how much the gateway's clock is ahead of the machine's."""

    def finance(self) -> str:
        """Return what would come of financing now."""
        return try_out(self.case.c, "bank", self.case.trade.advance(self.leaf)).reference

    def until(self, expected: str) -> float:
        """Let the gateway work until financing has an outcome; return the seconds."""
        begun = time.monotonic()
        while self.finance() != expected:
            assert time.monotonic() < begun + SECONDS_MAX, self.gateway.counts
            self.gateway.work()
        return time.monotonic() - begun


@pytest.fixture(scope="module")
def live(tmp_path_factory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("gateway")
    with live_ledger(folder) as served:
        yield from watched(folder, *served)


def watched(folder, consortium, url) -> Iterator[Live]:
    """Let a device of the warehouse watch a trade of the ledger, and a gateway hear it."""
    trade = Trade(consortium)
    trade.register()
    case = Watching(consortium, trade)
    leaf = trade.certify()[1]
    trade.request(leaf)
    trade.step("bank", trade.verdict())
    device = case.watched(flat_after=0, interval_ms=5_000)
    session = Session.connect(consortium[OWNER], [url])
    journal = Journal(folder / "readings")
    ledger = SessionLedger(session, "finance-1")
    ahead_ms = [0]

    def clock_ms() -> int:
        return wall_clock_ms() + ahead_ms[0]

    gateway = Gateway(consortium.chain_id, ledger, journal, clock_ms, Pace(500, 500))
    gateway.work()
    with EmbeddedBroker(ListenAddress(port=0), gateway.offer) as broker:
        sensor = Sensor(KEY, consortium.chain_id, device)
        yield Live(case, leaf, device, gateway, journal, broker, sensor, ahead_ms)
    journal.close()
    session.close()


def test_a_reading_outside_its_limits_refuses_finance_within_seconds_until_it_is_cured(live):
    assert live.finance() == SUCCEEDED
    with Publisher(live.broker.port) as device:
        device.publish(live.sensor.payload(wall_clock_ms(), 5_000))
        device.publish(live.sensor.payload(wall_clock_ms(), 9_500))
        assert live.until(WITHHELD) < 10
        found = live.case.device(live.device)
        assert (found.alert_rules, found.alert_version) == (("above_limit",), RULES_VERSION)
        for _ in range(3):
            device.publish(live.sensor.payload(wall_clock_ms(), 5_000))
        assert live.until(SUCCEEDED) < 10
    assert live.case.device(live.device).alert_rules == ()


def test_what_the_ledger_holds_are_the_roots_of_what_the_gateway_keeps(live):
    with Publisher(live.broker.port) as device:
        device.publish(live.sensor.payload(wall_clock_ms(), 5_001))
    recorded = len(live.case.batches(live.device))
    while len(live.case.batches(live.device)) == recorded or live.gateway.counts["taken"] == 0:
        live.gateway.work()
    kept = {reading.no: reading for reading in live.journal.readings(live.device)}
    batches = live.case.batches(live.device)
    for batch in batches:
        readings = [kept[no] for no in range(batch.first_no, batch.last_no + 1)]
        assert readings_root(live.case.c.chain_id, readings) == batch.root
    assert batches[-1].last_no == live.sensor.no == max(kept)


def test_hostile_payloads_are_counted_and_change_nothing(live):
    before = live.case.device(live.device)
    refused = dict(live.gateway.counts)
    good = live.sensor.payload(wall_clock_ms(), 5_002)
    hostile = {
        "malformed": b"\x00" * 40,
        "too_large": b"x" * 2_000,
        "unknown_device": Sensor(KEY, live.case.c.chain_id, b"?" * 20).payload(1, 1),
        "bad_signature": good.replace(b'"value_e3":5002', b'"value_e3":9999'),
        "clock_ahead": live.sensor.payload(wall_clock_ms() + MS_PER_HOUR, 5_000),
    }
    live.sensor.no -= 1
    with Publisher(live.broker.port) as device:
        for payload in hostile.values():
            device.publish(payload)
        device.publish(good)
        device.publish(good)
    taken = refused.get("taken", 0)
    while live.gateway.counts["replayed"] == refused.get("replayed", 0):
        live.gateway.work()
    assert live.gateway.counts["taken"] == taken + 1
    for reason in hostile:
        assert live.gateway.counts[reason] == refused.get(reason, 0) + 1
    assert live.case.device(live.device).alert_rules == before.alert_rules


def test_a_device_that_stops_is_a_gap_that_refuses_finance_by_itself(live):
    assert live.until(SUCCEEDED) < 10
    live.ahead_ms[0] = 11_000  # more than two intervals pass, and the device says nothing
    live.until(WITHHELD)
    assert live.case.device(live.device).alert_rules == ("gap",)
    assert live.gateway.standing() == {live.device: ("gap",)}
