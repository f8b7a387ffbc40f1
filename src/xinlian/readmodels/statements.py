"""Statements and balances of the past, from the postings.

Rules this file keeps:
 1. A balance after a height is that of the last posting up to it, else that of the opening.
 2. Opening balance plus debits minus credits of the range is the closing balance.
"""

from typing import Any

import sqlalchemy as sa

from xinlian.readmodels import lists
from xinlian.readmodels.cursors import check_limit, decode_cursor, encode_cursor
from xinlian.readmodels.errors import HeightUnknown
from xinlian.readmodels.lists import page
from xinlian.readmodels.reading import Reading
from xinlian.readmodels.rows import AccountRow, BalanceRow, Page, PostingRow, Statement
from xinlian.readmodels.tables import TABLE_OF

_ACCOUNTS = TABLE_OF[AccountRow]
_POSTINGS = TABLE_OF[PostingRow]
_BALANCES = "balances"


def read_statement(
    reading: Reading,
    account: AccountRow,
    heights: tuple[int, int],
    cursor: str | None,
    limit: int,
) -> Statement:
    """Return the statement of an account that the reader may read.

    Raises:
        HeightUnknown: the range is empty, negative or not projected yet.
    """
    first, last = heights
    if not 0 <= first <= last <= reading.height:
        raise HeightUnknown(f"0 to {reading.height}, not {first} to {last}")
    postings = page(
        reading,
        lists.POSTINGS,
        cursor,
        limit,
        {"account_id": account.account_id},
        _POSTINGS.c.height.between(first, last),
    )
    return Statement(
        account=account,
        from_height=first,
        to_height=last,
        opening_minor=_balance_minor(reading, account, first - 1),
        closing_minor=_balance_minor(reading, account, last),
        postings=postings.rows,
        next_cursor=postings.next_cursor,
        height=reading.height,
        time_ms=reading.time_ms,
    )


def balance_page(
    reading: Reading,
    as_of_height: int,
    cursor: str | None,
    limit: int,
) -> Page[BalanceRow]:
    """Return the balances after a past height; raises HeightUnknown."""
    if not 0 <= as_of_height <= reading.height:
        raise HeightUnknown(f"0 to {reading.height}, not {as_of_height}")
    start = decode_cursor(_BALANCES, [int, str], cursor)
    order = [_ACCOUNTS.c.height, _ACCOUNTS.c.account_id]
    query = (
        sa.select(
            *(_ACCOUNTS.c[field] for field in ("height", "time_ms", "account_id", "owner")),
            _ACCOUNTS.c.asset_id,
            sa.func.coalesce(
                _latest(_ACCOUNTS.c.account_id, as_of_height).scalar_subquery(),
                _ACCOUNTS.c.opening_minor,
            ).label("balance_minor"),
        )
        .where(lists.ACCOUNTS.readable(reading), _ACCOUNTS.c.height <= as_of_height)
        .order_by(*order)
        .limit(check_limit(limit) + 1)
    )
    if start is not None:
        query = query.where(sa.tuple_(*order) > sa.tuple_(*start))
    records = reading.connection.execute(query).mappings()
    found = [BalanceRow(**record, as_of_height=as_of_height) for record in records]
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        rows=tuple(found[:limit]),
        next_cursor=last
        if last is None
        else encode_cursor(_BALANCES, [last.height, last.account_id]),
        height=reading.height,
        time_ms=reading.time_ms,
    )


def _balance_minor(reading: Reading, account: AccountRow, height: int) -> int:
    found: int | None = reading.connection.execute(
        _latest(sa.literal(account.account_id), height),
    ).scalar_one_or_none()
    return account.opening_minor if found is None else found


def _latest(account_id: sa.ColumnElement[str], height: int) -> sa.Select[Any]:
    """Return the balance of the last posting of an account up to a height."""
    return (
        sa.select(_POSTINGS.c.balance_minor)
        .where(_POSTINGS.c.account_id == account_id, _POSTINGS.c.height <= height)
        .order_by(_POSTINGS.c.height.desc(), _POSTINGS.c.position.desc())
        .limit(1)
    )
