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

Source: docs/concepts/three-flows.md (duplicate invoice).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xinlian.apps.supply_chain.checks.canonical import (
    bare_number,
    canonical_text,
    canonical_uscc,
    within_one_character,
)
from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.apps.supply_chain.checks.report import CheckFailure
from xinlian.apps.supply_chain.checks.tolerances import DEFAULT_TOLERANCES, Tolerances
from xinlian.apps.supply_chain.checks.trade_file import Opened, OpenedDocument, TradeFile
from xinlian.modules.evidence.statements import InvoiceStatement, TradeParty
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
    own = [_Canonical.of(invoice) for invoice in file.of(InvoiceStatement)]
    earlier = [
        _Canonical.of(Opened(document.root, document.statement))
        for document in sorted(earlier_invoices, key=lambda document: document.root)
        if isinstance(document.statement, InvoiceStatement)
    ]
    found: list[CopyFound] = []
    for index, invoice in enumerate(own):
        for other in (*earlier, *own[:index]):
            check = _likeness(invoice, other, tolerances)
            if check is not None and other.root != invoice.root:
                words = f"invoice {invoice.as_written} and {other.as_written}, "
                words += f"document {other.root.hex()[:12]}"
                found.append(CopyFound(check, invoice.root, other.root, words))
    return tuple(found)


def check_copies(file: TradeFile, tolerances: Tolerances) -> Iterator[CheckFailure]:
    """No invoice of the file repeats one that the checker has seen before.

    Source: docs/concepts/three-flows.md, duplicate invoice.
    """
    for copy in find_copies(file, file.earlier_invoices, tolerances):
        yield copy.failure


def counted_earlier(file: TradeFile) -> tuple[Opened[InvoiceStatement], ...]:
    """Return the earlier invoices of the parties that add to the file's; copies do not add."""
    own = [_Canonical.of(invoice) for invoice in file.of(InvoiceStatement)]
    parties = (file.parties.buyer_uscc, file.parties.seller_uscc)
    return tuple(
        earlier
        for earlier in file.earlier()
        if (canonical_uscc(earlier.says.buyer), canonical_uscc(earlier.says.seller)) == parties
        and not any(_is_exact(_Canonical.of(earlier), invoice) for invoice in own)
    )


class _Canonical(NamedTuple):
    """What is compared of an invoice."""

    root: bytes
    as_written: str
    number: str
    seller: "_Party"
    buyer: "_Party"
    currency: str
    gross_minor: int
    issue_day: int
    receipt: str | None
    despatch: str | None

    @classmethod
    def of(cls, invoice: Opened[InvoiceStatement]) -> "_Canonical":
        says = invoice.says
        return cls(
            root=invoice.root,
            as_written=says.number,
            number=bare_number(says.number),
            seller=_Party.of(says.seller),
            buyer=_Party.of(says.buyer),
            currency=canonical_text(says.currency),
            gross_minor=says.gross_minor,
            issue_day=says.issue_day,
            receipt=_text(says.receipt_number),
            despatch=_text(says.despatch_number),
        )


class _Party(NamedTuple):
    """What is compared of a party: its code where both documents give it, else its name."""

    uscc: str | None
    name: str | None

    @classmethod
    def of(cls, party: TradeParty) -> "_Party":
        return cls(canonical_uscc(party), _text(party.name))

    def is_same(self, other: "_Party") -> bool:
        if self.uscc is not None and other.uscc is not None:
            return self.uscc == other.uscc
        return _is_given_and_same(self.name, other.name)


def _text(text: str | None) -> str | None:
    return None if text is None else canonical_text(text)


def _is_given_and_same(one: str | None, other: str | None) -> bool:
    return one is not None and one == other


def _likeness(one: _Canonical, other: _Canonical, tolerances: Tolerances) -> Check | None:
    if not _same_parties(one, other):
        return None
    if _is_exact(one, other):
        return Check.COPY_EXACT
    if one.number == other.number:
        return Check.COPY_NEAR
    if not _is_near_amount(one, other, tolerances):
        return None
    if _names_same_goods(one, other):
        return Check.COPY_NEAR
    is_near = within_one_character(one.number, other.number)
    return Check.COPY_NEAR if is_near and not _names_other_goods(one, other) else None


def _is_exact(one: _Canonical, other: _Canonical) -> bool:
    return (
        one.number == other.number
        and one.gross_minor == other.gross_minor
        and one.issue_day == other.issue_day
        and _same_parties(one, other)
    )


def _same_parties(one: _Canonical, other: _Canonical) -> bool:
    return (
        one.currency == other.currency
        and one.seller.is_same(other.seller)
        and one.buyer.is_same(other.buyer)
    )


def _is_near_amount(one: _Canonical, other: _Canonical, tolerances: Tolerances) -> bool:
    difference = abs(one.gross_minor - other.gross_minor) * RATE_SCALE
    largest = max(abs(one.gross_minor), abs(other.gross_minor))
    return difference <= tolerances.copy_amount_e9 * largest


def _names_same_goods(one: _Canonical, other: _Canonical) -> bool:
    return _is_given_and_same(one.receipt, other.receipt) or (
        _is_given_and_same(one.despatch, other.despatch)
    )


def _names_other_goods(one: _Canonical, other: _Canonical) -> bool:
    """Return whether both name a receipt, or both a despatch; call it for unlike goods only."""
    pairs = ((one.receipt, other.receipt), (one.despatch, other.despatch))
    return any(a is not None and b is not None for a, b in pairs)
