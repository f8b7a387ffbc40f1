"""What lower modules ask of higher ones: implementations by protocol and number.

Rules this file keeps:
 1. A module names its need as a ``Protocol`` in its own ``ports.py``; ``bootstrap`` provides it.
 2. A port under one number has one implementation.
"""

from typing import Any, TypeVar

PortT = TypeVar("PortT")


class Ports:
    """The implementations, filled once at start."""

    def __init__(self) -> None:
        self._implementations: dict[tuple[str, int], Any] = {}

    def provide(self, port: type[PortT], number: int, implementation: PortT) -> None:
        """Register the implementation of a port under a number."""
        key = (port.__qualname__, number)
        if key in self._implementations:
            raise ValueError(f"port {key} is provided twice")
        self._implementations[key] = implementation

    def require(self, port: type[PortT], number: int) -> PortT:
        """Return the implementation of a port; its absence is an error of the bootstrap."""
        implementation: PortT = self._implementations[port.__qualname__, number]
        return implementation

    def find(self, port: type[PortT], number: int) -> PortT | None:
        """Return the implementation of a port, or None where nothing provides it."""
        implementation: PortT | None = self._implementations.get((port.__qualname__, number))
        return implementation
