"""The same invoice under another root, found in a party's own store of earlier documents.

Rules this file keeps:
 1. Invoices are compared in canonical form: NFKC, letters and digits of the number, unified social
    credit codes, minor units, dates.  How a file is laid out makes no difference.
 2. Exact: number, both parties, currency, gross and date are the same.
 3. Near, of the same parties and currency: the number with one character changed and the gross
    within 1 %, unless the two name different goods; or the same goods and the gross within 1 %; or
    the same number with anything else changed.
 4. A party sees copies only among documents it holds: between banks that know nothing of one
    another the first of a pair cannot be told from the second.

Source: supply-chain.md 1.6 and 2.3 (duplicate invoice).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xinlian.apps.supply_chain.checks.canonical import (
    bare_number,
    canonical_text,
    canonical_uscc,
    same_number,
    same_party,
    within_one_character,
)
from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.apps.supply_chain.checks.report import CheckFailure
from xinlian.apps.supply_chain.checks.tolerances import DEFAULT_TOLERANCES, Tolerances
from xinlian.apps.supply_chain.checks.trade_file import Opened, OpenedDocument, TradeFile
from xinlian.modules.evidence.statements import InvoiceStatement
from xinlian.primitives import RATE_SCALE


class CopyFound(NamedTuple):
    """An invoice of the file and the earlier one that it repeats."""

    check: Check
    root: bytes
    earlier_root: bytes
    found: str

    @property
    def code(self) -> str:
        """``copy.exact`` or ``copy.near``."""
        return self.check.code

    @property
    def failure(self) -> CheckFailure:
        """The finding as a failure of the file's checks; it names the file's document alone."""
        return self.check.failed([self.root], self.found)


def find_copies(
    file: TradeFile,
    earlier_invoices: Sequence[OpenedDocument],
    tolerances: Tolerances = DEFAULT_TOLERANCES,
) -> tuple[CopyFound, ...]:
    """Return the invoices of a file that repeat an earlier one under another root.

    The file's own invoices are compared with one another too, each pair once.
    """
    own = file.of(InvoiceStatement)
    earlier = [
        Opened(document.root, document.statement)
        for document in sorted(earlier_invoices, key=lambda document: document.root)
        if isinstance(document.statement, InvoiceStatement)
    ]
    found: list[CopyFound] = []
    for index, invoice in enumerate(own):
        for other in (*earlier, *own[:index]):
            check = _likeness(invoice.says, other.says, tolerances)
            if check is not None and other.root != invoice.root:
                words = f"invoice {invoice.says.number} and {other.says.number}, "
                words += f"document {other.root.hex()[:12]}"
                found.append(CopyFound(check, invoice.root, other.root, words))
    return tuple(found)


def check_copies(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """No invoice of the file repeats one that the checker has seen before.

    Source: supply-chain.md 2.3, duplicate invoice.
    """
    for copy in find_copies(file, file.earlier_invoices, tolerances):
        yield copy.failure


def counted_earlier(file: TradeFile) -> tuple[Opened[InvoiceStatement], ...]:
    """Return the earlier invoices of the parties that add to the file's; copies do not add."""
    own = file.of(InvoiceStatement)
    parties = (file.parties.buyer_uscc, file.parties.seller_uscc)
    return tuple(
        earlier
        for earlier in file.earlier()
        if (canonical_uscc(earlier.says.buyer), canonical_uscc(earlier.says.seller)) == parties
        and not any(is_exact_copy(earlier.says, invoice.says) for invoice in own)
    )


def is_exact_copy(one: InvoiceStatement, other: InvoiceStatement) -> bool:
    """Return whether two invoices are the same in canonical form."""
    return (
        _same_parties(one, other)
        and bare_number(one.number) == bare_number(other.number)
        and one.gross_minor == other.gross_minor
        and one.issue_day == other.issue_day
    )


def _likeness(
    one: InvoiceStatement, other: InvoiceStatement, tolerances: Tolerances
) -> Check | None:
    if is_exact_copy(one, other):
        return Check.COPY_EXACT
    if not _same_parties(one, other):
        return None
    numbers = (bare_number(one.number), bare_number(other.number))
    if numbers[0] == numbers[1]:
        return Check.COPY_NEAR
    if not _is_near_amount(one, other, tolerances):
        return None
    if _names_same_goods(one, other):
        return Check.COPY_NEAR
    is_near = within_one_character(*numbers) and not _names_other_goods(one, other)
    return Check.COPY_NEAR if is_near else None


def _same_parties(one: InvoiceStatement, other: InvoiceStatement) -> bool:
    return (
        canonical_text(one.currency) == canonical_text(other.currency)
        and same_party(one.seller, other.seller)
        and same_party(one.buyer, other.buyer)
    )


def _is_near_amount(one: InvoiceStatement, other: InvoiceStatement, tolerances: Tolerances) -> bool:
    difference = abs(one.gross_minor - other.gross_minor) * RATE_SCALE
    largest = max(abs(one.gross_minor), abs(other.gross_minor))
    return difference <= tolerances.copy_amount_e9 * largest


def _names_same_goods(one: InvoiceStatement, other: InvoiceStatement) -> bool:
    return same_number(one.receipt_number, other.receipt_number) or (
        same_number(one.despatch_number, other.despatch_number)
    )


def _names_other_goods(one: InvoiceStatement, other: InvoiceStatement) -> bool:
    """Return whether both name a receipt, or both a despatch, and not the same."""
    pairs = (
        (one.receipt_number, other.receipt_number),
        (one.despatch_number, other.despatch_number),
    )
    given = [(a, b) for a, b in pairs if a is not None and b is not None]
    return bool(given) and not any(same_number(a, b) for a, b in given)
