"""Refusals of the watches of devices over subjects."""

from typing import ClassVar

from xinlian.modules.evidence.errors import CODESPACE
from xinlian.primitives import Rejected, Unauthorised


class Withheld(Rejected):
    """A device that watches the goods warns, is silent, or was retired / 监测设备报警或失联."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 14
    name: ClassVar[str] = "withheld"


class NotCreditor(Unauthorised):
    """Devices are let by the creditor of the claim alone."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 15
    name: ClassVar[str] = "not_creditor"


class DeviceUnfit(Rejected):
    """The device is unknown, out of use, serves somebody else, or watches too long."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 16
    name: ClassVar[str] = "device_unfit"


class WatchExists(Rejected):
    """The device watches this subject already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 17
    name: ClassVar[str] = "watch_exists"


class TooManyWatches(Rejected):
    """As many devices as may watch a subject, or as many subjects as a device may watch."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 18
    name: ClassVar[str] = "too_many_watches"


class NoWatch(Rejected):
    """The device does not watch this subject."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 19
    name: ClassVar[str] = "no_watch"


class WatchWarns(Rejected):
    """While a watch warns, a verifier that it does not speak about must end it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 20
    name: ClassVar[str] = "watch_warns"
