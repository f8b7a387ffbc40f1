"""Months and quarters of consensus time, as accountants name them.

Rules this file keeps:
 1. A period is ``YYYY-MM`` or ``YYYY-Qn``, in the local time of China.
 2. An entry belongs to the period in which its block lies; nothing is booked back.
"""

import re
from typing import Final, NamedTuple

from xinlian.primitives.time import add_months, china_midnight_ms, day_of_date
from xinlian.readmodels.errors import PeriodUnknown

_PERIOD: Final = re.compile(r"([0-9]{4})-(?:(0[1-9]|1[0-2])|Q([1-4]))", re.ASCII)
_YEAR_MIN: Final = 1970
_YEAR_MAX: Final = 9996
_MONTHS_PER_QUARTER: Final = 3


class Period(NamedTuple):
    """A month or a quarter: its first moment and day, and those after it."""

    name: str
    first_day: int
    end_day: int
    month: int
    """Year × 100 + month of a single month, 0 for a quarter."""

    @property
    def start_ms(self) -> int:
        """The first moment of the period."""
        return china_midnight_ms(self.first_day)

    @property
    def end_ms(self) -> int:
        """The first moment after the period."""
        return china_midnight_ms(self.end_day)


def parse_period(text: str) -> Period:
    """Return a period of its name; raises PeriodUnknown.

    >>> parse_period("2026-Q4").month, parse_period("2026-12").month
    (0, 202612)
    """
    match = _PERIOD.fullmatch(text)
    if match is None or not _YEAR_MIN <= int(match[1]) <= _YEAR_MAX:
        raise PeriodUnknown("YYYY-MM or YYYY-Qn")
    year = int(match[1])
    is_month = match[2] is not None
    first = int(match[2]) if is_month else 1 + (int(match[3]) - 1) * _MONTHS_PER_QUARTER
    first_day = day_of_date(year, first, 1)
    end_day = add_months(first_day, 1 if is_month else _MONTHS_PER_QUARTER)
    return Period(text, first_day, end_day, year * 100 + first if is_month else 0)
