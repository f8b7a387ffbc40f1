"""The invoices of a store that can matter to a trade file, without reading the others again.

Rules this file keeps:
 1. Each invoice is read once, when it is first seen; later only candidates are, and their roots
    are recomputed: the index says where to look, never what a document states.
 2. It lives as long as its store is open and is not written down: what a party holds of trade stays
    in its records.
 3. An invoice that is no longer in the store is no candidate.
"""

from collections.abc import Callable, Sequence

from xinlian.apps.supply_chain.checks import EarlierInvoices, OpenedDocument, TradeFile
from xinlian.modules.evidence.statements import InvoiceStatement, Statement


class InvoiceIndex:
    """What one process knows of the invoices of one store."""

    def __init__(
        self,
        new_invoices: Callable[[int], tuple[int, Sequence[bytes]]],
        read: Callable[[bytes], Statement | None],
    ) -> None:
        """Read nothing yet.

        Args:
            new_invoices: given how many records are known, returns how many there are now and the
                roots of the invoices among the new ones.
            read: returns what a record states, None where it is gone; what it raises passes.
        """
        self._new_invoices = new_invoices
        self._read = read
        self._known = EarlierInvoices()
        self._records_known = 0

    def copy_candidates(self, file: TradeFile) -> tuple[OpenedDocument, ...]:
        """Return the invoices that one of the file may repeat, by root."""
        self._catch_up()
        return self._open(self._known.copy_candidates(file))

    def candidates(self, file: TradeFile) -> tuple[OpenedDocument, ...]:
        """Return the invoices that a check of the file may count or compare, by root."""
        self._catch_up()
        return self._open(self._known.candidates(file))

    def _catch_up(self) -> None:
        """Take in what has come since the last time."""
        count, new = self._new_invoices(self._records_known)
        for root in new:
            statement = self._read(root)
            if isinstance(statement, InvoiceStatement):
                self._known.add(root, statement)
        self._records_known = count

    def _open(self, chosen: frozenset[bytes]) -> tuple[OpenedDocument, ...]:
        opened = ((root, self._read(root)) for root in sorted(chosen))
        return tuple(OpenedDocument(root, says) for root, says in opened if says is not None)
