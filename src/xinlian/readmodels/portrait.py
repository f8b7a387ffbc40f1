"""The dealings of an organisation, as they stood at a height, from which its figures follow.

Rules this file keeps:
 1. Late is what fell into default, unless the ledger took that back; paid after a default is late.
 2. Shares are in 1/10000 and rounded down, a median of an even number is the lower middle one.
 3. Where there is nothing to divide by, or to take the middle of, there is no value: too little is
    said to be too little, never to be zero.

Source: docs/concepts/consent.md (SME portrait).
"""

import dataclasses
from collections.abc import Iterable
from typing import Final, NamedTuple

from xinlian.primitives.time import day_of_date, iso_of_day

MONTHS: Final = 24
"""How many months a portrait looks back, the present one among them."""
RECENT_MONTHS: Final = 6
"""The months of the newer half of a trend; as many before them are the older half."""
SHARE_WHOLE_E4: Final = 10_000
_PAID: Final = frozenset({"performed", "cured"})
_ON_TIME: Final = "performed"
_MONTHS_PER_YEAR: Final = 12


@dataclasses.dataclass(frozen=True, slots=True)
class Dealing:
    """An obligation between the organisation and another party, as it stood at a height."""

    fact_id: str
    height: int
    other: str
    amount_minor: int
    opened_day: int
    due_day: int
    open_minor: int
    defaulted_day: int = 0
    """0 where it never was in default."""
    ended_day: int = 0
    ended_as: str = ""
    """Empty while something is open."""

    @property
    def is_paid(self) -> bool:
        """Whether all of it was performed."""
        return self.ended_as in _PAID

    @property
    def is_late(self) -> bool:
        """Whether it fell into default, and the ledger did not take that back."""
        return self.defaulted_day > 0 and self.ended_as != _ON_TIME

    @property
    def is_decided(self) -> bool:
        """Whether it is known if it was kept in time."""
        return self.is_late or self.is_paid

    @property
    def decided_day(self) -> int:
        """When that was known."""
        return self.defaulted_day if self.is_late else self.ended_day

    @property
    def days_to_be_paid(self) -> int:
        """From the day it bound until the day it was performed."""
        return self.ended_day - self.opened_day

    def days_late(self, as_of_day: int) -> int:
        """From the due day until it ended, or until now."""
        return max((self.ended_day or as_of_day) - self.due_day, 0)


@dataclasses.dataclass(frozen=True, slots=True)
class CorroboratedInvoice:
    """An invoice of the organisation that facts of all three flows support."""

    fact_id: str
    height: int
    gross_minor: int
    opened_day: int


class Span(NamedTuple):
    """The days that a portrait is about: first of each part, and the last of all."""

    from_day: int
    before_day: int
    recent_day: int
    as_of_day: int


@dataclasses.dataclass(frozen=True, slots=True)
class Dealings:
    """All that an organisation's portrait is computed from."""

    span: Span
    received: tuple[Dealing, ...]
    """What others promised to it."""
    owed: tuple[Dealing, ...]
    """What it promised to others."""
    invoices: tuple[CorroboratedInvoice, ...]

    def new(self) -> list[Dealing]:
        """Return what others promised to it within the months of the portrait."""
        return [each for each in self.received if each.opened_day >= self.span.from_day]


def span_of(as_of_day: int) -> Span:
    """Return the days of a portrait that ends on a day."""
    year, month, _ = map(int, iso_of_day(as_of_day).split("-"))
    present = year * _MONTHS_PER_YEAR + month - 1

    def first_day(months_back: int) -> int:
        years, months = divmod(present - months_back, _MONTHS_PER_YEAR)
        return day_of_date(years, months + 1, 1)

    return Span(
        first_day(MONTHS - 1),
        first_day(2 * RECENT_MONTHS - 1),
        first_day(RECENT_MONTHS - 1),
        as_of_day,
    )


def median(values: Iterable[int]) -> int | None:
    """Return the middle one, of an even number the lower; None of none.

    >>> median([9, 1, 4, 2])
    2
    """
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2] if ordered else None


def share_e4(part: int, whole: int) -> int | None:
    """Return a share in 1/10000, rounded down; None of nothing."""
    return part * SHARE_WHOLE_E4 // whole if whole else None
