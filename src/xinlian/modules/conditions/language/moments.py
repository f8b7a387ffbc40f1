"""Time stamps and durations of the condition profile: reading them, and their parts.

Rules this file keeps:
 1. Zones are fixed offsets: what a host knows of named zones may differ from the next host's.
 2. Whatever lies outside the range of its type fails.

Source: RFC 3339 for time stamps; the Common Expression Language for the parts and durations.
"""

import datetime as dt
import re
from collections.abc import Callable
from typing import Final

from xinlian.modules.conditions.errors import EvaluationFailed
from xinlian.modules.conditions.language.types import (
    INT_MAX,
    INT_MIN,
    NS_PER_MS,
    NS_PER_SECOND,
    TIMESTAMP_NS_MAX,
    TIMESTAMP_NS_MIN,
)

NS_PER_MINUTE: Final = 60 * NS_PER_SECOND
NS_PER_HOUR: Final = 60 * NS_PER_MINUTE
NS_PER_DAY: Final = 24 * NS_PER_HOUR
_NANOSECOND_DIGITS: Final = 9
_TIMESTAMP: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})\Z",
)
_OFFSET: Final = re.compile(r"([+-]?)([0-9]{2}):([0-9]{2})\Z")
_OFFSET_HOURS_MAX: Final = 23
_MINUTES_MAX: Final = 59
_DURATION_PART: Final = re.compile(r"([0-9]{1,19})(?:\.([0-9]{1,18}))?(ns|us|µs|ms|s|m|h)")
_UNITS_NS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": NS_PER_MS,
    "s": NS_PER_SECOND,
    "m": NS_PER_MINUTE,
    "h": NS_PER_HOUR,
}
_EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()
_DAYS_PER_WEEK: Final = 7


def checked_timestamp(value_ns: int) -> int:
    """Return a moment within the years 1 to 9999; raises EvaluationFailed."""
    if not TIMESTAMP_NS_MIN <= value_ns <= TIMESTAMP_NS_MAX:
        raise EvaluationFailed("a time stamp is out of range")
    return value_ns


def checked_duration(value_ns: int) -> int:
    """Return a span within 64 bits of nanoseconds; raises EvaluationFailed."""
    if not INT_MIN <= value_ns <= INT_MAX:
        raise EvaluationFailed("a duration is out of range")
    return value_ns


def parse_timestamp(text: str) -> int:
    """Return nanoseconds of an RFC 3339 moment; raises ValueError.

    >>> parse_timestamp("1970-01-01T08:00:00.5+08:00")
    500000000
    """
    match = _TIMESTAMP.match(text)
    if match is None:
        raise ValueError("expected a moment such as 2026-11-25T09:00:00+08:00")
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    days = dt.date(year, month, day).toordinal() - _EPOCH_ORDINAL
    dt.time(hour, minute, second)  # refuses an hour, minute or second that does not exist
    fraction = int((match[7] or "").ljust(_NANOSECOND_DIGITS, "0"))
    offset_ns = 0 if match[8] == "Z" else parse_offset(match[8])
    local_ns = days * NS_PER_DAY + hour * NS_PER_HOUR + minute * NS_PER_MINUTE
    value_ns = local_ns + second * NS_PER_SECOND + fraction - offset_ns
    if not TIMESTAMP_NS_MIN <= value_ns <= TIMESTAMP_NS_MAX:
        raise ValueError("the moment is out of range")
    return value_ns


def parse_offset(text: str) -> int:
    """Return nanoseconds of a fixed offset such as ``+08:00``; raises ValueError."""
    match = _OFFSET.match("+00:00" if text == "UTC" else text)
    if match is None or int(match[2]) > _OFFSET_HOURS_MAX or int(match[3]) > _MINUTES_MAX:
        raise ValueError("expected an offset such as +08:00; there are no named zones")
    offset_ns = int(match[2]) * NS_PER_HOUR + int(match[3]) * NS_PER_MINUTE
    return -offset_ns if match[1] == "-" else offset_ns


def parse_duration(text: str) -> int:
    """Return nanoseconds of a span such as ``1h30m`` or ``-1.5s``; raises ValueError.

    >>> parse_duration("1h30m")
    5400000000000
    """
    rest = text.removeprefix("-")
    is_negative = rest != text
    if not is_negative:
        rest = text.removeprefix("+")
    value_ns = 0
    position = 0
    while position < len(rest):
        match = _DURATION_PART.match(rest, position)
        if match is None:
            break
        unit_ns = _UNITS_NS[match[3]]
        fraction = match[2] or ""
        value_ns += int(match[1]) * unit_ns + int(fraction or 0) * unit_ns // 10 ** len(fraction)
        position = match.end()
    if (position < len(rest) or not rest) and rest != "0":
        raise ValueError("expected a duration such as 1h30m or 0.5s")
    signed_ns = -value_ns if is_negative else value_ns
    if not INT_MIN <= signed_ns <= INT_MAX:
        raise ValueError("the duration is out of range")
    return signed_ns


def _date(local_ns: int) -> dt.date:
    try:
        return dt.date.fromordinal(local_ns // NS_PER_DAY + _EPOCH_ORDINAL)
    except (ValueError, OverflowError):  # an offset moved it out of the years 1 to 9999
        raise EvaluationFailed("a time stamp is out of range") from None


TIMESTAMP_PARTS: Final[dict[str, Callable[[int], int]]] = {
    "getFullYear": lambda ns: _date(ns).year,
    "getMonth": lambda ns: _date(ns).month - 1,
    "getDate": lambda ns: _date(ns).day,
    "getDayOfMonth": lambda ns: _date(ns).day - 1,
    "getDayOfWeek": lambda ns: (_date(ns).weekday() + 1) % _DAYS_PER_WEEK,
    "getDayOfYear": lambda ns: _date(ns).timetuple().tm_yday - 1,
    "getHours": lambda ns: ns % NS_PER_DAY // NS_PER_HOUR,
    "getMinutes": lambda ns: ns % NS_PER_HOUR // NS_PER_MINUTE,
    "getSeconds": lambda ns: ns % NS_PER_MINUTE // NS_PER_SECOND,
    "getMilliseconds": lambda ns: ns % NS_PER_SECOND // NS_PER_MS,
}
"""Months, days of the month and days of the year count from 0; Sunday is 0."""


def _whole(value_ns: int, unit_ns: int) -> int:
    """Return whole units of a span, towards zero."""
    whole = abs(value_ns) // unit_ns
    return whole if value_ns >= 0 else -whole


DURATION_PARTS: Final[dict[str, Callable[[int], int]]] = {
    "getHours": lambda ns: _whole(ns, NS_PER_HOUR),
    "getMinutes": lambda ns: _whole(ns, NS_PER_MINUTE),
    "getSeconds": lambda ns: _whole(ns, NS_PER_SECOND),
    "getMilliseconds": lambda ns: _whole(ns, NS_PER_MS) - 1_000 * _whole(ns, NS_PER_SECOND),
}
"""Whole hours, minutes, seconds of the span; milliseconds are those beyond its whole seconds."""
