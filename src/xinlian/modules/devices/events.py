"""Events of the devices module."""

from typing import Final

from xinlian.contracts.fields import Count, Hash, Id, Name, OptionalHash, TimeMs
from xinlian.contracts.message import Event
from xinlian.modules.devices.types import (
    MODULE_NO,
    AlertRules,
    FlatAfter,
    IntervalMs,
    ReadingCount,
    SpeedKmh,
    ValueE3,
)

_BASE: Final = MODULE_NO * 256


class DeviceRegistered(Event, frozen=True, tag=_BASE + 1):
    """A device signs readings from now on."""

    device: Id
    owner: Id
    serves: Id
    device_key: Hash
    kind: Name
    interval_ms: IntervalMs
    silence_ms: IntervalMs
    lowest_e3: ValueE3
    highest_e3: ValueE3
    speed_max_kmh: SpeedKmh
    flat_after: FlatAfter
    terms_root: OptionalHash
    until_ms: TimeMs


class DeviceRetired(Event, frozen=True, tag=_BASE + 2):
    """A device is out of use."""

    device: Id


class BatchRecorded(Event, frozen=True, tag=_BASE + 3):
    """Readings of a device are recorded under a root."""

    device: Id
    batch_no: Count
    root: Hash
    first_no: Count
    last_no: Count
    reading_count: ReadingCount
    from_ms: TimeMs
    until_ms: TimeMs


class AlertRaised(Event, frozen=True, tag=_BASE + 4):
    """Rules noticed something: nothing is financed on what the device watches."""

    device: Id
    alert_rules: AlertRules
    rules_version: Count
    inputs_root: Hash
    last_no: Count
    until_ms: TimeMs


class AlertCleared(Event, frozen=True, tag=_BASE + 5):
    """Rules notice nothing any more."""

    device: Id
    rules_version: Count
    inputs_root: Hash
    last_no: Count
