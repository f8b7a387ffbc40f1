"""Rows of devices and of what they watch."""

from xinlian.readmodels.rows.base import ChangingRow


class DeviceRow(ChangingRow, frozen=True, kw_only=True):
    """A registered device, what was heard of it last, and what was noticed."""

    device_id: str
    owner: str
    serves: str
    """Whose goods it may speak about."""
    public_key: str
    kind: str
    interval_ms: int
    silence_ms: int
    lowest_e3: int
    highest_e3: int
    speed_max_kmh: int
    flat_after: int
    terms_root: str
    until_ms: int
    status: str
    """``in_use`` or ``retired``."""
    batch_count: int
    last_no: int
    heard_at_ms: int
    alert_rules: tuple[str, ...]
    """Empty where nothing is noticed."""
    alert_version: int
    alert_root: str
    """Merkle root of the readings that were judged last."""
    alerted_at_ms: int
    alert_until_ms: int


class WatchRow(ChangingRow, frozen=True, kw_only=True):
    """A device that speaks about the goods of a subject."""

    watch_id: str
    subject: str
    device_id: str
    until_ms: int
    ended_at_ms: int
    """0 unless a party ended it before its moment."""
