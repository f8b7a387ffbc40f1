"""The gateway with a ledger that is away, that refuses, or that takes its time."""

import threading

import pytest

from support.device import Sensor
from unit.agents.gateway.test_watching import KEY, KNOWN, NOW_MS
from unit.connectors.devices.series import CHAIN, DEVICE, MINUTE_MS
from xinlian.agents.gateway import Gateway, Journal, KnownDevice, Pace
from xinlian.agents.gateway.reporting import NotReported
from xinlian.modules.devices.messages import RaiseAlert, RecordBatch


class Scripted:
    """A ledger whose answers a test decides; it keeps what it was told."""

    def __init__(self):
        self.known = [KNOWN]
        self.failure: NotReported | None = None
        self.refuses = b""
        """Whose reports are refused."""
        self.tries = 0
        self.told = []
        self.asked = 0

    def devices(self):
        self.asked += 1
        return iter(self.known)

    def report(self, messages):
        if self.failure is not None:
            raise self.failure
        if messages[0].device == self.refuses:
            self.tries += 1
            raise NotReported("devices/no_device", is_refused=True)
        self.told.append(messages)


class Bench:
    """A gateway with a scripted ledger and a clock."""

    def __init__(self, folder):
        self.ledger = Scripted()
        self.now_ms = NOW_MS
        self.journal = Journal(folder)
        pace = Pace(60_000, 30_000)
        self.gateway = Gateway(CHAIN, self.ledger, self.journal, lambda: self.now_ms, pace)
        self.sensor = Sensor(KEY, CHAIN, DEVICE)

    def say(self, *values):
        for value in values:
            self.now_ms += MINUTE_MS // 2
            self.gateway.offer(self.sensor.payload(self.now_ms, value))
            self.gateway.work()


@pytest.fixture
def opened(tmp_path):
    """Return a function that opens a bench on the test's own folder."""
    benches = []

    def opening():
        benches.append(Bench(tmp_path))
        return benches[-1]

    yield opening
    for bench in benches:
        bench.journal.close()


def test_a_ledger_that_is_away_is_tried_again_with_growing_pauses_and_nothing_is_lost(opened):
    bench = opened()
    bench.ledger.failure = NotReported("client/node_unreachable", is_refused=False)
    bench.say(5_000, 9_000)
    for _ in range(5):
        bench.gateway.work()
    assert bench.gateway.counts["not_reported"] == 1, "it waits before it tries again"
    bench.now_ms += 500
    bench.gateway.work()
    assert bench.gateway.counts["not_reported"] == 2
    bench.now_ms += 500
    bench.gateway.work()
    assert bench.gateway.counts["not_reported"] == 2, "the pause has grown"
    bench.ledger.failure = None
    bench.now_ms += 500
    bench.gateway.work()
    ((batch, alert),) = bench.ledger.told
    assert isinstance(batch, RecordBatch)
    assert isinstance(alert, RaiseAlert)
    assert batch.reading_count == 2


def test_where_the_ledger_refuses_its_view_of_the_device_is_asked_for(opened):
    bench = opened()
    bench.say(5_000)
    bench.ledger.failure = NotReported("devices/readings_replayed", is_refused=True)
    bench.say(9_000)
    asked = bench.ledger.asked
    fields = {name: getattr(KNOWN, name) for name in KnownDevice.__slots__}
    bench.ledger.known = [KnownDevice(**fields | {"last_no": 1})]
    bench.ledger.failure = None
    bench.now_ms += 1_000
    bench.gateway.work()
    assert bench.ledger.asked == asked + 1
    ((batch, _),) = bench.ledger.told
    assert (batch.first_no, batch.last_no) == (2, 2)


def test_a_device_whose_reports_are_refused_waits_alone(opened):
    bench = opened()
    other = b"\xff" * 20
    assert other > DEVICE
    fields = {name: getattr(KNOWN, name) for name in KnownDevice.__slots__}
    bench.ledger.known = [KNOWN, KnownDevice(**fields | {"device": other})]
    bench.ledger.refuses = DEVICE
    sensor = Sensor(KEY, CHAIN, other)
    for value in (9_000, 5_000, 9_000):
        bench.say(value)
        bench.gateway.offer(sensor.payload(bench.now_ms, value))
        bench.gateway.work()
    assert bench.ledger.tries == 3
    for _ in range(5):
        bench.gateway.work()
    assert bench.ledger.tries == 3, "it waits before it tries again"
    assert {message.device for messages in bench.ledger.told for message in messages} == {other}
    bench.ledger.refuses = b""
    told = len(bench.ledger.told)
    bench.now_ms += 2_000
    bench.gateway.work()
    (batch, *_), *_ = bench.ledger.told[told:]
    assert (batch.device, batch.first_no, batch.last_no) == (DEVICE, 1, 3), "nothing is lost"


def test_readings_are_on_the_disk_when_their_root_is_sent(opened, tmp_path):
    bench = opened()
    kept = []
    report = bench.ledger.report

    def watch(messages):
        kept.append(len(list(Journal(tmp_path).readings(DEVICE))))
        report(messages)

    bench.ledger.report = watch
    bench.say(5_000, 9_000)
    assert kept == [2]


def test_a_gateway_that_is_started_again_goes_on_where_it_was(opened):
    bench = opened()
    bench.say(5_000, 5_100)
    bench.journal.close()
    again = opened()
    again.now_ms = bench.now_ms + 1
    again.gateway.work()
    again.now_ms += 60_000
    again.gateway.work()
    ((batch,),) = again.ledger.told
    assert (batch.first_no, batch.last_no) == (1, 2)


def test_a_new_device_is_heard_of_and_a_retired_one_is_reported_no_more(opened):
    bench = opened()
    bench.ledger.known = []
    bench.say(5_000)
    assert bench.gateway.counts["unknown_device"] == 1
    bench.ledger.known = [KNOWN]
    bench.now_ms += 30_000
    bench.say(5_000)
    assert bench.gateway.counts["taken"] == 1
    fields = {name: getattr(KNOWN, name) for name in KnownDevice.__slots__}
    bench.ledger.known = [KnownDevice(**fields | {"is_in_use": False})]
    told = len(bench.ledger.told)
    bench.now_ms += 30_000
    bench.say(9_999)
    assert bench.gateway.counts["retired"] == 1
    assert len(bench.ledger.told) == told


def test_payloads_beyond_the_queue_are_counted(opened, monkeypatch):
    monkeypatch.setattr("xinlian.agents.gateway.working.QUEUE_MAX", 3)
    bench = opened()
    for _ in range(5):
        bench.gateway.offer(b"?")
    assert bench.gateway.counts["overrun"] == 2
    bench.gateway.work()
    assert bench.gateway.counts["malformed"] == 3


def test_it_runs_until_it_is_stopped(opened):
    bench = opened()
    running = threading.Thread(target=bench.gateway.run)
    running.start()
    bench.gateway.offer(b"?")
    bench.gateway.stop()
    running.join(10)
    assert not running.is_alive()
