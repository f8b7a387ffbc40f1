"""Refusals of the devices module.

Order of precedence::

    RegisterDevice   1 DeviceMalformed   2 PartyUnfit   3 PeriodUnfit
    RetireDevice     4 NoDevice   5 DeviceRetired
    RecordBatch      1 DeviceMalformed   4 NoDevice   5 DeviceRetired   6 ReadingsReplayed
                     7 ClockDrifts
    RaiseAlert       1 DeviceMalformed   4 NoDevice   5 DeviceRetired   8 ReadingsNotRecorded
                     3 PeriodUnfit
    ClearAlert       4 NoDevice   5 DeviceRetired   9 NoAlert   8 ReadingsNotRecorded
"""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction, Rejected

CODESPACE: Final = "devices"


class DeviceMalformed(InvalidTransaction):
    """A kind or rule is not in the closed lists, or limits, numbers or times contradict."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "malformed"


class PartyUnfit(Rejected):
    """Whom the device serves is nobody of the directory, or suspended."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "party_unfit"


class PeriodUnfit(Rejected):
    """It would be over already, or last longer than policy allows."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "period_unfit"


class NoDevice(Rejected):
    """The party owns no device of this id."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "no_device"


class DeviceRetired(Rejected):
    """The device was retired, or its time is over; register a new one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "retired"


class ReadingsReplayed(Rejected):
    """Readings of these numbers, or later ones, are recorded already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "readings_replayed"


class ClockDrifts(Rejected):
    """The readings are dated later than the ledger's own time allows."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "clock_drifts"
    transient: ClassVar[bool] = True


class ReadingsNotRecorded(Rejected):
    """An alert judges readings that are in no recorded batch."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 8
    name: ClassVar[str] = "readings_not_recorded"


class NoAlert(Rejected):
    """No alert of the device is on record."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 9
    name: ClassVar[str] = "no_alert"
