"""What a node, and who waits for one, asks of its engine, whichever it is."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from xinlian.ledger.application import Application
from xinlian.ledger.node import Committed


class Engine(Protocol):
    """Orders transactions, or takes part in ordering them, and commits blocks."""

    @property
    def application(self) -> Application:
        """The state machine that it drives."""

    @property
    def is_simulated(self) -> bool:
        """True when the chain's clock is simulated."""

    def on_commit(self, listener: Callable[[int], None]) -> None:
        """Call ``listener`` with each committed height."""

    def submit(self, raw: bytes) -> Future[Committed]:
        """Queue a transaction; raises LedgerError or NodeStopped."""

    def is_pending(self, transaction_id: bytes) -> bool:
        """Return whether a transaction that was submitted here waits."""

    def engine_time_ms(self) -> int:
        """Return the engine's time of a block made now."""

    def is_idle(self) -> bool:
        """Return whether nothing waits to be ordered and nothing is due."""

    def height(self) -> int:
        """Return the height of the last commit; -1 before genesis."""

    def wait_above(self, height: int, timeout_seconds: float) -> int:
        """Block until the head is above a height or time is up; return the head's height."""

    def wait_until(self, condition: Callable[[], bool], timeout_seconds: float = 60.0) -> None:
        """Block until a condition holds; raises NodeStopped."""

    def require_running(self) -> None:
        """Raise NodeStopped with its cause when the engine does not run."""

    def close(self) -> None:
        """Stop."""
