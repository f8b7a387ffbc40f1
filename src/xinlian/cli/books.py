"""``xinlian books``: a party's books on screen and as files, and the closing of its months.

Rules this file keeps:
 1. Files are written from what the node answers, with the heights they are of; nothing is added.
 2. A closing commits to the trial balance that this machine drew up as a file, never to a hash that
    a node named.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec
import typer

from xinlian.cli.options import HomeOption, JsonOption, SignOption
from xinlian.cli.output import CommandRefused, show, show_list
from xinlian.cli.session import opened
from xinlian.client.session import Session
from xinlian.connectors import AccountStatement, StatementEntry, write_statement
from xinlian.modules.accounts.messages import ClosePeriod
from xinlian.primitives.time import china_midnight_ms
from xinlian.readmodels import ReadRefused
from xinlian.readmodels.books.balances import general_ledger
from xinlian.readmodels.books.chart import enterprise_chart
from xinlian.readmodels.books.periods import Period, parse_period
from xinlian.readmodels.books.rows import Ageing, TrialBalance, VoucherRow
from xinlian.readmodels.books.sheets import (
    Amount,
    Sheet,
    ageing_sheet,
    csv_bytes,
    ledger_sheet,
    statement_sheet,
    trial_balance_sheet,
    vouchers_sheet,
)
from xinlian.readmodels.books.workbook import xlsx_bytes
from xinlian.readmodels.rows import Statement

books_app = typer.Typer(no_args_is_help=True)
STATEMENT_PAGE: Final = 200
StructT = TypeVar("StructT", bound=msgspec.Struct)

PeriodOption = Annotated[str, typer.Option(help="期间 / YYYY-MM or YYYY-Qn")]
CsvOption = Annotated[
    Path | None,
    typer.Option("--csv", help="导出 CSV / write CSV to this file", dir_okay=False),
]
XlsxOption = Annotated[
    Path | None,
    typer.Option("--xlsx", help="导出 XLSX / write a workbook to this file", dir_okay=False),
]


@books_app.command("chart", help="科目表 / the chart of accounts")
def chart(as_json: JsonOption = False) -> None:
    """Print codes, names and citations of the template."""
    rows = [msgspec.to_builtins(account) for account in enterprise_chart().accounts]
    show_list(rows, as_json=as_json, columns=("code", "zh", "en", "verified", "citation"))


@books_app.command("trial-balance", help="试算平衡表 / all accounts of a period")
def trial_balance(
    period: PeriodOption,
    home: HomeOption,
    by_sub: Annotated[
        bool, typer.Option("--by-sub", help="按明细 / one line a sub-ledger")
    ] = False,
    csv: CsvOption = None,
    xlsx: XlsxOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print or write the trial balance."""
    with opened(home) as session:
        found = _trial_balance(session, _period(period), by_sub=by_sub)
    _deliver(trial_balance_sheet(found), csv, xlsx, as_json=as_json)


@books_app.command("vouchers", help="记账凭证(建议)/ proposed vouchers")
def vouchers(
    period: PeriodOption,
    home: HomeOption,
    csv: CsvOption = None,
    xlsx: XlsxOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print or write the vouchers of a period."""
    with opened(home) as session:
        found = _trial_balance(session, _period(period))
        listed = _vouchers(session, found)
    _deliver(vouchers_sheet(found, listed), csv, xlsx, as_json=as_json)


@books_app.command("ledger", help="总账 / the general ledger")
def ledger(
    period: PeriodOption,
    home: HomeOption,
    code: Annotated[str, typer.Option(help="只看此科目 / only this account")] = "",
    csv: CsvOption = None,
    xlsx: XlsxOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print or write entries by account, each with the balance after it."""
    with opened(home) as session:
        found = _trial_balance(session, _period(period))
        lines = general_ledger(found.lines, _vouchers(session, found))
    wanted = [line for line in lines if code in ("", line.code)]
    _deliver(ledger_sheet(found, wanted), csv, xlsx, as_json=as_json)


@books_app.command("ageing", help="账龄分析 / claims and debts by days overdue")
def ageing(
    period: PeriodOption,
    home: HomeOption,
    csv: CsvOption = None,
    xlsx: XlsxOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print or write the ageing at the end of a period."""
    asked = _period(period)
    with opened(home) as session:
        answer = session.node.get("/v1/books/ageing", {"period": asked.name})
    _deliver(ageing_sheet(_typed(answer, Ageing)), csv, xlsx, as_json=as_json)


@books_app.command("statement", help="对账单 / the statement of an account")
def statement(
    account: Annotated[str, typer.Argument(help="account_…")],
    home: HomeOption,
    period: Annotated[
        str,
        typer.Option(help="期间,默认本节点所有的全部 / YYYY-MM or YYYY-Qn; all of it by default"),
    ] = "",
    csv: CsvOption = None,
    xlsx: XlsxOption = None,
    camt053: Annotated[
        Path | None,
        typer.Option("--camt053", help="导出 camt.053 / write ISO 20022", dir_okay=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print or write opening balance, entries and closing balance of an account."""
    asked = _period(period) if period else None
    if camt053 is not None and asked is None:
        raise CommandRefused(
            "cli/options_conflict", "--camt053 is of a month or a quarter", "name it with --period"
        )
    with opened(home) as session:
        found = _statement(session, account, period)
        names = {
            str(row["party_id"]): str(row["name"])
            for row in session.node.iterate("/v1/parties", dict[str, object])
        }
    if camt053 is not None and asked is not None:
        _require_whole(found, asked)
        camt053.write_bytes(camt_of(found, asked, names))
    _deliver(statement_sheet(found, found.postings), csv, xlsx, as_json=as_json)


@books_app.command("close", help="月结 / close a month: sign its trial balance")
def close(
    period: PeriodOption,
    csv: Annotated[Path, typer.Option("--csv", help="试算表存于 / where to keep what is signed")],
    sign: SignOption,
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Write the trial balance and commit to its SHA-256 on the ledger."""
    asked = _period(period)
    if not asked.month:
        raise CommandRefused("cli/not_a_month", f"{asked.name} is no month", "close months")
    with opened(home) as session:
        found = _trial_balance(session, asked)
        if not found.is_over:
            raise CommandRefused("cli/month_not_over", f"{asked.name} is not over")
        content = csv_bytes(trial_balance_sheet(found))
        digest = hashlib.sha256(content).digest()
        csv.write_bytes(content)
        message = ClosePeriod(asked.month, max(found.to_height, 0), digest)
        submitted = session.submit(message, roles=sign)
    result: dict[str, object] = {
        "period": asked.name,
        "as_of_height": found.to_height,
        "sha256": digest.hex(),
        "written": str(csv),
        "transaction": submitted.signed.transaction_id.hex(),
        "height": submitted.outcome.height,
    }
    show(result, as_json=as_json)


def camt_of(found: Statement, asked: Period, names: dict[str, str]) -> bytes:
    """Return a statement of an account as camt.053.001.08.

    An account is named by its id without the kind, an entry by height and position.
    """
    account = found.account
    return write_statement(
        AccountStatement(
            message_id=f"{asked.name}-{found.to_height}",
            created_at_ms=china_midnight_ms(asked.end_day),
            account=account.account_id.partition("_")[2],
            owner_name=names.get(account.owner, account.owner),
            servicer_name=names.get(account.asset_issuer, account.asset_issuer),
            currency=account.currency,
            first_day=asked.first_day,
            last_day=asked.end_day - 1,
            opening_minor=found.opening_minor,
            closing_minor=found.closing_minor,
            entries=[
                StatementEntry(
                    reference=f"{posting.height}.{posting.position}",
                    amount_minor=posting.amount_minor,
                    is_credit=posting.is_debit,
                    booked_at_ms=posting.time_ms,
                    remittance_text=posting.purpose,
                )
                for posting in found.postings
            ],
        ),
    )


def _require_whole(found: Statement, asked: Period) -> None:
    """Refuse a report whose opening balance would be of a later moment than it claims."""
    if found.since_height and found.opening_height == found.since_height:
        raise CommandRefused(
            "readmodels/history_missing",
            f"this node begins at height {found.since_height}: whether {asked.name} began before, "
            "it does not know",
        )


def _period(text: str) -> Period:
    try:
        return parse_period(text)
    except ReadRefused as error:
        raise CommandRefused(error.reference, str(error), error.next_step) from None


def _trial_balance(session: Session, asked: Period, *, by_sub: bool = False) -> TrialBalance:
    parameters = {"period": asked.name, "by_sub": "true" if by_sub else "false"}
    return _typed(session.node.get("/v1/books/trial-balance", parameters), TrialBalance)


def _vouchers(session: Session, found: TrialBalance) -> list[VoucherRow]:
    asked = {"period": found.period}
    items = session.node.iterate("/v1/books/vouchers", dict[str, object], asked)
    listed = (_typed(item, VoucherRow) for item in items)
    return [voucher for voucher in listed if voucher.height <= found.to_height]


def _statement(session: Session, account: str, period: str) -> Statement:
    """Return the whole statement of an account, page by page, its range fixed by the first."""
    asked: dict[str, Any] = {"limit": STATEMENT_PAGE} | ({"period": period} if period else {})
    path = f"/v1/accounts/{account}/statement"
    page = first = _typed(session.node.get(path, asked), Statement)
    postings = list(first.postings)
    while page.next_cursor is not None:
        asked = {
            "from_height": first.from_height,
            "to_height": first.to_height,
            "limit": STATEMENT_PAGE,
            "cursor": page.next_cursor,
        }
        page = _typed(session.node.get(path, asked), Statement)
        postings += page.postings
    return msgspec.structs.replace(first, postings=tuple(postings), next_cursor=None)


def _typed(answer: object, of_type: type[StructT]) -> StructT:
    return msgspec.convert(answer, of_type, strict=False)


def _deliver(sheet: Sheet, csv: Path | None, xlsx: Path | None, *, as_json: bool) -> None:
    """Write a sheet to the files that were asked for, and print it where none was."""
    written: list[str] = []
    for path, content in ((csv, csv_bytes), (xlsx, xlsx_bytes)):
        if path is not None:
            path.write_bytes(content(sheet))
            written.append(str(path))
    if written:
        show({"written": ", ".join(written), **_about(sheet)}, as_json=as_json)
        return
    rows: Sequence[dict[str, object]] = [
        {name: _plain(cell) for name, cell in zip(sheet.columns, row, strict=True)}
        for row in sheet.rows
    ]
    show_list(
        rows, as_json=as_json, about=_about(sheet), empty="期间内无记录 / nothing in this period"
    )


def _about(sheet: Sheet) -> dict[str, object]:
    return {name: _plain(cell) for name, cell in sheet.about}


def _plain(cell: str | int | Amount) -> object:
    return cell.text() if isinstance(cell, Amount) else cell
