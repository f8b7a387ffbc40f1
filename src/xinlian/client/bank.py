"""A settlement bank's side: booked entries become bank facts, payment orders become references.

Rules this file keeps:
 1. Only a booked entry with the bank's own reference is entered; a pending, informational,
    returned or reversing one informs people and moves nothing.
 2. A payment order's id is its EndToEndId: 32 characters of base32, within ISO 20022's 35.
 3. Account numbers and references enter the ledger as commitments alone.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Final

from xinlian.modules.accounts.messages import BookEntry
from xinlian.modules.accounts.types import bank_account_commitment, bank_entry_identity
from xinlian.modules.evidence.statements import BankEntryStatement, BookedEntry
from xinlian.primitives import ID_BYTES

STATUS_BOOKED: Final = "BOOK"
END_TO_END_CHARS: Final = 32


class NotBookable(ValueError):  # noqa: N818 - names the state of the entry
    """An entry informs only; the text says why it cannot become a bank fact."""


def end_to_end_id_of(order: bytes) -> str:
    """Return the EndToEndId of a payment order.

    >>> end_to_end_id_of(bytes(20))
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    return base64.b32encode(order).decode("ascii")


def order_of_end_to_end_id(text: str | None) -> bytes:
    """Return the payment order that an EndToEndId names, or nothing where it names none."""
    if text is None or len(text) != END_TO_END_CHARS:
        return b""
    try:
        order = base64.b32decode(text)
    except binascii.Error:
        return b""
    return order if len(order) == ID_BYTES else b""


def book_entries(
    bank: bytes,
    statement: BankEntryStatement,
    document_root: bytes,
    orders: Iterable[bytes],
) -> list[BookEntry]:
    """Return the messages that enter a report's entries; raises NotBookable.

    Args:
        bank: the settlement bank's party id.
        statement: its report on one account.
        document_root: the root of the report.
        orders: the payment orders that are open at this bank; an EndToEndId of anything else is
            the business's own and no order of this ledger.
    """
    known = frozenset(orders)
    return [
        _book_entry(bank, statement, entry, document_root, known) for entry in statement.entries
    ]


def _book_entry(
    bank: bytes,
    statement: BankEntryStatement,
    entry: BookedEntry,
    document_root: bytes,
    orders: frozenset[bytes],
) -> BookEntry:
    _check_bookable(entry)
    account = bank_account_commitment(bank, statement.account)
    order = order_of_end_to_end_id(entry.end_to_end_id)
    return BookEntry(
        identity=bank_entry_identity(bank, account, entry.servicer_reference or ""),
        bank_account=account,
        amount_minor=entry.amount_minor,
        is_credit=entry.is_credit,
        value_day=_day(entry, entry.value_day, entry.booking_day),
        booking_day=_day(entry, entry.booking_day, entry.value_day),
        end_to_end_id=order if order in orders else b"",
        document_root=document_root,
    )


def _day(entry: BookedEntry, wanted: int | None, otherwise: int | None) -> int:
    """Return a day of an entry, or the other one where its report gives only that."""
    day = otherwise if wanted is None else wanted
    if day is None:
        raise NotBookable(f"entry {entry.servicer_reference}: it has no date")
    return day


def _check_bookable(entry: BookedEntry) -> None:
    reasons = (
        (entry.status != STATUS_BOOKED, f"its status is {entry.status}, not {STATUS_BOOKED}"),
        (not entry.servicer_reference, "it has no AcctSvcrRef, so it cannot be told from another"),
        (entry.is_return, "it carries return information"),
        (entry.is_reversal, "it reverses an earlier entry"),
    )
    for holds, reason in reasons:
        if holds:
            raise NotBookable(f"entry {entry.servicer_reference or '?'}: {reason}")
