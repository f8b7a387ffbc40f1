"""Messages of the evidence module."""

from typing import ClassVar

from xinlian.contracts.fields import Count, Hash, Name, TimeMs
from xinlian.contracts.message import Message
from xinlian.modules.evidence.errors import VerdictMalformed
from xinlian.modules.evidence.types import (
    MODULE_NO,
    VerdictFailures,
    VerdictOutcome,
    VerdictRoots,
)

_BASE = MODULE_NO * 256


class RecordFact(Message, frozen=True, tag=_BASE + 1):
    """A signer of a registered document offers it as a fact about a subject."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "a signer of the document"
    observes: ClassVar[str] = "the parties of the subject"
    remedy: ClassVar[str] = "a further fact; a fact is never removed"

    subject: Hash
    document_root: Hash
    kind: Name


class SubmitVerdict(Message, frozen=True, tag=_BASE + 2):
    """An entitled party's verifier says what its checks of the opened documents came to."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the party whose verifier ran the checks"
    observes: ClassVar[str] = "the parties of the subject"
    remedy: ClassVar[str] = "evidence.SubmitVerdict again; the latest counts"

    subject: Hash
    outcome: Count
    failures: VerdictFailures
    document_roots: VerdictRoots
    checks_version: Count
    expires_at_ms: TimeMs

    def validate_basic(self) -> None:
        """Refuse an outcome that contradicts its list of failed checks."""
        if self.outcome not in tuple(VerdictOutcome):
            raise VerdictMalformed("unknown outcome")
        if (self.outcome == VerdictOutcome.PASS) != (not self.failures):
            raise VerdictMalformed("a verdict passes exactly when no check failed")
