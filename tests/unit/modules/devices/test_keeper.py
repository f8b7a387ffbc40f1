"""What stands against a device is a matter of its record and of the time of whoever asks."""

import msgspec
import pytest

from xinlian.modules.devices.keeper import standing_against
from xinlian.modules.devices.types import Device, DeviceStatus, DeviceTerms

replace = msgspec.structs.replace
QUIET = Device(
    owner=b"o" * 20,
    serves=b"s" * 20,
    public_key=b"k" * 32,
    kind="weight",
    terms=DeviceTerms(1_000, 5_000, 0, 1, 0, 0),
    terms_root=b"",
    registered_at_ms=0,
    until_ms=100_000,
    status=DeviceStatus.IN_USE,
    batch_count=1,
    last_no=1,
    heard_at_ms=10_000,
    alert_rules=(),
    alert_version=0,
    alert_root=b"",
    alerted_at_ms=0,
    alert_until_ms=0,
)
ALERTED = replace(QUIET, alert_rules=("flat_line", "gap"), alert_until_ms=14_000)


@pytest.mark.parametrize(
    ("device", "at_ms", "expected"),
    [
        (QUIET, 15_000, ()),
        (QUIET, 15_001, ("silent",)),
        (QUIET, 100_001, ("retired",)),
        (replace(QUIET, status=DeviceStatus.RETIRED), 11_000, ("retired",)),
        (ALERTED, 14_000, ("flat_line", "gap")),
        (ALERTED, 14_001, ()),
        (replace(ALERTED, alert_until_ms=99_000), 15_001, ("silent", "flat_line", "gap")),
    ],
)
def test_an_alert_a_silence_or_an_end_stands_against_a_device(device, at_ms, expected):
    assert standing_against(device, at_ms) == expected
