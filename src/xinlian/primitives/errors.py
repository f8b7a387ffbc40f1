"""Error roots: every refusal has a stable ``(codespace, code)`` and a name.

The tree::

    LedgerError                   an expected refusal; becomes a result, never stops a node
    ├── InvalidTransaction        the envelope or a message is malformed
    ├── Unauthorised              well formed, but these signers may not do it
    └── Rejected                  authorised, but the rules of the business refuse it
    InvariantViolation            our own bug; never a business outcome

Rules this file keeps:
 1. ``codespace`` and ``code`` are set by the concrete class and never change once released.
 2. Only they enter consensus; the text of an error is for people and may be reworded.
 3. ``transient`` says whether the very same request may succeed later.
"""

from typing import ClassVar


class LedgerError(Exception):
    """An expected refusal, identified by ``(codespace, code)``."""

    codespace: ClassVar[str] = "ledger"
    code: ClassVar[int] = 0
    name: ClassVar[str] = "error"
    transient: ClassVar[bool] = False

    @property
    def reference(self) -> str:
        """The stable public name, for example ``accounts/insufficient_balance``."""
        return f"{self.codespace}/{self.name}"


class InvalidTransaction(LedgerError):  # noqa: N818 - the trade's word; every subclass is a refusal
    """The envelope or a message in it is malformed."""


class Unauthorised(LedgerError):  # noqa: N818 - see InvalidTransaction
    """The signers may not do what the message asks."""


class Rejected(LedgerError):  # noqa: N818 - see InvalidTransaction
    """The rules of the business refuse an authorised, well-formed message."""


class InvariantViolation(Exception):  # noqa: N818 - not a refusal: a bug of ours, kept apart by root
    """A rule that the code itself guarantees does not hold."""

    def __init__(self, invariant: str, detail: str = "") -> None:
        super().__init__(f"{invariant}: {detail}" if detail else invariant)
        self.invariant = invariant
