"""The policy rows and calendars of the genesis file."""

from collections.abc import Iterable

import msgspec

from xinlian.ledger.genesis import GenesisInvalid
from xinlian.ledger.records import WritableState, integer_part
from xinlian.modules.policy.changes import check_closed_days
from xinlian.modules.policy.errors import CalendarInvalid
from xinlian.modules.policy.types import (
    CALENDAR,
    ROW_NAME_BYTES,
    ROWS,
    AppliesBy,
    CalendarException,
    CalendarYear,
    PolicyRow,
    PolicyVersion,
    row_part,
)
from xinlian.primitives.time import day_of_iso, iso_of_day


class GenesisVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One dated value of a row."""

    effective_from_ms: int
    value: int
    applies_by: AppliesBy
    citation: str
    verified: bool


class GenesisRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row with its versions, ascending by their date."""

    name: str
    unit: str
    versions: tuple[GenesisVersion, ...]


class GenesisCalendarYear(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Holidays and working weekends of a year, as YYYY-MM-DD."""

    year: int
    holidays: tuple[str, ...]
    working_weekends: tuple[str, ...]


class PolicySection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section ``policy``."""

    rows: tuple[GenesisRow, ...]
    calendar: tuple[GenesisCalendarYear, ...]


def load(
    state: WritableState,
    policy: PolicySection,
    required: Iterable[str],
    genesis_time_ms: int,
) -> None:
    """Write all rows and calendars.

    Raises:
        GenesisInvalid: a required row is missing or begins after the ledger does.
    """
    for row in policy.rows:
        moments = [version.effective_from_ms for version in row.versions]
        if not moments or moments != sorted(set(moments)) or not _is_name(row.name):
            raise GenesisInvalid(
                f"policy row {row.name}: no name, or versions that are not ascending by date",
            )
        versions = tuple(
            PolicyVersion(v.effective_from_ms, v.value, v.applies_by.value, v.citation, v.verified)
            for v in row.versions
        )
        ROWS.put(state, PolicyRow(row.unit, versions), row_part(row.name))
    for name in required:
        written = ROWS.get(state, row_part(name))
        if written is None:
            raise GenesisInvalid(f"policy row {name} is missing")
        if written.versions[0].effective_from_ms > genesis_time_ms:
            raise GenesisInvalid(f"policy row {name} begins after the ledger does")
    for year in policy.calendar:
        try:
            days = [(day_of_iso(text), False) for text in year.holidays]
            days += [(day_of_iso(text), True) for text in year.working_weekends]
        except ValueError as error:
            raise GenesisInvalid(f"calendar {year.year}: {error}") from None
        exceptions = tuple(CalendarException(day, working) for day, working in sorted(days))
        if any(iso_of_day(day)[:4] != f"{year.year:04}" for day, _ in days) or year.year < 1:
            raise GenesisInvalid(f"calendar {year.year} has a day of another year")
        try:
            check_closed_days(state, year.year, exceptions)
        except CalendarInvalid as refusal:
            raise GenesisInvalid(f"calendar {year.year}: {refusal}") from None
        CALENDAR.put(state, CalendarYear(exceptions), integer_part(year.year))


def _is_name(name: str) -> bool:
    return name.isascii() and 0 < len(name) <= ROW_NAME_BYTES
