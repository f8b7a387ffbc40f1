"""What the gateway takes of a device, when it tells the ledger, and what a restart changes."""

import msgspec
import pytest

from support.device import Sensor
from unit.connectors.devices.series import CHAIN, DEVICE, MINUTE_MS, TERMS
from xinlian.agents.gateway import KnownDevice
from xinlian.agents.gateway.watching import ALERT_LIFE_MS, BATCH_MAX, PENDING_MAX, WatchedDevice
from xinlian.connectors.devices import RULES_VERSION, ReadingRefused, readings_root
from xinlian.crypto.ed25519 import SigningKey
from xinlian.modules.devices.messages import ClearAlert, RaiseAlert, RecordBatch

KEY = SigningKey(b"k" * 32)
NOW_MS = 1_000 * MINUTE_MS
KNOWN = KnownDevice(
    device=DEVICE,
    public_key=KEY.public_key,
    terms=TERMS,
    until_ms=NOW_MS + 90 * 86_400_000,
    is_in_use=True,
    last_no=0,
    heard_at_ms=NOW_MS - MINUTE_MS,
    alert_rules=(),
    alert_until_ms=0,
)
BATCH_MS = 60_000


class Watched:
    """A device with its sensor, and a clock."""

    def __init__(self, **changes):
        known = {name: getattr(KNOWN, name) for name in KnownDevice.__slots__} | changes
        self.device = WatchedDevice(KnownDevice(**known), CHAIN)
        self.sensor = Sensor(KEY, CHAIN, DEVICE)
        self.sensor.no = known["last_no"]
        self.now_ms = NOW_MS
        self.readings = []

    def hear(self, *values):
        for value in values:
            self.now_ms += MINUTE_MS // 2
            reading = self.sensor.reading(self.now_ms, value)
            self.device.hear(reading, self.now_ms)
            self.readings.append(reading)

    def report(self):
        return self.device.report(self.now_ms, BATCH_MS)

    def told(self):
        report = self.report()
        assert report is not None
        self.device.reported(report)
        return report.messages


def test_readings_wait_for_their_batch_and_an_alert_does_not():
    watched = Watched()
    watched.hear(5_000)
    assert watched.report() is None
    watched.hear(9_000)
    batch, alert = watched.told()
    assert isinstance(batch, RecordBatch)
    assert (batch.first_no, batch.last_no, batch.reading_count) == (1, 2, 2)
    root = readings_root(CHAIN, watched.readings)
    until_ms = watched.now_ms + ALERT_LIFE_MS
    rules = ("above_limit",)
    assert alert == RaiseAlert(DEVICE, rules, RULES_VERSION, root, 2, until_ms)
    assert batch.root == root
    assert watched.device.pending_count == 0
    assert watched.report() is None, "it was told"


def test_an_alert_that_is_over_is_cleared_with_what_was_judged():
    watched = Watched()
    watched.hear(9_000)
    watched.told()
    watched.hear(5_000, 5_001, 5_002)
    batch, cleared = watched.told()
    assert isinstance(batch, RecordBatch)
    assert cleared == ClearAlert(
        DEVICE, RULES_VERSION, readings_root(CHAIN, watched.readings[-5:]), 4
    )


def test_a_batch_is_recorded_after_its_time_or_with_its_count():
    watched = Watched()
    watched.hear(5_000)
    watched.now_ms += BATCH_MS - 1
    assert watched.report() is None
    watched.now_ms += 1
    (batch,) = watched.told()
    assert isinstance(batch, RecordBatch)
    many = Watched()
    for number in range(BATCH_MAX):
        many.device.hear(many.sensor.reading(NOW_MS, 5_000 + number % 7), NOW_MS)
    assert len(many.told()) == 1


def test_a_batch_is_recorded_before_the_ledger_calls_the_device_silent():
    watched = Watched()
    watched.hear(5_000)
    watched.now_ms += TERMS.silence_ms // 3
    report = watched.device.report(watched.now_ms, batch_ms=86_400_000)
    assert report is not None
    assert isinstance(report.messages[0], RecordBatch)


def test_silence_is_an_alert_without_a_batch_and_is_raised_again_in_time():
    watched = Watched(last_no=7, heard_at_ms=NOW_MS - 2 * MINUTE_MS - 1)
    (alert,) = watched.told()
    assert isinstance(alert, RaiseAlert)
    assert (alert.alert_rules, alert.last_no) == (("gap",), 7)
    watched.now_ms += ALERT_LIFE_MS // 2
    assert watched.report() is None
    watched.now_ms += 1
    (again,) = watched.told()
    assert isinstance(again, RaiseAlert)
    assert again.until_ms == watched.now_ms + ALERT_LIFE_MS


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"no": 2}, "replayed"),
        ({"no": 1}, "replayed"),
        ({"taken_at_ms": NOW_MS}, "clock_behind"),
        ({"taken_at_ms": NOW_MS + 10 * MINUTE_MS}, "clock_ahead"),
        ({"value_e3": 5_555}, "bad_signature"),
        ({"signature": bytes(64)}, "bad_signature"),
    ],
)
def test_what_is_refused_changes_nothing(changes, reason):
    watched = Watched()
    watched.hear(5_000, 5_001)
    forged = msgspec.structs.replace(watched.sensor.reading(watched.now_ms, 5_002), **changes)
    with pytest.raises(ReadingRefused) as refusal:
        watched.device.hear(forged, watched.now_ms)
    assert refusal.value.reason == reason
    assert watched.device.pending_count == 2
    watched.sensor.no = 2
    watched.hear(5_002)


def test_a_retired_device_is_not_heard():
    for changes in ({"is_in_use": False}, {"until_ms": NOW_MS - 1}):
        watched = Watched(**changes)
        with pytest.raises(ReadingRefused, match="retired"):
            watched.hear(5_000)


def test_a_backlog_is_bounded(monkeypatch):
    monkeypatch.setattr("xinlian.agents.gateway.watching.PENDING_MAX", 3)
    assert PENDING_MAX > BATCH_MAX
    watched = Watched()
    watched.hear(5_000, 5_001, 5_002)
    with pytest.raises(ReadingRefused, match="backlog_full"):
        watched.hear(5_003)


def test_after_a_restart_what_was_not_recorded_waits_again_and_the_window_is_whole():
    before = Watched()
    before.hear(5_000, 5_100, 5_200, 5_300)
    after = Watched(last_no=2, heard_at_ms=before.readings[1].taken_at_ms)
    after.device.take_up(before.readings, before.now_ms)
    assert after.device.pending_count == 2
    with pytest.raises(ReadingRefused, match="replayed"):
        after.device.hear(before.readings[3], before.now_ms)
    report = after.device.report(before.now_ms + BATCH_MS, BATCH_MS)
    assert report is not None
    (batch,) = report.messages
    assert isinstance(batch, RecordBatch)
    assert (batch.first_no, batch.last_no) == (3, 4)


def test_the_ledger_is_believed_where_it_knows_better():
    watched = Watched()
    watched.hear(5_000, 5_001, 5_002)
    recorded = {name: getattr(KNOWN, name) for name in KnownDevice.__slots__} | {"last_no": 2}
    watched.device.correct(KnownDevice(**recorded | {"alert_rules": ("gap",)}))
    assert watched.device.pending_count == 1
    batch, cleared = watched.told()
    assert isinstance(batch, RecordBatch)
    assert batch.first_no == 3
    assert isinstance(cleared, ClearAlert), "what the ledger holds is not standing here"
