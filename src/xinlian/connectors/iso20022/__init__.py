"""ISO 20022: bank reports camt.053 and camt.054 of any version .001.02 to .14 are read.

Rules this file keeps:
 1. Message and version are those of the namespace.  An account report (camt.052) is provisional,
    and no other message says what was booked: they are refused by name.
 2. One file is about one account.

Source: ISO 20022 Bank-to-Customer Cash Management, message definition reports.
"""

import re
from typing import Final

from lxml import etree

from xinlian.connectors.errors import SchemaInvalid, UnsupportedDocumentType, quoted
from xinlian.connectors.iso20022.entries import read_entries
from xinlian.connectors.iso20022.parties import account_number, institution_of, party_of
from xinlian.connectors.values import amount_minor, currency_of, time_ms_of
from xinlian.connectors.xml_input import XmlNode, node_of
from xinlian.modules.evidence.statements import BankEntryStatement

ISO20022_NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:"
ISO20022_MESSAGES: Final = ("camt.053.001", "camt.054.001")
VERSION_MIN: Final = 2
VERSION_MAX: Final = 14
CHINA_OFFSET: Final = "+08:00"
"""What a time without an offset is taken to be in."""

_MESSAGE: Final = re.compile(r"(camt\.05[34]\.001)\.([0-9]{2})")
_CONTENT: Final = {
    "camt.053.001": ("BkToCstmrStmt", "Stmt"),
    "camt.054.001": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD",)


def read_iso20022(root: etree._Element, source_hash: str) -> BankEntryStatement:
    """Return what a bank's report states.

    Raises:
        UnsupportedDocumentType: another message, or a version that is not read.
        DocumentError: see ``errors.py``.
    """
    namespace = etree.QName(root).namespace or ""
    document = node_of(root, {"": namespace})
    name = namespace.removeprefix(ISO20022_NAMESPACE)
    match = _MESSAGE.fullmatch(name)
    if not match or not VERSION_MIN <= int(match[2]) <= VERSION_MAX:
        raise UnsupportedDocumentType(document.path, f"ISO 20022 {quoted(name)}")
    message, report = _CONTENT[match[1]]
    content = document.required(message)
    reports = content.all(report)
    if len(reports) > 1:
        raise SchemaInvalid(content.path, "it reports several accounts or periods; split it")
    return _statement(content, content.required(report), name, source_hash)


def _statement(
    content: XmlNode, report: XmlNode, name: str, source_hash: str
) -> BankEntryStatement:
    created = content.optional("GrpHdr", "CreDtTm")
    owner = report.optional("Acct", "Ownr")
    servicer = report.optional("Acct", "Svcr")
    currency = _currency(report)
    return BankEntryStatement(
        source_format=f"iso20022-{name}",
        source_hash=source_hash,
        message_type=name,
        message_id=content.required_text("GrpHdr", "MsgId"),
        created_at_ms=(
            None
            if created is None
            else time_ms_of(created.text(), created.path, default_offset=CHINA_OFFSET)
        ),
        servicer=None if servicer is None else institution_of(servicer),
        account=account_number(report.required("Acct")),
        account_owner=None if owner is None else party_of(owner),
        entries=read_entries(report, currency),
        opening_balance_minor=_balance_minor(report, currency, _OPENING),
        closing_balance_minor=_balance_minor(report, currency, _CLOSING),
    )


def _currency(report: XmlNode) -> str | None:
    """Return the currency of the account, else of its first amount, None if there is none."""
    stated = report.optional("Acct", "Ccy")
    if stated is not None:
        return currency_of(stated.text(), stated.path)
    for name in ("Ntry", "Bal"):
        for node in report.all(name):
            amount = node.required("Amt")
            return currency_of(amount.attribute("Ccy") or "", f"{amount.path}/@Ccy")
    return None


def _balance_minor(report: XmlNode, currency: str | None, kinds: tuple[str, ...]) -> int | None:
    """Return the booked balance of the first kind that is given; negative when it is a debit."""
    for kind in kinds:
        found = [
            balance
            for balance in report.all("Bal")
            if balance.optional_text("Tp", "CdOrPrtry", "Cd") == kind
            and balance.optional("Tp", "SubTp") is None
        ]
        if len(found) > 1:
            raise SchemaInvalid(report.path, f"it has several balances {kind}")
        if found and currency is not None:
            return _signed_minor(found[0], currency)
    return None


def _signed_minor(balance: XmlNode, currency: str) -> int:
    amount = balance.required("Amt")
    if amount.attribute("Ccy") != currency:
        raise SchemaInvalid(f"{amount.path}/@Ccy", f"the account is in {currency}")
    minor = amount_minor(amount.text(), currency, amount.path)
    return minor if balance.required_text("CdtDbtInd") == "CRDT" else -minor
