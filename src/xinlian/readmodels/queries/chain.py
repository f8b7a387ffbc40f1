"""Questions about the chain: blocks, transactions, their calls, and events."""

import re
from typing import Final

import sqlalchemy as sa

from xinlian.readmodels import lists, rows
from xinlian.readmodels.cursors import is_plain
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.paging import NOTHING, Filter, equals, find, page
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.reading import Reading, open_reading
from xinlian.readmodels.rows import Found, Page
from xinlian.readmodels.tables import NOT_OF_TRANSFERS

_PLACE: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")
"""The id of a transfer: the position of its event."""


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
        """Return the calls of a transaction in their order, those that are alike together."""
        with open_reading(self._database, reader) as reading:
            may_read = find(reading, lists.TRANSACTIONS, transaction_id) is not None
            within = [] if may_read else [NOTHING]
            wanted = {"transaction_id": transaction_id}
            return page(reading, lists.MESSAGES, cursor, limit, wanted, *within)

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
        with open_reading(self._database, reader) as reading:
            filters = [
                *equals(lists.EVENTS, {"object_kind": object_kind}),
                *_of_object(object_id),
                *_of_transaction(reading, transaction_id),
            ]
            return page(reading, lists.EVENTS, cursor, limit, {}, *filters, after=after)


def _of_object(object_id: str | None) -> list[Filter]:
    """Return the filters that an event is about an object; that of a transfer is its own place."""
    if object_id is None:
        return []
    if not is_plain(object_id):
        return [NOTHING]
    t = lists.EVENTS.table
    place = _PLACE.fullmatch(object_id)
    if place is None:
        named = t.c.object_id == object_id
        unnamed = t.c.object_id.op("||")("") == object_id
        return [Filter(sa.and_(named, NOT_OF_TRANSFERS), without_index=unnamed)]
    here = sa.and_(t.c.height == int(place[1]), t.c.position == int(place[2]))
    return [Filter(sa.and_(here, t.c.object_kind == Kind.TRANSFER), without_index=here)]


def _of_transaction(reading: Reading, transaction_id: str | None) -> list[Filter]:
    """Return the filters that an event is one of a transaction: they are a range of its block."""
    if transaction_id is None:
        return []
    m = lists.MESSAGES.table
    first, end = sa.func.min(m.c.position), sa.func.max(m.c.position + m.c.event_count)
    query = sa.select(sa.func.max(m.c.height), first, end)
    wanted = query.where(m.c.transaction_id == transaction_id)
    height, begin, stop = (
        reading.connection.execute(wanted).one() if is_plain(transaction_id) else (None,) * 3
    )
    if height is None:
        return [NOTHING]
    t = lists.EVENTS.table
    within = sa.and_(t.c.height == height, t.c.position >= begin, t.c.position < stop)
    return [Filter(within, without_index=within)]
