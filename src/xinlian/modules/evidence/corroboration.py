"""Corroboration: do independent facts of each flow support the subject, and do verifiers agree?

Rules this file keeps:
 1. A flow is corroborated by one grade A fact, or two grade B facts of different kinds.
 2. The weakest flow decides; nothing is averaged.
 3. A contradiction between verifiers outweighs every fact, and so does a warning of a device that
    watches the goods.
 4. Of two sides that are related by an official word nothing counts but what a bank says.  Their
    own later word changes nothing: it would stop the finance of whoever holds the claim by then.
 5. What is missing is said, with what would cure it (``cures.py``).

Source: docs/concepts/evidence.md (corroboration).
"""

import enum
from collections.abc import Iterable
from typing import Final, NamedTuple

from xinlian.ledger.ports import StateView
from xinlian.modules.evidence.contradiction import Opposed, opposed_about
from xinlian.modules.evidence.types import FACTS, SUBJECTS, Fact, FactKind, Flow, Grade
from xinlian.modules.evidence.watches import DeviceWarning, warnings_about
from xinlian.modules.members.relations import are_attested

KINDS_OF_GRADE_B_NEEDED: Final = 2
_AGREED: Final = Opposed()


class CorroborationResult(enum.StrEnum):
    """What facts and verdicts about a subject come to."""

    CORROBORATED = "corroborated"
    UNCORROBORATED = "uncorroborated"
    CONTRADICTED = "contradicted"
    WITHHELD = "withheld"


class Corroboration(NamedTuple):
    """Which flows are corroborated, which are not; who contradicts whom; what devices warn of."""

    corroborated: tuple[Flow, ...]
    missing: tuple[Flow, ...]
    opposed: Opposed = _AGREED
    warnings: tuple[DeviceWarning, ...] = ()

    @property
    def is_contradicted(self) -> bool:
        """True when verifiers contradict one another."""
        return self.opposed.is_contradicted

    @property
    def is_complete(self) -> bool:
        """True when every flow is corroborated, no verifiers disagree and no device warns."""
        return self.result == CorroborationResult.CORROBORATED

    @property
    def result(self) -> CorroborationResult:
        """Return what all of it comes to."""
        if self.is_contradicted:
            return CorroborationResult.CONTRADICTED
        if self.warnings:
            return CorroborationResult.WITHHELD
        if self.missing:
            return CorroborationResult.UNCORROBORATED
        return CorroborationResult.CORROBORATED


def corroborate(
    facts: Iterable[Fact],
    opposed: Opposed = _AGREED,
    warnings: tuple[DeviceWarning, ...] = (),
) -> Corroboration:
    """Return what facts, verifiers that contradict one another, and devices that warn come to."""
    grade_a: set[str] = set()
    kinds_of_b: dict[str, set[str]] = {flow.value: set() for flow in Flow}
    for fact in facts:
        if fact.grade == Grade.A:
            grade_a.add(fact.flow)
        elif fact.grade == Grade.B:
            kinds_of_b[fact.flow].add(fact.kind)
    corroborated = tuple(
        flow
        for flow in Flow
        if flow in grade_a or len(kinds_of_b[flow.value]) >= KINDS_OF_GRADE_B_NEEDED
    )
    missing = tuple(flow for flow in Flow if flow not in corroborated)
    return Corroboration(corroborated, missing, opposed, warnings)


def corroboration_of(state: StateView, subject: bytes, at_ms: int) -> Corroboration:
    """Return the corroboration of a subject by all facts and verdicts about it at a moment."""
    facts = [fact for _, fact in FACTS.scan(state, subject)]
    found = SUBJECTS.get(state, subject)
    if facts and found is not None and are_attested(state, found.creditor, found.debtor):
        # Graded before they were known to be related: no word of theirs is independent any more.
        facts = [fact for fact in facts if fact.kind == FactKind.BANK_ENTRY]
    opposed = opposed_about(state, subject, at_ms)
    return corroborate(facts, opposed, warnings_about(state, subject, at_ms))
