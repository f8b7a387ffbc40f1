"""Verdicts: who may give one about a subject, and what they come to together.

Rules this file keeps:
 1. A verdict is given by a side of the claim, by a financier that is asked to finance it now, or
    by the holder of an official role that policy names.  Nobody else is heard.
 2. The latest verdict of a party counts, until it expires; policy says how long that may be.
 3. Verifiers of a subject are bounded, with places for its two sides, so that comparing is.

Source: docs/concepts/evidence.md (verdicts of each entitled party).
"""

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.evidence import events
from xinlian.modules.evidence.contradiction import contradicts, review
from xinlian.modules.evidence.errors import (
    NotVerifier,
    TooManyVerifiers,
    VerdictMalformed,
    VerdictOnUnknownDocument,
)
from xinlian.modules.evidence.keeper import require_subject
from xinlian.modules.evidence.messages import SubmitVerdict
from xinlian.modules.evidence.policy import VERDICT_DAYS_MAX, VERDICT_ROLES
from xinlian.modules.evidence.ports import OF_BUSINESSES, EvidenceListener, Financiers
from xinlian.modules.evidence.types import (
    FACTS,
    REVIEWS,
    SUBJECTS,
    VERDICTS,
    VERIFIERS_PER_SUBJECT_MAX,
    Subject,
    Verdict,
)
from xinlian.modules.members.roles import OfficialRole, has_role
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.primitives.time import MS_PER_DAY


def submit_verdict(context: Context, message: SubmitVerdict) -> None:
    """Keep the latest verdict of a party about a subject, and whom it contradicts."""
    # AUTHORISE
    subject = require_subject(context.state, message.subject)
    require_verifier(context, message.subject, subject)
    # VALIDATE
    _check_expiry(context, message)
    for root in message.document_roots:
        if FACTS.get(context.state, message.subject, root) is None:
            raise VerdictOnUnknownDocument(root.hex())
    is_first = VERDICTS.get(context.state, message.subject, context.acting_for) is None
    if is_first and subject.verifier_count >= _room_for(context.acting_for, subject):
        raise TooManyVerifiers(message.subject.hex())
    # COMPUTE
    verdict = Verdict(
        outcome=message.outcome,
        failures=message.failures,
        document_roots=message.document_roots,
        checks_version=message.checks_version,
        given_at_ms=context.time_ms,
        expires_at_ms=message.expires_at_ms,
    )
    # WRITE
    VERDICTS.put(context.state, verdict, message.subject, context.acting_for)
    if is_first:
        count = subject.verifier_count + 1
        counted = msgspec.structs.replace(subject, verifier_count=count)
        SUBJECTS.put(context.state, counted, message.subject)
    # EMIT
    context.emit(events.VerdictGiven(message.subject, context.acting_for, message.outcome))
    for other in _contradicted(context, message.subject, verdict):
        context.emit(events.VerdictsDisagree(message.subject, context.acting_for, other))
    review(context, message.subject)
    tell_businesses(context, message.subject)


def verdict_expired(context: Context, review_id: bytes) -> None:
    """Due work: a verdict that contradicted another has expired."""
    found = REVIEWS.get(context.state, review_id)
    if found is not None:
        review(context, found.subject)
        tell_businesses(context, found.subject)


def tell_businesses(context: Context, subject: bytes) -> None:
    """Let what waits for evidence about a subject be looked at again."""
    listener = context.ports.find(EvidenceListener, OF_BUSINESSES)
    if listener is not None:
        listener.evidence_changed(context, subject)


def official_verifiers(state: StateView, at_ms: int) -> tuple[OfficialRole, ...]:
    """Return the official roles that give verdicts about any claim at a moment."""
    roles = policy_value(state, VERDICT_ROLES, happening(at_ms))
    return tuple(role for role in OfficialRole if roles >> role & 1)


def require_verifier(context: Context, subject_root: bytes, subject: Subject) -> None:
    """Refuse whoever has no verdict about this subject; raises NotVerifier."""
    party = context.acting_for
    if party in (subject.creditor, subject.debtor):
        return
    financiers = context.ports.find(Financiers, OF_BUSINESSES)
    if financiers is not None and financiers.is_asked(context, subject_root, party):
        return
    officials = official_verifiers(context.state, context.time_ms)
    if not any(has_role(context.state, party, role) for role in officials):
        raise NotVerifier(party.hex())


def _check_expiry(context: Context, message: SubmitVerdict) -> None:
    days = policy_value(context.state, VERDICT_DAYS_MAX, happening(context.time_ms))
    if not context.time_ms < message.expires_at_ms <= context.time_ms + days * MS_PER_DAY:
        raise VerdictMalformed(f"it expires within {days} days, and not before it is given")


def _room_for(party: bytes, subject: Subject) -> int:
    """Return how many verifiers there may be before a party: places are kept for both sides."""
    sides = (subject.creditor, subject.debtor)
    return VERIFIERS_PER_SUBJECT_MAX - (0 if party in sides else len(sides))


def _contradicted(context: Context, subject: bytes, verdict: Verdict) -> list[bytes]:
    """Return the verifiers whose live verdict the new one contradicts, ascending."""
    return [
        party
        for (_, party), other in VERDICTS.scan(context.state, subject)
        if context.time_ms <= other.expires_at_ms and contradicts(verdict, other)
    ]
