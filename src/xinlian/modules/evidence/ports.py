"""What the evidence module tells the businesses above it."""

from typing import Final, Protocol

from xinlian.contracts.context import Context

OF_BUSINESSES: Final = 1
"""The number under which businesses provide their ``EvidenceListener``."""


class EvidenceListener(Protocol):
    """Takes note that something new is known about a subject."""

    def evidence_changed(self, context: Context, subject: bytes) -> None:
        """Look again at what waits for evidence about a subject."""
