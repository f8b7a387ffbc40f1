"""What a row of the read model says is what the gateway knows of a device."""

from unit.connectors.devices.series import DEVICE, TERMS
from xinlian.agents.gateway.reporting import known_of
from xinlian.primitives import format_id
from xinlian.readmodels.rows import DeviceRow


def test_a_row_tells_the_gateway_key_terms_and_what_stands():
    row = DeviceRow(
        height=1,
        time_ms=1,
        changed_height=2,
        device_id=format_id("device", DEVICE),
        owner="party_a",
        serves="party_b",
        public_key="ab" * 32,
        kind="temperature",
        interval_ms=TERMS.interval_ms,
        silence_ms=TERMS.silence_ms,
        lowest_e3=TERMS.lowest_e3,
        highest_e3=TERMS.highest_e3,
        speed_max_kmh=TERMS.speed_max_kmh,
        flat_after=TERMS.flat_after,
        terms_root="",
        until_ms=99,
        status="in_use",
        batch_count=3,
        last_no=17,
        heard_at_ms=42,
        alert_rules=("gap",),
        alert_version=1,
        alert_root="",
        alerted_at_ms=43,
        alert_until_ms=44,
    )
    known = known_of(row)
    assert (known.device, known.public_key) == (DEVICE, b"\xab" * 32)
    assert known.terms == TERMS
    assert known.is_in_use
    assert (known.last_no, known.heard_at_ms, known.until_ms) == (17, 42, 99)
    assert (known.alert_rules, known.alert_until_ms) == (("gap",), 44)
