"""A message about a device that contradicts itself is refused before anybody looks at the state."""

import pytest

from xinlian.modules.devices.errors import DeviceMalformed
from xinlian.modules.devices.messages import RaiseAlert, RecordBatch, RegisterDevice

GOOD = RegisterDevice(b"s" * 20, b"k" * 32, "seal", 1_000, 1_000, 1, 1, 0, 0, b"", 9)


@pytest.mark.parametrize("lowest_e3", [1, 0, -5])
def test_a_value_has_a_range(lowest_e3):
    RegisterDevice(b"s" * 20, b"k" * 32, "seal", 1_000, 1_000, lowest_e3, 1, 0, 2, b"", 9)
    GOOD.validate_basic()


@pytest.mark.parametrize(
    ("first_no", "last_no", "count", "is_good"),
    [(1, 1, 1, True), (3, 9, 2, True), (0, 1, 1, False), (2, 1, 1, False), (1, 2, 3, False)],
)
def test_a_batch_has_no_more_readings_than_numbers(first_no, last_no, count, is_good):
    batch = RecordBatch(b"d" * 20, bytes(32), first_no, last_no, count, 1, 1)
    if is_good:
        batch.validate_basic()
    else:
        with pytest.raises(DeviceMalformed):
            batch.validate_basic()


@pytest.mark.parametrize(
    ("rules", "is_good"),
    [
        (("gap",), True),
        (("above_limit", "below_limit", "flat_line", "gap", "impossible_travel"), True),
        ((), False),
        (("gap", "flat_line"), False),
        (("gap", "gap"), False),
        (("colour",), False),
    ],
)
def test_an_alert_names_rules_of_the_closed_list_ascending(rules, is_good):
    alert = RaiseAlert(b"d" * 20, rules, 1, bytes(32), 0, 9)
    if is_good:
        alert.validate_basic()
    else:
        with pytest.raises(DeviceMalformed):
            alert.validate_basic()
