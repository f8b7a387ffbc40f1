"""Verdicts: who may give one about a subject, and what they come to together.

Rules this file keeps:
 1. A verdict is given by a side of the claim, by a financier that is asked to finance it now, or
    by the holder of an official role that policy names.  Nobody else is heard.
 2. The latest verdict of a party counts, until it expires.

Source: ledger.md 2 (verdicts of each entitled party).
"""

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.evidence import events
from xinlian.modules.evidence.errors import (
    NotVerifier,
    VerdictMalformed,
    VerdictOnUnknownDocument,
)
from xinlian.modules.evidence.keeper import require_subject
from xinlian.modules.evidence.messages import SubmitVerdict
from xinlian.modules.evidence.policy import VERDICT_ROLES
from xinlian.modules.evidence.ports import OF_BUSINESSES, EvidenceListener, Financiers
from xinlian.modules.evidence.types import FACTS, VERDICTS, Subject, Verdict, VerdictOutcome
from xinlian.modules.members.roles import OfficialRole, has_role
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value


def submit_verdict(context: Context, message: SubmitVerdict) -> None:
    """Keep the latest verdict of a party about a subject."""
    # AUTHORISE
    subject = require_subject(context.state, message.subject)
    _require_verifier(context, message.subject, subject)
    # VALIDATE
    if message.expires_at_ms <= context.time_ms:
        raise VerdictMalformed("it expires before it is given")
    for root in message.document_roots:
        if FACTS.get(context.state, message.subject, root) is None:
            raise VerdictOnUnknownDocument(root.hex())
    # WRITE
    VERDICTS.put(
        context.state,
        Verdict(
            outcome=message.outcome,
            failures=message.failures,
            document_roots=message.document_roots,
            checks_version=message.checks_version,
            given_at_ms=context.time_ms,
            expires_at_ms=message.expires_at_ms,
        ),
        message.subject,
        context.acting_for,
    )
    # EMIT
    context.emit(events.VerdictGiven(message.subject, context.acting_for, message.outcome))
    for side in _contradicted(context, message, subject):
        context.emit(events.VerdictsDisagree(message.subject, context.acting_for, side))
    tell_businesses(context, message.subject)


def tell_businesses(context: Context, subject: bytes) -> None:
    """Let what waits for evidence about a subject be looked at again."""
    listener = context.ports.find(EvidenceListener, OF_BUSINESSES)
    if listener is not None:
        listener.evidence_changed(context, subject)


def official_verifiers(state: StateView, at_ms: int) -> tuple[OfficialRole, ...]:
    """Return the official roles that give verdicts about any claim at a moment."""
    roles = policy_value(state, VERDICT_ROLES, happening(at_ms))
    return tuple(role for role in OfficialRole if roles >> role & 1)


def _require_verifier(context: Context, subject_root: bytes, subject: Subject) -> None:
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


def _contradicted(context: Context, message: SubmitVerdict, subject: Subject) -> list[bytes]:
    """Return the sides of the claim whose verdict of now is the opposite of a verdict."""
    opposite = {
        VerdictOutcome.PASS: VerdictOutcome.BLOCK,
        VerdictOutcome.BLOCK: VerdictOutcome.PASS,
    }
    wanted = opposite.get(VerdictOutcome(message.outcome))
    found = []
    for side in (subject.creditor, subject.debtor):
        verdict = VERDICTS.get(context.state, message.subject, side)
        if side == context.acting_for or verdict is None or context.time_ms > verdict.expires_at_ms:
            continue
        if verdict.outcome == wanted:
            found.append(side)
    return found
