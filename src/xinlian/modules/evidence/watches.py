"""Watches: devices that speak about the goods of a subject, and what they withhold.

Rules this file keeps:
 1. The creditor alone lets a device watch its claim, and only a device that serves it: nobody can
    stop a trade by putting a device of its own beside it.
 2. While something stands against a watching device (an alert, its silence, its end) the subject
    is withheld: nothing new is promised or financed on it.  Whoever asks compares with the time of
    its own block.
 3. A watch ends at its moment.  Before, any verifier of the subject ends it; while it warns,
    neither the creditor nor the owner of the device does: a warning is not taken down by whom it
    warns about.
 4. Watches are bounded per subject and per device, so that asking is.
 5. When a device changes, due work looks at each of its subjects by itself: what follows for many
    subjects is never more than one call may do.

Source: docs/concepts/devices.md; docs/concepts/evidence.md.
"""

from typing import Final, NamedTuple

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.devices.keeper import device_standing, is_in_use
from xinlian.modules.devices.types import DEVICES
from xinlian.modules.evidence import watch_events
from xinlian.modules.evidence.keeper import require_subject
from xinlian.modules.evidence.verdicts import require_verifier, tell_businesses
from xinlian.modules.evidence.watch_errors import (
    DeviceUnfit,
    NotCreditor,
    NoWatch,
    TooManyWatches,
    WatchExists,
    WatchWarns,
    Withheld,
)
from xinlian.modules.evidence.watch_messages import EndWatch, WatchSubject
from xinlian.modules.evidence.watch_types import (
    LOOKS,
    WATCHES,
    WATCHES_OF,
    WATCHES_PER_DEVICE_MAX,
    WATCHES_PER_SUBJECT_MAX,
    Look,
    Watch,
    WatchOfDevice,
)
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives import format_id
from xinlian.primitives.time import MS_PER_DAY

WATCH_DAYS_MAX: Final = 366
LOOK_HANDLER: Final = 0x0702


class DeviceWarning(NamedTuple):
    """What stands against a device that watches a subject."""

    device: bytes
    reasons: tuple[str, ...]


def warnings_about(state: StateView, subject: bytes, at_ms: int) -> tuple[DeviceWarning, ...]:
    """Return what stands against the devices that watch a subject at a moment, by device."""
    found = (
        DeviceWarning(device, device_standing(state, device, at_ms))
        for (_, device), watch in WATCHES.scan(state, subject)
        if at_ms <= watch.until_ms
    )
    return tuple(warning for warning in found if warning.reasons)


def require_not_withheld(state: StateView, subject: bytes, at_ms: int) -> None:
    """Refuse a subject about whose goods a device warns; raises Withheld."""
    found = warnings_about(state, subject, at_ms)
    if found:
        told = (f"{format_id('device', one.device)}: {', '.join(one.reasons)}" for one in found)
        raise Withheld("; ".join(told))


def watch_subject(context: Context, message: WatchSubject) -> None:
    """Let a device speak about the goods of a claim of the acting party."""
    # AUTHORISE
    subject = require_subject(context.state, message.subject)
    if context.acting_for != subject.creditor:
        raise NotCreditor(context.acting_for.hex())
    # VALIDATE
    _check_device(context, message)
    earlier = WATCHES.get(context.state, message.subject, message.device)
    if earlier is not None and context.time_ms <= earlier.until_ms:
        raise WatchExists(message.device.hex())
    if earlier is None:
        _check_room(context.state, message)
    # WRITE
    watch = Watch(context.acting_for, context.time_ms, message.until_ms)
    WATCHES.put(context.state, watch, message.subject, message.device)
    WATCHES_OF.put(context.state, WatchOfDevice(), message.device, message.subject)
    # EMIT
    context.emit(watch_events.WatchBegun(message.subject, message.device, message.until_ms))


def end_watch(context: Context, message: EndWatch) -> None:
    """Let a device speak about the goods of a claim no more."""
    # AUTHORISE
    subject = require_subject(context.state, message.subject)
    require_verifier(context, message.subject, subject)
    # VALIDATE
    watch = WATCHES.get(context.state, message.subject, message.device)
    if watch is None:
        raise NoWatch(message.device.hex())
    device = DEVICES.require(context.state, message.device)
    if (
        context.time_ms <= watch.until_ms
        and context.acting_for in (subject.creditor, device.owner)
        and device_standing(context.state, message.device, context.time_ms)
    ):
        raise WatchWarns(message.device.hex())
    # WRITE
    WATCHES.delete(context.state, message.subject, message.device)
    WATCHES_OF.delete(context.state, message.device, message.subject)
    # EMIT
    context.emit(watch_events.WatchEnded(message.subject, message.device, context.acting_for))
    tell_businesses(context, message.subject)


class WatchedSubjects:
    """The subjects that a device watches."""

    def device_changed(self, context: Context, device: bytes) -> None:
        """Let due work of this moment look at each of them again."""
        for (_, subject), _ in list(WATCHES_OF.scan(context.state, device)):
            look_id = context.derived_id("look", subject)
            LOOKS.put(context.state, Look(subject), look_id)
            add_item(context.state, context.time_ms, LOOK_HANDLER, look_id)


def look_again(context: Context, look_id: bytes) -> None:
    """Due work: a device that watches a subject changed; what waits for that goes on."""
    subject = LOOKS.require(context.state, look_id).subject
    LOOKS.delete(context.state, look_id)
    tell_businesses(context, subject)


def _check_device(context: Context, message: WatchSubject) -> None:
    device = DEVICES.get(context.state, message.device)
    if device is None or device.serves != context.acting_for:
        raise DeviceUnfit("it is registered for nobody, or for another party")
    if not is_in_use(device, context.time_ms):
        raise DeviceUnfit("it is out of use")
    latest_ms = context.time_ms + WATCH_DAYS_MAX * MS_PER_DAY
    if not context.time_ms < message.until_ms <= latest_ms:
        raise DeviceUnfit(f"a watch lasts at most {WATCH_DAYS_MAX} days")


def _check_room(state: StateView, message: WatchSubject) -> None:
    of_subject = sum(1 for _ in WATCHES.scan(state, message.subject))
    of_device = sum(1 for _ in WATCHES_OF.scan(state, message.device))
    if of_subject >= WATCHES_PER_SUBJECT_MAX or of_device >= WATCHES_PER_DEVICE_MAX:
        raise TooManyWatches(message.subject.hex())
