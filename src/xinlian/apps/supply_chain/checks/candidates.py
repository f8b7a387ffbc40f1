"""Which earlier invoices can matter to a trade file, found without walking all of them.

Rules this file keeps:
 1. Whatever a check would count or compare is among the candidates; that more are is harmless, for
    the checks themselves decide.  So a report over candidates is that over every invoice.
 2. Invoices are kept by seller: its code, and its name, which counts where a document lacks a code.
    Under a seller they are kept by number, contract, order, receipt and despatch.
 3. A number one character away is sought by its possible spellings in the characters that the
    seller's numbers have, or by walking those numbers, whichever is less.
 4. Prices are kept by item, unit and currency, and by day.
 5. Only roots are kept: who looks up reads the documents, and recomputes their roots.

Source: docs/concepts/three-flows.md (duplicate invoice; unit price vs median; contract; quantity).
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from xinlian.apps.supply_chain.checks.canonical import (
    bare_number,
    canonical_text,
    canonical_uscc,
    within_one_character,
)
from xinlian.apps.supply_chain.checks.plausible import Priced, priced
from xinlian.apps.supply_chain.checks.tolerances import DEFAULT_TOLERANCES, Tolerances
from xinlian.apps.supply_chain.checks.trade_file import TradeFile
from xinlian.modules.evidence.statements import (
    ContractStatement,
    DespatchStatement,
    GoodsReceiptStatement,
    InvoiceStatement,
    OrderStatement,
    TradeParty,
)

_Field = Literal["contract", "order", "receipt", "despatch"]
_SellerKey = tuple[Literal["uscc", "name"], str]
_NO_ROOT: Final = b""


class EarlierInvoices:
    """The invoices that a checker holds, by what a check asks of them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._sellers: dict[_SellerKey, _Shelf] = defaultdict(_Shelf)
        self._prices: dict[Priced, list[tuple[int, bytes]]] = defaultdict(list)

    def add(self, root: bytes, invoice: InvoiceStatement) -> None:
        """Take an invoice in; each root once."""
        for key in _seller_keys(invoice.seller):
            self._sellers[key].add(root, invoice)
        for item in dict.fromkeys(priced(line, invoice) for line in invoice.lines):
            if item is not None:
                insort(self._prices[item], (invoice.issue_day, root))

    def copy_candidates(self, file: TradeFile) -> frozenset[bytes]:
        """Return the roots of all invoices that an invoice of the file may repeat."""
        return frozenset(self._copies(file))

    def candidates(
        self, file: TradeFile, tolerances: Tolerances = DEFAULT_TOLERANCES
    ) -> frozenset[bytes]:
        """Return the roots of all invoices that a check of the file may count or compare."""
        found = {*self._copies(file), *self._counted(file)}
        found.update(self._priced_before(file, tolerances.median_days))
        return frozenset(found)

    def _copies(self, file: TradeFile) -> Iterator[bytes]:
        for invoice in file.of(InvoiceStatement):
            for key in _seller_keys(invoice.says.seller):
                shelf = self._sellers.get(key)
                if shelf is None:
                    continue
                yield from shelf.near_number(bare_number(invoice.says.number))
                yield from shelf.named("receipt", invoice.says.receipt_number)
                yield from shelf.named("despatch", invoice.says.despatch_number)

    def _counted(self, file: TradeFile) -> Iterator[bytes]:
        """Yield what may add to the file's own invoices: of its contract, order or goods."""
        shelf = self._sellers.get(("uscc", file.parties.seller_uscc))
        if shelf is None:
            return
        for contract in file.of(ContractStatement):
            yield from shelf.named("contract", contract.says.number)
        for order in file.of(OrderStatement):
            yield from shelf.named("order", order.says.number)
        for receipt in file.of(GoodsReceiptStatement):
            yield from shelf.named("receipt", receipt.says.number)
        for despatch in file.of(DespatchStatement):
            yield from shelf.named("despatch", despatch.says.number)

    def _priced_before(self, file: TradeFile, days: int) -> Iterator[bytes]:
        for invoice in file.of(InvoiceStatement):
            last = invoice.says.issue_day
            for item in dict.fromkeys(priced(line, invoice.says) for line in invoice.says.lines):
                seen = self._prices.get(item, []) if item is not None else []
                first, end = (bisect_left(seen, (day, _NO_ROOT)) for day in (last - days, last + 1))
                yield from (root for _, root in seen[first:end])


class _Shelf:
    """The invoices of one seller."""

    def __init__(self) -> None:
        self._numbers: dict[int, dict[str, list[bytes]]] = defaultdict(dict)
        """By length of the bare number."""
        self._characters: dict[int, dict[str, None]] = defaultdict(dict)
        self._named: dict[tuple[_Field, str], list[bytes]] = defaultdict(list)

    def add(self, root: bytes, invoice: InvoiceStatement) -> None:
        number = bare_number(invoice.number)
        self._numbers[len(number)].setdefault(number, []).append(root)
        self._characters[len(number)].update(dict.fromkeys(number))
        fields: tuple[tuple[_Field, str | None], ...] = (
            ("contract", invoice.contract_number),
            ("order", invoice.order_number),
            ("receipt", invoice.receipt_number),
            ("despatch", invoice.despatch_number),
        )
        for field, text in fields:
            if text is not None:
                self._named[field, canonical_text(text)].append(root)

    def named(self, field: _Field, text: str | None) -> list[bytes]:
        return [] if text is None else self._named.get((field, canonical_text(text)), [])

    def near_number(self, number: str) -> Iterator[bytes]:
        """Yield the invoices whose bare number is this one, or one character away."""
        for length in range(max(len(number) - 1, 0), len(number) + 2):
            numbers = self._numbers.get(length, {})
            characters = self._characters.get(length, {})
            if len(numbers) <= (len(number) + 1) * len(characters):
                near = (other for other in numbers if within_one_character(number, other))
            else:
                near = (other for other in _spellings(number, length, characters))
            for other in near:
                yield from numbers.get(other, ())


def _spellings(number: str, length: int, characters: Iterable[str]) -> Iterator[str]:
    """Yield what a number becomes, at a length, by at most one change, addition or drop."""
    if length < len(number):
        yield from (number[:at] + number[at + 1 :] for at in range(len(number)))
        return
    kept = 1 if length == len(number) else 0
    if kept:
        yield number
    for at in range(length):
        before, after = number[:at], number[at + kept :]
        yield from (before + character + after for character in characters)


def _seller_keys(seller: TradeParty) -> Iterator[_SellerKey]:
    """Yield what a seller is kept under, and sought by."""
    uscc = canonical_uscc(seller)
    if uscc is not None:
        yield "uscc", uscc
    if seller.name is not None:
        yield "name", canonical_text(seller.name)
