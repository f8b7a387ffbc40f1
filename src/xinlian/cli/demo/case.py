"""A case folder: the organisations, documents and terms of one trade, as ``case.json`` names them.

Rules this file keeps:
 1. A file is named relative to the folder and lies inside it.
 2. Amounts are written with two decimals, dates as YYYY-MM-DD.
"""

import datetime as dt
from pathlib import Path
from typing import Final

import msgspec

from xinlian.cli.demo.plan import CastMember
from xinlian.cli.message_fields import parse_amount, parse_moment
from xinlian.cli.output import CommandRefused
from xinlian.primitives.misfits import misfit_words
from xinlian.primitives.time import day_of_iso

CASE_FORMAT: Final = "xinlian-case-1"
CASE_BYTES_MAX: Final = 1 << 20
_PARTIES: Final = frozenset({"core", "bank", "settle", "supplier1", "supplier2"})


class CaseTitle(msgspec.Struct, frozen=True):
    """What a case is about."""

    zh: str
    en: str


class CaseOrganisation(msgspec.Struct, frozen=True):
    """An organisation of a case."""

    name: str
    uscc: str
    account: str = ""


class CaseDocument(msgspec.Struct, frozen=True):
    """A file, who registers it and who countersigns it."""

    file: str
    kind: str
    registered_by: str
    countersigned_by: tuple[str, ...]


class CaseTrade(msgspec.Struct, frozen=True):
    """The documents of one claim and who verifies them."""

    buyer: str
    seller: str
    purpose: str
    documents: tuple[CaseDocument, ...]
    verifiers: tuple[str, ...]


class CaseCertificate(msgspec.Struct, frozen=True):
    """The terms of the certificate."""

    face: str
    due_date: str

    @property
    def face_minor(self) -> int:
        """The face in minor units."""
        return parse_amount(self.face)

    @property
    def due_day(self) -> int:
        """The due date as a day number."""
        return day_of_iso(self.due_date)


class CaseTransfer(msgspec.Struct, frozen=True):
    """What the supplier pays of its own debt, and the trade behind it."""

    amount: str
    trade: CaseTrade

    @property
    def amount_minor(self) -> int:
        """The amount in minor units."""
        return parse_amount(self.amount)


class CaseFinance(msgspec.Struct, frozen=True):
    """The terms on which the bank advances money."""

    advance: str
    discount: str
    days: int

    @property
    def advance_minor(self) -> int:
        """The advance in minor units, before discount."""
        return parse_amount(self.advance)

    @property
    def discount_minor(self) -> int:
        """The discount in minor units."""
        return parse_amount(self.discount)


class Case(msgspec.Struct, frozen=True):
    """A whole case; transfer and finance are there in the main case alone."""

    format: str
    title: CaseTitle
    starts_at: str
    organisations: dict[str, CaseOrganisation]
    trade: CaseTrade
    certificate: CaseCertificate | None = None
    transfer: CaseTransfer | None = None
    finance: CaseFinance | None = None

    @property
    def starts_at_ms(self) -> int:
        """When the case begins."""
        return parse_moment(self.starts_at, 0)

    def cast(self) -> dict[str, CastMember]:
        """Return the organisations by their short names."""
        return {
            name: CastMember(entry.uscc, entry.name, entry.account)
            for name, entry in self.organisations.items()
        }


class FullCase(msgspec.Struct, frozen=True):
    """A case with everything that the demonstration needs."""

    folder: Path
    case: Case
    certificate: CaseCertificate
    transfer: CaseTransfer
    finance: CaseFinance


def load_case(folder: Path) -> Case:
    """Return the case of a folder; raises CommandRefused."""
    path = folder / "case.json"
    try:
        if path.stat().st_size > CASE_BYTES_MAX:
            raise CommandRefused("cli/case_invalid", f"{path} is too large")
        case = msgspec.json.decode(path.read_bytes(), type=Case)
    except OSError as error:
        raise CommandRefused(
            "cli/case_missing",
            f"{path}: {error.strerror}",
            "run it from a checkout of the project, or name a case with --case",
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CommandRefused("cli/case_invalid", f"{path}: {misfit_words(error)}") from None
    if case.format != CASE_FORMAT:
        raise CommandRefused("cli/case_invalid", f"{path}: its format is not {CASE_FORMAT}")
    return case


def load_full_case(folder: Path) -> FullCase:
    """Return a case that has a certificate, a transfer and finance; raises CommandRefused."""
    case = load_case(folder)
    missing = _PARTIES - set(case.organisations)
    if missing:
        raise CommandRefused("cli/case_invalid", f"the case lacks {', '.join(sorted(missing))}")
    if case.certificate is None or case.transfer is None or case.finance is None:
        raise CommandRefused("cli/case_invalid", "it has no certificate, transfer or finance")
    try:
        dt.datetime.fromisoformat(case.starts_at)
        full = FullCase(folder, case, case.certificate, case.transfer, case.finance)
        _ = (full.certificate.face_minor, full.certificate.due_day, full.transfer.amount_minor)
    except ValueError as error:
        raise CommandRefused("cli/case_invalid", f"{folder / 'case.json'}: {error}") from None
    return full


def file_of(folder: Path, name: str) -> bytes:
    """Return a file of a case folder; raises CommandRefused for one outside it."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise CommandRefused("cli/case_invalid", f"{name} lies outside the case folder")
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandRefused("cli/case_invalid", f"{path}: {error.strerror}") from None
