"""Kept readings give the roots of the ledger, or the batches are named where they do not."""

import msgspec
import pytest

from support.device import Sensor
from unit.agents.gateway.test_watching import KEY, KNOWN
from unit.connectors.devices.series import CHAIN, DEVICE
from xinlian.agents.gateway import Journal
from xinlian.agents.gateway.checking import RecordedBatch, compare
from xinlian.connectors.devices import readings_root
from xinlian.crypto.ed25519 import SigningKey


@pytest.fixture
def kept(tmp_path):
    """A journal with two batches of three readings, and these batches."""
    journal = Journal(tmp_path)
    sensor = Sensor(KEY, CHAIN, DEVICE)
    readings = [sensor.reading(number, 5_000 + number) for number in range(6)]
    for reading in readings:
        journal.append(reading)
    journal.sync(DEVICE)
    batches = [
        RecordedBatch(place, readings_root(CHAIN, part).hex(), part[0].no, part[-1].no, len(part))
        for place, part in enumerate((readings[:3], readings[3:]))
    ]
    yield journal, batches
    journal.close()


def test_what_was_kept_gives_the_roots(kept):
    journal, batches = kept
    found = compare(CHAIN, KNOWN, batches, journal)
    assert (found.batch_count, found.reading_count) == (2, 6)
    assert (found.unsigned_count, found.differing) == (0, ())


@pytest.mark.parametrize(
    "change", [{"root": "00" * 32}, {"reading_count": 2}, {"last_no": 5}, {"first_no": 3}]
)
def test_a_batch_that_differs_is_named(kept, change):
    journal, batches = kept
    spoilt = [batches[0], msgspec.structs.replace(batches[1], **change)]
    assert compare(CHAIN, KNOWN, spoilt, journal).differing == (1,)


def test_a_reading_that_another_key_signed_is_counted_and_is_no_part_of_a_batch(kept):
    journal, batches = kept
    forger = Sensor(SigningKey(b"f" * 32), CHAIN, DEVICE)
    journal.append(forger.reading(1, 1))
    journal.sync(DEVICE)
    found = compare(CHAIN, KNOWN, batches, journal)
    assert (found.unsigned_count, found.differing) == (1, ())


def test_a_reading_that_is_lost_makes_its_batch_differ(kept, tmp_path):
    journal, batches = kept
    (file,) = tmp_path.glob("*.readings")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]))
    assert compare(CHAIN, KNOWN, batches, journal).differing == (1,)
