"""Books as sheets, and sheets as CSV: the same content gives the same bytes, everywhere.

Rules this file keeps:
 1. A sheet names the party, the period and the heights it is of; nothing in it depends on when or
    where it was exported.
 2. A text that a spreadsheet would take for a formula is written so that it stays text.
 3. Amounts are exact decimals with a full stop; a debit is positive.

Source: RFC 4180; OWASP, CSV injection.
"""

import csv
import dataclasses
import io
from collections.abc import Iterable, Sequence
from typing import Final

from xinlian.primitives.time import iso_of_day, iso_of_ms
from xinlian.readmodels.books.balances import LedgerLine
from xinlian.readmodels.books.rows import Ageing, TrialBalance, VoucherRow
from xinlian.readmodels.rows import PostingRow, Statement

SCALE: Final = 2
"""Decimals of an amount; every asset of this version has two."""
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclasses.dataclass(frozen=True, slots=True)
class Amount:
    """An amount in a cell."""

    minor: int

    def text(self) -> str:
        """Return it as a decimal."""
        sign = "-" if self.minor < 0 else ""
        units, rest = divmod(abs(self.minor), 10**SCALE)
        return f"{sign}{units}.{rest:0{SCALE}}"


Cell = str | int | Amount


@dataclasses.dataclass(frozen=True, slots=True)
class Sheet:
    """A named table with what it is of above it."""

    title: str
    about: tuple[tuple[str, Cell], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def csv_bytes(sheet: Sheet) -> bytes:
    """Return a sheet as CSV in UTF-8 with a byte-order mark, so that spreadsheets read Chinese."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for line in table_of(sheet):
        writer.writerow([cell_text(cell) for cell in line])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def table_of(sheet: Sheet) -> list[tuple[Cell, ...]]:
    """Return all lines of a sheet: its title, what it is of, its head, its rows."""
    return [(sheet.title,), *sheet.about, (), sheet.columns, *sheet.rows]


def cell_text(cell: Cell) -> str:
    """Return a cell as text that no spreadsheet computes.

    >>> cell_text("=1+1"), cell_text(Amount(-105))
    ("'=1+1", '-1.05')
    """
    if isinstance(cell, Amount):
        return cell.text()
    if isinstance(cell, int):
        return str(cell)
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def trial_balance_sheet(found: TrialBalance) -> Sheet:
    """Return a trial balance with balances on the side where they are."""
    rows: list[tuple[Cell, ...]] = []
    totals = [0] * 6
    for line in found.lines:
        amounts = (
            max(line.opening_minor, 0),
            max(-line.opening_minor, 0),
            line.debit_minor,
            line.credit_minor,
            max(line.closing_minor, 0),
            max(-line.closing_minor, 0),
        )
        totals = [total + amount for total, amount in zip(totals, amounts, strict=True)]
        rows.append((line.code, line.name, line.sub, line.currency, *map(Amount, amounts)))
    rows.append(("合计 total", "", "", "", *map(Amount, totals)))
    return Sheet(
        "试算平衡表 trial balance",
        (
            ("账本 chain", found.chain_id),
            ("主体 party", found.party_id),
            ("期间 period", found.period),
            ("科目模板 template", found.template),
            ("起始高度 from height", found.from_height),
            ("截止高度 to height", found.to_height),
        ),
        (
            "科目 code",
            "名称 name",
            "明细 sub-ledger",
            "币种 currency",
            "期初借方 opening debit",
            "期初贷方 opening credit",
            "本期借方 debit",
            "本期贷方 credit",
            "期末借方 closing debit",
            "期末贷方 closing credit",
        ),
        tuple(rows),
    )


def vouchers_sheet(of: TrialBalance, vouchers: Iterable[VoucherRow]) -> Sheet:
    """Return the lines of vouchers, each with the message and height it comes from."""
    return Sheet(
        "记账凭证(建议)proposed vouchers",
        _about(of),
        (
            "凭证号 voucher",
            "时间 time",
            "高度 height",
            "交易 transaction",
            "消息 message",
            "步骤 step",
            "业务对象 object",
            "科目 code",
            "名称 name",
            "明细 sub-ledger",
            "对方 counterparty",
            "借方 debit",
            "贷方 credit",
        ),
        tuple(
            (
                voucher.voucher_id,
                iso_of_ms(voucher.time_ms),
                voucher.height,
                voucher.transaction_id,
                voucher.message_type,
                voucher.step,
                voucher.business_object,
                line.code,
                line.name,
                line.sub,
                line.counterparty,
                Amount(line.debit_minor),
                Amount(line.credit_minor),
            )
            for voucher in vouchers
            for line in voucher.lines
        ),
    )


def ledger_sheet(of: TrialBalance, lines: Iterable[LedgerLine]) -> Sheet:
    """Return the general ledger: entries by account, each with the balance after it."""
    return Sheet(
        "总账 general ledger",
        _about(of),
        (
            "科目 code",
            "名称 name",
            "凭证号 voucher",
            "时间 time",
            "步骤 step",
            "业务对象 object",
            "明细 sub-ledger",
            "对方 counterparty",
            "借方 debit",
            "贷方 credit",
            "余额 balance",
        ),
        tuple(
            (
                line.code,
                line.name,
                line.voucher.voucher_id,
                iso_of_ms(line.voucher.time_ms),
                line.voucher.step,
                line.voucher.business_object,
                line.sub,
                line.counterparty,
                Amount(line.debit_minor),
                Amount(line.credit_minor),
                Amount(line.balance_minor),
            )
            for line in lines
        ),
    )


def ageing_sheet(found: Ageing) -> Sheet:
    """Return claims and debts by how long they are overdue."""
    return Sheet(
        "账龄分析 ageing",
        (
            ("主体 party", found.party_id),
            ("期间 period", found.period),
            ("截止日 as of", iso_of_day(found.as_of_day)),
            ("截止高度 to height", found.to_height),
        ),
        (
            "方向 side",
            "凭证 certificate",
            "债务人 obligor",
            "币种 currency",
            "到期日 due",
            "逾期天数 days overdue",
            "账龄 bucket",
            "金额 amount",
        ),
        tuple(
            (
                line.side,
                line.certificate_id,
                line.obligor,
                line.currency,
                iso_of_day(line.due_day),
                line.days_overdue,
                line.bucket,
                Amount(line.amount_minor),
            )
            for line in found.lines
        ),
    )


def statement_sheet(found: Statement, postings: Sequence[PostingRow]) -> Sheet:
    """Return the statement of an account with its opening and closing balance."""
    return Sheet(
        "对账单 statement of account",
        (
            ("账户 account", found.account.account_id),
            ("户主 owner", found.account.owner),
            ("起始高度 from height", found.from_height),
            ("截止高度 to height", found.to_height),
            ("期初余额 opening", Amount(found.opening_minor)),
            ("期初高度 opening after height", found.opening_height),
            ("期末余额 closing", Amount(found.closing_minor)),
        ),
        (
            "时间 time",
            "高度 height",
            "序号 position",
            "交易 transaction",
            "对方 counterparty",
            "业务对象 object",
            "收入 received",
            "支出 given",
            "余额 balance",
        ),
        tuple(
            (
                iso_of_ms(posting.time_ms),
                posting.height,
                posting.position,
                posting.transaction_id,
                posting.counter_owner,
                posting.purpose,
                Amount(posting.amount_minor if posting.is_debit else 0),
                Amount(0 if posting.is_debit else posting.amount_minor),
                Amount(posting.balance_minor),
            )
            for posting in postings
        ),
    )


def _about(of: TrialBalance) -> tuple[tuple[str, Cell], ...]:
    return (
        ("账本 chain", of.chain_id),
        ("主体 party", of.party_id),
        ("期间 period", of.period),
        ("科目模板 template", of.template),
        ("起始高度 from height", of.from_height),
        ("截止高度 to height", of.to_height),
    )
