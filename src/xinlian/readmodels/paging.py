"""Pages of lists: how the rows behind a cursor are found, and where the next page begins.

A page is found in one of two ways, whichever looks at fewer rows.  By rights: the next objects
that the reader may read are a range of an index; their rows are fetched by key and those that do
not fit are left out.  By a filter: the rows with a wanted value are a range of another index;
those that the reader has no right to are left out.  How many rows fit a filter, and how many the
reader may read, is counted up to a bound before.

Rules this file keeps:
 1. No page reads or sorts a whole table; a test explains every statement to see that.
 2. A row without a right for the reader is never returned, whichever way it was found.
 3. Bytes of a caller reach the database as bound values, after their size and alphabet are checked.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic

import sqlalchemy as sa

from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.readmodels.cursors import (
    CursorKey,
    check_key,
    check_limit,
    decode_cursor,
    encode_cursor,
    is_plain,
)
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.lists import Access, RowList
from xinlian.readmodels.reading import Reading, since_height
from xinlian.readmodels.rows import Page, RowT
from xinlian.readmodels.tables import ENTRY_READERS, KEY_OF, READERS

FEW: Final = 1_000
"""A filter that fits fewer rows than this is looked up before the reader's rights."""
COUNTED: Final = 20_000
"""How far rows are counted to choose the way that looks at fewer."""
_KEYS_AT_ONCE: Final = 500
_GROWTH: Final = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """What must hold besides a right."""

    condition: sa.ColumnElement[bool]
    without_index: sa.ColumnElement[bool] | None = None
    """The same, written so that no index is chosen for it; None where none can be."""
    ids: sa.Select[Any] | None = None
    """The ids of the rows that it fits, where another table tells them."""


def page(
    reading: Reading,
    of: RowList[RowT],
    cursor: str | None,
    limit: int,
    wanted: Mapping[str, str | None],
    *filters: Filter,
    newest_first: bool = False,
    after: CursorKey | None = None,
) -> Page[RowT]:
    """Return the rows of a list behind a cursor, or behind the key ``after``.

    Args:
        reading: the question.
        of: the list.
        cursor: where an earlier page ended, None for the beginning.
        limit: how many rows, 1…200.
        wanted: values that columns must have; None asks for any.
        filters: what must hold besides.
        newest_first: turns the order around; its cursors are its own.
        after: the key of the last row seen, used when there is no cursor.

    Raises:
        LimitInvalid: the limit is outside its range.
        CursorInvalid: the cursor is of another list, or none; or ``after`` is out of range.
    """
    name = f"{of.table.name}-newest" if newest_first else str(of.table.name)
    key_types = [of.table.c[field].type.python_type for field in of.order]
    start = decode_cursor(name, key_types, cursor) or check_key(name, key_types, after)
    everything = [*equals(of, wanted), *filters]
    search = _Search(reading, of, everything, newest_first, check_limit(limit) + 1)
    found = search.rows(start)
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        rows=tuple(found[:limit]),
        next_cursor=None
        if last is None
        else encode_cursor(name, [getattr(last, field) for field in of.order]),
        height=reading.height,
        time_ms=reading.time_ms,
        since_height=since_height(reading.connection),
    )


def find(reading: Reading, of: RowList[RowT], object_id: str | int) -> RowT | None:
    """Return the one row with this first key field, or None: unknown or not to be read."""
    if not _may_exist(object_id):
        return None
    column = of.table.c[KEY_OF[of.row_type][0]]
    query = sa.select(of.table).where(column == object_id, readable(reading, of))
    found = read_rows(reading, of.row_type, query)
    return found[0] if found else None


def read_rows(reading: Reading, row_type: type[RowT], query: sa.Select[Any]) -> list[RowT]:
    """Return the typed rows of a query over their table."""
    records = reading.connection.execute(query).mappings()
    return [row_type(**record) for record in records]


def equals(of: RowList[RowT], wanted: Mapping[str, str | None]) -> list[Filter]:
    """Return the filters that columns have the wanted values; None asks for any."""
    return [
        equal(of, field, value) if is_plain(value) else NOTHING
        for field, value in wanted.items()
        if value is not None
    ]


def equal(of: RowList[RowT], field: str, value: str) -> Filter:
    """Return the filter that a column has a value."""
    column = of.table.c[field]
    if not _has_index(of, field):
        return Filter(column == value)
    return Filter(column == value, without_index=column.op("||")("") == value)


NOTHING: Final = Filter(sa.false())
"""The filter that no row fits."""


def readable(reading: Reading, of: RowList[RowT]) -> sa.ColumnElement[bool]:
    """Return the condition that the reader may read a row of a list."""
    t = of.table
    if of.access is Access.OPEN or of.access is Access.WITHIN:
        return sa.true()
    if of.access is Access.MEMBERS:
        return sa.true() if reading.is_member else sa.false()
    if of.access is Access.OWN:
        return t.c[of.owner] == (reading.names[0] if reading.names else "")
    if of.access is Access.ENTRY:
        r = ENTRY_READERS
        kinds = [True] if of.kind is Kind.TRANSFER else [False, True]
        matches = [r.c.is_transfer.in_(kinds), r.c.position == t.c.position]
        height = r.c.height
    else:
        r = READERS
        place = t.c[of.order[1]] if of.is_placed else sa.literal(0)
        matches = [r.c.object_kind == of.kind, r.c.place == place, r.c.object_id == of.object_id()]
        height = r.c.born_height
    matches += [r.c.party_id.in_(reading.names), height == t.c.height]
    return sa.exists(sa.select(sa.literal(1)).select_from(r).where(*matches).correlate(t))


@dataclasses.dataclass(frozen=True, slots=True)
class _Search(Generic[RowT]):
    """One page that is looked for; ``count`` rows are enough."""

    reading: Reading
    of: RowList[RowT]
    filters: Sequence[Filter]
    newest_first: bool
    count: int

    def rows(self, start: CursorKey | None) -> list[RowT]:
        """Return the rows behind a key, in order."""
        is_closed = self.of.access is Access.MEMBERS and not self.reading.is_member
        if is_closed or NOTHING in self.filters:
            return []
        if self.of.access not in (Access.RIGHT, Access.ENTRY):
            return self._by_filter(start, None)
        if not self.reading.names:
            return []
        for one in self.filters:
            ids = self._few(one.ids)
            if ids is not None:
                return self._by_ids(ids, start)
            if one.without_index is not None:
                fitting = sa.select(sa.literal(1)).select_from(self.of.table).where(one.condition)
                count = self._count(fitting)
                if count < FEW or count < sum(map(self._count, self._ranges(None))):
                    return self._by_filter(start, one)
        return self._by_rights(start)

    def _count(self, query: sa.Select[Any]) -> int:
        """Return how many rows a query gives, up to ``COUNTED``."""
        some = query.order_by(None).limit(COUNTED).subquery("counted")
        found = self.reading.connection.scalar(sa.select(sa.func.count()).select_from(some))
        return found or 0

    def _few(self, query: sa.Select[Any] | None) -> list[Any] | None:
        """Return what a query gives if it is little, else None."""
        if query is None:
            return None
        found = list(self.reading.connection.scalars(query.limit(FEW)))
        return found if len(found) < FEW else None

    def _conditions(self, leading: Filter | None) -> list[sa.ColumnElement[bool]]:
        """Return the conditions of all filters; an index is left to the leading one alone."""
        return [
            one.condition if one is leading or one.without_index is None else one.without_index
            for one in self.filters
        ]

    def _by_filter(self, start: CursorKey | None, leading: Filter | None) -> list[RowT]:
        order = [self.of.table.c[field] for field in self.of.order]
        conditions = (
            [one.condition for one in self.filters]
            if leading is None
            else self._conditions(leading)
        )
        query = (
            sa.select(self.of.table)
            .where(*conditions, readable(self.reading, self.of))
            .order_by(*self._directed(order))
            .limit(self.count)
        )
        if start is not None:
            query = query.where(self._beyond(order, start))
        return read_rows(self.reading, self.of.row_type, query)

    def _by_ids(self, ids: Sequence[str], start: CursorKey | None) -> list[RowT]:
        """Return the rows behind a key of those with few ids."""
        t = self.of.table
        conditions = [*self._conditions(None), readable(self.reading, self.of)]
        if start is not None:
            conditions.append(self._beyond([t.c[field] for field in self.of.order], start))
        found: list[RowT] = []
        chosen = sorted(dict.fromkeys(ids))
        for first in range(0, len(chosen), _KEYS_AT_ONCE):
            some = t.c[self.of.id_fields[0]].in_(chosen[first : first + _KEYS_AT_ONCE])
            query = sa.select(t).where(some, *conditions)
            found += read_rows(self.reading, self.of.row_type, query)
        return self._ordered(found)[: self.count]

    def _by_rights(self, start: CursorKey | None) -> list[RowT]:
        position = None if start is None else self.of.right_key(start)
        found: list[RowT] = []
        wanted = self.count
        while len(found) < self.count:
            keys = self._next_keys(position, wanted)
            for first in range(0, len(keys), _KEYS_AT_ONCE):
                found += self._fetch(keys[first : first + _KEYS_AT_ONCE])
            if len(keys) < wanted:
                break
            position = keys[-1]
            wanted = min(wanted * _GROWTH, _KEYS_AT_ONCE * _GROWTH)
        return found[: self.count]

    def _next_keys(
        self,
        position: tuple[int | str, ...] | None,
        count: int,
    ) -> list[tuple[int | str, ...]]:
        """Return where the next readable objects stand, each once, in the order of the list."""
        keys: dict[tuple[int | str, ...], None] = {}
        for query in self._ranges(position):
            found = self.reading.connection.execute(query.limit(count))
            keys.update(dict.fromkeys(tuple(record) for record in found))
        return sorted(keys, reverse=self.newest_first)[:count]

    def _ranges(self, position: tuple[int | str, ...] | None) -> list[sa.Select[Any]]:
        """Return the question for each name of the reader: one range of one index."""
        if self.of.access is Access.ENTRY:
            r = ENTRY_READERS
            columns = [r.c.height, r.c.position]
            kinds = [True] if self.of.kind is Kind.TRANSFER else [False, True]
            ranges = [r.c.is_transfer == kind for kind in kinds]
        else:
            r = READERS
            columns = [r.c.born_height, r.c.place, r.c.object_id]
            ranges = [r.c.object_kind == self.of.kind]
        compared = columns[: len(position)] if position else []
        beyond = self._beyond(compared, position) if position else columns[0] >= 0
        return [
            sa.select(*columns)
            .where(r.c.party_id == name, of_kind, beyond)
            .order_by(*self._directed(columns))
            for name in self.reading.names
            for of_kind in ranges
        ]

    def _fetch(self, keys: Sequence[tuple[int | str, ...]]) -> list[RowT]:
        """Return the rows of some objects that fit the filters, in the order of the list."""
        t, of = self.of.table, self.of
        query = sa.select(t).where(*self._conditions(None))
        if of.access is Access.RIGHT and len(of.id_fields) == 1:
            query = query.where(t.c[of.id_fields[0]].in_([key[2] for key in keys]))
        elif of.access is Access.RIGHT:
            query = _among(query, t, of.id_fields, [_parts(of, str(key[2])) for key in keys])
        else:
            query = _among(query, t, of.order, keys)
        return self._ordered(read_rows(self.reading, of.row_type, query))

    def _ordered(self, found: Sequence[RowT]) -> list[RowT]:
        def place(row: RowT) -> list[Any]:
            return [getattr(row, field) for field in self.of.order]

        return sorted(found, key=place, reverse=self.newest_first)

    def _directed(self, columns: Sequence[sa.ColumnElement[Any]]) -> list[Any]:
        return [column.desc() if self.newest_first else column for column in columns]

    def _beyond(
        self,
        columns: Sequence[sa.ColumnElement[Any]],
        key: Sequence[int | str],
    ) -> sa.ColumnElement[bool]:
        here, there = sa.tuple_(*columns), sa.tuple_(*key)
        return here < there if self.newest_first else here > there


def _among(
    query: sa.Select[Any],
    table: sa.Table,
    fields: Sequence[str],
    keys: Sequence[tuple[int | str, ...]],
) -> sa.Select[Any]:
    """Return a query for the rows with some keys of several fields: each is looked up."""
    columns = [sa.column(field, table.c[field].type) for field in fields]
    chosen = sa.values(*columns, name="chosen").data(list(keys)).cte()
    return query.join(chosen, sa.and_(*(table.c[f] == chosen.c[f] for f in fields)))


def _parts(of: RowList[RowT], object_id: str) -> tuple[int | str, ...]:
    """Return the values of the fields that an id of several parts is made of."""
    return tuple(
        part if isinstance(of.table.c[field].type, sa.Text) else int(part)
        for field, part in zip(of.id_fields, object_id.split("."), strict=True)
    )


def _has_index(of: RowList[RowT], field: str) -> bool:
    wanted = (field, *of.order)
    return any(
        tuple(column.name for column in index.columns)[: len(wanted)] == wanted
        for index in of.table.indexes
    )


def _may_exist(object_id: str | int) -> bool:
    if isinstance(object_id, int):
        return 0 <= object_id <= AMOUNT_MINOR_MAX
    return is_plain(object_id)
