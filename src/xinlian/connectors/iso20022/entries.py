"""Booked entries of ISO 20022 bank reports.

Rules this file keeps:
 1. Every entry has an amount, a direction and a status; all are in the account's currency.
 2. An entry with one transaction is that transaction, with the entry's amount: that is what moved
    on the account.
 3. A batch becomes one entry a transaction if each has its own amount in the account's currency;
    then they must add up to the batch.  Otherwise it stays one entry without a payment's id.
 4. The bank's reference of a batch belongs to the batch, never to a transaction in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from xinlian.connectors.errors import (
    DuplicateId,
    MissingElement,
    MixedCurrencies,
    SchemaInvalid,
    TooManyNodes,
    quoted,
)
from xinlian.connectors.iso20022.parties import optional_account_number, party_of
from xinlian.connectors.values import amount_minor, day_of
from xinlian.connectors.xml_input import XmlNode
from xinlian.modules.evidence.statements import LINES_MAX, TEXT_CHARS_MAX, BookedEntry, TradeParty

_NOT_PROVIDED: Final = "NOTPROVIDED"
_DIRECTIONS: Final = {"CRDT": True, "DBIT": False}
_TRUE: Final = ("true", "1")
_DATE_CHARS: Final = 10


@dataclass(frozen=True, slots=True)
class _Movement:
    """What moved: of an entry, or of a transaction in it."""

    amount_minor: int
    is_credit: bool

    @property
    def signed_minor(self) -> int:
        return self.amount_minor if self.is_credit else -self.amount_minor


def read_entries(report: XmlNode, currency: str | None) -> tuple[BookedEntry, ...]:
    """Return the entries of a report; raises DocumentError."""
    entries: list[BookedEntry] = []
    seen: set[tuple[str, bool, bool]] = set()
    for node in report.all("Ntry"):
        for entry in _Entry(node, currency or "").read():
            key = (entry.servicer_reference or "", entry.is_credit, entry.is_reversal)
            if key[0] and key in seen:
                raise DuplicateId(node.path, f"the reference {quoted(key[0])} occurs twice")
            seen.add(key)
            entries.append(entry)
        if len(entries) > LINES_MAX:
            raise TooManyNodes(report.path, f"more than {LINES_MAX} entries")
    return tuple(entries)


class _Entry:
    """Reads one Ntry element."""

    def __init__(self, node: XmlNode, currency: str) -> None:
        self._node = node
        self._currency = currency
        self._details = [
            detail for details in node.all("NtryDtls") for detail in details.all("TxDtls")
        ]

    def read(self) -> Iterator[BookedEntry]:
        """Yield the entry, or the transactions of a batch."""
        whole = self._movement(self._node)
        if len(self._details) <= 1:
            yield self._booked(whole, self._details[0] if self._details else None, is_batch=False)
            return
        parts = [self._own_movement(detail, whole) for detail in self._details]
        movements = [part for part in parts if part is not None]
        if len(movements) < len(parts):
            yield self._booked(whole, None, is_batch=False)
            return
        if sum(part.signed_minor for part in movements) != whole.signed_minor:
            raise SchemaInvalid(self._node.path, "its transactions do not add up to its amount")
        for movement, detail in zip(movements, self._details, strict=True):
            yield self._booked(movement, detail, is_batch=True)

    def _booked(
        self, movement: _Movement, detail: XmlNode | None, *, is_batch: bool
    ) -> BookedEntry:
        node = self._node
        reference = None if is_batch else node.optional_text("AcctSvcrRef")
        return BookedEntry(
            servicer_reference=_text(detail, "Refs", "AcctSvcrRef") or reference,
            end_to_end_id=_payment_id(_text(detail, "Refs", "EndToEndId")),
            uetr=_text(detail, "Refs", "UETR"),
            amount_minor=movement.amount_minor,
            currency=self._currency,
            is_credit=movement.is_credit,
            is_reversal=(node.optional_text("RvslInd") or "") in _TRUE,
            is_return=any(
                part.optional("RtrInf") is not None
                for part in ([detail] if detail else self._details)
            ),
            status=self._status(),
            booking_day=_day(node.optional("BookgDt")),
            value_day=_day(node.optional("ValDt")),
            debtor=_party(detail, "Dbtr"),
            debtor_account=_account(detail, "DbtrAcct"),
            creditor=_party(detail, "Cdtr"),
            creditor_account=_account(detail, "CdtrAcct"),
            remittance_text=_remittance_text(detail),
            document_numbers=tuple(_document_numbers(detail)),
        )

    def _status(self) -> str:
        """Return the status, which later versions put one level deeper."""
        status = self._node.required("Sts")
        code = status.optional_text("Cd") or status.optional_text("Prtry")
        text = code or status.text()
        if not text:
            raise MissingElement(status.path, "it is empty")
        return text

    def _movement(self, node: XmlNode) -> _Movement:
        amount = node.required("Amt")
        if amount.attribute("Ccy") != self._currency:
            raise MixedCurrencies(f"{amount.path}/@Ccy", f"the account is in {self._currency}")
        minor = amount_minor(amount.text(), self._currency, amount.path)
        return _Movement(minor, self._is_credit(node))

    def _own_movement(self, detail: XmlNode, whole: _Movement) -> _Movement | None:
        """Return the amount of a transaction in a batch, None if it gives none to book."""
        amount = detail.optional("Amt") or detail.optional("AmtDtls", "TxAmt", "Amt")
        if amount is None or amount.attribute("Ccy") != self._currency:
            return None
        minor = amount_minor(amount.text(), self._currency, amount.path)
        has_direction = detail.optional("CdtDbtInd") is not None
        return _Movement(minor, self._is_credit(detail) if has_direction else whole.is_credit)

    def _is_credit(self, node: XmlNode) -> bool:
        indicator = node.required("CdtDbtInd")
        text = indicator.text()
        if text not in _DIRECTIONS:
            raise SchemaInvalid(indicator.path, f"{quoted(text)} is neither CRDT nor DBIT")
        return _DIRECTIONS[text]


def _text(detail: XmlNode | None, *names: str) -> str | None:
    return None if detail is None else detail.optional_text(*names)


def _payment_id(text: str | None) -> str | None:
    return None if text == _NOT_PROVIDED else text


def _day(node: XmlNode | None) -> int | None:
    """Return a date, or the date of a time, as the bank writes it."""
    if node is None:
        return None
    date = node.optional("Dt")
    if date is not None:
        return date.day()
    moment = node.required("DtTm")
    return day_of(moment.text()[:_DATE_CHARS], moment.path)


def _party(detail: XmlNode | None, name: str) -> TradeParty | None:
    party = detail and detail.optional("RltdPties", name)
    return party_of(party) if party else None


def _account(detail: XmlNode | None, name: str) -> str | None:
    return optional_account_number(detail.optional("RltdPties", name)) if detail else None


def _remittance_text(detail: XmlNode | None) -> str | None:
    information = detail and detail.optional("RmtInf")
    if not information:
        return None
    text = " ".join(filter(None, (part.text() for part in information.all("Ustrd"))))
    if len(text) > TEXT_CHARS_MAX:
        raise SchemaInvalid(information.path, f"at most {TEXT_CHARS_MAX} characters are read")
    return text or None


def _document_numbers(detail: XmlNode | None) -> Iterator[str]:
    """Yield the numbers of referred documents, then creditor references."""
    information = detail and detail.optional("RmtInf")
    for structured in information.all("Strd") if information else ():
        for document in structured.all("RfrdDocInf"):
            number = document.optional_text("Nb")
            if number:
                yield number
        reference = structured.optional_text("CdtrRefInf", "Ref")
        if reference:
            yield reference
