"""What books are drawn from: a party's movements, openings and claims, by its own right.

Rules this file keeps:
 1. A party's books hold the movements of its own accounts and, for a bank, of deposit in its books;
    nobody reads another party's books here.
 2. Movements come in the order of the ledger and are never all held at once.
"""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from xinlian.readmodels import rows
from xinlian.readmodels.books.vouchers import Movement, Opening
from xinlian.readmodels.reading import Reading
from xinlian.readmodels.rows import CertificateRow, PeriodCloseRow
from xinlian.readmodels.tables import PROJECTION, TABLE_OF

ROWS_AT_ONCE: Final = 1_000
_DEPOSIT: Final = "deposit"
_TRANSFERS: Final = TABLE_OF[rows.TransferRow]
_EVENTS: Final = TABLE_OF[rows.EventRow]
_MESSAGES: Final = TABLE_OF[rows.MessageRow]
_ASSETS: Final = TABLE_OF[rows.AssetRow]
_ACCOUNTS: Final = TABLE_OF[rows.AccountRow]
_ENCUMBRANCES: Final = TABLE_OF[rows.EncumbranceRow]
_BLOCKS: Final = TABLE_OF[rows.BlockRow]
_CERTIFICATES: Final = TABLE_OF[rows.CertificateRow]
_CLOSES: Final = TABLE_OF[PeriodCloseRow]


def movements(
    reading: Reading,
    party: str,
    end_ms: int,
    *,
    start_ms: int = 0,
    from_height: int = 0,
) -> Iterator[Movement]:
    """Yield a party's movements of a range of time, in ledger order."""
    receiving, giving = _ACCOUNTS.alias("receiving"), _ACCOUNTS.alias("giving")
    t = _TRANSFERS
    query = (
        sa.select(
            t.c.height,
            t.c.time_ms,
            t.c.position,
            t.c.transaction_id,
            _EVENTS.c.call_index,
            sa.func.coalesce(_MESSAGES.c.message_type, "").label("message_type"),
            t.c.asset_id,
            _ASSETS.c.kind.label("asset_kind"),
            _ASSETS.c.issuer.label("asset_issuer"),
            _ASSETS.c.currency,
            t.c.debit_account,
            t.c.debit_owner,
            receiving.c.account_class.label("debit_class"),
            t.c.credit_account,
            t.c.credit_owner,
            giving.c.account_class.label("credit_class"),
            t.c.amount_minor,
            t.c.purpose,
            sa.func.coalesce(_ENCUMBRANCES.c.financier, "").label("financier"),
        )
        .select_from(t)
        .join(
            _EVENTS,
            sa.and_(_EVENTS.c.height == t.c.height, _EVENTS.c.position == t.c.position),
        )
        .join(_ASSETS, _ASSETS.c.asset_id == t.c.asset_id)
        .join(receiving, receiving.c.account_id == t.c.debit_account)
        .join(giving, giving.c.account_id == t.c.credit_account)
        .outerjoin(
            _MESSAGES,
            sa.and_(
                _MESSAGES.c.transaction_id == t.c.transaction_id,
                _MESSAGES.c.call_index <= _EVENTS.c.call_index,
                _MESSAGES.c.call_index + _MESSAGES.c.call_count > _EVENTS.c.call_index,
            ),
        )
        .outerjoin(_ENCUMBRANCES, _ENCUMBRANCES.c.leaf_id == t.c.purpose)
        .where(
            sa.or_(t.c.debit_owner == party, t.c.credit_owner == party, _in_books_of(party)),
            t.c.time_ms >= start_ms,
            t.c.time_ms < end_ms,
            t.c.height >= from_height,
        )
        .order_by(t.c.height, t.c.position)
    )
    for record in _streamed(reading, query):
        yield Movement(**record)


def openings(reading: Reading, party: str) -> list[Opening]:
    """Return the deposit accounts of a party, or in its books, that genesis opened with money."""
    a = _ACCOUNTS
    query = (
        sa.select(
            a.c.time_ms,
            a.c.account_id,
            a.c.owner,
            a.c.asset_issuer,
            a.c.currency,
            a.c.opening_minor,
        )
        .where(
            a.c.height == 0,
            a.c.asset_kind == _DEPOSIT,
            a.c.account_class == "holder",
            a.c.opening_minor != 0,
            sa.or_(a.c.owner == party, a.c.asset_issuer == party),
        )
        .order_by(a.c.account_id)
    )
    return [Opening(**record) for record in reading.connection.execute(query).mappings()]


def heights_of(reading: Reading, start_ms: int, end_ms: int) -> tuple[int, int]:
    """Return the first and the last height of a range of time; the last is below the first if none.

    The first is that after the last block before the range.
    """

    def last_before(moment_ms: int) -> int:
        found: int | None = reading.connection.scalar(
            sa.select(_BLOCKS.c.height)
            .where(_BLOCKS.c.time_ms < moment_ms)
            .order_by(_BLOCKS.c.time_ms.desc())
            .limit(1),
        )
        return -1 if found is None else found

    return last_before(start_ms) + 1, last_before(end_ms)


def chain_id(reading: Reading) -> str:
    """Return the chain that the books are of."""
    return str(reading.connection.scalar(sa.select(PROJECTION.c.chain_id)))


def closed_hash(reading: Reading, party: str, month: int) -> str:
    """Return what a party committed to when it closed a month, empty while it is open."""
    found = reading.connection.scalar(
        sa.select(_CLOSES.c.trial_balance_hash).where(
            _CLOSES.c.party_id == party,
            _CLOSES.c.period == month,
        ),
    )
    return str(found or "")


def certificates(reading: Reading, ids: list[str]) -> dict[str, CertificateRow]:
    """Return certificates by id."""
    found: dict[str, CertificateRow] = {}
    for start in range(0, len(ids), ROWS_AT_ONCE):
        query = sa.select(_CERTIFICATES).where(
            _CERTIFICATES.c.certificate_id.in_(ids[start : start + ROWS_AT_ONCE]),
        )
        for record in reading.connection.execute(query).mappings():
            found[str(record["certificate_id"])] = CertificateRow(**record)
    return found


def _in_books_of(bank: str) -> sa.ColumnElement[bool]:
    return sa.and_(_ASSETS.c.kind == _DEPOSIT, _ASSETS.c.issuer == bank)


def _streamed(reading: Reading, query: sa.Select[Any]) -> Iterator[Any]:
    options = {"yield_per": ROWS_AT_ONCE}
    yield from reading.connection.execute(query, execution_options=options).mappings()
