"""The lists that may be read: their order, and the right each needs.

Rules this file keeps:
 1. A list names the kind of object whose readers may see its rows; a list that names none is open
    to everybody, and only blocks are.
 2. The order of a list is total and never changes, so a cursor never skips or repeats a row.
 3. Bytes of a caller reach the database as bound values, after their size and alphabet are checked.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic

import sqlalchemy as sa

from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.readmodels import rows
from xinlian.readmodels.cursors import (
    CursorKey,
    check_key,
    check_limit,
    decode_cursor,
    encode_cursor,
    is_plain,
)
from xinlian.readmodels.reading import Reading
from xinlian.readmodels.rights import Kind
from xinlian.readmodels.rows import Page, RowT
from xinlian.readmodels.tables import KEY_OF, TABLE_OF

CERTIFICATE_ROLES: Final = ("obligor", "first_holder", "holder", "financier")
"""What a reader may be to a certificate: it owes, was first owed, holds, or was asked for money."""
BY_KIND_COLUMN: Final = "object_kind"


@dataclasses.dataclass(frozen=True, slots=True)
class RowList(Generic[RowT]):
    """One list; ``right`` is (kind, field of the object's id), None where it is open."""

    row_type: type[RowT]
    order: tuple[str, ...]
    right: tuple[Kind | None, str] | None
    """A kind of None is read from the row itself."""

    @property
    def table(self) -> sa.Table:
        """The table of its rows."""
        return TABLE_OF[self.row_type]

    def readable(self, reading: Reading) -> sa.ColumnElement[bool]:
        """Return the condition that the reader may see a row."""
        if self.right is None:
            return sa.true()
        kind, field = self.right
        named = self.table.c[BY_KIND_COLUMN] if kind is None else kind
        return reading.may_read(named, self.table.c[field])


def _list(
    row_type: type[RowT],
    order: Sequence[str],
    kind: Kind | None,
    field: str,
) -> RowList[RowT]:
    return RowList(row_type, tuple(order), (kind, field))


_H: Final = "height"
BLOCKS: Final = RowList(rows.BlockRow, (_H,), None)
TRANSACTIONS: Final = _list(
    rows.TransactionRow, (_H, "transaction_index"), Kind.TRANSACTION, "transaction_id"
)
MESSAGES: Final = _list(
    rows.MessageRow, ("transaction_id", "call_index"), Kind.TRANSACTION, "transaction_id"
)
EVENTS: Final = _list(rows.EventRow, (_H, "position"), None, "object_id")
PARTIES: Final = _list(rows.PartyRow, (_H, "party_id"), Kind.PARTY, "party_id")
KEYS: Final = _list(rows.KeyRow, (_H, "key_id"), Kind.PARTY, "party_id")
PROPOSALS: Final = _list(rows.ProposalRow, (_H, "proposal_id"), Kind.PROPOSAL, "proposal_id")
VOTES: Final = _list(rows.VoteRow, (_H, "round_no", "member"), Kind.PROPOSAL, "proposal_id")
POLICY: Final = _list(rows.PolicyVersionRow, ("name", "effective_from_ms"), Kind.POLICY, "name")
ACCOUNTS: Final = _list(rows.AccountRow, (_H, "account_id"), Kind.ACCOUNT, "account_id")
TRANSFERS: Final = _list(rows.TransferRow, (_H, "position"), Kind.TRANSFER, "transfer_id")
POSTINGS: Final = _list(rows.PostingRow, (_H, "position"), Kind.ACCOUNT, "account_id")
RESERVATIONS: Final = _list(rows.ReservationRow, (_H, "reservation_id"), Kind.ACCOUNT, "account_id")
BANK_ACCOUNTS: Final = _list(
    rows.BankAccountRow, (_H, "bank_account"), Kind.BANK_ACCOUNT, "bank_account"
)
BANK_ENTRIES: Final = _list(rows.BankEntryRow, (_H, "identity"), Kind.BANK_ENTRY, "identity")
PENDING_TRANSFERS: Final = _list(
    rows.PendingTransferRow, (_H, "pending_id"), Kind.PENDING, "pending_id"
)
BANK_STATEMENTS: Final = _list(
    rows.BankStatementRow, (_H, "account_id", "statement_day"), Kind.ACCOUNT, "account_id"
)
PERIOD_CLOSES: Final = _list(rows.PeriodCloseRow, ("party_id", "period"), Kind.PERIOD, "close_id")
DOCUMENTS: Final = _list(rows.DocumentRow, (_H, "root"), Kind.DOCUMENT, "root")
FACTS: Final = _list(rows.FactRow, (_H, "fact_id"), Kind.FACT, "fact_id")
VERDICTS: Final = _list(rows.VerdictRow, (_H, "verdict_id"), Kind.VERDICT, "verdict_id")
INVOICES: Final = _list(rows.InvoiceRow, (_H, "root"), Kind.INVOICE, "root")
CERTIFICATES: Final = _list(
    rows.CertificateRow, (_H, "certificate_id"), Kind.CERTIFICATE, "certificate_id"
)
LEAVES: Final = _list(rows.LeafRow, (_H, "leaf_id"), Kind.LEAF, "leaf_id")
ENCUMBRANCES: Final = _list(rows.EncumbranceRow, (_H, "leaf_id"), Kind.ENCUMBRANCE, "leaf_id")
OFFERS: Final = _list(rows.OfferRow, (_H, "offer_id"), Kind.OFFER, "offer_id")
PAYMENT_ORDERS: Final = _list(
    rows.PaymentOrderRow, (_H, "order_id"), Kind.PAYMENT_ORDER, "order_id"
)
OBLIGATIONS: Final = _list(
    rows.ObligationRow, (_H, "obligation_id"), Kind.OBLIGATION, "obligation_id"
)
LATE_INTEREST: Final = _list(
    rows.LateInterestRow, (_H, "obligation_id"), Kind.OBLIGATION, "obligation_id"
)
ISSUE_LINES: Final = _list(rows.IssueLineRow, (_H, "obligor"), Kind.ISSUE_LINE, "obligor")


def page(
    reading: Reading,
    of: RowList[RowT],
    cursor: str | None,
    limit: int,
    wanted: Mapping[str, str | None],
    *conditions: sa.ColumnElement[bool],
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
        conditions: what must hold besides.
        newest_first: turns the order around; its cursors are its own.
        after: the key of the last row seen, used when there is no cursor.

    Raises:
        LimitInvalid: the limit is outside its range.
        CursorInvalid: the cursor is of another list, or none; or ``after`` is out of range.
    """
    name = f"{of.table.name}-newest" if newest_first else str(of.table.name)
    order = [of.table.c[field] for field in of.order]
    key_types = [column.type.python_type for column in order]
    start = decode_cursor(name, key_types, cursor) or check_key(name, key_types, after)
    query = (
        sa.select(of.table)
        .where(of.readable(reading), *equals(of, wanted), *conditions)
        .order_by(*(column.desc() if newest_first else column for column in order))
        .limit(check_limit(limit) + 1)
    )
    if start is not None:
        query = query.where(_beyond(order, start, newest_first=newest_first))
    found = read_rows(reading, of.row_type, query)
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        rows=tuple(found[:limit]),
        next_cursor=None if last is None else _cursor_behind(name, of, last),
        height=reading.height,
        time_ms=reading.time_ms,
    )


def find(reading: Reading, of: RowList[RowT], object_id: str | int) -> RowT | None:
    """Return the one row with this first key field, or None: unknown or not to be read."""
    if not _may_exist(object_id):
        return None
    column = of.table.c[KEY_OF[of.row_type][0]]
    query = sa.select(of.table).where(column == object_id, of.readable(reading))
    found = read_rows(reading, of.row_type, query)
    return found[0] if found else None


def read_rows(reading: Reading, row_type: type[RowT], query: sa.Select[Any]) -> list[RowT]:
    """Return the typed rows of a query over their table."""
    records = reading.connection.execute(query).mappings()
    return [row_type(**record) for record in records]


def equals(
    of: RowList[RowT],
    wanted: Mapping[str, str | None],
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that columns have the wanted values; None asks for any."""
    return [
        of.table.c[field] == value if is_plain(value) else sa.false()
        for field, value in wanted.items()
        if value is not None
    ]


def certificate_role(reading: Reading, role: str | None) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that the reader has a role in a certificate."""
    if role is None:
        return []
    if role not in CERTIFICATE_ROLES or not reading.names:
        return [sa.false()]
    party_id = reading.names[0]
    if role in ("obligor", "first_holder"):
        return [CERTIFICATES.table.c[role] == party_id]
    leaves = LEAVES.table
    return [
        sa.exists(
            sa.select(sa.literal(1)).where(
                leaves.c.certificate_id == CERTIFICATES.table.c.certificate_id,
                leaves.c[role] == party_id,
            ),
        ),
    ]


def _cursor_behind(name: str, of: RowList[RowT], row: RowT) -> str:
    return encode_cursor(name, [getattr(row, field) for field in of.order])


def _beyond(
    order: Sequence[sa.ColumnElement[Any]],
    start: CursorKey,
    *,
    newest_first: bool,
) -> sa.ColumnElement[bool]:
    here, there = sa.tuple_(*order), sa.tuple_(*start)
    return here < there if newest_first else here > there


def _may_exist(object_id: str | int) -> bool:
    if isinstance(object_id, int):
        return 0 <= object_id <= AMOUNT_MINOR_MAX
    return is_plain(object_id)
