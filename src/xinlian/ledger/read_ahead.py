"""Looking at the signatures of stored blocks before their turn comes.

Rules this file keeps:
 1. A yes is noted as the pure fact it is; a no, and whatever cannot be said yet (keys that a block
    in between registers), is decided when the block is applied.
 2. What is read ahead is bounded, and a block that cannot be read is left for its own turn.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from xinlian.ledger.admission import SignatureFact
from xinlian.ledger.application import Application
from xinlian.ledger.ports import Store, StoreError
from xinlian.ledger.replay import stored_block

WINDOW_TRANSACTIONS: Final = 1_000
WINDOW_BLOCKS: Final = 200
"""A window ends with the first block beyond either."""


class Verifying(Protocol):
    """Verifies signatures elsewhere, one list at a time."""

    def request(self, facts: Sequence[SignatureFact]) -> None:
        """Begin to verify; returns at once."""

    def collect(self) -> list[SignatureFact]:
        """Wait for the last request; return those of its facts that are true."""


class ReadAhead:
    """Keeps one window of blocks under verification while the one before is applied."""

    def __init__(self, store: Store, application: Application, verifying: Verifying) -> None:
        """Read from ``store`` what ``application`` is going to apply."""
        self._store = store
        self._application = application
        self._verifying = verifying
        self._collect_at: int | None = None
        self._requested_to = 0

    def before(self, height: int) -> None:
        """Note what is known by now; called before each height, ascending from above genesis."""
        if self._collect_at is None:
            self._request(height)
        elif height < self._collect_at:
            return
        for fact in self._verifying.collect():
            self._application.signatures.remember(fact)
        self._collect_at = self._requested_to
        self._request(self._requested_to)

    def _request(self, height: int) -> None:
        """Ask for the signatures of a window of blocks from a height on."""
        transactions: list[bytes] = []
        first = height
        while len(transactions) < WINDOW_TRANSACTIONS and height < first + WINDOW_BLOCKS:
            try:
                block = stored_block(self._store, height)
            except StoreError:
                break
            if block is None:
                break
            transactions += block.transactions
            height += 1
        self._requested_to = max(height, first + 1)
        view = self._application.admission_view()
        try:
            self._verifying.request(view.claims(transactions))
        finally:
            view.close()
