"""What a caller holds of what it submitted."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from xinlian.ledger.node import Committed


class Submission(Future[Committed]):
    """The outcome of a submission; with a LedgerError it was not admitted, and has no outcome."""

    verdict: threading.Event | None = None
    """Set once its signatures are known, where they were not at submission."""

    def require_admitted(self) -> None:
        """Wait until its signatures are known.

        Raises:
            LedgerError: it is badly signed, which is advice and no outcome.
            NodeStopped: the engine stopped before they were known.
        """
        if self.verdict is None:
            return
        self.verdict.wait()
        problem = self.exception() if self.done() else None
        if problem is not None:
            raise problem


def told_to(second: Submission) -> Callable[[Future[Committed]], None]:
    """Return what gives a first submission's outcome to a second one of the same transaction."""

    def tell(first: Future[Committed]) -> None:
        problem = first.exception()
        if problem is None:
            second.set_result(first.result())
        else:
            second.set_exception(problem)

    return tell
