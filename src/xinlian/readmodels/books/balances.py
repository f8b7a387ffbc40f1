"""Trial balances, sub-ledgers, general ledgers and ageing, as pure functions of vouchers.

Rules this file keeps:
 1. Opening plus debits minus credits is closing, for every account and sub-account.
 2. Debits equal credits in every trial balance, at its opening, in its period and at its closing.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from xinlian.readmodels.books.chart import Chart
from xinlian.readmodels.books.rows import BalanceLine, VoucherRow

BUCKETS: Final = ((0, "not-due"), (30, "1-30"), (60, "31-60"), (90, "61-90"))
BUCKET_LAST: Final = "over-90"


class LedgerLine(NamedTuple):
    """A line of the general ledger: an entry with the balance of its account after it."""

    code: str
    name: str
    voucher: VoucherRow
    sub: str
    counterparty: str
    debit_minor: int
    credit_minor: int
    balance_minor: int


def balance_lines(
    chart: Chart,
    vouchers: Iterable[VoucherRow],
    start_ms: int,
    *,
    by_sub: bool,
) -> tuple[BalanceLine, ...]:
    """Return the accounts that any voucher touched, ascending by code.

    Args:
        chart: the template.
        vouchers: all from the beginning of the ledger to the end of the period.
        start_ms: when the period begins; what is earlier makes its opening balances.
        by_sub: one line a sub-account instead of one an account.
    """
    sums: dict[tuple[str, str, str], list[int]] = {}
    for voucher in vouchers:
        is_before = voucher.height == 0 or voucher.time_ms < start_ms
        for line in voucher.lines:
            key = (line.code, line.sub if by_sub else "", line.currency)
            found = sums.setdefault(key, [0, 0, 0])
            if is_before:
                found[0] += line.debit_minor - line.credit_minor
            else:
                found[1] += line.debit_minor
                found[2] += line.credit_minor
    return tuple(
        BalanceLine(
            code=code,
            name=f"{chart.named(code).zh} {chart.named(code).en}",
            sub=sub,
            currency=currency,
            opening_minor=opening_minor,
            debit_minor=debit_minor,
            credit_minor=credit_minor,
            closing_minor=opening_minor + debit_minor - credit_minor,
        )
        for (code, sub, currency), (opening_minor, debit_minor, credit_minor) in sorted(
            sums.items(),
        )
    )


def general_ledger(
    openings: Sequence[BalanceLine],
    vouchers: Iterable[VoucherRow],
) -> list[LedgerLine]:
    """Return the entries of a period by account, each with the balance after it.

    Args:
        openings: the trial balance of the period, one line an account.
        vouchers: those of the period alone.
    """
    balances = {(line.code, line.currency): line.opening_minor for line in openings}
    found: list[LedgerLine] = []
    for voucher in vouchers:
        if voucher.height == 0:
            continue  # it made the opening balances
        for line in voucher.lines:
            key = (line.code, line.currency)
            balances[key] = balances.get(key, 0) + line.debit_minor - line.credit_minor
            found.append(
                LedgerLine(
                    code=line.code,
                    name=line.name,
                    voucher=voucher,
                    sub=line.sub,
                    counterparty=line.counterparty,
                    debit_minor=line.debit_minor,
                    credit_minor=line.credit_minor,
                    balance_minor=balances[key],
                ),
            )
    return sorted(found, key=lambda line: line.code)


def bucket_of(days_overdue: int) -> str:
    """Return the class of ageing of a claim that is so many days overdue.

    >>> bucket_of(0), bucket_of(30), bucket_of(91)
    ('not-due', '1-30', 'over-90')
    """
    return next((name for last, name in BUCKETS if days_overdue <= last), BUCKET_LAST)
