"""The books commands against a running node: files that are what the screen says, closings."""

import csv
import hashlib
import io
import json
import zipfile

import pytest
from typer.testing import CliRunner

from xinlian.api import BackgroundServer
from xinlian.bootstrap import run_node
from xinlian.cli import books
from xinlian.cli.logs import configure_logs
from xinlian.cli.output import CommandRefused
from xinlian.client.session import Session
from xinlian.connectors import read_document
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.evidence.statements import BankEntryStatement
from xinlian.modules.schedule.messages import AdvanceClock
from xinlian.primitives import format_id
from xinlian.primitives.time import china_midnight_ms, day_of_iso
from xinlian.testing import Consortium


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Give (consortium, url) of a node on which core paid bank 1 234.56 in November."""
    configure_logs(quiet=True)
    consortium = Consortium()
    consortium.close()
    folder = tmp_path_factory.mktemp("node")
    running = run_node(folder, consortium.genesis_bytes, consortium["core"].keys["operator"])
    with running, BackgroundServer(running.app) as server:
        with Session.connect(consortium["core"], [server.url]) as session:
            core, bank = consortium.account("core"), consortium.account("bank")
            session.submit(Transfer(core, bank, 1_234_56), roles=["finance-1"])
            first = china_midnight_ms(day_of_iso("2026-12-01"))
            session.submit(AdvanceClock(first), roles=["operator"])
        running.engine.wait_until(
            lambda: running.engine.application.environment().time_ms >= first,
        )
        head = running.node.head().header.height
        assert running.projector.wait_for(head, 30)
        yield consortium, server.url


@pytest.fixture
def run(desk, monkeypatch):
    """Give a function that runs a command as core, its home folder being that of the node."""
    consortium, url = desk
    monkeypatch.setattr(books, "opened", lambda _: Session.connect(consortium["core"], [url]))

    def command(*arguments: str) -> str:
        result = CliRunner().invoke(books.books_app, [*arguments, "--home", "."])
        if result.exception is not None:
            raise result.exception
        return result.stdout

    return command


def rows_of(path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def test_a_trial_balance_is_shown_and_written(run, tmp_path):
    shown = json.loads(run("trial-balance", "--period", "2026-11", "--json"))["items"]
    cash = next(row for row in shown if row["科目 code"] == "1002.01")
    assert cash["本期贷方 credit"] == "1234.56"
    target = tmp_path / "balance.csv"
    run("trial-balance", "--period", "2026-11", "--csv", str(target))
    assert rows_of(target)[-1][0] == "合计 total"
    assert run("trial-balance", "--period", "2026-11", "--by-sub", "--json").count("account_")


def test_ledger_vouchers_and_ageing_are_files_too(run, tmp_path):
    for name in ("ledger", "vouchers", "ageing"):
        target, book = tmp_path / f"{name}.csv", tmp_path / f"{name}.xlsx"
        run(name, "--period", "2026-Q4", "--csv", str(target), "--xlsx", str(book))
        assert len(rows_of(target)) > 5
        assert zipfile.ZipFile(book).testzip() is None
    only = json.loads(run("ledger", "--period", "2026-11", "--code", "1002.01", "--json"))
    assert [row["余额 balance"] for row in only["items"]] == ["4998765.44"]


def test_a_statement_is_read_back_as_camt053(run, desk, tmp_path):
    consortium, _ = desk
    target = tmp_path / "statement.xml"
    account = format_id("account", consortium.account("core"))
    run("statement", account, "--period", "2026-11", "--camt053", str(target))
    found = read_document(target.read_bytes())
    assert isinstance(found, BankEntryStatement)
    assert (found.opening_balance_minor, found.closing_balance_minor) == (
        5_000_000_00,
        5_000_000_00 - 1_234_56,
    )
    assert [(entry.amount_minor, entry.is_credit) for entry in found.entries] == [(1_234_56, False)]


def test_a_statement_of_everything_says_after_which_height_its_opening_balance_was(run, desk):
    account = format_id("account", desk[0].account("core"))
    about = json.loads(run("statement", account, "--json"))["about"]
    assert (about["期初余额 opening"], about["期初高度 opening after height"]) == ("5000000.00", 0)
    assert "5000000.00" in run("statement", account)


def test_a_quiet_month_has_a_statement_too(run, desk):
    account = format_id("account", desk[0].account("core"))
    shown = run("statement", account, "--period", "2026-12")
    assert shown.count("4998765.44") == 2
    assert "期间内无记录 / nothing in this period" in shown


def test_a_report_for_a_bank_is_of_a_period_whose_beginning_is_known(run, desk, tmp_path):
    account = format_id("account", desk[0].account("core"))
    with pytest.raises(CommandRefused) as refused:
        run("statement", account, "--camt053", str(tmp_path / "no.xml"))
    assert refused.value.reference == "cli/options_conflict"


def test_a_month_is_closed_with_the_hash_of_the_written_file(run, desk, tmp_path):
    consortium, url = desk
    target = tmp_path / "closed.csv"
    answer = json.loads(
        run("close", "--period", "2026-11", "--csv", str(target), "--sign", "finance-1", "--json"),
    )
    assert answer["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    with Session.connect(consortium["core"], [url]) as session:
        found = session.node.get("/v1/books/trial-balance", {"period": "2026-11"})
    assert found["closed_hash"] == found["csv_sha256"] == answer["sha256"]


def test_what_cannot_be_closed_or_asked_is_named(run, tmp_path):
    target = str(tmp_path / "no.csv")
    for period, reference in (
        ("2026-Q4", "cli/not_a_month"),
        ("2027-12", "cli/month_not_over"),
        ("soon", "readmodels/period_unknown"),
    ):
        with pytest.raises(CommandRefused) as refused:
            run("close", "--period", period, "--csv", target, "--sign", "finance-1")
        assert refused.value.reference == reference


def test_the_chart_says_what_was_not_verified():
    result = CliRunner().invoke(books.books_app, ["chart", "--json"])
    assert all(row["verified"] is False for row in json.loads(result.stdout)["items"])
