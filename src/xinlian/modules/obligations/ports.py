"""What obligations asks of the modules and businesses above it."""

from typing import Final, Protocol

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.obligations.types import Obligation, ObligationStatus

OF_BUSINESSES: Final = 1
"""The number under which businesses provide their ``OrderListener``; obligations asks it about
orders that are not its own."""
ONLY: Final = 0


class ObligationSource(Protocol):
    """Where an obligation comes from: it knows the creditors and moves the money."""

    def on_due(self, context: Context, obligation: bytes) -> None:
        """Take note that the due day has opened."""

    def pay(self, context: Context, obligation: bytes, amount_minor: int) -> None:
        """Begin to pay an amount out of the debtor's account to the creditors.

        The amount is available on the account, and covered by the authority.
        """

    def on_default(self, context: Context, obligation: bytes) -> None:
        """Take the consequences of the missed cut-off."""

    def is_paying(self, context: Context, obligation: bytes) -> bool:
        """Return whether an earlier payment is still being carried out."""


class EnforcementSource(Protocol):
    """Moves money of a debtor because a court ordered it."""

    def pay_by_order(
        self,
        context: Context,
        obligation: bytes,
        account: bytes,
        amount_minor: int,
    ) -> None:
        """Pay an amount out of an account that the order names.

        The amount is available on the account, open, and covered by the order.
        """


class ObligationListener(Protocol):
    """Hears what becomes of every obligation, in the block in which it turns."""

    def obligation_defaulted(
        self,
        context: Context,
        obligation_id: bytes,
        obligation: Obligation,
    ) -> None:
        """Take note that the cut-off passed and a part was missing."""

    def obligation_ended(
        self,
        context: Context,
        obligation_id: bytes,
        obligation: Obligation,
        status: ObligationStatus,
    ) -> None:
        """Take note of how an obligation ended."""

    def dispute_upheld(
        self,
        context: Context,
        obligation_id: bytes,
        obligation: Obligation,
        amount_minor: int,
    ) -> None:
        """Take note that a disputed amount was found not to be owed."""

    def has_open_default(self, context: Context, obligation_id: bytes) -> bool:
        """Return whether it fell into default, whatever its state says since."""


class FactSource(Protocol):
    """Knows the graded facts that conditions refer to."""

    def is_kind(self, kind: str, grade: str) -> bool:
        """Return whether there is such a kind of fact, and such a grade."""

    def has_sides(self, state: StateView, subject: bytes, creditor: bytes, debtor: bytes) -> bool:
        """Return whether a subject exists and is about these two sides."""

    def open_subject(
        self, context: Context, subject: bytes, creditor: bytes, debtor: bytes
    ) -> None:
        """Let facts be recorded under a subject that is new."""

    def is_met(self, state: StateView, subject: bytes, kind: str, grade: str) -> bool:
        """Return whether a fact of a kind is recorded with at least a grade."""
