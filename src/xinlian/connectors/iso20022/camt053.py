"""Statements of account for a customer's own systems: camt.053.001.08, one account a file.

Rules this file keeps:
 1. The output follows from the arguments alone: the same statement gives the same bytes.
 2. Opening balance plus entries is the closing balance, or nothing is written.
 3. What the message has no room for is refused, never cut.

Source: ISO 20022 BankToCustomerStatementV08.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from xinlian.connectors.errors import AmountInvalid, SchemaInvalid
from xinlian.connectors.values import currency_of, decimal_text
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.primitives.time import china_day, iso_of_day, iso_of_ms

CAMT053_NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
ID_CHARS_MAX: Final = 35
ACCOUNT_CHARS_MAX: Final = 34
NAME_CHARS_MAX: Final = 140
REMITTANCE_CHARS_MAX: Final = 140


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One booked movement of the account."""

    reference: str
    """The servicer's reference, at most 35 characters."""
    amount_minor: int
    is_credit: bool
    """True for money received."""
    booked_at_ms: int
    remittance_text: str


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """What an account held and what moved on it between two days, both included."""

    message_id: str
    created_at_ms: int
    account: str
    owner_name: str
    servicer_name: str
    currency: str
    first_day: int
    last_day: int
    opening_minor: int
    closing_minor: int
    entries: Sequence[StatementEntry]


def write_statement(statement: AccountStatement) -> bytes:
    """Return the statement as XML in UTF-8.

    Raises:
        SchemaInvalid: a text is empty, too long, or holds what XML cannot.
        AmountInvalid: an amount is out of range, or the balances do not add up.
    """
    _check(statement)
    root = etree.Element(_tag("Document"), nsmap={None: CAMT053_NAMESPACE})
    message = _add(root, "BkToCstmrStmt")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", statement.message_id)
    _add(header, "CreDtTm", iso_of_ms(statement.created_at_ms))
    report = _add(message, "Stmt")
    _add(report, "Id", statement.message_id)
    _add(report, "CreDtTm", iso_of_ms(statement.created_at_ms))
    _add_account(report, statement)
    _add_balance(report, statement, "OPBD", statement.opening_minor, statement.first_day)
    _add_balance(report, statement, "CLBD", statement.closing_minor, statement.last_day)
    for entry in statement.entries:
        _add_entry(report, statement.currency, entry)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add_account(report: etree._Element, statement: AccountStatement) -> None:
    account = _add(report, "Acct")
    _add(_add(_add(account, "Id"), "Othr"), "Id", statement.account)
    _add(account, "Ccy", statement.currency)
    _add(_add(account, "Ownr"), "Nm", statement.owner_name)
    _add(_add(_add(account, "Svcr"), "FinInstnId"), "Nm", statement.servicer_name)


def _add_balance(
    report: etree._Element,
    statement: AccountStatement,
    kind: str,
    minor: int,
    day: int,
) -> None:
    balance = _add(report, "Bal")
    _add(_add(_add(balance, "Tp"), "CdOrPrtry"), "Cd", kind)
    _add_amount(balance, abs(minor), statement.currency, is_credit=minor >= 0)
    _add(_add(balance, "Dt"), "Dt", iso_of_day(day))


def _add_entry(report: etree._Element, currency: str, entry: StatementEntry) -> None:
    node = _add(report, "Ntry")
    _add_amount(node, entry.amount_minor, currency, is_credit=entry.is_credit)
    _add(_add(node, "Sts"), "Cd", "BOOK")
    day = iso_of_day(china_day(entry.booked_at_ms))
    _add(_add(node, "BookgDt"), "Dt", day)
    _add(_add(node, "ValDt"), "Dt", day)
    _add(node, "AcctSvcrRef", entry.reference)
    _add(_add(_add(node, "BkTxCd"), "Prtry"), "Cd", "LEDGER")
    details = _add(_add(node, "NtryDtls"), "TxDtls")
    _add(_add(details, "Refs"), "AcctSvcrRef", entry.reference)
    _add_amount(details, entry.amount_minor, currency, is_credit=entry.is_credit)
    if entry.remittance_text:
        _add(_add(details, "RmtInf"), "Ustrd", entry.remittance_text)


def _add_amount(
    parent: etree._Element,
    minor: int,
    currency: str,
    *,
    is_credit: bool,
) -> None:
    _add(parent, "Amt", decimal_text(minor, currency)).set("Ccy", currency)
    _add(parent, "CdtDbtInd", "CRDT" if is_credit else "DBIT")


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, _tag(name))
    child.text = text
    return child


def _tag(name: str) -> str:
    return f"{{{CAMT053_NAMESPACE}}}{name}"


def _check(statement: AccountStatement) -> None:
    currency_of(statement.currency, "currency")
    _check_text("message_id", statement.message_id, ID_CHARS_MAX)
    _check_text("account", statement.account, ACCOUNT_CHARS_MAX)
    _check_text("owner_name", statement.owner_name, NAME_CHARS_MAX)
    _check_text("servicer_name", statement.servicer_name, NAME_CHARS_MAX)
    balance_minor = statement.opening_minor
    for entry in statement.entries:
        if not 0 < entry.amount_minor <= AMOUNT_MINOR_MAX:
            raise AmountInvalid("entries", "an entry has a positive amount")
        _check_text("reference", entry.reference, ID_CHARS_MAX)
        if entry.remittance_text:
            _check_text("remittance_text", entry.remittance_text, REMITTANCE_CHARS_MAX)
        balance_minor += entry.amount_minor if entry.is_credit else -entry.amount_minor
    if balance_minor != statement.closing_minor:
        raise AmountInvalid("closing_minor", "opening balance and entries do not add up to it")


def _check_text(name: str, text: str, chars_max: int) -> None:
    if not text.strip() or len(text) > chars_max or not text.isprintable():
        raise SchemaInvalid(name, f"1 to {chars_max} printable characters")
