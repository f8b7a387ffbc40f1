"""Statements and balances of the past, from the postings.

Rules this file keeps:
 1. A balance after a height is that of the last posting up to it, else that of the opening.
 2. Opening balance plus debits minus credits of the range is the closing balance.
 3. A statement says after which height its opening balance was on the account: where nobody names
    a first height, that at which this node's history begins.
"""

from typing import NamedTuple

import sqlalchemy as sa

from xinlian.readmodels import lists
from xinlian.readmodels.books.periods import parse_period
from xinlian.readmodels.books.sources import heights_of
from xinlian.readmodels.cursors import check_limit, decode_cursor, encode_cursor
from xinlian.readmodels.errors import HeightUnknown, HistoryMissing, PeriodUnknown
from xinlian.readmodels.paging import Filter, page
from xinlian.readmodels.reading import Reading, since_height
from xinlian.readmodels.rows import (
    AccountRow,
    BalanceRow,
    LegRow,
    Page,
    PostingRow,
    Statement,
    TransferRow,
)
from xinlian.readmodels.tables import TABLE_OF

_ACCOUNTS = TABLE_OF[AccountRow]
_LEGS = TABLE_OF[LegRow]
_POSTINGS = "postings"
_TRANSFERS = TABLE_OF[TransferRow]
_BALANCES = "balances"


class Asked(NamedTuple):
    """Of which heights a statement is wanted: a period, or a first and a last one."""

    from_height: int | None = None
    """None for the earliest that is here."""
    to_height: int | None = None
    """None for the last."""
    period: str | None = None
    """A month or a quarter, in place of heights."""


def read_statement(
    reading: Reading,
    account: AccountRow,
    asked: Asked,
    cursor: str | None,
    limit: int,
) -> Statement:
    """Return the statement of an account that the reader may read.

    Raises:
        HeightUnknown: the range is empty, not projected yet, or begins before the first block here.
        HistoryMissing: the period was over before the first block here.
        PeriodUnknown: it is none, or stands beside heights.
    """
    since = since_height(reading.connection)
    first, last = _heights(reading, asked, since)
    postings = _postings(reading, account.account_id, (first, last), cursor, check_limit(limit))
    last_shown = postings[limit - 1] if len(postings) > limit else None
    return Statement(
        account=account,
        from_height=first,
        to_height=last,
        opening_minor=_balance_minor(reading, account, first - 1),
        closing_minor=_balance_minor(reading, account, last),
        postings=tuple(postings[:limit]),
        next_cursor=None
        if last_shown is None
        else encode_cursor(_POSTINGS, [last_shown.height, last_shown.position]),
        height=reading.height,
        time_ms=reading.time_ms,
        opening_height=max(first - 1, 0),
        since_height=since,
    )


def _heights(reading: Reading, asked: Asked, since: int) -> tuple[int, int]:
    """Return the first and the last height; the last is one below the first where none is meant."""
    if asked.period is not None:
        return _heights_of_period(reading, asked, since)
    earliest = since + 1 if since else 0
    first = earliest if asked.from_height is None else asked.from_height
    last = reading.height if asked.to_height is None else asked.to_height
    is_empty_by_default = asked.from_height is None and last == since  # restored, no block since
    is_range = earliest <= first <= last or is_empty_by_default
    if not is_range or last > reading.height:
        raise HeightUnknown(f"{earliest} to {reading.height}, not {first} to {last}")
    return first, last


def _heights_of_period(reading: Reading, asked: Asked, since: int) -> tuple[int, int]:
    """Return the heights of a period, from the first that is here."""
    if (asked.from_height, asked.to_height) != (None, None):
        raise PeriodUnknown("a period or heights, not both")
    period = parse_period(asked.period or "")
    first, last = heights_of(reading, period.start_ms, period.end_ms)
    if reading.time_ms < period.end_ms:
        last = reading.height  # also where the block of that height is not here
    if last < 0 and not since:
        raise HeightUnknown(f"the ledger begins after {period.name}")
    if last < since:
        raise HistoryMissing(f"this node begins at height {since}, after {period.name}")
    return max(first, since + 1 if since else 0), last


def balance_page(
    reading: Reading,
    as_of_height: int,
    cursor: str | None,
    limit: int,
) -> Page[BalanceRow]:
    """Return the balances after a past height; raises HeightUnknown."""
    since = since_height(reading.connection)
    if not since <= as_of_height <= reading.height:
        raise HeightUnknown(f"{since} to {reading.height}, not {as_of_height}")
    existed = Filter(_ACCOUNTS.c.height <= as_of_height)
    after = decode_cursor(_BALANCES, [int, str], cursor)
    accounts = page(reading, lists.ACCOUNTS, None, limit, {}, existed, after=after)
    last = accounts.rows[-1] if accounts.next_cursor is not None else None
    return Page(
        rows=tuple(
            BalanceRow(
                height=account.height,
                time_ms=account.time_ms,
                account_id=account.account_id,
                owner=account.owner,
                asset_id=account.asset_id,
                balance_minor=_balance_minor(reading, account, as_of_height),
                as_of_height=as_of_height,
            )
            for account in accounts.rows
        ),
        next_cursor=None
        if last is None
        else encode_cursor(_BALANCES, [last.height, last.account_id]),
        height=reading.height,
        time_ms=reading.time_ms,
        since_height=since,
    )


def _postings(
    reading: Reading,
    account_id: str,
    heights: tuple[int, int],
    cursor: str | None,
    limit: int,
) -> list[PostingRow]:
    """Return the postings of an account behind a cursor, one more than the limit if there are."""
    start = decode_cursor(_POSTINGS, [int, int], cursor)
    legs, t = _LEGS, _TRANSFERS
    other_account = sa.case((legs.c.is_debit, t.c.credit_account), else_=t.c.debit_account)
    other_owner = sa.case((legs.c.is_debit, t.c.credit_owner), else_=t.c.debit_owner)
    query = (
        sa.select(
            legs,
            other_account.label("counter_account"),
            other_owner.label("counter_owner"),
            t.c.purpose,
            t.c.transaction_id,
        )
        .join(t, sa.and_(t.c.height == legs.c.height, t.c.position == legs.c.position))
        .where(legs.c.account_id == account_id, legs.c.height.between(*heights))
        .order_by(legs.c.height, legs.c.position)
        .limit(limit + 1)
    )
    if start is not None:
        query = query.where(sa.tuple_(legs.c.height, legs.c.position) > sa.tuple_(*start))
    return [PostingRow(**record) for record in reading.connection.execute(query).mappings()]


def _balance_minor(reading: Reading, account: AccountRow, height: int) -> int:
    """Return the balance of the last posting of an account up to a height, or of its opening."""
    query = (
        sa.select(_LEGS.c.balance_minor)
        .where(_LEGS.c.account_id == account.account_id, _LEGS.c.height <= height)
        .order_by(_LEGS.c.height.desc(), _LEGS.c.position.desc())
        .limit(1)
    )
    found: int | None = reading.connection.execute(query).scalar_one_or_none()
    return account.opening_minor if found is None else found
