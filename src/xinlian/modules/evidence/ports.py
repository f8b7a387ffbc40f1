"""What the evidence module tells the businesses above it, and asks of them."""

from typing import Final, Protocol

from xinlian.contracts.context import Context

OF_BUSINESSES: Final = 1
"""The number under which businesses provide what is here."""


class EvidenceListener(Protocol):
    """Takes note that something new is known about a subject."""

    def evidence_changed(self, context: Context, subject: bytes) -> None:
        """Look again at what waits for evidence about a subject."""


class Financiers(Protocol):
    """Knows who is asked to finance a claim."""

    def is_asked(self, context: Context, subject: bytes, party: bytes) -> bool:
        """Return whether a request for finance on a subject waits for a party now."""
