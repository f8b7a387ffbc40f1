"""Questions about the chain: blocks, transactions, their calls, and events."""

from xinlian.readmodels import lists, rows
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.rows import Found, Page


class ChainQueries(Asking):
    """Questions about the chain: blocks, transactions, their calls, and events."""

    def blocks(
        self,
        *,
        newest_first: bool = False,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.BlockRow]:
        """Return blocks, open to everybody; raises ReadRefused."""
        return self._page(lists.BLOCKS, None, cursor, limit, {}, newest_first=newest_first)

    def block(self, height: int) -> Found[rows.BlockRow] | None:
        """Return the block of a height, open to everybody, or None."""
        return self._find(lists.BLOCKS, None, height)

    def transactions(
        self,
        reader: bytes,
        *,
        payer: str | None = None,
        newest_first: bool = False,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.TransactionRow]:
        """Return transactions that the reader paid for or that acted for it."""
        wanted = {"payer": payer}
        return self._page(
            lists.TRANSACTIONS, reader, cursor, limit, wanted, newest_first=newest_first
        )

    def transaction(self, reader: bytes, transaction_id: str) -> Found[rows.TransactionRow] | None:
        """Return a transaction, or None."""
        return self._find(lists.TRANSACTIONS, reader, transaction_id)

    def messages(
        self,
        reader: bytes,
        transaction_id: str,
        *,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.MessageRow]:
        """Return the calls of a transaction, in their order."""
        wanted = {"transaction_id": transaction_id}
        return self._page(lists.MESSAGES, reader, cursor, limit, wanted)

    def events(
        self,
        reader: bytes,
        *,
        after: tuple[int, int] | None = None,
        object_kind: str | None = None,
        object_id: str | None = None,
        transaction_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.EventRow]:
        """Return events behind a position (height, position in the block), or behind a cursor.

        A stream resumes behind the last position it saw.  A right that is given later opens the
        past of its object to lists, not to a stream that has gone by.
        """
        wanted = {
            "object_kind": object_kind,
            "object_id": object_id,
            "transaction_id": transaction_id,
        }
        return self._page(lists.EVENTS, reader, cursor, limit, wanted, after=after)
