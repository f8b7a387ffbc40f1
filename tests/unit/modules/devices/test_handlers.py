"""Who registers a device, what of its readings is recorded, and what an alert is."""

import pytest

from unit.modules.devices.watching import CREDITOR, KEY, OWNER, ROOT, Watching, changed
from xinlian.modules.devices.messages import RetireDevice
from xinlian.modules.devices.types import DeviceStatus
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED, Trade


@pytest.fixture(scope="module")
def case():
    """A consortium with a trade; each test registers devices of its own."""
    consortium = Consortium(suspended=("core",))
    yield Watching(consortium, Trade(consortium))
    assert consortium.broken_invariants() == []
    consortium.close()


def test_a_device_is_registered_with_its_key_and_whom_it_serves(case):
    device = case.device(case.registered())
    assert (device.owner, device.serves) == (case.c[OWNER].party, case.c[CREDITOR].party)
    assert (device.public_key, device.status) == (KEY.public_key, DeviceStatus.IN_USE)
    assert (device.terms.lowest_e3, device.terms.highest_e3) == (2_000, 8_000)
    assert device.heard_at_ms == device.registered_at_ms == case.c.now_ms()


def test_a_registration_is_checked_in_its_order(case):
    good = case.registration()
    rows = [
        (changed(good, kind="smell", serves=b"?" * 20), "devices/malformed"),
        (changed(good, lowest_e3=8_001), "devices/malformed"),
        (changed(good, silence_ms=good.interval_ms - 1), "devices/malformed"),
        (changed(good, flat_after=1), "devices/malformed"),
        (changed(good, terms_root=b"short"), "devices/malformed"),
        (changed(good, serves=b"?" * 20, until_ms=0), "devices/party_unfit"),
        (changed(good, serves=case.c["core"].party), "devices/party_unfit"),
        (changed(good, until_ms=case.c.now_ms()), "devices/period_unfit"),
        (good, SUCCEEDED),
    ]
    for message, expected in rows:
        assert case.tried(OWNER, message) == expected, message


def test_batches_are_appended_and_no_reading_is_recorded_twice(case):
    device = case.registered()
    case.trade.step(OWNER, case.batch(device, 1, 10))
    case.trade.step(OWNER, changed(case.batch(device, 13, 20), reading_count=5))
    first, second = case.batches(device)
    assert (first.root, first.first_no, first.last_no, first.reading_count) == (ROOT, 1, 10, 10)
    assert (second.first_no, second.reading_count) == (13, 5), "what was lost is seen"
    assert (case.device(device).last_no, case.device(device).batch_count) == (20, 2)
    assert case.tried(OWNER, case.batch(device, 20, 21)) == "devices/readings_replayed"
    older = changed(case.batch(device, 21, 22), from_ms=case.device(device).heard_at_ms - 1)
    assert case.tried(OWNER, older) == "devices/readings_replayed"


def test_a_batch_is_checked_in_its_order(case):
    device = case.registered()
    good = case.batch(device)
    rows = [
        (OWNER, changed(good, first_no=0), "devices/malformed"),
        (OWNER, changed(good, reading_count=11), "devices/malformed"),
        (OWNER, changed(good, from_ms=good.until_ms + 1), "devices/malformed"),
        (OWNER, changed(good, device=b"?" * 20), "devices/no_device"),
        (CREDITOR, good, "devices/no_device"),
        (OWNER, changed(good, until_ms=case.c.now_ms() + 120_000), "devices/clock_drifts"),
        (OWNER, good, SUCCEEDED),
    ]
    for name, message, expected in rows:
        assert case.tried(name, message) == expected, message


def test_an_alert_is_checked_in_its_order_and_the_latest_counts(case):
    device = case.registered()
    good = case.alert(device)
    rows = [
        (OWNER, changed(good, alert_rules=()), "devices/malformed"),
        (OWNER, changed(good, alert_rules=("gap", "above_limit")), "devices/malformed"),
        (OWNER, changed(good, alert_rules=("mood",)), "devices/malformed"),
        (CREDITOR, good, "devices/no_device"),
        (OWNER, changed(good, last_no=1), "devices/readings_not_recorded"),
        (OWNER, changed(good, until_ms=case.c.now_ms()), "devices/period_unfit"),
        (OWNER, changed(good, until_ms=good.until_ms + MS_PER_DAY), "devices/period_unfit"),
        (OWNER, case.clearing(device), "devices/no_alert"),
        (OWNER, good, SUCCEEDED),
    ]
    for name, message, expected in rows:
        assert case.tried(name, message) == expected, message
    case.trade.step(OWNER, case.batch(device), case.alert(device, "flat_line", last_no=10))
    case.trade.step(OWNER, case.alert(device, "above_limit", "gap"))
    assert case.device(device).alert_rules == ("above_limit", "gap")
    assert case.tried(OWNER, case.clearing(device, 11)) == "devices/readings_not_recorded"
    case.trade.step(OWNER, case.clearing(device, 10))
    assert case.device(device).alert_rules == ()


def test_a_retired_device_tells_nothing_any_more(case):
    device = case.registered()
    assert case.tried(CREDITOR, RetireDevice(device)) == "devices/no_device"
    case.trade.step(OWNER, RetireDevice(device))
    for message in (case.batch(device), case.alert(device), RetireDevice(device)):
        assert case.tried(OWNER, message) == "devices/retired"
