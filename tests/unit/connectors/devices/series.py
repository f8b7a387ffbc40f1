"""Short series of readings, for the tests of devices."""

from xinlian.connectors.devices import Reading
from xinlian.modules.devices.types import DeviceTerms

CHAIN = "test-chain"
DEVICE = b"d" * 20
MINUTE_MS = 60_000
TERMS = DeviceTerms(
    interval_ms=MINUTE_MS,
    silence_ms=10 * MINUTE_MS,
    lowest_e3=2_000,
    highest_e3=8_000,
    speed_max_kmh=110,
    flat_after=5,
)


def reading(no, value_e3=5_000, *, minute=None, place=None):
    """Return a reading, one a minute."""
    latitude, longitude = place or (None, None)
    taken_at_ms = (no if minute is None else minute) * MINUTE_MS
    return Reading(DEVICE, no, taken_at_ms, value_e3, latitude, longitude, bytes(64))


def series(*values):
    """Return readings with these values, one a minute."""
    return [reading(no, value) for no, value in enumerate(values, 1)]
