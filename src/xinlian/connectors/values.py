"""Numbers, dates and times of documents, exactly.

Rules this file keeps:
 1. Nothing is rounded: a number with more decimals than its unit has is refused, except for
    zeros at its end.
 2. Amounts are minor units of their currency, quantities and prices 1e-6, rates 1e-9; all within
    ±(2⁶³−1).
 3. No value becomes a binary float.

Source: ISO 4217 for decimals; W3C XML Schema part 2 for decimal, date and dateTime.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Final

from xinlian.connectors.errors import AmountInvalid, DateInvalid, quoted
from xinlian.connectors.limits import NUMBER_CHARS_MAX
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.primitives.currencies import decimals_of, meant_by
from xinlian.primitives.time import (
    MS_PER_DAY,
    MS_PER_HOUR,
    MS_PER_MINUTE,
    MS_PER_SECOND,
    TIME_MS_MAX,
    day_of_iso,
)

E6_DECIMALS: Final = 6
QUANTITY_SCALE_E6: Final = 10**E6_DECIMALS
E9_DECIMALS: Final = 9
_PERCENT_DECIMALS: Final = 2
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,12}))?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_MS_DIGITS: Final = 3
_HOURS_OFFSET_MAX: Final = 14


def currency_of(text: str, where: str) -> str:
    """Return an ISO 4217 alphabetic code; raises AmountInvalid for anything else."""
    if not _CURRENCY.fullmatch(text):
        raise AmountInvalid(where, f"{quoted(text)} is no currency code")
    if meant := meant_by(text):
        raise AmountInvalid(where, f"{text} is no code of ISO 4217: write {meant}")
    return text


def amount_minor(text: str, currency: str, where: str, *, signed: bool = False) -> int:
    """Return minor units of a currency.

    Raises:
        AmountInvalid: no decimal, out of range, too precise, or negative unless ``signed``.
    """
    return scaled(text, decimals_of(currency), where, signed=signed)


def decimal_text(minor: int, currency: str) -> str:
    """Return an amount ≥ 0 as decimal text with all the currency's decimals.

    >>> decimal_text(105, "CNY"), decimal_text(105, "JPY")
    ('1.05', '105')
    """
    decimals = decimals_of(currency)
    if decimals == 0:
        return str(minor)
    units, rest = divmod(minor, 10**decimals)
    return f"{units}.{rest:0{decimals}}"


def quantity_e6(text: str | Decimal, where: str, *, signed: bool = False) -> int:
    """Return a quantity or price in 1e-6; errors as ``amount_minor``."""
    return scaled(text, E6_DECIMALS, where, signed=signed)


def percent_e9(text: str, where: str) -> int:
    """Return the rate in 1e-9 that a percentage gives; errors as ``amount_minor``.

    >>> percent_e9("13", "")
    130000000
    """
    return scaled(text, E9_DECIMALS - _PERCENT_DECIMALS, where, signed=False)


def scaled(text: str | Decimal, decimals: int, where: str, *, signed: bool) -> int:
    """Return ``text`` × 10^decimals as an integer.

    Raises:
        AmountInvalid: no decimal, out of range, too precise, or negative unless ``signed``.
    """
    number = text if isinstance(text, Decimal) else decimal_of(text, where)
    sign, digits, exponent = number.as_tuple()
    shift = decimals + int(exponent)
    units, rest = int("".join(map(str, digits))), 0
    power: int = 10 ** abs(shift)
    if shift >= 0:
        units *= power
    else:
        units, rest = divmod(units, power)
    if rest:
        raise AmountInvalid(where, f"{quoted(str(text))} has more than {decimals} decimals")
    if units > AMOUNT_MINOR_MAX:
        raise AmountInvalid(where, f"{quoted(str(text))} is too large")
    if sign and units and not signed:
        raise AmountInvalid(where, f"{quoted(str(text))} is negative")
    return -units if sign else units


def decimal_of(text: str, where: str) -> Decimal:
    """Return the exact number of an XML decimal; raises AmountInvalid for anything else."""
    if len(text) > NUMBER_CHARS_MAX or not _DECIMAL.fullmatch(text):
        raise AmountInvalid(where, f"{quoted(text)} is no decimal number")
    return Decimal(text)


def day_of(text: str, where: str) -> int:
    """Return days since 1970-01-01 of a date as written; an offset does not move the day.

    Raises:
        DateInvalid: no such date, or before 1970 or beyond 9998.
    """
    match = _DATE.fullmatch(text)
    try:
        day = day_of_iso(match[1]) if match else -1
    except ValueError:
        day = -1
    if not 0 <= day <= TIME_MS_MAX // MS_PER_DAY:
        raise DateInvalid(where, quoted(text))
    return day


def time_ms_of(text: str, where: str, *, default_offset: str | None = None) -> int:
    """Return milliseconds since 1970 of a date and time, rounded half up.

    Args:
        text: ``YYYY-MM-DDThh:mm:ss[.fraction][offset]``.
        where: for the error.
        default_offset: what a time without an offset is taken to be in; None refuses it.

    Raises:
        DateInvalid: no such time, before 1970 or beyond 9998, or without an offset.
    """
    match = _TIME.fullmatch(text)
    offset = match and (match[6] or default_offset)
    if not match or not offset:
        raise DateInvalid(where, quoted(text))
    try:
        moment = dt.time(int(match[2]), int(match[3]), int(match[4]))
        offset_ms = _offset_ms(offset)
    except ValueError:
        raise DateInvalid(where, quoted(text)) from None
    of_day_ms = (moment.hour * 60 + moment.minute) * MS_PER_MINUTE + moment.second * MS_PER_SECOND
    at_ms = day_of(match[1], where) * MS_PER_DAY + of_day_ms - offset_ms + _rounded_ms(match[5])
    if not 0 <= at_ms <= TIME_MS_MAX:
        raise DateInvalid(where, quoted(text))
    return at_ms


def _offset_ms(offset: str) -> int:
    if offset == "Z":
        return 0
    sign = -1 if offset[0] == "-" else 1
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    if minutes >= MS_PER_HOUR // MS_PER_MINUTE or hours > _HOURS_OFFSET_MAX:
        raise ValueError(offset)
    return sign * (hours * MS_PER_HOUR + minutes * MS_PER_MINUTE)


def _rounded_ms(fraction: str | None) -> int:
    digits = (fraction or "").ljust(_MS_DIGITS + 1, "0")
    return int(digits[:_MS_DIGITS]) + (digits[_MS_DIGITS] >= "5")
