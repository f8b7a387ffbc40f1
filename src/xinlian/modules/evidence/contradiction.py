"""Contradiction: entitled verifiers that opened the same document and come to opposite verdicts.

Rules this file keeps:
 1. Of two live verdicts about a subject one passes, the other blocks, and at least one document
    was opened for both: then they contradict one another.  Nobody evades that by opening one
    document more or less.
 2. A contradiction is recorded in the block of the verdict that begins it, names all verifiers of
    both sides, and ends in the block in which a verdict resolves it, or the clock ends one.
 3. Whoever asks compares verdicts with the time of its own block: no deadline depends on due work
    having run.  Without a record there is none, because only a verdict can begin one.

Source: docs/concepts/evidence.md (verdicts; contradicted, naming both sides).
"""

import itertools
from collections.abc import Iterable
from typing import Final, NamedTuple

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.evidence import events
from xinlian.modules.evidence.errors import Contradicted
from xinlian.modules.evidence.types import (
    CONTRADICTIONS,
    REVIEWS,
    VERDICTS,
    Contradiction,
    Review,
    Verdict,
    VerdictOutcome,
)
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives import format_id

REVIEW_HANDLER: Final = 0x0701
_OPPOSITE: Final = {
    VerdictOutcome.PASS: VerdictOutcome.BLOCK,
    VerdictOutcome.BLOCK: VerdictOutcome.PASS,
}


class Opposed(NamedTuple):
    """The verifiers whose verdicts contradict one another, each side ascending."""

    passing: tuple[bytes, ...] = ()
    blocking: tuple[bytes, ...] = ()
    until_ms: int = 0
    """The last moment at which all of them are live."""

    @property
    def is_contradicted(self) -> bool:
        """True when somebody passes what somebody else blocks."""
        return bool(self.passing)


def contradicts(one: Verdict, other: Verdict) -> bool:
    """Return whether two verdicts about one subject are opposite over a common document."""
    opposite = _OPPOSITE.get(VerdictOutcome(one.outcome)) == other.outcome
    return opposite and not set(one.document_roots).isdisjoint(other.document_roots)


def opposed(verdicts: Iterable[tuple[bytes, Verdict]], at_ms: int) -> Opposed:
    """Return which of the verdicts about one subject contradict one another at a moment."""
    live = [(party, verdict) for party, verdict in verdicts if at_ms <= verdict.expires_at_ms]
    found = {
        party: verdict
        for one, other in itertools.combinations(live, 2)
        if contradicts(one[1], other[1])
        for party, verdict in (one, other)
    }
    if not found:
        return Opposed()
    passing = [party for party in sorted(found) if found[party].outcome == VerdictOutcome.PASS]
    blocking = [party for party in sorted(found) if found[party].outcome == VerdictOutcome.BLOCK]
    until_ms = min(verdict.expires_at_ms for verdict in found.values())
    return Opposed(tuple(passing), tuple(blocking), until_ms)


def opposed_about(state: StateView, subject: bytes, at_ms: int) -> Opposed:
    """Return whose verdicts about a subject contradict one another at a moment."""
    if CONTRADICTIONS.get(state, subject) is None:
        return Opposed()
    return _opposed_now(state, subject, at_ms)


def require_no_contradiction(state: StateView, subject: bytes, at_ms: int) -> None:
    """Refuse a subject about which verifiers contradict one another; raises Contradicted."""
    found = opposed_about(state, subject, at_ms)
    if found.is_contradicted:
        passing, blocking = (
            ", ".join(format_id("party", party) for party in side)
            for side in (found.passing, found.blocking)
        )
        raise Contradicted(f"pass 通过: {passing}; block 否决: {blocking}")


def review(context: Context, subject: bytes) -> None:
    """Record what the verdicts about a subject come to now."""
    before = CONTRADICTIONS.get(context.state, subject)
    found = _opposed_now(context.state, subject, context.time_ms)
    if not found.is_contradicted:
        if before is not None:
            CONTRADICTIONS.delete(context.state, subject)
            REVIEWS.delete(context.state, before.review)
            context.emit(events.ContradictionEnded(subject))
        return
    if before is None:
        since_ms, review_id = context.time_ms, context.derived_id("contradiction", subject)
        REVIEWS.put(context.state, Review(subject), review_id)
    else:
        since_ms, review_id = before.since_ms, before.review
    record = Contradiction(found.passing, found.blocking, since_ms, found.until_ms, review_id)
    CONTRADICTIONS.put(context.state, record, subject)
    if before is None or before.until_ms != record.until_ms:
        add_item(context.state, record.until_ms + 1, REVIEW_HANDLER, review_id)


def _opposed_now(state: StateView, subject: bytes, at_ms: int) -> Opposed:
    verdicts = ((party, verdict) for (_, party), verdict in VERDICTS.scan(state, subject))
    return opposed(verdicts, at_ms)
