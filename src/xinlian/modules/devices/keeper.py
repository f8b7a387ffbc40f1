"""The only code that writes devices and batches; and what stands against a device.

Rules this file keeps:
 1. Every guard compares consensus time with the device itself: no deadline waits for due work.
 2. What stands against a device is named in one order: its end, its silence, its alert.
"""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import integer_part
from xinlian.modules.devices.errors import DeviceRetired, NoDevice, ReadingsNotRecorded
from xinlian.modules.devices.types import BATCHES, DEVICES, Batch, Device, DeviceStatus

RETIRED: Final = "retired"
SILENT: Final = "silent"


def require_own(context: Context, device_id: bytes) -> Device:
    """Return a device in use of the acting party.

    Raises:
        NoDevice, DeviceRetired: in this order.
    """
    found = DEVICES.get(context.state, device_id)
    if found is None or found.owner != context.acting_for:
        raise NoDevice(device_id.hex())
    if not is_in_use(found, context.time_ms):
        raise DeviceRetired(device_id.hex())
    return found


def is_in_use(device: Device, at_ms: int) -> bool:
    """Return whether a device counts at a moment."""
    return device.status == DeviceStatus.IN_USE and at_ms <= device.until_ms


def standing_against(device: Device, at_ms: int) -> tuple[str, ...]:
    """Return what stands against a device at a moment: names of rules, ``silent``, ``retired``."""
    return standing_of(
        is_in_use=is_in_use(device, at_ms),
        is_silent=device.heard_at_ms + device.terms.silence_ms < at_ms,
        rules=device.alert_rules if at_ms <= device.alert_until_ms else (),
    )


def standing_of(
    *,
    is_in_use: bool,
    is_silent: bool,
    rules: tuple[str, ...],
) -> tuple[str, ...]:
    """Return what stands against a device of which this is known."""
    if not is_in_use:
        return (RETIRED,)
    return (SILENT, *rules) if is_silent else rules


def device_standing(state: StateView, device_id: bytes, at_ms: int) -> tuple[str, ...]:
    """Return what stands against a device that is registered."""
    return standing_against(DEVICES.require(state, device_id), at_ms)


def require_recorded(device: Device, last_no: int) -> None:
    """Refuse to judge readings that are in no batch yet; raises ReadingsNotRecorded."""
    if last_no > device.last_no:
        raise ReadingsNotRecorded(str(device.last_no))


def write_batch(context: Context, device_id: bytes, device: Device, batch: Batch) -> None:
    """Append a batch that was checked."""
    BATCHES.put(context.state, batch, device_id, integer_part(device.batch_count))
    heard = msgspec.structs.replace(
        device,
        batch_count=device.batch_count + 1,
        last_no=batch.last_no,
        heard_at_ms=min(batch.until_ms, context.time_ms),
    )
    DEVICES.put(context.state, heard, device_id)
