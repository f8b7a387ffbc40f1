"""What holds of devices and batches at every height."""

import itertools
from collections.abc import Callable, Iterator
from typing import Final

from xinlian.ledger.ports import StateView
from xinlian.modules.devices.types import BATCHES, DEVICES, Batch


def batches_follow_one_another(state: StateView) -> Iterator[str]:
    """A device counts its batches; their readings are numbered ascending, none twice."""
    counted = 0
    for (device_id,), device in DEVICES.scan(state):
        batches = [batch for _, batch in BATCHES.scan(state, device_id)]
        counted += len(batches)
        last_no = batches[-1].last_no if batches else 0
        if (len(batches), last_no) != (device.batch_count, device.last_no):
            yield f"device {device_id.hex()} miscounts its batches"
        if any(_overlap(one, other) for one, other in itertools.pairwise(batches)):
            yield f"batches of device {device_id.hex()} overlap"
    if counted != sum(1 for _ in BATCHES.scan(state)):
        yield "a batch is of no device"


def _overlap(one: Batch, other: Batch) -> bool:
    return other.first_no <= one.last_no


INVARIANTS: Final[tuple[Callable[[StateView], Iterator[str]], ...]] = (batches_follow_one_another,)
