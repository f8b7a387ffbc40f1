"""Devices, the batches of their readings, and what was noticed about them.

Who signs, who may act, who answers: the owner of a device registers it, records its batches and its
alerts, and answers for all of them.  It serves one party: whose goods it may speak about.  The
device itself signs each reading, off the ledger, with the key that is registered here.

Rules this file keeps:
 1. Readings are P data: the ledger holds their number, their time and the root of each batch.
 2. A batch is never changed; numbers of readings only rise, so no reading is recorded twice.
 3. The latest alert of a device counts, until it is cleared or its time is over.
 4. Silence needs no alert: whoever asks compares the last reading with the time of its own block.

Source: docs/concepts/devices.md (devices); docs/concepts/evidence.md (evidence).
"""

import enum
from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import CLASS_KEY, Count, Hash, Id, Name, OptionalHash, TimeMs
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 14
ALERT_DAYS_MAX: Final = "devices.alert_days_max"
"""For how many days an alert stands at most, unless it is raised again."""
REQUIRED_ROWS: Final = (ALERT_DAYS_MAX,)
ALERT_RULES_MAX: Final = 8
BATCH_READINGS_MAX: Final = 100_000
CLOCK_DRIFT_MS_MAX: Final = 60_000
"""How far the clock of a device may be ahead of the ledger's."""
_L: Final = {CLASS_KEY: "L"}
_SECOND: Final = 1_000
_DAY: Final = 86_400_000


class DeviceKind(enum.StrEnum):
    """What a device measures; the unit of its values is a thousandth of what is named."""

    TEMPERATURE = "temperature"
    """Degrees Celsius."""
    HUMIDITY = "humidity"
    """Per cent of relative humidity."""
    WEIGHT = "weight"
    """Kilograms."""
    LEVEL = "level"
    """Per cent of a full container."""
    POSITION = "position"
    """Where it is; its value is the number of metres above the sea."""
    SEAL = "seal"
    """1 where the seal is whole, 0 where it is broken."""


class AlertRule(enum.StrEnum):
    """What is noticed in a series of readings."""

    GAP = "gap"
    FLAT_LINE = "flat_line"
    IMPOSSIBLE_TRAVEL = "impossible_travel"
    BELOW_LIMIT = "below_limit"
    ABOVE_LIMIT = "above_limit"


class DeviceStatus(enum.IntEnum):
    """Where a device stands; it leaves ``IN_USE`` once."""

    IN_USE = 1
    RETIRED = 2


DEVICE_KINDS: Final = frozenset(map(str, DeviceKind))
ALERT_RULES: Final = frozenset(map(str, AlertRule))

ValueE3 = Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12, extra=_L)]
"""A measured value in thousandths of its unit."""
IntervalMs = Annotated[int, msgspec.Meta(ge=_SECOND, le=30 * _DAY, extra=_L)]
"""From a second to thirty days."""
SpeedKmh = Annotated[int, msgspec.Meta(ge=0, le=40_000, extra=_L)]
"""Kilometres per hour; 0 where nothing is judged."""
FlatAfter = Annotated[int, msgspec.Meta(ge=0, le=10_000, extra=_L)]
"""How many equal readings in a row are suspicious; 0 where none are."""
AlertRules = Annotated[tuple[Name, ...], msgspec.Meta(max_length=ALERT_RULES_MAX, extra=_L)]
"""Names of rules, ascending, none twice; empty where nothing was noticed."""
ReadingCount = Annotated[int, msgspec.Meta(ge=1, le=BATCH_READINGS_MAX, extra=_L)]


class DeviceTerms(Record, frozen=True):
    """How often a device reports, and what is wrong with a reading."""

    interval_ms: IntervalMs
    """A reading is expected in each of these."""
    silence_ms: IntervalMs
    """Without a recorded reading for longer than this, the device is silent."""
    lowest_e3: ValueE3
    highest_e3: ValueE3
    speed_max_kmh: SpeedKmh
    flat_after: FlatAfter


class Device(Record, frozen=True):
    """A registered device, what was heard of it last, and what was noticed."""

    owner: Id
    serves: Id
    """Whose goods it may speak about; the owner itself, or who hires the device."""
    public_key: Hash
    """With which the device signs readings, Ed25519."""
    kind: Name
    terms: Annotated[DeviceTerms, msgspec.Meta(extra=_L)]
    terms_root: OptionalHash
    """The document of its place and calibration, or empty."""
    registered_at_ms: TimeMs
    until_ms: TimeMs
    """The last moment at which it counts, such as the end of its calibration."""
    status: Count
    batch_count: Count
    last_no: Count
    """The number of the last recorded reading; 0 before the first."""
    heard_at_ms: TimeMs
    """When the last recorded reading was taken; the registration before the first."""
    alert_rules: AlertRules
    alert_version: Count
    """Of the rules that noticed it."""
    alert_root: OptionalHash
    """Merkle root of the readings that were judged."""
    alerted_at_ms: TimeMs
    alert_until_ms: TimeMs


class Batch(Record, frozen=True):
    """The root of a series of readings of one device."""

    root: Hash
    first_no: Count
    last_no: Count
    reading_count: ReadingCount
    from_ms: TimeMs
    until_ms: TimeMs
    recorded_at_ms: TimeMs


DEVICES: Final = Collection(MODULE_NO, 1, Device, (ID_BYTES,))
BATCHES: Final = Collection(MODULE_NO, 2, Batch, (ID_BYTES, INTEGER_KEY_BYTES))
"""By device and number, from 0."""
