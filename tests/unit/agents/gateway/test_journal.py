"""Readings are kept in order, for their owner alone, and outlive a crash."""

import stat

from support.device import Sensor
from unit.connectors.devices.series import CHAIN, DEVICE
from xinlian.agents.gateway import Journal
from xinlian.agents.gateway import journal as journal_module
from xinlian.crypto.ed25519 import SigningKey
from xinlian.primitives import format_id

SENSOR = Sensor(SigningKey(b"k" * 32), CHAIN, DEVICE)
NAME = format_id("device", DEVICE) + ".readings"


def test_readings_come_back_in_order_after_reopening(tmp_path):
    journal = Journal(tmp_path / "kept")
    readings = [SENSOR.reading(number, number) for number in range(5)]
    for reading in readings[:3]:
        journal.append(reading)
    journal.sync(DEVICE)
    assert list(journal.readings(DEVICE)) == readings[:3]
    journal.close()
    again = Journal(tmp_path / "kept")
    for reading in readings[3:]:
        again.append(reading)
    again.close()
    assert list(again.readings(DEVICE)) == readings
    assert list(again.readings(b"?" * 20)) == []


def test_what_a_crash_tore_off_is_passed_over_and_what_follows_is_read(tmp_path):
    journal = Journal(tmp_path)
    first, second = SENSOR.reading(1, 1), SENSOR.reading(2, 2)
    journal.append(first)
    journal.close()
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"device":"dev')
    again = Journal(tmp_path)
    again.append(second)
    again.close()
    assert list(again.readings(DEVICE)) == [first, second]


def test_files_and_folder_are_for_their_owner_alone(tmp_path):
    journal = Journal(tmp_path / "kept")
    journal.append(SENSOR.reading(1, 1))
    journal.close()
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "kept" / NAME).stat().st_mode) == 0o600


def test_open_files_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(journal_module, "FILES_OPEN_MAX", 2)
    journal = Journal(tmp_path)
    sensors = [Sensor(SigningKey(b"k" * 32), CHAIN, bytes([n]) * 20) for n in range(5)]
    for _ in range(2):
        for sensor in sensors:
            journal.append(sensor.reading(1, 1))
    journal.close()
    for number in range(5):
        assert len(list(journal.readings(bytes([number]) * 20))) == 2
