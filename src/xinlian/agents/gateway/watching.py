"""One device as the gateway knows it: its last readings, what waits to be recorded, what stands.

Rules this file keeps:
 1. A reading is taken if the device is in use, its number and its time come behind the last ones,
    its clock is not ahead, and its key signed it, checked in this order; nothing of what is refused
    changes anything.
 2. A batch holds all readings that are not recorded yet, oldest first.
 3. An alert travels with the batch that holds what was judged.
"""

import collections
import dataclasses
from collections.abc import Iterable
from typing import Final

from xinlian.connectors.devices import (
    RULES_VERSION,
    Reading,
    ReadingRefused,
    judge,
    readings_root,
    window_size,
)
from xinlian.connectors.devices.readings import is_signed_by
from xinlian.contracts.message import Message
from xinlian.modules.devices.messages import ClearAlert, RaiseAlert, RecordBatch
from xinlian.modules.devices.types import CLOCK_DRIFT_MS_MAX, DeviceTerms

PENDING_MAX: Final = 10_000
"""Readings of a device that wait while the ledger is away; further ones are refused."""
BATCH_MAX: Final = 1_000
"""With so many readings a batch is recorded before its time."""
ALERT_LIFE_MS: Final = 86_400_000
"""An alert is raised for a day, and again in the second half of it while it stands."""
_SILENCE_SHARE: Final = 3
"""A batch is recorded at least three times in the time after which a device is silent."""


@dataclasses.dataclass(frozen=True, slots=True)
class KnownDevice:
    """What the ledger says of a device of this gateway's owner."""

    device: bytes
    public_key: bytes
    terms: DeviceTerms
    until_ms: int
    is_in_use: bool
    last_no: int
    heard_at_ms: int
    alert_rules: tuple[str, ...]
    alert_until_ms: int


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """Messages about one device, and what is true when they took effect."""

    device: bytes
    messages: tuple[Message, ...]
    last_no: int
    alert_rules: tuple[str, ...]
    alert_until_ms: int


class WatchedDevice:
    """A device, between its readings and the ledger."""

    def __init__(self, known: KnownDevice, chain_id: str) -> None:
        self.known = known
        self._chain_id = chain_id
        self._window: collections.deque[Reading] = collections.deque(
            maxlen=window_size(known.terms)
        )
        self._pending: list[Reading] = []
        self._pending_since_ms = 0
        self._standing = known.alert_rules
        self._reported = known.alert_rules
        self._alert_until_ms = known.alert_until_ms

    @property
    def standing(self) -> tuple[str, ...]:
        """Which rules notice something now."""
        return self._standing

    @property
    def pending_count(self) -> int:
        """How many readings wait to be recorded."""
        return len(self._pending)

    def take_up(self, readings: Iterable[Reading], now_ms: int) -> None:
        """Go on from readings that were kept, oldest first: those not recorded wait again."""
        for reading in readings:
            self._window.append(reading)
            if reading.no > self.known.last_no:
                self._wait(reading, now_ms)

    def hear(self, reading: Reading, now_ms: int) -> None:
        """Take a reading.

        Raises:
            ReadingRefused: ``retired``, ``replayed``, ``clock_behind``, ``clock_ahead``,
                ``bad_signature`` or ``backlog_full``.
        """
        self._check(reading, now_ms)
        self._window.append(reading)
        self._wait(reading, now_ms)
        self._standing = judge(self._window, self.known.terms, self._standing, reading.taken_at_ms)

    def report(self, now_ms: int, batch_ms: int) -> Report | None:
        """Return what the ledger should be told now, or None."""
        self._standing = judge(
            self._window,
            self.known.terms,
            self._standing,
            now_ms,
            self.known.heard_at_ms,
        )
        is_news = self._standing != self._reported
        is_ending = bool(self._standing) and now_ms > self._alert_until_ms - ALERT_LIFE_MS // 2
        if not (is_news or is_ending or self._is_batch_due(now_ms, batch_ms)):
            return None
        messages: list[Message] = [self._batch()] if self._pending else []
        last_no = self._last_no()
        until_ms = self._alert_until_ms
        if is_news or is_ending:
            until_ms = now_ms + ALERT_LIFE_MS if self._standing else 0
            messages.append(self._alert(last_no, until_ms))
        return Report(self.known.device, tuple(messages), last_no, self._standing, until_ms)

    def reported(self, report: Report) -> None:
        """Note that a report took effect."""
        self._pending = [reading for reading in self._pending if reading.no > report.last_no]
        self._reported = report.alert_rules
        self._alert_until_ms = report.alert_until_ms

    def correct(self, known: KnownDevice) -> None:
        """Believe the ledger: what it has recorded waits no more, what it says stands."""
        self.known = known
        self._pending = [reading for reading in self._pending if reading.no > known.last_no]
        self._reported = known.alert_rules
        self._alert_until_ms = known.alert_until_ms

    def _check(self, reading: Reading, now_ms: int) -> None:
        if not self.known.is_in_use or now_ms > self.known.until_ms:
            raise ReadingRefused("retired")
        if reading.no <= self._last_no():
            raise ReadingRefused("replayed")
        if reading.taken_at_ms < self._last_taken_ms():
            raise ReadingRefused("clock_behind")
        if reading.taken_at_ms > now_ms + CLOCK_DRIFT_MS_MAX // 2:
            raise ReadingRefused("clock_ahead")
        if len(self._pending) >= PENDING_MAX:
            raise ReadingRefused("backlog_full")
        if not is_signed_by(self.known.public_key, self._chain_id, reading):
            raise ReadingRefused("bad_signature")

    def _wait(self, reading: Reading, now_ms: int) -> None:
        if not self._pending:
            self._pending_since_ms = now_ms
        self._pending.append(reading)

    def _last_no(self) -> int:
        return max(self._window[-1].no if self._window else 0, self.known.last_no)

    def _last_taken_ms(self) -> int:
        if self._window:
            return self._window[-1].taken_at_ms
        return self.known.heard_at_ms if self.known.last_no else 0

    def _is_batch_due(self, now_ms: int, batch_ms: int) -> bool:
        if not self._pending:
            return False
        pause_ms = min(batch_ms, self.known.terms.silence_ms // _SILENCE_SHARE)
        return len(self._pending) >= BATCH_MAX or now_ms >= self._pending_since_ms + pause_ms

    def _batch(self) -> RecordBatch:
        first, last = self._pending[0], self._pending[-1]
        return RecordBatch(
            device=self.known.device,
            root=readings_root(self._chain_id, self._pending),
            first_no=first.no,
            last_no=last.no,
            reading_count=len(self._pending),
            from_ms=first.taken_at_ms,
            until_ms=last.taken_at_ms,
        )

    def _alert(self, last_no: int, until_ms: int) -> RaiseAlert | ClearAlert:
        root = readings_root(self._chain_id, self._window)
        if not self._standing:
            return ClearAlert(self.known.device, RULES_VERSION, root, last_no)
        return RaiseAlert(self.known.device, self._standing, RULES_VERSION, root, last_no, until_ms)
