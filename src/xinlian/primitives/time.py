"""Consensus time and dates, as integers.

Rules this file keeps:
 1. Time is integer milliseconds since the Unix epoch; nothing here reads a clock.
 2. Local dates are those of China, a fixed UTC+8 without daylight saving.
 3. ``≥`` the due time is due, ``>`` the expiry time is expired.
 4. Month terms clamp to the month's last day.
"""

import datetime as dt
from typing import Final, NewType

Height = NewType("Height", int)

MS_PER_SECOND: Final = 1_000
MS_PER_MINUTE: Final = 60 * MS_PER_SECOND
MS_PER_HOUR: Final = 60 * MS_PER_MINUTE
MS_PER_DAY: Final = 24 * MS_PER_HOUR
CHINA_OFFSET_MS: Final = 8 * MS_PER_HOUR
TIME_MS_MAX: Final = 253_370_764_800_000
"""The first day of the year 9999: no date beyond it is accepted."""

_EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()
_MONTHS_PER_YEAR: Final = 12


def china_day(at_ms: int) -> int:
    """Return the local day of a moment, in days since 1970-01-01."""
    return (at_ms + CHINA_OFFSET_MS) // MS_PER_DAY


def china_midnight_ms(day: int) -> int:
    """Return the moment at which a local day begins."""
    return day * MS_PER_DAY - CHINA_OFFSET_MS


def day_of_date(year: int, month: int, day_of_month: int) -> int:
    """Return the day number of a calendar date; raises ValueError for an impossible one."""
    return dt.date(year, month, day_of_month).toordinal() - _EPOCH_ORDINAL


def day_of_iso(text: str) -> int:
    """Return the day number of ``YYYY-MM-DD``; raises ValueError for anything else.

    >>> day_of_iso("1970-01-02")
    1
    """
    day = dt.date.fromisoformat(text).toordinal() - _EPOCH_ORDINAL
    if iso_of_day(day) != text:  # week dates and the undashed form are ISO 8601 too
        raise ValueError(f"expected YYYY-MM-DD, got {text[:20]!r}")
    return day


def iso_of_day(day: int) -> str:
    """Return ``YYYY-MM-DD`` of a day number.

    >>> iso_of_day(20780)
    '2026-11-23'
    """
    return dt.date.fromordinal(day + _EPOCH_ORDINAL).isoformat()


def weekday_of_day(day: int) -> int:
    """Return 0 for Monday … 6 for Sunday."""
    return (day + _EPOCH_ORDINAL - 1) % 7


def add_months(day: int, months: int) -> int:
    """Return the day ``months`` later, clamped to the month's end.

    >>> iso_of_day(add_months(day_of_iso("2026-08-31"), 6))
    '2027-02-28'
    """
    date = dt.date.fromordinal(day + _EPOCH_ORDINAL)
    index = date.year * _MONTHS_PER_YEAR + date.month - 1 + months
    year, month = divmod(index, _MONTHS_PER_YEAR)
    first = dt.date(year, month + 1, 1)
    following = dt.date(*_next_month(year, month + 1), 1)
    last_day = (following - first).days
    return day_of_date(year, month + 1, min(date.day, last_day))


def _next_month(year: int, month: int) -> tuple[int, int]:
    """Return (year, month) of the month after the given one."""
    return (year + 1, 1) if month == _MONTHS_PER_YEAR else (year, month + 1)


def iso_of_ms(at_ms: int) -> str:
    """Return local time with its offset, for people.

    >>> iso_of_ms(0)
    '1970-01-01T08:00:00.000+08:00'
    """
    day, rest = divmod(at_ms + CHINA_OFFSET_MS, MS_PER_DAY)
    hours, rest = divmod(rest, MS_PER_HOUR)
    minutes, rest = divmod(rest, MS_PER_MINUTE)
    seconds, millis = divmod(rest, MS_PER_SECOND)
    return f"{iso_of_day(day)}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}+08:00"
