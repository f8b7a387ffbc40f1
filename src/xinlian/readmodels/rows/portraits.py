"""The portrait of an organisation: figures from its own dealings, each with its facts."""

import msgspec

from xinlian.readmodels.rows.base import Row


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, and what it was computed from."""

    name: str
    data_kind: str
    """Which kind of data a consent must cover for it."""
    unit: str
    """``count``, ``months``, ``days``, ``minor`` of the currency, or ``e4``: 1/10000."""
    value: str
    """An integer; empty where there is too little to say."""
    english: str
    chinese: str
    fact_count: int
    fact_ids: tuple[str, ...]
    """The first of them: obligations, and roots of invoices; the others are paged."""


class Portrait(msgspec.Struct, frozen=True, kw_only=True):
    """What an organisation's performed and open obligations say of it, as of a height."""

    subject: str
    as_of_height: int
    as_of_ms: int
    from_day: int
    """Dealings count from the first day of the first month."""
    currency: str
    data_kinds: tuple[str, ...]
    read_id: str
    """The recorded read that it is given for; empty to the organisation itself."""
    figures: tuple[Figure, ...]
    left_out: int
    """How many older dealings were not looked at; 0 where all were."""
    height: int
    time_ms: int


class PortraitFactRow(Row, frozen=True, kw_only=True):
    """A fact that a figure was computed from; where it arose says its height."""

    fact_kind: str
    """``obligation`` or ``invoice``."""
    fact_id: str
