"""Do the readings that were kept give the roots that the ledger holds?

Rules this file keeps:
 1. Roots are taken from the ledger's events, readings from the journal; nothing is trusted but the
    registered key and the hashes.
"""

import dataclasses
from typing import Final

import msgspec

from xinlian.agents.gateway.errors import GatewayError
from xinlian.agents.gateway.journal import Journal
from xinlian.agents.gateway.reporting import known_of
from xinlian.agents.gateway.watching import KnownDevice
from xinlian.client.session import Session
from xinlian.connectors.devices import Reading, readings_root
from xinlian.connectors.devices.readings import is_signed_by
from xinlian.readmodels.rows import DeviceRow

_RECORDED: Final = "devices.BatchRecorded"


class RecordedBatch(msgspec.Struct, frozen=True):
    """A batch as its event tells it."""

    batch_no: int
    root: str
    first_no: int
    last_no: int
    reading_count: int


class _Told(msgspec.Struct, frozen=True):
    object_id: str
    data: RecordedBatch


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """What came of comparing."""

    batch_count: int
    reading_count: int
    """In these batches."""
    unsigned_count: int
    """Kept readings that the device's key did not sign."""
    differing: tuple[int, ...]
    """Numbers of batches whose root the kept readings do not give."""


def check_batches(session: Session, journal: Journal, device_id: str) -> Checked:
    """Compare all recorded batches of a device with what was kept.

    Raises:
        GatewayError: there is no such device in sight.
        ApiError, NodeUnreachable: of the node.
    """
    rows = session.node.iterate("/v1/devices", DeviceRow)
    row = next((row for row in rows if row.device_id == device_id), None)
    if row is None:
        raise GatewayError("no_device", device_id, "`xinlian query devices` lists those in sight")
    batches = _batches(session, device_id, row.batch_count)
    return compare(session.organisation.chain_id, known_of(row), batches, journal)


def compare(
    chain_id: str, known: KnownDevice, batches: list[RecordedBatch], journal: Journal
) -> Checked:
    """Compare batches with kept readings."""
    kept: dict[int, Reading] = {}
    unsigned_count = 0
    for reading in journal.readings(known.device):
        if is_signed_by(known.public_key, chain_id, reading):
            kept.setdefault(reading.no, reading)
        else:
            unsigned_count += 1
    numbers = sorted(kept)
    differing = []
    for batch in batches:
        readings = [kept[no] for no in numbers if batch.first_no <= no <= batch.last_no]
        is_same = len(readings) == batch.reading_count
        if not is_same or readings_root(chain_id, readings).hex() != batch.root:
            differing.append(batch.batch_no)
    count = sum(batch.reading_count for batch in batches)
    return Checked(len(batches), count, unsigned_count, tuple(differing))


def _batches(session: Session, device_id: str, count: int) -> list[RecordedBatch]:
    """Return the first batches of a device, as many as it has."""
    found: list[RecordedBatch] = []
    if not count:
        return found
    for event in session.node.events():
        if event.type != _RECORDED:
            continue
        told = msgspec.json.decode(event.data, type=_Told)
        if told.object_id == device_id:
            found.append(told.data)
            if len(found) == count:
                break
    return found
