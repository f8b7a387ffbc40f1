"""Events of the evidence module."""

from xinlian.contracts.fields import Count, Hash, Id, Name
from xinlian.contracts.message import Event
from xinlian.modules.evidence.types import MODULE_NO

_BASE = MODULE_NO * 256


class FactRecorded(Event, frozen=True, tag=_BASE + 1):
    """A graded fact was added to a subject."""

    subject: Hash
    document_root: Hash
    kind: Name
    flow: Name
    grade: Name
    signer: Id


class VerdictGiven(Event, frozen=True, tag=_BASE + 2):
    """A party's verifier gave its verdict."""

    subject: Hash
    party: Id
    outcome: Count


class VerdictsDisagree(Event, frozen=True, tag=_BASE + 3):
    """Of two verifiers one passes what the other blocks: a contradiction, on record."""

    subject: Hash
    party: Id
    """Whose verdict came now."""
    other: Id
    """Whose verdict is the opposite."""


class ContradictionEnded(Event, frozen=True, tag=_BASE + 4):
    """No live verdicts about a subject contradict one another any more."""

    subject: Hash
