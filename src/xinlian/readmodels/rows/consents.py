"""Rows of consents and of the reads under them."""

from xinlian.readmodels.rows.base import ChangingRow, Row


class ConsentRow(ChangingRow, frozen=True, kw_only=True):
    """What a subject lets a reader read."""

    consent_id: str
    subject: str
    reader: str
    purpose: str
    data_kinds: tuple[str, ...]
    from_ms: int
    until_ms: int
    reads_max: int
    period_days: int
    """0 where its whole life is one period."""
    terms_root: str
    status: str
    """``given``, ``revoked`` or ``ended``."""
    ended_at_ms: int
    """0 while it is given."""
    read_count: int


class ConsentReadRow(Row, frozen=True, kw_only=True):
    """One read under a consent: who, for what, which data, and the commitment to its request."""

    consent_id: str
    read_no: int
    subject: str
    reader: str
    purpose: str
    data_kinds: tuple[str, ...]
    request_root: str
