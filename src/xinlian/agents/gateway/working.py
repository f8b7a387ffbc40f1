"""The gateway at work: payloads in, reports out.

Rules this file keeps:
 1. One thread does all of it; payloads wait in a bounded queue, and what does not fit is counted.
 2. Every payload is taken or refused with a reason that is counted; none stops the gateway.
 3. A device that spoke is looked at at once; all of them once a second, for gaps and batches.
 4. A report that did not take effect is tried again, after a pause that grows.  Where the ledger
    is away all devices wait; where it refused, that device alone does, and the ledger's view of it
    is asked for first.
"""

import collections
import dataclasses
import queue
import threading
from collections.abc import Callable
from typing import Final

from xinlian.agents.gateway.journal import Journal
from xinlian.agents.gateway.reporting import Ledger, NotReported
from xinlian.agents.gateway.watching import KnownDevice, Report, WatchedDevice
from xinlian.connectors.devices import ReadingRefused, read_payload

QUEUE_MAX: Final = 20_000
PAYLOADS_AT_ONCE_MAX: Final = 2_000
"""So many payloads are read before the reports that they cause are sent."""
_PAUSE_MS: Final = 500
_PAUSE_MS_MAX: Final = 30_000
_TICK_SECONDS: Final = 0.2
_LOOK_MS: Final = 1_000


@dataclasses.dataclass(slots=True)
class _Pause:
    """Until when something waits, and how long it will the next time."""

    until_ms: int = 0
    next_ms: int = _PAUSE_MS

    def begin(self, now_ms: int) -> None:
        """Wait, and longer the next time."""
        self.until_ms = now_ms + self.next_ms
        self.next_ms = min(self.next_ms * 2, _PAUSE_MS_MAX)


@dataclasses.dataclass(frozen=True, slots=True)
class Pace:
    """How often things are done."""

    batch_ms: int = 60_000
    """A batch is recorded at least so often while there are readings."""
    devices_ms: int = 30_000
    """The ledger is asked for the owner's devices so often."""


class Gateway:
    """Takes payloads from anywhere; ``work`` or ``run`` does what they ask for."""

    def __init__(
        self,
        chain_id: str,
        ledger: Ledger,
        journal: Journal,
        clock_ms: Callable[[], int],
        pace: Pace | None = None,
    ) -> None:
        self._chain_id = chain_id
        self._ledger = ledger
        self._journal = journal
        self._clock_ms = clock_ms
        self._pace = pace or Pace()
        self._queue: queue.Queue[bytes] = queue.Queue(QUEUE_MAX)
        self._devices: dict[bytes, WatchedDevice] = {}
        self._spoke: dict[bytes, None] = {}
        """Devices to be looked at, in the order in which they spoke."""
        self._look_at_ms = 0
        self._asked_at_ms: int | None = None
        self._pause = _Pause()
        """While the ledger is away."""
        self._pauses: dict[bytes, _Pause] = {}
        """Of devices whose last report was refused."""
        self._stopped = threading.Event()
        self.counts: collections.Counter[str] = collections.Counter()
        """``taken``, ``reported``, ``not_reported``, and each reason of a refusal."""

    def offer(self, payload: bytes) -> None:
        """Let a payload wait for its turn; never blocks, never raises."""
        try:
            self._queue.put_nowait(payload)
        except queue.Full:
            self.counts["overrun"] += 1

    def run(self) -> None:
        """Work until ``stop``."""
        while not self._stopped.is_set():
            try:
                first = self._queue.get(timeout=_TICK_SECONDS)
            except queue.Empty:
                first = None
            self.work(first)

    def stop(self) -> None:
        """Let ``run`` end after what it does now."""
        self._stopped.set()

    def work(self, first: bytes | None = None) -> None:
        """Read what waits, then report what is due."""
        now_ms = self._clock_ms()
        self._ask_for_devices(now_ms)
        if first is not None:
            self._take(first, now_ms)
        for _ in range(PAYLOADS_AT_ONCE_MAX):
            try:
                payload = self._queue.get_nowait()
            except queue.Empty:
                break
            self._take(payload, now_ms)
        if now_ms >= self._pause.until_ms:
            self._report_all(now_ms)

    def standing(self) -> dict[bytes, tuple[str, ...]]:
        """Return what rules notice now, by device; without those of which nothing is noticed."""
        return {key: found.standing for key, found in self._devices.items() if found.standing}

    def _take(self, payload: bytes, now_ms: int) -> None:
        try:
            reading = read_payload(payload)
            watched = self._devices.get(reading.device)
            if watched is None:
                raise ReadingRefused("unknown_device")  # noqa: TRY301 - one place counts them all
            watched.hear(reading, now_ms)
        except ReadingRefused as refusal:
            self.counts[refusal.reason] += 1
        else:
            self._journal.append(reading)
            self._spoke[reading.device] = None
            self.counts["taken"] += 1

    def _report_all(self, now_ms: int) -> None:
        if now_ms >= self._look_at_ms:
            self._look_at_ms = now_ms + _LOOK_MS
            self._spoke |= dict.fromkeys(self._devices)
        for device in list(self._spoke):
            watched, pause = self._devices[device], self._pauses.get(device)
            if pause is not None and now_ms < pause.until_ms:
                continue
            if watched.known.is_in_use and now_ms <= watched.known.until_ms:
                report = watched.report(now_ms, self._pace.batch_ms)
                if report is not None and not self._report(watched, report, now_ms):
                    if now_ms < self._pause.until_ms:
                        return
                    continue
            del self._spoke[device]

    def _report(self, watched: WatchedDevice, report: Report, now_ms: int) -> bool:
        """Send a report; return whether it took effect, and let wait what has to."""
        self._journal.sync(report.device)
        try:
            self._ledger.report(report.messages)
        except NotReported as error:
            self.counts["not_reported"] += 1
            self.counts[f"not_reported {error.reference}"] += 1
            if error.is_refused:
                self._asked_at_ms = None
                self._pauses.setdefault(report.device, _Pause()).begin(now_ms)
            else:
                self._pause.begin(now_ms)
            return False
        watched.reported(report)
        self._pause = _Pause()
        self._pauses.pop(report.device, None)
        self.counts["reported"] += 1
        return True

    def _ask_for_devices(self, now_ms: int) -> None:
        asked = self._asked_at_ms
        if asked is not None and now_ms < asked + self._pace.devices_ms:
            return
        was_refused = asked is None
        self._asked_at_ms = now_ms
        try:
            for known in self._ledger.devices():
                self._know(known, now_ms, is_corrected=was_refused)
        except NotReported as error:
            self.counts[f"not_asked {error.reference}"] += 1

    def _know(self, known: KnownDevice, now_ms: int, *, is_corrected: bool) -> None:
        watched = self._devices.get(known.device)
        if watched is None:
            watched = WatchedDevice(known, self._chain_id)
            watched.take_up(self._journal.readings(known.device), now_ms)
            self._devices[known.device] = watched
        elif is_corrected or known.is_in_use != watched.known.is_in_use:
            watched.correct(known)
