"""Corroboration: do independent facts of each flow support the subject?

Rules this file keeps:
 1. A flow is corroborated by one grade A fact, or two grade B facts of different kinds.
 2. The weakest flow decides; nothing is averaged.
 3. What is missing is said, with what would cure it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from xinlian.ledger.ports import StateView
from xinlian.modules.evidence.types import FACTS, Fact, Flow, Grade

KINDS_OF_GRADE_B_NEEDED = 2


class Corroboration(NamedTuple):
    """Which flows are corroborated and which are not."""

    corroborated: tuple[Flow, ...]
    missing: tuple[Flow, ...]

    @property
    def is_complete(self) -> bool:
        """True when every flow is corroborated."""
        return not self.missing


def corroborate(facts: Iterable[Fact]) -> Corroboration:
    """Return which flows the facts corroborate."""
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
    return Corroboration(corroborated, tuple(flow for flow in Flow if flow not in corroborated))


def corroboration_of(state: StateView, subject: bytes) -> Corroboration:
    """Return the corroboration of a subject by all facts recorded about it."""
    return corroborate(fact for _, fact in FACTS.scan(state, subject))
