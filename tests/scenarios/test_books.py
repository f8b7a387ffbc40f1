"""A quarter audited with nothing but exports and receipts.

Roles: core owes; supplier1 is owed and owes supplier2; bank finances; settle keeps the money.
The auditor holds: the genesis file; for each party the files of three closed months (trial balance,
vouchers, statement of account); a receipt of each closing and of the messages in the vouchers.  She
has no node, no database, and believes no figure that she has not added up herself.
"""

import csv
import dataclasses
import hashlib
import io
import itertools
from typing import Any

import pytest

from unit.readmodels.stories import Told, open_model, sqlite_address, tell_paid
from xinlian.bootstrap import build_contracts
from xinlian.cli.books import camt_of
from xinlian.connectors import read_document
from xinlian.crypto import codec
from xinlian.engines.embedded import build_receipt
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.accounts.messages import ClosePeriod
from xinlian.modules.evidence.statements import BankEntryStatement
from xinlian.primitives import format_id
from xinlian.primitives.time import china_midnight_ms
from xinlian.readmodels import ReadModel
from xinlian.readmodels.books.periods import parse_period
from xinlian.readmodels.books.sheets import csv_bytes, trial_balance_sheet, vouchers_sheet
from xinlian.verifier import verify_receipt

MONTHS = ("2027-01", "2027-02", "2027-03")
PARTIES = ("core", "supplier1", "bank")
CASH, CERTIFICATE_PAYABLE = "1002.01", "2202.02"


@dataclasses.dataclass
class Month:
    """What a party hands over for a month."""

    trial_balance: bytes
    vouchers: bytes
    statement: bytes
    closing_receipt: bytes


@dataclasses.dataclass
class Handed:
    """Everything that the auditor has."""

    genesis: bytes
    months: dict[tuple[str, str], Month]
    message_receipts: dict[str, bytes]
    """By transaction id."""


def drawn_up(told: Told, model: ReadModel, name: str, month: str) -> Month:
    """Have a party draw up its month and close it."""
    party, asked = told.party(name), parse_period(month)
    balance = model.books.trial_balance(party, month)
    assert balance is not None
    content = csv_bytes(trial_balance_sheet(balance))
    listed = model.books.vouchers(party, month, limit=200).rows
    account = format_id("account", told.consortium.account(name))
    statement = model.statement(party, account, period=month, limit=200)
    assert statement is not None
    digest = hashlib.sha256(content).digest()
    closed = told.send(name, ClosePeriod(asked.month, balance.to_height, digest))
    return Month(
        content,
        csv_bytes(vouchers_sheet(balance, listed)),
        camt_of(statement, asked, {}),
        build_receipt(told.store, closed.transaction_id),
    )


@pytest.fixture(scope="module")
def handed(tmp_path_factory):
    told = tell_paid()
    told.consortium.advance_to(china_midnight_ms(parse_period("2027-04").first_day))
    model = open_model(sqlite_address(tmp_path_factory.mktemp("audit")), told.consortium)
    model.project(told.store)
    months = {
        (name, month): drawn_up(told, model, name, month) for name in PARTIES for month in MONTHS
    }
    transactions = {
        row[3] for month in months.values() for row in lines_of(month.vouchers) if row[3]
    }
    receipts = {
        transaction: build_receipt(told.store, bytes.fromhex(transaction))
        for transaction in transactions
    }
    yield Handed(told.consortium.genesis_bytes, months, receipts)
    model.close()
    told.consortium.close()


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def lines_of(content: bytes) -> list[list[str]]:
    """Return the rows below the head of an export."""
    rows = table(content)
    return rows[rows.index([]) + 2 :]


def fen(text: str) -> int:
    """Return minor units of an exported amount."""
    sign = -1 if text.startswith("-") else 1
    units, _, rest = text.lstrip("-").partition(".")
    return sign * (int(units) * 100 + int(rest))


def closings(month: Month) -> dict[str, tuple[int, int, int]]:
    """Return {code: (opening, net movement, closing)} of a trial balance, debit positive."""
    return {
        row[0]: (
            fen(row[4]) - fen(row[5]),
            fen(row[6]) - fen(row[7]),
            fen(row[8]) - fen(row[9]),
        )
        for row in lines_of(month.trial_balance)[:-1]
    }


def signed_in(receipt: bytes) -> ClosePeriod:
    """Return the closing that a receipt proves."""
    file: Any = codec.decode(receipt)
    raw: bytes = file[3][1]
    message = build_contracts().decode(bytes(decode_transaction(raw).body.calls[0].message))
    assert isinstance(message, ClosePeriod)
    return message


def test_each_closing_is_proven_and_is_of_the_file_that_was_handed_over(handed):
    for (_, name), month in handed.months.items():
        report = verify_receipt(month.closing_receipt, handed.genesis, allow_simulated=True)
        assert report.code == 0
        closing = signed_in(month.closing_receipt)
        assert closing.trial_balance_hash == hashlib.sha256(month.trial_balance).digest()
        assert closing.period == int(name.replace("-", ""))


def test_a_changed_figure_is_found(handed):
    month = handed.months["core", "2027-03"]
    changed = month.trial_balance.replace(b"1000000.00", b"1000000.01")
    assert changed != month.trial_balance
    closing = signed_in(month.closing_receipt)
    assert closing.trial_balance_hash != hashlib.sha256(changed).digest()


def test_debits_equal_credits_in_every_month(handed):
    for month in handed.months.values():
        for at in range(3):
            assert sum(amounts[at] for amounts in closings(month).values()) == 0


def test_each_month_begins_where_the_one_before_ended(handed):
    for name in PARTIES:
        for earlier, later in itertools.pairwise(MONTHS):
            before = closings(handed.months[name, earlier])
            after = closings(handed.months[name, later])
            assert {code: amounts[0] for code, amounts in after.items() if amounts[0]} == {
                code: amounts[2] for code, amounts in before.items() if amounts[2]
            }


def test_vouchers_add_up_to_the_movements_of_the_trial_balance(handed):
    for month in handed.months.values():
        moved: dict[str, int] = {}
        for row in lines_of(month.vouchers):
            moved[row[7]] = moved.get(row[7], 0) + fen(row[11]) - fen(row[12])
        stated = {code: amounts[1] for code, amounts in closings(month).items()}
        assert {c: m for c, m in moved.items() if m} == {c: m for c, m in stated.items() if m}


def test_the_statement_of_the_account_agrees_with_the_cash_of_the_books(handed):
    for month in handed.months.values():
        statement = read_document(month.statement)
        assert isinstance(statement, BankEntryStatement)
        opening, moved, closing = closings(month)[CASH]
        assert (statement.opening_balance_minor, statement.closing_balance_minor) == (
            opening,
            closing,
        )
        assert moved == sum(
            entry.amount_minor * (1 if entry.is_credit else -1) for entry in statement.entries
        )


def test_every_message_in_a_voucher_is_proven_to_have_applied(handed):
    assert handed.message_receipts
    for transaction, receipt in handed.message_receipts.items():
        report = verify_receipt(receipt, handed.genesis, allow_simulated=True)
        assert (report.transaction_id, report.code) == (transaction, 0)


def test_the_debt_of_one_is_the_claim_of_the_others_and_is_paid_in_march(handed):
    february = closings(handed.months["core", "2027-02"])[CERTIFICATE_PAYABLE]
    march = closings(handed.months["core", "2027-03"])[CERTIFICATE_PAYABLE]
    assert (february[2], march) == (-1_000_000_00, (-1_000_000_00, 1_000_000_00, 0))
    assert closings(handed.months["bank", "2027-02"])["1301"][2] == 774_000_00
    assert closings(handed.months["bank", "2027-03"])["1301"][1:] == (-774_000_00, 0)
    assert closings(handed.months["core", "2027-03"])[CASH][1] == -1_000_000_00
