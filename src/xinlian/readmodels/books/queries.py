"""What may be asked of books; each reader reads its own.

Rules this file keeps:
 1. The books are the reader's: no question names another party.
 2. A period that is over never changes again: its books depend on its blocks and the template.
 3. Books are drawn up from the first block on; a node that lacks it refuses, since its sums would
    be others.
"""

import hashlib
import itertools
from collections.abc import Iterator
from typing import Final

from xinlian.primitives.time import china_day
from xinlian.readmodels import lists
from xinlian.readmodels.books import sources
from xinlian.readmodels.books.balances import balance_lines, bucket_of
from xinlian.readmodels.books.chart import enterprise_chart
from xinlian.readmodels.books.periods import Period, parse_period
from xinlian.readmodels.books.rows import (
    Ageing,
    AgeingLine,
    TrialBalance,
    VoucherRow,
)
from xinlian.readmodels.books.sheets import csv_bytes, trial_balance_sheet
from xinlian.readmodels.books.vouchers import opening_voucher, vouchers_of
from xinlian.readmodels.cursors import check_limit, decode_cursor, encode_cursor
from xinlian.readmodels.database import Database
from xinlian.readmodels.errors import HistoryMissing
from xinlian.readmodels.paging import page
from xinlian.readmodels.reading import Reading, open_reading, since_height
from xinlian.readmodels.rows import BankStatementRow, Page, PendingTransferRow, PeriodCloseRow

_VOUCHERS: Final = "vouchers"
_CLAIM: Final = "claim"
_ISSUE: Final = "issue"


class Books:
    """Questions to the books; ``reader`` is the 20-byte id of the party whose they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def trial_balance(
        self,
        reader: bytes,
        period: str,
        *,
        by_sub: bool = False,
    ) -> TrialBalance | None:
        """Return all accounts of a period, or None for no party.

        Raises:
            PeriodUnknown: the period is no month and no quarter.
            HistoryMissing: this node lacks its first blocks.
        """
        asked = parse_period(period)
        with open_reading(self._database, reader) as reading:
            _require_whole_history(reading)
            if not reading.names:
                return None
            return _trial_balance(reading, asked, by_sub=by_sub)

    def vouchers(
        self,
        reader: bytes,
        period: str,
        *,
        cursor: str | None = None,
        limit: int,
    ) -> Page[VoucherRow]:
        """Return the vouchers of a period in ledger order.

        Raises:
            PeriodUnknown: the period is no month and no quarter.
            CursorInvalid: this list did not give the cursor.
            HistoryMissing: this node lacks its first blocks.
        """
        asked = parse_period(period)
        after = decode_cursor(_VOUCHERS, [int, int], cursor) or (-1, -1)
        with open_reading(self._database, reader) as reading:
            _require_whole_history(reading)
            behind = (
                voucher
                for voucher in _vouchers(reading, asked, from_height=max(int(after[0]), 0))
                if (voucher.height, voucher.position) > after
            )
            found = list(itertools.islice(behind, check_limit(limit) + 1))
            last = found[limit - 1] if len(found) > limit else None
            return Page(
                rows=tuple(found[:limit]),
                next_cursor=None
                if last is None
                else encode_cursor(_VOUCHERS, [last.height, last.position]),
                height=reading.height,
                time_ms=reading.time_ms,
            )

    def ageing(self, reader: bytes, period: str) -> Ageing | None:
        """Return claims and debts at the end of a period, or None for no party.

        Raises:
            PeriodUnknown: the period is no month and no quarter.
            HistoryMissing: this node lacks its first blocks.
        """
        asked = parse_period(period)
        with open_reading(self._database, reader) as reading:
            _require_whole_history(reading)
            return _ageing(reading, asked) if reading.names else None

    def closes(
        self,
        reader: bytes,
        *,
        cursor: str | None = None,
        limit: int,
    ) -> Page[PeriodCloseRow]:
        """Return the months that the reader closed."""
        with open_reading(self._database, reader) as reading:
            return page(reading, lists.PERIOD_CLOSES, cursor, limit, {})

    def pending_transfers(
        self,
        reader: bytes,
        *,
        status: str | None = None,
        cursor: str | None = None,
        limit: int,
    ) -> Page[PendingTransferRow]:
        """Return pending transfers that the reader gives, receives, settles or keeps books of."""
        with open_reading(self._database, reader) as reading:
            return page(reading, lists.PENDING_TRANSFERS, cursor, limit, {"status": status})

    def bank_statements(
        self,
        reader: bytes,
        *,
        account_id: str | None = None,
        cursor: str | None = None,
        limit: int,
    ) -> Page[BankStatementRow]:
        """Return closing balances that banks stated, beside those of the ledger."""
        with open_reading(self._database, reader) as reading:
            wanted = {"account_id": account_id}
            return page(reading, lists.BANK_STATEMENTS, cursor, limit, wanted)


def _require_whole_history(reading: Reading) -> None:
    since = since_height(reading.connection)
    if since:
        raise HistoryMissing(f"this node begins at height {since}")


def _trial_balance(reading: Reading, asked: Period, *, by_sub: bool) -> TrialBalance:
    party = reading.names[0]
    chart = enterprise_chart()
    from_height, to_height = sources.heights_of(reading, asked.start_ms, asked.end_ms)
    opening = opening_voucher(party, chart, sources.openings(reading, party))
    everything = vouchers_of(party, chart, sources.movements(reading, party, asked.end_ms))
    begun = [opening] if opening is not None and to_height >= 0 else []
    found = TrialBalance(
        chain_id=sources.chain_id(reading),
        party_id=party,
        period=asked.name,
        template=chart.name,
        from_height=from_height,
        to_height=to_height,
        is_over=reading.time_ms >= asked.end_ms,
        lines=balance_lines(
            chart, itertools.chain(begun, everything), asked.start_ms, by_sub=by_sub
        ),
        csv_sha256="",
        closed_hash=sources.closed_hash(reading, party, asked.month) if asked.month else "",
        height=reading.height,
        time_ms=reading.time_ms,
    )
    return with_hash(found)


def with_hash(found: TrialBalance) -> TrialBalance:
    """Return a trial balance with the hash of its export."""
    content = csv_bytes(trial_balance_sheet(found))
    values = {name: getattr(found, name) for name in found.__struct_fields__}
    return TrialBalance(**{**values, "csv_sha256": hashlib.sha256(content).hexdigest()})


def _vouchers(reading: Reading, asked: Period, from_height: int) -> Iterator[VoucherRow]:
    if not reading.names:
        return
    party = reading.names[0]
    chart = enterprise_chart()
    opening = opening_voucher(party, chart, sources.openings(reading, party))
    if opening is not None and asked.start_ms <= opening.time_ms < asked.end_ms:
        yield opening
    yield from vouchers_of(
        party,
        chart,
        sources.movements(
            reading, party, asked.end_ms, start_ms=asked.start_ms, from_height=from_height
        ),
    )


def _ageing(reading: Reading, asked: Period) -> Ageing:
    party = reading.names[0]
    owed: dict[tuple[str, str, str], int] = {}
    for m in sources.movements(reading, party, asked.end_ms):
        if m.asset_kind != _CLAIM:
            continue
        for owner, account_class, amount_minor in (
            (m.debit_owner, m.debit_class, m.amount_minor),
            (m.credit_owner, m.credit_class, -m.amount_minor),
        ):
            if owner == party:
                side = "payable" if account_class == _ISSUE else "receivable"
                key = (side, m.asset_issuer, m.currency)
                owed[key] = owed.get(key, 0) + amount_minor
    open_now = {key: abs(amount) for key, amount in owed.items() if amount}
    known = sources.certificates(reading, sorted({key[1] for key in open_now}))
    as_of_day = min(asked.end_day - 1, china_day(reading.time_ms))
    lines = []
    for (side, certificate_id, currency), amount_minor in sorted(open_now.items()):
        certificate = known[certificate_id]
        days = max(as_of_day - certificate.due_day, 0)
        lines.append(
            AgeingLine(
                certificate_id=certificate_id,
                side=side,
                obligor=certificate.obligor,
                currency=currency,
                due_day=certificate.due_day,
                days_overdue=days,
                bucket=bucket_of(days),
                amount_minor=amount_minor,
            ),
        )
    return Ageing(
        party_id=party,
        period=asked.name,
        as_of_day=as_of_day,
        to_height=sources.heights_of(reading, asked.start_ms, asked.end_ms)[1],
        lines=tuple(lines),
        height=reading.height,
        time_ms=reading.time_ms,
    )
