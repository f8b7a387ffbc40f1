"""The invariant of batches names what is wrong."""

import msgspec
import pytest

from unit.modules.devices.test_keeper import QUIET
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import integer_part
from xinlian.modules.devices.invariants import batches_follow_one_another
from xinlian.modules.devices.types import BATCHES, DEVICES, Batch
from xinlian.storage import MemoryStore

DEVICE = b"d" * 20


@pytest.mark.parametrize(
    ("numbers", "batch_count", "last_no", "expected"),
    [
        ([(1, 4), (5, 9)], 2, 9, ""),
        ([], 0, 0, ""),
        ([(1, 4), (4, 9)], 2, 9, "overlap"),
        ([(1, 4), (5, 9)], 1, 9, "miscounts"),
        ([(1, 4), (5, 9)], 2, 8, "miscounts"),
    ],
)
def test_batches_follow_one_another_or_are_named(numbers, batch_count, last_no, expected):
    with MemoryStore().snapshot() as empty:
        state = Overlay(empty)
    counted = msgspec.structs.replace(QUIET, batch_count=batch_count, last_no=last_no)
    DEVICES.put(state, counted, DEVICE)
    for number, (first, last) in enumerate(numbers):
        batch = Batch(bytes(32), first, last, 1, 1, 1, 1)
        BATCHES.put(state, batch, DEVICE, integer_part(number))
    found = list(batches_follow_one_another(state))
    assert bool(found) == bool(expected)
    assert all(expected in text for text in found)
