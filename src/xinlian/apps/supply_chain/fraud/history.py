"""What a watch knows so far, indexed by what the detectors ask.

Rules this file keeps:
 1. Facts arrive in the order of their days; one of an earlier day is refused.
 2. What is older than the memory is forgotten, so that a watch runs for years in bounded space.
 3. Every index is in the order of arrival: the same facts give the same alerts.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import Final, Protocol, TypeVar

from xinlian.apps.supply_chain.checks.canonical import bare_number
from xinlian.apps.supply_chain.fraud.facts import (
    Advance,
    Confirmation,
    Credit,
    Delivery,
    Fact,
    Invoice,
    Link,
    Payment,
    Pledge,
)

FORGET_EVERY: Final = 1_000
"""After so many facts the indexes are cleaned."""


class OutOfOrder(ValueError):  # noqa: N818 - names what happened
    """A fact became known before one that was told already."""


class _Dated(Protocol):
    @property
    def day(self) -> int: ...


DatedT = TypeVar("DatedT", bound=_Dated)


class Index(defaultdict[str, deque[DatedT]]):
    """Facts by a word, the oldest first."""

    def __init__(self) -> None:
        super().__init__(deque)

    def of(self, word: str, since_day: int) -> list[DatedT]:
        """Return what is filed under a word from a day on, the oldest first."""
        found: list[DatedT] = []
        for fact in reversed(self.get(word, ())):
            if fact.day < since_day:
                break
            found.append(fact)
        found.reverse()
        return found

    def forget(self, before_day: int) -> None:
        """Drop what is older than a day."""
        for word in list(self):
            filed = self[word]
            while filed and filed[0].day < before_day:
                filed.popleft()
            if not filed:
                del self[word]


class History:
    """The facts of one watch."""

    def __init__(self, memory_days: int) -> None:
        """Begin with nothing known."""
        self._memory_days = memory_days
        self._count = 0
        self.day = 0
        self.invoices: dict[str, Invoice] = {}
        self.credited: dict[str, Credit] = {}
        self.confirmations: Index[Confirmation] = Index()
        self.by_number: Index[Invoice] = Index()
        self.by_lot: Index[Invoice] = Index()
        self.by_pair: Index[Invoice] = Index()
        self.sold_by: Index[Invoice] = Index()
        self.bought_by: Index[Invoice] = Index()
        self.deliveries: Index[Delivery] = Index()
        self.delivered_between: Index[Delivery] = Index()
        self.paid_by: Index[Payment] = Index()
        self.paid_between: Index[Payment] = Index()
        self.links: Index[Link] = Index()
        self.advances: Index[Advance] = Index()
        self.advanced_between: Index[Advance] = Index()
        self.pledges: Index[Pledge] = Index()

    def learn(self, fact: Fact) -> None:
        """Take a fact in.

        Raises:
            OutOfOrder: it is older than one that is known.
        """
        if fact.day < self.day:
            message = f"{fact.name} of day {fact.day} was told after day {self.day}"
            raise OutOfOrder(message)
        self.day = fact.day
        self._file(fact)
        self._count += 1
        if self._count % FORGET_EVERY == 0:
            self._forget(self.day - self._memory_days)

    def _file(self, fact: Fact) -> None:
        match fact:
            case Invoice():
                self._file_invoice(fact)
            case Credit():
                self.credited[fact.invoice] = fact
            case Confirmation():
                self.confirmations[fact.invoice].append(fact)
            case Delivery():
                self.deliveries[fact.invoice].append(fact)
                self.delivered_between[pair(fact.sender, fact.receiver)].append(fact)
            case Payment():
                self.paid_by[fact.payer].append(fact)
                self.paid_between[pair(fact.payer, fact.payee)].append(fact)
            case Link():
                self.links[fact.one].append(fact)
                self.links[fact.other].append(fact)
            case Advance():
                self._file_advance(fact)
            case Pledge():
                self.pledges[fact.lot].append(fact)
            case _:  # a request for finance is judged and not remembered
                return

    def _file_invoice(self, invoice: Invoice) -> None:
        self.invoices[invoice.name] = invoice
        self.by_number[numbered(invoice)].append(invoice)
        for lot in invoice.lots:
            self.by_lot[lot].append(invoice)
        self.by_pair[pair(invoice.seller, invoice.buyer)].append(invoice)
        self.sold_by[invoice.seller].append(invoice)
        self.bought_by[invoice.buyer].append(invoice)

    def _file_advance(self, advance: Advance) -> None:
        self.advances[advance.invoice].append(advance)
        invoice = self.invoices.get(advance.invoice)
        if invoice is not None:
            self.advanced_between[pair(invoice.seller, invoice.buyer)].append(advance)

    def _forget(self, before_day: int) -> None:
        for name in [name for name, kept in self.invoices.items() if kept.day < before_day]:
            del self.invoices[name]
        for name in [name for name, kept in self.credited.items() if kept.day < before_day]:
            del self.credited[name]
        self.confirmations.forget(before_day)
        for invoices in (self.by_number, self.by_lot, self.by_pair, self.sold_by, self.bought_by):
            invoices.forget(before_day)
        for deliveries in (self.deliveries, self.delivered_between):
            deliveries.forget(before_day)
        for payments in (self.paid_by, self.paid_between):
            payments.forget(before_day)
        for advances in (self.advances, self.advanced_between):
            advances.forget(before_day)


def pair(one: str, other: str) -> str:
    """Return the word under which what goes from one party to another is filed."""
    return f"{len(one)}:{one}{other}"


def numbered(invoice: Invoice) -> str:
    """Return the word under which an invoice's number is filed: numbers repeat among sellers."""
    return pair(invoice.seller, canonical_number(invoice.number))


def canonical_number(number: str) -> str:
    """Return a number without what people write differently: "No.", case, strokes, leading 0s.

    >>> canonical_number("No. 00-12/a"), canonical_number("inv 0012")
    ('12A', 'INV12')
    """
    kept = bare_number(number).removeprefix("NO")
    digits_from = next((i for i, letter in enumerate(kept) if letter.isdigit()), len(kept))
    return kept[:digits_from] + kept[digits_from:].lstrip("0")


def within_percent(one: int, other: int, percent: int) -> bool:
    """Return whether two amounts differ by at most a share of the larger one."""
    return abs(one - other) * 100 <= max(one, other) * percent


def names(facts: Iterable[Fact]) -> tuple[str, ...]:
    """Return the names of facts in the order in which they became known, each once."""
    ordered = sorted(facts, key=lambda fact: (fact.day, fact.name))
    return tuple(dict.fromkeys(fact.name for fact in ordered))
