"""Rows of devices and of what they watch."""

from xinlian.ledger.ports import StateView
from xinlian.modules.devices import events
from xinlian.modules.devices.types import DEVICES, DeviceStatus
from xinlian.modules.evidence import watch_events
from xinlian.modules.evidence.watch_types import WATCHES
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rows import DeviceRow, WatchRow
from xinlian.readmodels.subjects import watch_id
from xinlian.readmodels.text import enum_text, id_text


def device_registered(writer: Writer, event: events.DeviceRegistered, cause: Cause) -> None:
    """A device signs readings from now on."""
    del cause
    writer.add(
        DeviceRow(
            **writer.born_changing(),
            device_id=id_text("device", event.device),
            owner=id_text("party", event.owner),
            serves=id_text("party", event.serves),
            public_key=event.device_key.hex(),
            kind=event.kind,
            interval_ms=event.interval_ms,
            silence_ms=event.silence_ms,
            lowest_e3=event.lowest_e3,
            highest_e3=event.highest_e3,
            speed_max_kmh=event.speed_max_kmh,
            flat_after=event.flat_after,
            terms_root=event.terms_root.hex(),
            until_ms=event.until_ms,
            status=enum_text(DeviceStatus.IN_USE),
            batch_count=0,
            last_no=0,
            heard_at_ms=writer.time_ms,
            alert_rules=(),
            alert_version=0,
            alert_root="",
            alerted_at_ms=0,
            alert_until_ms=0,
        ),
    )


def device_retired(writer: Writer, event: events.DeviceRetired, cause: Cause) -> None:
    """It is out of use."""
    del cause
    writer.change(_device(writer, event.device), status=enum_text(DeviceStatus.RETIRED))


def batch_recorded(writer: Writer, event: events.BatchRecorded, cause: Cause) -> None:
    """Readings were heard; the batch itself is told by its event."""
    del cause
    writer.change(
        _device(writer, event.device),
        batch_count=event.batch_no + 1,
        last_no=event.last_no,
        heard_at_ms=min(event.until_ms, writer.time_ms),
    )


def alert_raised(writer: Writer, event: events.AlertRaised, cause: Cause) -> None:
    """Rules noticed something."""
    del cause
    writer.change(
        _device(writer, event.device),
        alert_rules=event.alert_rules,
        alert_version=event.rules_version,
        alert_root=event.inputs_root.hex(),
        alerted_at_ms=writer.time_ms,
        alert_until_ms=event.until_ms,
    )


def alert_cleared(writer: Writer, event: events.AlertCleared, cause: Cause) -> None:
    """Rules notice nothing any more."""
    del cause
    writer.change(
        _device(writer, event.device),
        alert_rules=(),
        alert_version=event.rules_version,
        alert_root=event.inputs_root.hex(),
        alert_until_ms=0,
    )


def watch_begun(writer: Writer, event: watch_events.WatchBegun, cause: Cause) -> None:
    """A device speaks about the goods of a subject, anew where it did before."""
    del cause
    row = WatchRow(
        **writer.born_changing(),
        watch_id=watch_id(event.subject.hex(), id_text("device", event.device)),
        subject=event.subject.hex(),
        device_id=id_text("device", event.device),
        until_ms=event.until_ms,
        ended_at_ms=0,
    )
    before = writer.get(WatchRow, row.watch_id)
    if before is None:
        writer.add(row)
    else:
        writer.change(before, until_ms=row.until_ms, ended_at_ms=0)


def watch_ended(writer: Writer, event: watch_events.WatchEnded, cause: Cause) -> None:
    """A party ended it."""
    del cause
    found = watch_id(event.subject.hex(), id_text("device", event.device))
    writer.change(writer.require(WatchRow, found), ended_at_ms=writer.time_ms)


def project_devices(writer: Writer, state: StateView) -> None:
    """Write the rows of a state whose earlier blocks are not here."""
    for (device_id,), device in DEVICES.scan(state):
        writer.add(
            DeviceRow(
                **writer.born_changing(),
                device_id=id_text("device", device_id),
                owner=id_text("party", device.owner),
                serves=id_text("party", device.serves),
                public_key=device.public_key.hex(),
                kind=device.kind,
                interval_ms=device.terms.interval_ms,
                silence_ms=device.terms.silence_ms,
                lowest_e3=device.terms.lowest_e3,
                highest_e3=device.terms.highest_e3,
                speed_max_kmh=device.terms.speed_max_kmh,
                flat_after=device.terms.flat_after,
                terms_root=device.terms_root.hex(),
                until_ms=device.until_ms,
                status=enum_text(DeviceStatus(device.status)),
                batch_count=device.batch_count,
                last_no=device.last_no,
                heard_at_ms=device.heard_at_ms,
                alert_rules=device.alert_rules,
                alert_version=device.alert_version,
                alert_root=device.alert_root.hex(),
                alerted_at_ms=device.alerted_at_ms,
                alert_until_ms=device.alert_until_ms,
            ),
        )
    for (subject, device_id), watch in WATCHES.scan(state):
        writer.add(
            WatchRow(
                **writer.born_changing(),
                watch_id=watch_id(subject.hex(), id_text("device", device_id)),
                subject=subject.hex(),
                device_id=id_text("device", device_id),
                until_ms=watch.until_ms,
                ended_at_ms=0,
            ),
        )


def _device(writer: Writer, device: bytes) -> DeviceRow:
    return writer.require(DeviceRow, id_text("device", device))
