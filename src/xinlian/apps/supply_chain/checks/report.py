"""What the checks of a trade file came to, and the part of it that goes into a verdict.

Rules this file keeps:
 1. The gravest failure decides: one ``block`` blocks, any other failure holds, none passes.
 2. Failures are in a fixed order, the gravest first, so that equal files give equal reports.
 3. A verdict carries codes and roots only; what was found in words stays with the party.
 4. Whatever holds says what is missing and what would cure it, flow by flow.
"""

import dataclasses
import enum
from collections.abc import Iterable
from typing import NamedTuple

from xinlian.modules.evidence.types import VERDICT_FAILURES_MAX, Flow, VerdictOutcome


class Severity(enum.IntEnum):
    """How grave a finding is; see ``codes.py``."""

    NOTE = 0
    REVIEW = 1
    HOLD = 2
    BLOCK = 3


@dataclasses.dataclass(frozen=True, slots=True)
class CheckFailure:
    """One finding: a stable code, and what was found in words."""

    code: str
    severity: Severity
    flow: Flow
    document_roots: tuple[bytes, ...]
    what_zh: str
    what_en: str
    found: str
    cure_zh: str
    cure_en: str


class MissingFact(NamedTuple):
    """What a flow lacks before the file can pass, and what would cure it."""

    flow: Flow
    code: str
    what_zh: str
    what_en: str
    cure_zh: str
    cure_en: str


class VerdictFields(NamedTuple):
    """The fields of ``evidence.SubmitVerdict`` that the checks decide, in its order."""

    outcome: int
    failures: tuple[str, ...]
    document_roots: tuple[bytes, ...]
    checks_version: int


@dataclasses.dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of all checks over one trade file."""

    outcome: VerdictOutcome
    failures: tuple[CheckFailure, ...]
    notes: tuple[CheckFailure, ...]
    document_roots: tuple[bytes, ...]
    checks_version: int

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the failures, each once, the gravest first."""
        return tuple(dict.fromkeys(failure.code for failure in self.failures))

    @property
    def missing(self) -> tuple[MissingFact, ...]:
        """What is missing and what would cure it; empty for what nothing can cure."""
        return tuple(
            dict.fromkeys(
                MissingFact(
                    failure.flow,
                    failure.code,
                    failure.what_zh,
                    failure.what_en,
                    failure.cure_zh,
                    failure.cure_en,
                )
                for failure in self.failures
                if failure.severity < Severity.BLOCK
            )
        )

    @property
    def verdict_fields(self) -> VerdictFields:
        """``SubmitVerdict(subject, *report.verdict_fields, expires_at_ms)``.

        A verdict names at most 16 failures: the gravest.
        """
        return VerdictFields(
            outcome=int(self.outcome),
            failures=self.codes[:VERDICT_FAILURES_MAX],
            document_roots=self.document_roots,
            checks_version=self.checks_version,
        )


def report_of(
    findings: Iterable[CheckFailure], document_roots: tuple[bytes, ...], checks_version: int
) -> CheckReport:
    """Return the report of all findings, whatever their order."""
    ordered = sorted(dict.fromkeys(findings), key=_gravest_first)
    failures = tuple(finding for finding in ordered if finding.severity > Severity.NOTE)
    return CheckReport(
        outcome=_outcome(failures),
        failures=failures,
        notes=tuple(finding for finding in ordered if finding.severity == Severity.NOTE),
        document_roots=document_roots,
        checks_version=checks_version,
    )


def _outcome(failures: tuple[CheckFailure, ...]) -> VerdictOutcome:
    if not failures:
        return VerdictOutcome.PASS
    if failures[0].severity == Severity.BLOCK:
        return VerdictOutcome.BLOCK
    return VerdictOutcome.HOLD


def _gravest_first(finding: CheckFailure) -> tuple[int, str, tuple[bytes, ...], str]:
    return (-finding.severity, finding.code, finding.document_roots, finding.found)
