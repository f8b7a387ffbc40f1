"""Policy rows and calendars.

Rules this file keeps:
 1. A row is a named parameter with dated values; each value cites its source and says whether
    that source could be verified.
 2. A calendar year lists only what differs from Monday-to-Friday: holidays, and the working
    weekends that make up for them (调休).
"""

import enum
import functools
from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import (
    CLASS_KEY,
    Day,
    DirectoryText,
    Flag,
    Name,
    Number,
    TimeMs,
)
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record

MODULE_NO: Final = 2
ROW_NAME_BYTES: Final = 48
VERSIONS_MAX: Final = 64
EXCEPTIONS_MAX: Final = 200


class AppliesBy(enum.StrEnum):
    """Which date decides the version: of the contract, of the issue, of the event."""

    CONTRACT = "contract"
    ISSUE = "issue"
    EVENT = "event"


class PolicyVersion(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """One dated value of a row."""

    effective_from_ms: TimeMs
    value: Number
    applies_by: Name
    citation: DirectoryText
    verified: Flag


Versions = Annotated[
    tuple[PolicyVersion, ...],
    msgspec.Meta(min_length=1, max_length=VERSIONS_MAX, extra={CLASS_KEY: "L"}),
]


class PolicyRow(Record, frozen=True):
    """A named parameter, its versions ascending by their date."""

    unit: Name
    versions: Versions


class CalendarException(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A day that differs from Monday-to-Friday."""

    day: Day
    is_working: Flag


Exceptions = Annotated[
    tuple[CalendarException, ...],
    msgspec.Meta(max_length=EXCEPTIONS_MAX, extra={CLASS_KEY: "L"}),
]


class CalendarYear(Record, frozen=True):
    """The published calendar of one year."""

    exceptions: Exceptions


ROWS: Final = Collection(MODULE_NO, 1, PolicyRow, (ROW_NAME_BYTES,))
CALENDAR: Final = Collection(MODULE_NO, 2, CalendarYear, (INTEGER_KEY_BYTES,))


@functools.lru_cache(1_024)
def row_part(name: str) -> bytes:
    """Return the key part of a row's name, padded to its fixed width."""
    return name.encode("ascii").ljust(ROW_NAME_BYTES, b"\0")
