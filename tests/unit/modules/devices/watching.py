"""A logger in a warehouse that watches the goods of a trade, for the tests of devices."""

import dataclasses

import msgspec

from unit.apps.supply_chain.looking import try_out
from xinlian.contracts.message import Message
from xinlian.crypto.ed25519 import SigningKey
from xinlian.modules.devices.messages import ClearAlert, RaiseAlert, RecordBatch, RegisterDevice
from xinlian.modules.devices.types import BATCHES, DEVICES, Batch, Device
from xinlian.modules.evidence.watch_messages import EndWatch, WatchSubject
from xinlian.modules.evidence.watches import DeviceWarning, warnings_about
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR
from xinlian.testing import Consortium
from xinlian.testing.trade import Trade

OWNER, CREDITOR = "supplier2", "supplier1"
"""A keeper of warehouses, and whose goods it keeps."""
KEY = SigningKey(b"d" * 32)
INTERVAL_MS = 60_000
ROOT = b"r" * 32


@dataclasses.dataclass
class Watching:
    """A consortium with a trade and a device."""

    c: Consortium
    trade: Trade

    def registration(self, **changes: object) -> RegisterDevice:
        """Return the registration of a logger of temperatures from 2 to 8 degrees."""
        fields = {
            "serves": self.c[CREDITOR].party,
            "public_key": KEY.public_key,
            "kind": "temperature",
            "interval_ms": INTERVAL_MS,
            "silence_ms": MS_PER_HOUR,
            "lowest_e3": 2_000,
            "highest_e3": 8_000,
            "speed_max_kmh": 0,
            "flat_after": 30,
            "terms_root": b"",
            "until_ms": self.c.now_ms() + 90 * MS_PER_DAY,
        }
        return RegisterDevice(**{**fields, **changes})  # type: ignore[arg-type]  # its own fields

    def registered(self, **changes: object) -> bytes:
        """Register a device; return its id."""
        return self.trade.step(OWNER, self.registration(**changes)).created_id("device")

    def batch(self, device: bytes, first_no: int = 1, last_no: int = 10) -> RecordBatch:
        """Return a batch of readings until now."""
        now_ms = self.c.now_ms()
        count = last_no - first_no + 1
        return RecordBatch(device, ROOT, first_no, last_no, count, now_ms, now_ms)

    def alert(self, device: bytes, *rules: str, last_no: int = 0, days: int = 7) -> RaiseAlert:
        """Return an alert that stands for some days."""
        until_ms = self.c.now_ms() + days * MS_PER_DAY
        return RaiseAlert(device, rules or ("above_limit",), 1, ROOT, last_no, until_ms)

    def clearing(self, device: bytes, last_no: int = 0) -> ClearAlert:
        """Return the end of an alert."""
        return ClearAlert(device, 1, ROOT, last_no)

    def watch(self, device: bytes, days: int = 30) -> WatchSubject:
        """Return that the device watches the invoice."""
        until_ms = self.c.now_ms() + days * MS_PER_DAY
        return WatchSubject(self.trade.root("invoice"), device, until_ms)

    def watched(self, **changes: object) -> bytes:
        """Let a new device watch the invoice; return its id."""
        device = self.registered(**changes)
        self.trade.step(CREDITOR, self.watch(device))
        return device

    def end(self, device: bytes) -> EndWatch:
        """Return the end of the watch."""
        return EndWatch(self.trade.root("invoice"), device)

    def tried(self, name: str, message: Message) -> str:
        """Return the public name of what would come of a message."""
        return try_out(self.c, name, message).reference

    def device(self, device: bytes) -> Device:
        """Return a device of the committed state."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return DEVICES.require(snapshot, device)

    def batches(self, device: bytes) -> list[Batch]:
        """Return the batches of a device, oldest first."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return [batch for _, batch in BATCHES.scan(snapshot, device)]

    def warnings(self) -> tuple[DeviceWarning, ...]:
        """Return what devices warn of about the invoice now."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return warnings_about(snapshot, self.trade.root("invoice"), self.c.now_ms())


def changed(message: Message, **changes: object) -> Message:
    """Return a message with some fields changed."""
    return msgspec.structs.replace(message, **changes)
