"""Messages of the devices module."""

from typing import ClassVar, Final

from xinlian.contracts.fields import Count, Hash, Id, Name, OptionalHash, TimeMs
from xinlian.contracts.message import Message
from xinlian.modules.devices.errors import DeviceMalformed
from xinlian.modules.devices.types import (
    ALERT_RULES,
    DEVICE_KINDS,
    MODULE_NO,
    AlertRules,
    FlatAfter,
    IntervalMs,
    ReadingCount,
    SpeedKmh,
    ValueE3,
)

_BASE: Final = MODULE_NO * 256


class RegisterDevice(Message, frozen=True, tag=_BASE + 1):
    """An owner names the key with which a device signs its readings, and what is wrong with one."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the owner of the device"
    observes: ClassVar[str] = (
        "the owner, whom it serves, and the parties of the claims it speaks about"
    )
    remedy: ClassVar[str] = "devices.RetireDevice; a device is never changed, only replaced"

    serves: Id
    public_key: Hash
    kind: Name
    interval_ms: IntervalMs
    silence_ms: IntervalMs
    lowest_e3: ValueE3
    highest_e3: ValueE3
    speed_max_kmh: SpeedKmh
    flat_after: FlatAfter
    terms_root: OptionalHash
    until_ms: TimeMs

    def validate_basic(self) -> None:
        """Refuse a kind outside the closed list, and limits that contradict each other."""
        if self.kind not in DEVICE_KINDS:
            raise DeviceMalformed(f"kinds are {', '.join(sorted(DEVICE_KINDS))}")
        if self.lowest_e3 > self.highest_e3:
            raise DeviceMalformed("the lowest value is above the highest")
        if self.silence_ms < self.interval_ms:
            raise DeviceMalformed("silence is no shorter than the interval of readings")
        if self.flat_after == 1:
            raise DeviceMalformed("one reading is no flat line")
        if len(self.terms_root) not in (0, 32):
            raise DeviceMalformed("a root has 32 bytes")


class RetireDevice(Message, frozen=True, tag=_BASE + 2):
    """An owner takes a device out of use for good; what it still watches is withheld."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the owner of the device"
    observes: ClassVar[str] = "the readers of the device"
    remedy: ClassVar[str] = "devices.RegisterDevice of another"

    device: Id


class RecordBatch(Message, frozen=True, tag=_BASE + 3):
    """An owner records the root of readings that the device signed."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the owner of the device, as a rule by the key of its gateway"
    observes: ClassVar[str] = "the readers of the device; the readings themselves stay outside"
    remedy: ClassVar[str] = "none: a batch stays recorded"

    device: Id
    root: Hash
    first_no: Count
    last_no: Count
    reading_count: ReadingCount
    from_ms: TimeMs
    until_ms: TimeMs

    def validate_basic(self) -> None:
        """Refuse numbers and times that contradict each other."""
        if not 1 <= self.first_no <= self.last_no:
            raise DeviceMalformed("readings are numbered from 1, ascending")
        if self.reading_count > self.last_no - self.first_no + 1:
            raise DeviceMalformed("there are more readings than numbers")
        if self.from_ms > self.until_ms:
            raise DeviceMalformed("it ends before it begins")


class RaiseAlert(Message, frozen=True, tag=_BASE + 4):
    """An owner tells what its rules noticed; the claims that the device watches are withheld."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the owner of the device, as a rule by the key of its gateway"
    observes: ClassVar[str] = "the readers of the device"
    remedy: ClassVar[str] = "devices.ClearAlert; devices.RaiseAlert again, the latest counts"

    device: Id
    alert_rules: AlertRules
    rules_version: Count
    inputs_root: Hash
    """Merkle root of the readings that were judged, oldest first."""
    last_no: Count
    """The number of the last of them; 0 where there never was one."""
    until_ms: TimeMs

    def validate_basic(self) -> None:
        """Refuse rules outside the closed list, in another order, or none at all."""
        if not self.alert_rules or not ALERT_RULES.issuperset(self.alert_rules):
            raise DeviceMalformed(f"rules are {', '.join(sorted(ALERT_RULES))}")
        if list(self.alert_rules) != sorted(set(self.alert_rules)):
            raise DeviceMalformed("rules are listed ascending, none twice")


class ClearAlert(Message, frozen=True, tag=_BASE + 5):
    """An owner tells that its rules notice nothing any more."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the owner of the device, as a rule by the key of its gateway"
    observes: ClassVar[str] = "the readers of the device"
    remedy: ClassVar[str] = "devices.RaiseAlert"

    device: Id
    rules_version: Count
    inputs_root: Hash
    last_no: Count
