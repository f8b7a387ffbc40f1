"""What members asks of the modules above it."""

from typing import Protocol

from xinlian.ledger.ports import StateView


class MemberLimits(Protocol):
    """The numbers of policy that bound members and their keys."""

    def participants_max(self, state: StateView, at_ms: int) -> int:
        """Return how many participants one sponsor may answer for."""

    def recovery_hold_ms(self, state: StateView, at_ms: int) -> int:
        """Return for how long a recovered key may not move value."""


ONLY: int = 0
"""The number of a port that has one implementation."""
