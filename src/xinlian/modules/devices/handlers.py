"""Handlers of the devices module."""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.modules.devices import events
from xinlian.modules.devices.errors import (
    ClockDrifts,
    NoAlert,
    PartyUnfit,
    PeriodUnfit,
    ReadingsReplayed,
)
from xinlian.modules.devices.keeper import (
    require_own,
    require_recorded,
    standing_against,
    write_batch,
)
from xinlian.modules.devices.messages import (
    ClearAlert,
    RaiseAlert,
    RecordBatch,
    RegisterDevice,
    RetireDevice,
)
from xinlian.modules.devices.ports import ONLY, DeviceListener
from xinlian.modules.devices.types import (
    ALERT_DAYS_MAX,
    BATCHES,
    CLOCK_DRIFT_MS_MAX,
    DEVICES,
    MODULE_NO,
    Batch,
    Device,
    DeviceStatus,
    DeviceTerms,
)
from xinlian.modules.members.types import PARTIES
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives.time import MS_PER_DAY

ALERT_HANDLER: Final = MODULE_NO * 256 + 1


def register_device(context: Context, message: RegisterDevice) -> None:
    """Write a device of the acting party."""
    # VALIDATE
    served = PARTIES.get(context.state, message.serves)
    if served is None or served.is_suspended:
        raise PartyUnfit(message.serves.hex())
    if message.until_ms <= context.time_ms:
        raise PeriodUnfit("a device is of use for some time")
    # COMPUTE
    device = _new_device(context, message)
    # WRITE
    device_id = context.new_id("device")
    DEVICES.put(context.state, device, device_id)
    # EMIT
    context.emit(
        events.DeviceRegistered(
            device_id,
            device.owner,
            device.serves,
            device.public_key,
            device.kind,
            message.interval_ms,
            message.silence_ms,
            message.lowest_e3,
            message.highest_e3,
            message.speed_max_kmh,
            message.flat_after,
            device.terms_root,
            device.until_ms,
        ),
    )


def _new_device(context: Context, message: RegisterDevice) -> Device:
    return Device(
        owner=context.acting_for,
        serves=message.serves,
        public_key=message.public_key,
        kind=message.kind,
        terms=DeviceTerms(
            interval_ms=message.interval_ms,
            silence_ms=message.silence_ms,
            lowest_e3=message.lowest_e3,
            highest_e3=message.highest_e3,
            speed_max_kmh=message.speed_max_kmh,
            flat_after=message.flat_after,
        ),
        terms_root=message.terms_root,
        registered_at_ms=context.time_ms,
        until_ms=message.until_ms,
        status=DeviceStatus.IN_USE,
        batch_count=0,
        last_no=0,
        heard_at_ms=context.time_ms,
        alert_rules=(),
        alert_version=0,
        alert_root=b"",
        alerted_at_ms=0,
        alert_until_ms=0,
    )


def retire_device(context: Context, message: RetireDevice) -> None:
    """Take a device of the acting party out of use."""
    # AUTHORISE
    device = require_own(context, message.device)
    # WRITE
    retired = msgspec.structs.replace(device, status=DeviceStatus.RETIRED)
    DEVICES.put(context.state, retired, message.device)
    # EMIT
    context.emit(events.DeviceRetired(message.device))


def record_batch(context: Context, message: RecordBatch) -> None:
    """Append the root of readings that come behind all recorded ones."""
    # AUTHORISE
    device = require_own(context, message.device)
    # VALIDATE
    if message.first_no <= device.last_no:
        raise ReadingsReplayed(str(device.last_no))
    if device.batch_count and message.from_ms < device.heard_at_ms:
        raise ReadingsReplayed(f"the last reading was taken at {device.heard_at_ms}")
    if message.until_ms > context.time_ms + CLOCK_DRIFT_MS_MAX:
        raise ClockDrifts(str(context.time_ms))
    # WRITE
    batch = Batch(
        root=message.root,
        first_no=message.first_no,
        last_no=message.last_no,
        reading_count=message.reading_count,
        from_ms=message.from_ms,
        until_ms=message.until_ms,
        recorded_at_ms=context.time_ms,
    )
    write_batch(context, message.device, device, batch)
    # EMIT
    context.emit(
        events.BatchRecorded(
            message.device,
            device.batch_count,
            batch.root,
            batch.first_no,
            batch.last_no,
            batch.reading_count,
            batch.from_ms,
            batch.until_ms,
        ),
    )
    if standing_against(device, context.time_ms):  # it was silent, and speaks again
        _tell(context, message.device)


def raise_alert(context: Context, message: RaiseAlert) -> None:
    """Write what was noticed about a device; it replaces what was noticed before."""
    # AUTHORISE
    device = require_own(context, message.device)
    # VALIDATE
    require_recorded(device, message.last_no)
    days = policy_value(context.state, ALERT_DAYS_MAX, happening(context.time_ms))
    if not context.time_ms < message.until_ms <= context.time_ms + days * MS_PER_DAY:
        raise PeriodUnfit(f"an alert stands for at most {days} days")
    # WRITE
    alerted = msgspec.structs.replace(
        device,
        alert_rules=message.alert_rules,
        alert_version=message.rules_version,
        alert_root=message.inputs_root,
        alerted_at_ms=context.time_ms,
        alert_until_ms=message.until_ms,
    )
    DEVICES.put(context.state, alerted, message.device)
    add_item(context.state, message.until_ms + 1, ALERT_HANDLER, message.device)
    # EMIT
    context.emit(
        events.AlertRaised(
            message.device,
            message.alert_rules,
            message.rules_version,
            message.inputs_root,
            message.last_no,
            message.until_ms,
        ),
    )


def clear_alert(context: Context, message: ClearAlert) -> None:
    """Forget what was noticed about a device, and look again at what waited for that."""
    # AUTHORISE
    device = require_own(context, message.device)
    # VALIDATE
    if not device.alert_rules:
        raise NoAlert(message.device.hex())
    require_recorded(device, message.last_no)
    # WRITE
    cleared = msgspec.structs.replace(
        device,
        alert_rules=(),
        alert_version=message.rules_version,
        alert_root=message.inputs_root,
        alert_until_ms=0,
    )
    DEVICES.put(context.state, cleared, message.device)
    # EMIT
    context.emit(
        events.AlertCleared(
            message.device,
            message.rules_version,
            message.inputs_root,
            message.last_no,
        ),
    )
    _tell(context, message.device)


def alert_ended(context: Context, device_id: bytes) -> None:
    """Due work: the time of an alert is over; what waited for that is looked at again."""
    if DEVICES.require(context.state, device_id).alert_until_ms < context.time_ms:
        _tell(context, device_id)


def _tell(context: Context, device_id: bytes) -> None:
    listener = context.ports.find(DeviceListener, ONLY)
    if listener is not None:
        listener.device_changed(context, device_id)


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(DEVICES, BATCHES)
    registry.add_message(RegisterDevice, register_device)
    registry.add_message(RetireDevice, retire_device)
    registry.add_message(RecordBatch, record_batch)
    registry.add_message(RaiseAlert, raise_alert)
    registry.add_message(ClearAlert, clear_alert)
    registry.add_events(
        events.DeviceRegistered,
        events.DeviceRetired,
        events.BatchRecorded,
        events.AlertRaised,
        events.AlertCleared,
    )
    registry.add_scheduled(ALERT_HANDLER, alert_ended)
