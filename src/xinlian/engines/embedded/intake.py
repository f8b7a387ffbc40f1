"""Where submissions wait, under load, until their signatures are known: batch by batch.

Rules this file keeps:
 1. Nothing here has a place in the queue of blocks yet, and no idempotency key is taken: what is
    badly signed leaves nothing behind.
 2. What waits here is bounded; a payer's part of it is bounded by the room it has in the queue, and
    whoever finds no place has its signatures verified at once, in its own time.
 3. Among what waits here the order of arrival is kept: batches are settled one after the other.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from xinlian.engines.embedded.proposals import Waiting
from xinlian.engines.embedded.submission import Submission
from xinlian.engines.signatures import SignatureVerifier
from xinlian.ledger.admission import SignatureFact

INTAKE_MAX: Final = 4_096
"""How many submissions wait here at once."""
INTAKE_BYTES_MAX: Final = 32 << 20
"""And how many bytes of them."""


class Unverified(NamedTuple):
    """A submission in order but for its signatures, which nobody has looked at."""

    waiting: Waiting
    facts: list[SignatureFact]


class _Batch:
    """Submissions whose signatures become known together."""

    def __init__(self) -> None:
        self.items: list[Unverified] = []
        self.verdict = threading.Event()


Settle = Callable[[Sequence[tuple[Unverified, Sequence[bool]]]], None]
"""Called with each batch and what was found of each signature; it releases what it took over."""


class Intake:
    """Verifies batches on a thread of its own; ``add`` is called under the engine's lock."""

    def __init__(
        self,
        verifier: SignatureVerifier,
        settle: Settle,
        fail: Callable[[BaseException], None],
    ) -> None:
        """Prepare; the thread begins with the first submission.

        Args:
            verifier: looks at the signatures; it is closed with the intake.
            settle: takes each batch over.
            fail: told of a failure of the machine, before the batch it befell is handed over.
        """
        self._verifier = verifier
        self._settle = settle
        self._fail = fail
        self._next = _Batch()
        self._held: Counter[bytes] = Counter()
        self._count = 0
        self._size_bytes = 0
        self._wake = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        return self._count

    def has_room(self, size_bytes: int) -> bool:
        """Return whether a submission of a size may wait here."""
        return self._count < INTAKE_MAX and self._size_bytes + size_bytes <= INTAKE_BYTES_MAX

    def held_bytes(self, payer: bytes) -> int:
        """Return how many bytes in a payer's name wait here."""
        return self._held[payer]

    def add(self, unverified: Unverified, submission: Submission) -> None:
        """Take a submission that there is room for."""
        waiting = unverified.waiting
        with self._wake:
            submission.verdict = self._next.verdict
            self._next.items.append(unverified)
            self._held[waiting.payer] += len(waiting.raw)
            self._count += 1
            self._size_bytes += len(waiting.raw)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
                self._thread.start()
            if len(self._next.items) == 1:
                self._wake.notify()

    def close(self) -> None:
        """Settle what waits, then end the thread and the verifier."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()
        self._verifier.close()

    def release(self, items: Sequence[Unverified]) -> None:
        """Give the room of what was taken over back."""
        with self._wake:
            self._count -= len(items)
            for item in items:
                self._size_bytes -= len(item.waiting.raw)
                self._held[item.waiting.payer] -= len(item.waiting.raw)
                if not self._held[item.waiting.payer]:
                    del self._held[item.waiting.payer]

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._next.items or self._closing)
                if not self._next.items:
                    return
                batch, self._next = self._next, _Batch()
            try:
                verdicts = self._verified(batch.items)
            except BaseException as failure:  # noqa: BLE001 - told to every caller by the engine
                self._fail(failure)
                verdicts = [[] for _ in batch.items]
            self._settle(list(zip(batch.items, verdicts, strict=True)))
            batch.verdict.set()

    def _verified(self, items: Sequence[Unverified]) -> list[list[bool]]:
        """Return what was found of each signature of each submission."""
        found = iter(self._verifier.verify([fact for item in items for fact in item.facts]))
        return [[next(found) for _ in item.facts] for item in items]
