"""What every row has, and the pages that rows come in."""

from typing import Generic, TypeVar

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row, and the block in which it arose."""

    height: int
    time_ms: int


class ChangingRow(Row, frozen=True, kw_only=True):
    """A row that later blocks may change."""

    changed_height: int


RowT = TypeVar("RowT", bound=Row)


class Page(msgspec.Struct, Generic[RowT], frozen=True, kw_only=True):
    """A part of a list, as of the height at which it was read."""

    rows: tuple[RowT, ...]
    next_cursor: str | None
    """Opaque; None after the last row."""
    height: int
    time_ms: int
    since_height: int = 0
    """What happened up to this height is not in the list, only what was left of it."""


class Found(msgspec.Struct, Generic[RowT], frozen=True, kw_only=True):
    """One row, as of the height at which it was read."""

    row: RowT
    height: int
    time_ms: int
