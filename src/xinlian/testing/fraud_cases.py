"""Labelled trade with a fixed seed: honest firms, honest look-alikes, and cases of each typology.

For whoever tests or tunes a watch.  It is synthetic: a recall on it says which of these patterns a
watch finds, not how much fraud it would find in the world.

Rules this file keeps:
 1. The same seed gives the same facts and labels.
 2. Facts carry the day on which they become known, and are told in that order.
 3. Part of the cases of each typology evades it by design, as a careful fraudster would; part of
    the honest trade looks like fraud.  Neither share is chosen by what a watch finds.
"""

import dataclasses
import itertools
import random
from collections.abc import Callable
from typing import Final, NamedTuple

from xinlian.apps.supply_chain.fraud import (
    Advance,
    Alert,
    Confirmation,
    Credit,
    Delivery,
    Fact,
    FinanceAsk,
    Invoice,
    Link,
    LinkKind,
    Payment,
    Pledge,
    Typology,
    Watch,
)

DAYS: Final = 365
BUYERS: Final = 8
SELLERS: Final = 60
CASES_EACH: Final = 40
EVASIVE_SHARE: Final = 0.3
HALF: Final = 0.5
CONFIRMED_SHARE: Final = 0.9
REGULAR_SHARE: Final = 0.2
FINANCED_SHARE: Final = 0.35
YUAN: Final = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """One fraud, and the request by which it should have been noticed at the latest."""

    typology: Typology
    ask: str
    is_evasive: bool


@dataclasses.dataclass(frozen=True, slots=True)
class LabelledTrade:
    """Facts in the order in which they become known, and which requests are fraud."""

    facts: tuple[Fact, ...]
    cases: tuple[Case, ...]
    honest_asks: tuple[str, ...]
    """Requests in which nothing is wrong, the look-alikes among them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Evaluation:
    """What a watch found of a labelled trade, each request judged by what came before it."""

    found: tuple[Case, ...]
    """Cases whose own request raised their own typology."""
    missed: tuple[Case, ...]
    false_alarms: tuple[Alert, ...]
    """Signals at honest requests."""


class _World:
    """Collects facts; hands out names, lots and consecutive numbers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"fraud cases {seed}")  # noqa: S311 - made-up trade, no secret
        self.facts: list[Fact] = []
        self.cases: list[Case] = []
        self._names = 0
        self._numbers: dict[str, int] = {}

    def name(self, kind: str) -> str:
        self._names += 1
        return f"{kind}-{self._names}"

    def number(self, seller: str) -> str:
        first = self._numbers.setdefault(seller, self.random.randrange(10_000, 90_000))
        self._numbers[seller] += 1
        return f"{first:08d}"

    def add(self, fact: Fact) -> None:
        self.facts.append(fact)

    def amount(self) -> int:
        """Return an ordinary amount: most are tens of thousands of yuan, few are millions."""
        return int(self.random.lognormvariate(11.2, 0.9)) * YUAN

    def invoice(
        self,
        day: int,
        seller: str,
        buyer: str,
        gross_minor: int,
        *,
        term_days: int = 60,
        lots: tuple[str, ...] | None = None,
        number: str | None = None,
    ) -> Invoice:
        invoice = Invoice(
            name=self.name("invoice"),
            day=day,
            seller=seller,
            buyer=buyer,
            number=number or self.number(seller),
            gross_minor=gross_minor,
            term_days=term_days,
            lots=(self.name("lot"),) if lots is None else lots,
        )
        self.add(invoice)
        return invoice

    def deliver(self, invoice: Invoice, day: int) -> None:
        self.add(
            Delivery(
                name=self.name("delivery"),
                day=day,
                sender=invoice.seller,
                receiver=invoice.buyer,
                value_minor=invoice.gross_minor,
                invoice=invoice.name,
                lots=invoice.lots,
            )
        )

    def confirm(self, invoice: Invoice, day: int, *, by_own_key: bool = True) -> None:
        self.add(Confirmation(self.name("confirmation"), day, invoice.name, by_own_key))

    def pay(self, day: int, payer: str, payee: str, amount_minor: int) -> None:
        self.add(Payment(self.name("payment"), day, payer, payee, amount_minor))

    def ask(self, invoice: Invoice, day: int, percent: int = 80) -> str:
        """Ask for an advance and get it the next day."""
        amount = invoice.gross_minor * percent // 100
        ask = FinanceAsk(self.name("ask"), day, invoice.name, amount)
        self.add(ask)
        self.add(Advance(self.name("advance"), day + 1, invoice.name, "bank", amount))
        return ask.name

    def sale(self, day: int, seller: str, buyer: str, gross_minor: int, **more: int) -> Invoice:
        """Add an ordinary sale: confirmed, delivered, paid."""
        invoice = self.invoice(day, seller, buyer, gross_minor, term_days=more.get("term_days", 60))
        self.confirm(invoice, day + 1, by_own_key=self.random.random() < CONFIRMED_SHARE)
        self.deliver(invoice, day + self.random.randint(1, 12))
        paid_on = day + invoice.term_days + self.random.randint(-5, 10)
        self.pay(max(paid_on, day + 1), buyer, seller, gross_minor)
        return invoice

    def case(self, typology: Typology, ask: str, *, is_evasive: bool) -> None:
        self.cases.append(Case(typology, ask, is_evasive))


class _Plan(NamedTuple):
    """When a case begins, and whether it is made to evade."""

    day: int
    is_evasive: bool


def labelled_trade(seed: int, cases_each: int = CASES_EACH) -> LabelledTrade:
    """Return a year of trade with so many cases of each typology."""
    world = _World(seed)
    _honest_trade(world)
    for look_alike in (_corrections, _industrial_loops, _mutual_trade, _neighbours, _new_terms):
        look_alike(world)
    honest_asks = tuple(fact.name for fact in world.facts if isinstance(fact, FinanceAsk))
    evasive = round(cases_each * EVASIVE_SHARE)
    for make in _MAKERS:
        for number in range(cases_each):
            make(world, _Plan(world.random.randint(60, DAYS - 80), number < evasive))
    ordered = sorted(enumerate(world.facts), key=lambda entry: (entry[1].day, entry[0]))
    facts = tuple(fact for _, fact in ordered)
    return LabelledTrade(facts, tuple(world.cases), honest_asks)


def evaluate(trade: LabelledTrade, watch: Watch) -> Evaluation:
    """Tell a watch a labelled trade in time order; return what it found."""
    alerts = [alert for fact in trade.facts for alert in watch.tell(fact)]
    raised = {(alert.ask, alert.typology) for alert in alerts}
    honest = frozenset(trade.honest_asks)
    return Evaluation(
        found=tuple(case for case in trade.cases if (case.ask, case.typology) in raised),
        missed=tuple(case for case in trade.cases if (case.ask, case.typology) not in raised),
        false_alarms=tuple(alert for alert in alerts if alert.ask in honest),
    )


def _honest_trade(world: _World) -> None:
    """Sellers with one to three buyers each, an invoice every week or two, a third financed."""
    for number in range(SELLERS):
        seller = f"seller-{number}"
        buyers = world.random.sample(range(BUYERS), world.random.randint(1, 3))
        usual = world.amount()
        is_regular = world.random.random() < REGULAR_SHARE  # the same amount again and again
        day = world.random.randint(0, 14)
        while day < DAYS:
            buyer = f"buyer-{world.random.choice(buyers)}"
            amount = usual if is_regular else world.amount()
            invoice = world.sale(day, seller, buyer, amount)
            if world.random.random() < FINANCED_SHARE:
                world.ask(invoice, day + world.random.randint(2, 25))
            day += world.random.randint(5, 14)


def _corrections(world: _World) -> None:
    """Invoices with a slip, taken back and issued anew for the same goods before any finance."""
    for _ in range(60):
        day = world.random.randint(20, DAYS - 60)
        seller, buyer = f"seller-{world.random.randrange(SELLERS)}", "buyer-0"
        wrong = world.invoice(day, seller, buyer, world.amount())
        world.add(Credit(world.name("credit"), day + 2, wrong.name))
        right = world.invoice(day + 2, seller, buyer, wrong.gross_minor, lots=wrong.lots)
        world.deliver(right, day + 5)
        world.confirm(right, day + 5)
        world.ask(right, day + world.random.randint(6, 20))


def _industrial_loops(world: _World) -> None:
    """Firms that do buy from their customers' customers: value is added, goods are others."""
    for number in range(40):
        day = world.random.randint(20, DAYS - 60)
        amount = world.amount()
        firms = [f"mill-{number}-{step}" for step in range(3)]
        for step, firm in enumerate(firms):
            grown = amount * (100 + 4 * step) // 100
            invoice = world.sale(day + 5 * step, firm, firms[(step + 1) % 3], grown)
        world.ask(invoice, day + 25)


def _mutual_trade(world: _World) -> None:
    """Two firms that buy from each other and pay each other."""
    for number in range(15):
        one, other = f"mutual-{number}-a", f"mutual-{number}-b"
        for day in range(world.random.randint(0, 30), DAYS - 40, 40):
            there = world.sale(day, one, other, world.amount())
            world.sale(day + world.random.randint(0, 20), other, one, world.amount())
            world.ask(there, day + 15)


def _neighbours(world: _World) -> None:
    """Firms of one building: a shared address and nothing else, with several customers."""
    for number in range(20):
        seller = f"seller-{number}"
        kind = LinkKind.ADDRESS
        world.add(Link(world.name("link"), 0, seller, f"buyer-{number % BUYERS}", kind))


def _new_terms(world: _World) -> None:
    """Terms that both sides changed: the debtor's key confirms them."""
    for number in range(20):
        seller, day = f"term-{number}", world.random.randint(0, 60)
        for step in range(6):
            world.sale(day + 14 * step, seller, "buyer-1", world.amount())
        longer = world.invoice(day + 90, seller, "buyer-1", world.amount(), term_days=150)
        world.confirm(longer, day + 91)
        world.deliver(longer, day + 95)
        world.ask(longer, day + 100)


def _trading_pair(world: _World, day: int, kind: str) -> tuple[str, str]:
    """Return a seller of its own with an ordinary past, and its buyer."""
    seller, buyer = world.name(kind), f"buyer-{world.random.randrange(BUYERS)}"
    for step in range(5, 0, -1):
        world.sale(max(day - 10 * step, 0), seller, buyer, world.amount())
    return seller, buyer


def _duplicate(world: _World, plan: _Plan) -> None:
    """An invoice again: by its number, or its goods under a near one; evasively under all new."""
    day, is_evasive = plan
    seller, buyer = _trading_pair(world, day, "doubling")
    first = world.sale(day, seller, buyer, world.amount())
    world.ask(first, day + 3)
    later = day + world.random.randint(4, 60)
    if is_evasive:
        again = world.invoice(later, seller, buyer, first.gross_minor * 95 // 100)
    elif world.random.random() < HALF:
        number = f"No. {first.number.lstrip('0')}"
        again = world.invoice(later, seller, buyer, first.gross_minor, number=number)
    else:
        near = first.number[:-1] + str((int(first.number[-1]) + 3) % 10)
        gross = first.gross_minor * world.random.randint(95, 105) // 100
        again = world.invoice(later, seller, buyer, gross, number=near, lots=first.lots)
    world.deliver(again, later + 2)
    world.confirm(again, later + 2)
    world.case(Typology.DUPLICATE, world.ask(again, later + 3), is_evasive=is_evasive)


def _circle(world: _World, plan: _Plan) -> None:
    """Goods sold round among three to six firms; evasively among eight, or with a larger gain."""
    day, is_evasive = plan
    hops = 8 if is_evasive else world.random.randint(3, 6)
    firms = [world.name("circle") for _ in range(hops)]
    amount, lots = world.amount(), (world.name("lot"),)
    for step, firm in enumerate(firms):
        grown = amount * (1000 + 8 * step) // 1000
        buyer = firms[(step + 1) % hops]
        sale = world.invoice(day + 4 * step, firm, buyer, grown, lots=lots)
        world.deliver(sale, day + 4 * step + 1)
        world.confirm(sale, day + 4 * step + 1)
    ask = world.ask(sale, day + 4 * hops)
    world.case(Typology.CIRCULAR_TRADE, ask, is_evasive=is_evasive)


def _related(world: _World, plan: _Plan) -> None:
    """Seller and buyer under one control, directly or over a holding; evasively undisclosed."""
    day, is_evasive = plan
    seller, buyer = _trading_pair(world, day, "kin")
    if not is_evasive:
        holding = world.name("holding")
        shape = world.random.randrange(3)
        if shape == 0:
            _linked(world, seller, buyer, LinkKind.OFFICER)
        elif shape == 1:
            _linked(world, seller, holding, LinkKind.OWNERSHIP)
            _linked(world, holding, buyer, LinkKind.OWNERSHIP)
        else:
            _linked(world, seller, buyer, LinkKind.PHONE)
            _linked(world, seller, buyer, LinkKind.ACCOUNT)
    invoice = world.sale(day, seller, buyer, world.amount())
    ask = world.ask(invoice, day + 15)
    world.case(Typology.RELATED_PARTIES, ask, is_evasive=is_evasive)


def _linked(world: _World, one: str, other: str, kind: LinkKind) -> None:
    world.add(Link(world.name("link"), 0, one, other, kind))


def _over_financing(world: _World, plan: _Plan) -> None:
    """Advances without goods; evasively the buyer signs for goods that never came."""
    day, is_evasive = plan
    seller, buyer = world.name("hungry"), f"buyer-{world.random.randrange(BUYERS)}"
    ask = ""
    for step in range(6):
        invoice = world.invoice(day + 4 * step, seller, buyer, world.amount())
        world.confirm(invoice, day + 4 * step + 1)
        if is_evasive or step == 0:
            world.deliver(invoice, day + 4 * step + 1)
        ask = world.ask(invoice, day + 4 * step + 2)
    world.case(Typology.OVER_FINANCING, ask, is_evasive=is_evasive)


def _round_trip(world: _World, plan: _Plan) -> None:
    """A payment that returns over one to three others; evasively after two months."""
    day, is_evasive = plan
    seller, buyer = _trading_pair(world, day, "loop")
    amount, hops = world.amount(), world.random.randint(1, 3)
    way = [buyer, seller, *(world.name("between") for _ in range(hops)), buyer]
    step_days = 25 if is_evasive else 5
    for step, (payer, payee) in enumerate(itertools.pairwise(way)):
        world.pay(day + step_days * step, payer, payee, amount * (100 - 3 * step) // 100)
    asked_on = day + step_days * (len(way) - 1)
    invoice = world.sale(asked_on - 5, seller, buyer, world.amount())
    ask = world.ask(invoice, asked_on + 1)
    world.case(Typology.ROUND_TRIP_MONEY, ask, is_evasive=is_evasive)


def _splitting(world: _World, plan: _Plan) -> None:
    """One sale in invoices just below the examined amount; evasively at four fifths of it."""
    day, is_evasive = plan
    seller, buyer = _trading_pair(world, day, "slices")
    low, high = (78, 85) if is_evasive else (92, 99)
    ask = ""
    for step in range(5):
        gross = world.random.randint(low * 10_000, high * 10_000) * YUAN
        invoice = world.sale(day + 3 * step, seller, buyer, gross)
        ask = world.ask(invoice, day + 3 * step + 2)
    world.case(Typology.SPLITTING, ask, is_evasive=is_evasive)


def _phantom(world: _World, plan: _Plan) -> None:
    """Goods pledged elsewhere, or never taken in; evasively pledged where nobody tells."""
    day, is_evasive = plan
    seller, buyer = _trading_pair(world, day, "phantom")
    invoice = world.invoice(day, seller, buyer, world.amount())
    world.confirm(invoice, day + 1)
    if is_evasive:
        world.deliver(invoice, day + 3)
    elif world.random.random() < HALF:
        world.deliver(invoice, day + 3)
        lot = invoice.lots[0]
        world.add(Pledge(world.name("pledge"), day - 10, lot, world.name("receipt"), "other bank"))
    ask = world.ask(invoice, day + 35)
    world.case(Typology.PHANTOM_GOODS, ask, is_evasive=is_evasive)


def _false_confirmation(world: _World, plan: _Plan) -> None:
    """A letter with a seal for a term that jumped; evasively the term grows step by step."""
    day, is_evasive = plan
    seller, buyer = _trading_pair(world, day, "sealed")
    if is_evasive:
        for step in range(5):
            world.sale(day + step, seller, buyer, world.amount(), term_days=75 + 15 * step)
    invoice = world.invoice(day + 6, seller, buyer, world.amount(), term_days=150)
    world.confirm(invoice, day + 8, by_own_key=False)
    world.deliver(invoice, day + 8)
    ask = world.ask(invoice, day + 10)
    world.case(Typology.FALSE_CONFIRMATION, ask, is_evasive=is_evasive)


_MAKERS: Final[tuple[Callable[[_World, _Plan], None], ...]] = (
    _duplicate,
    _circle,
    _related,
    _over_financing,
    _round_trip,
    _splitting,
    _phantom,
    _false_confirmation,
)
