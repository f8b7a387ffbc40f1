"""What the simulated parties send: sensible steps, sensible steps by the wrong party, and anything.

Rules this file keeps:
 1. Everything follows from the seed: the same seed sends the same bytes.
 2. A random message of any registered type is built from its field types alone, so a new module
    is simulated from the day it is registered; ids are taken from what was seen under the same
    field name, now and then under another, now and then from nowhere.
"""

import random
from collections.abc import Callable, Iterator
from typing import Final

from xinlian.apps.supply_chain import messages as sc
from xinlian.crypto.ed25519 import SigningKey
from xinlian.modules.accounts.messages import (
    BookEntry,
    BookStatement,
    ClosePeriod,
    LinkedTransfer,
    LinkTransfers,
    PendTransfer,
    PostTransfer,
    SetBounds,
    Transfer,
    VoidTransfer,
)
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.evidence.messages import RecordFact, SubmitVerdict
from xinlian.modules.governance.messages import ProposeUpgrade
from xinlian.modules.members.messages import RevokeKey, SetMandate
from xinlian.modules.schedule.messages import AdvanceClock, ConfirmClock
from xinlian.primitives.time import (
    MS_PER_DAY,
    MS_PER_HOUR,
    china_day,
    china_midnight_ms,
    iso_of_day,
)
from xinlian.testing.simulator.council import FAR_HEIGHT, govern, manage
from xinlian.testing.simulator.model import Model
from xinlian.testing.simulator.promises import promise
from xinlian.testing.simulator.random_messages import FACES_MINOR, RandomMessages
from xinlian.testing.simulator.records import Leaf
from xinlian.testing.simulator.scene import Calls, Scene
from xinlian.testing.simulator.world import World

GROSS_MINOR: Final = 1_130_000_00
CAP_MINOR: Final = 1_100_000_00
TRADERS: Final = ("core", "bank", "supplier1", "supplier2")
OPENING_STEPS: Final = 12
MIRRORED: Final = ("core", "bank", "supplier1")
_SPARED: Final = (RevokeKey, SetMandate)
"""Sent at random by the last supplier alone: a bank that locked itself out ends every story."""
_DOCUMENTS: Final = {
    "supplier1": ("contract", "order", "invoice", "despatch"),
    "core": ("goods_receipt",),
    "settle": ("bank_entry",),
}


class Senders(Scene):
    """Draws the next thing that somebody sends."""

    def __init__(self, chance: random.Random, world: World, model: Model, theme: int = 0) -> None:
        super().__init__(chance, world, model)
        self._contracts: dict[bytes, bytes] = {}
        """Root of an invoice → root of its contract."""
        self.random = RandomMessages(chance, world.fields, model.time_ms)
        for account in model.beginning.owners:
            for field in ("account", "from_account", "to_account"):
                self.random.note(field, account)
        for organisation in world.organisations.values():
            for field in ("party", "to", "buyer", "financier"):
                self.random.note(field, organisation.party)
        for commitment in model.beginning.mirrors:
            self.random.note("bank_account", commitment)
        for key_id in model.keys:
            self.random.note("key_id", key_id)
        table = _THEMES[theme % len(_THEMES)]
        self._steps, self._weights = tuple(table), tuple(table.values())
        self._opens_trade = Senders.register_trade in table

    def next_calls(self, step: int) -> Calls:
        """Return what somebody sends next, in one transaction; at first mostly business."""
        self.random.time_ms = self.model.time_ms
        if self._opens_trade and step < OPENING_STEPS and self.chance.random() < 0.75:  # noqa: PLR2004 - not all of it
            calls = self._open_business()
        elif self._is_somebody_late() and self.chance.random() < 0.15:  # noqa: PLR2004 - help comes
            calls = self.book()
        else:
            calls = self.chance.choices(self._steps, self._weights)[0](self)
        if self.chance.random() < 0.12:  # noqa: PLR2004 - how often the wrong one sends it
            calls = [(self.chance.choice(TRADERS), message) for _, message in calls]
        if calls and self.chance.random() < 0.05:  # noqa: PLR2004 - a batch whose last call may fail
            calls = [*calls, *self.anything()]
        return calls

    def _is_somebody_late(self) -> bool:
        return any(certificate.is_overdue for certificate in self.model.certificates.values())

    def anything(self) -> Calls:
        """A random message of any registered type, by anybody."""
        message_type = self.chance.choice(self.world.message_types)
        message = self.random.message(message_type)
        if isinstance(message, ProposeUpgrade):
            # Voted through, it would rightly stop the node: this release has no such version.
            message = ProposeUpgrade(message.app_version, FAR_HEIGHT)
        name = self.chance.choice(tuple(self.world.organisations))
        owner = self.model.beginning.owners.get(getattr(message, "from_account", b""))
        if owner is not None and self.chance.random() < 0.7:  # noqa: PLR2004 - mostly its own
            name = self.name(owner)
        return [("supplier2" if message_type in _SPARED else name, message)]

    def _open_business(self) -> Calls:
        """Bring a certificate to life and divide it."""
        active = [one for one in self.model.certificates.values() if one.state == "active"]
        if not active:
            return self.go_on()
        return self.take_offer()

    def register_trade(self) -> Calls:
        """All papers of a new trade, by everybody in one transaction."""
        self.number += 1
        calls: Calls = [
            (name, RegisterDocument(self.root(kind), kind, 1))
            for name, kinds in _DOCUMENTS.items()
            for kind in kinds
        ]
        calls += [("core", CountersignDocument(self.root(kind))) for kind in ("contract", "order")]
        invoice, buyer = self.root("invoice"), self.party("core")
        calls.append(("supplier1", sc.RegisterInvoice(invoice, buyer, "CNY", GROSS_MINOR, 0)))
        calls += [
            (name, RecordFact(invoice, self.root(kind), kind))
            for name, kinds in _DOCUMENTS.items()
            for kind in kinds
        ]
        self._contracts[invoice] = self.root("contract")
        self.random.note("contract_root", self.root("contract"))
        self.random.note("invoice_root", invoice)
        return calls

    def _verdict(self, invoice: bytes) -> SubmitVerdict:
        roots = (invoice, self._contracts.get(invoice, invoice))
        return SubmitVerdict(invoice, 1, (), roots, 1, self.model.time_ms + MS_PER_DAY)

    def propose(self) -> Calls:
        """Propose a certificate on a registered invoice."""
        registered = [one for one in self._contracts if one in self.model.invoices]
        if not registered:
            return self.register_trade()
        invoice = self.chance.choice(registered)
        message = sc.ProposeCertificate(
            invoice,
            self._contracts[invoice],
            self.model.beginning.deposit,
            self.chance.choice(FACES_MINOR),
            china_day(self.model.time_ms) + self.chance.randint(2, 40),
        )
        return [(self.chance.choice(("core", "supplier1")), message)]

    def go_on(self) -> Calls:
        """Take the next step of a certificate that is not active yet."""
        waiting = [
            (certificate_id, certificate)
            for certificate_id, certificate in self.model.certificates.items()
            if certificate.state in ("draft", "offered")
        ]
        if not waiting:
            return self.propose()
        certificate_id, certificate = self.chance.choice(waiting)
        is_draft = certificate.state == "draft"
        if self.chance.random() < 0.12:  # noqa: PLR2004 - second thoughts
            end = sc.WithdrawCertificate if is_draft else sc.DeclineCertificate
            return [(self.name(certificate.proposer if is_draft else certificate.first_holder),
                     end(certificate_id))]  # fmt: skip
        if not is_draft:
            accept = sc.AcceptCertificate(certificate_id, free_choice=True)
            return [(self.name(certificate.first_holder), accept)]
        until_ms = china_midnight_ms(certificate.due_day + 90)
        promise = sc.IssueCertificate(
            certificate_id,
            self.root("promise"),
            self.world.accounts["core"],
            max(self.chance.choice(FACES_MINOR), certificate.face_minor, CAP_MINOR),
            until_ms,
        )
        verdict = self._verdict(certificate.invoice)
        return [("supplier1", verdict), ("core", verdict), ("core", promise)]

    def _leaf(self) -> tuple[bytes, Leaf] | None:
        live = [
            (leaf_id, leaf)
            for leaf_id, leaf in self.model.leaves.items()
            if not leaf.is_spent or self.chance.random() < 0.05  # noqa: PLR2004 - a spent one
        ]
        return self.chance.choice(live) if live else None

    def offer(self) -> Calls:
        """Offer a part of a leaf."""
        found = self._leaf()
        if found is None:
            return self.go_on()
        leaf_id, leaf = found
        part_minor = self.chance.choice((leaf.amount_minor, leaf.amount_minor // 2, 1, 10_000_00))
        expires_at_ms = self.model.time_ms + self.chance.choice((MS_PER_HOUR, 9 * MS_PER_DAY))
        to = self.party(self.chance.choice(("supplier2", "supplier2", "supplier2", *TRADERS)))
        roots = self.random.seen("contract_root")
        offer = sc.OfferTransfer(
            leaf_id, to, max(part_minor, 1), self.chance.choice(roots), expires_at_ms
        )
        return [(self.name(leaf.holder), offer)]

    def take_offer(self) -> Calls:
        """Accept an offer."""
        if not self.model.offers:
            return self.offer()
        offer_id, offer = self.chance.choice(list(self.model.offers.items()))
        return [(self.name(offer.to), sc.AcceptTransfer(offer_id))]

    def finance(self) -> Calls:
        """Ask for finance, pay it out, or let it go."""
        found = self._leaf()
        if found is None:
            return self.go_on()
        leaf_id, leaf = found
        financier, _ = self.model.locks.get(leaf_id, (b"", 0))
        if not financier:
            days = self.chance.choice((1, 3, 7, 8))
            asked = self.chance.choice((self.party("bank"), self.party("bank"), leaf.holder))
            request = sc.RequestFinance(leaf_id, asked, self.model.time_ms + days * MS_PER_DAY)
            return [(self.name(leaf.holder), request)]
        if self.chance.random() < 0.2:  # noqa: PLR2004 - one in five comes to nothing
            by = self.chance.choice((leaf.holder, financier))
            return [(self.name(by), sc.ReleaseLock(leaf_id))]
        advance_minor = max(leaf.amount_minor * self.chance.choice((5, 10, 11)) // 10, 2)
        invoice = self.model.certificates[leaf.certificate].invoice
        payee = self.world.accounts.get(self.name(leaf.holder), self.world.accounts["core"])
        disburse = sc.Disburse(
            leaf_id,
            advance_minor,
            self.chance.choice((0, advance_minor // 50)),
            self.root("register"),
            self.world.accounts["bank"],
            payee,
        )
        payer = self.name(financier)
        return [(payer, self._verdict(invoice)), (payer, disburse)]

    def pay(self) -> Calls:
        """Pay all, a little too much, or something."""
        giving, receiving = self.chance.sample(MIRRORED, 2)
        accounts = self.world.accounts
        held_minor = self.model.balances_minor[accounts[giving]]
        amount_minor = self.chance.choice(
            (held_minor, held_minor + 1, held_minor // 3, 1, 2**63 - 1)
        )
        return [(giving, Transfer(accounts[giving], accounts[receiving], max(amount_minor, 1)))]

    def pend(self) -> Calls:
        """Set money aside, post or void what is set aside, or exchange."""
        accounts = self.world.accounts
        giving, receiving = self.chance.sample(MIRRORED, 2)
        waiting = list(self.model.pendings.items())
        if self.chance.random() < 0.2:  # noqa: PLR2004 - two payments that stand together
            links = (
                LinkedTransfer(accounts[giving], accounts[receiving], 1_000),
                LinkedTransfer(accounts[receiving], accounts[giving], 10),
            )
            self.number += 1
            consent = RegisterDocument(self.root("consent"), "contract", 1)
            return [(giving, LinkTransfers(links)), (receiving, consent)]
        if waiting and self.chance.random() < 0.6:  # noqa: PLR2004 - more ends than begins
            pending_id, pending = self.chance.choice(waiting)
            settler = self.name(pending.settler)
            if self.chance.random() < 0.2:  # noqa: PLR2004 - one in five is given up
                return [(settler, VoidTransfer(pending_id))]
            part_minor = self.chance.choice((1, pending.left_minor, pending.left_minor + 1))
            return [(settler, PostTransfer(pending_id, part_minor))]
        held_minor = self.model.balances_minor[accounts[giving]]
        settler = self.chance.choice((giving, receiving, "settle"))
        message = PendTransfer(
            accounts[giving],
            accounts[receiving],
            self.party(settler),
            max(self.chance.choice((held_minor, held_minor // 2, 1_000)), 1),
            self.model.time_ms + self.chance.choice((MS_PER_HOUR, 3 * MS_PER_DAY)),
        )
        return [(giving, message)]

    def book(self) -> Calls:
        """A bank fact: money from outside, money that left, an order executed, or one again."""
        self.number += 1
        orders = [(i, order) for i, order in self.model.orders.items() if order.is_open]
        identity = self.root("entry")
        if self.model.entries and self.chance.random() < 0.1:  # noqa: PLR2004 - the same again
            identity = self.chance.choice(sorted(self.model.entries))
        day = china_day(self.model.time_ms)
        commitments = self.world.bank_accounts
        if orders and self.chance.random() < 0.8:  # noqa: PLR2004 - what banks mostly do
            order_id, order = self.chance.choice(orders)
            amount_minor = max(order.amount_minor - self.chance.choice((0, 0, 0, 1)), 1)
            entry = BookEntry(
                identity,
                commitments["core"],
                amount_minor,
                is_credit=False,
                value_day=day,
                booking_day=day,
                end_to_end_id=order_id,
                document_root=identity,
            )
            return [("settle", entry)]
        if self.model.transfers and self.chance.random() < 0.3:  # noqa: PLR2004 - what it booked
            return self._book_transfer(identity)
        on = self.chance.choice(tuple(commitments))
        amount_minor = self.chance.choice(FACES_MINOR)
        is_credit = self.chance.random() < 0.7  # noqa: PLR2004 - more comes than goes
        if self._is_somebody_late():
            on, is_credit = "core", True
        entry = BookEntry(
            identity, commitments[on], amount_minor, is_credit, day, day, b"", identity
        )
        return [("settle", entry)]

    def _book_transfer(self, identity: bytes) -> Calls:
        """Book one side of a transfer of this ledger, now and then again or a fen less."""
        name, (receiving, giving, amount_minor) = self.chance.choice(
            tuple(self.model.transfers.items())
        )
        is_credit = self.chance.randrange(2) == 0
        account = receiving if is_credit else giving
        on = {mirror: number for number, mirror in self.model.beginning.mirrors.items()}
        day = china_day(self.model.time_ms)
        entry = BookEntry(
            identity,
            on.get(account, self.world.bank_accounts["core"]),
            max(amount_minor - self.chance.choice((0, 0, 0, 1)), 1),
            is_credit,
            day,
            day,
            name,
            identity,
        )
        return [("settle", entry)]

    def keep_books(self) -> Calls:
        """State a balance, bound an account, or close a month."""
        step = self.chance.choice((self._state, self._state, self._bound, self._close))
        return step()

    def _state(self) -> Calls:
        self.number += 1
        name = self.chance.choice(MIRRORED)
        day = china_day(self.model.time_ms) - self.chance.choice((0, 1, 1, 1, 3))
        closing_minor = self.model.balance_at_end_of(self.world.accounts[name], day)
        closing_minor += self.chance.choice((0, 0, 0, 1, 5_000_00))
        statement = BookStatement(
            self.world.bank_accounts[name],
            max(day, 0),
            abs(closing_minor),
            is_credit=closing_minor >= 0,
            document_root=self.root("statement"),
        )
        return [("settle", statement)]

    def _bound(self) -> Calls:
        name = self.chance.choice(MIRRORED)
        lower_minor = self.chance.choice((0, 0, 1_000, 400_000_00))
        upper_minor = self.chance.choice((2**63 - 1, 2**63 - 1, 1_600_000_00))
        return [(name, SetBounds(self.world.accounts[name], lower_minor, upper_minor))]

    def _close(self) -> Calls:
        name = self.chance.choice(tuple(self.world.organisations))
        today = iso_of_day(china_day(self.model.time_ms) - self.chance.choice((0, 28, 28, 31)))
        period = int(today[:7].replace("-", ""))
        height = self.chance.randint(0, self.model.height)
        return [(name, ClosePeriod(period, height, self.root("trial balance")))]

    def move_clock(self) -> Calls:
        """Send the clock ahead, or vouch for it."""
        days = self.chance.choice((1, 2, 7, 30))
        target_ms = self.model.time_ms + days * MS_PER_DAY + self.chance.randrange(MS_PER_DAY)
        if not self.world.is_simulated:
            return [("core", ConfirmClock(self.model.time_ms))]
        return [("core", AdvanceClock(target_ms))]


Step = Callable[[Senders], Calls]
_TRADE: Final[dict[Step, int]] = {
    Senders.register_trade: 4,
    Senders.propose: 8,
    Senders.go_on: 22,
    Senders.offer: 6,
    Senders.take_offer: 9,
    Senders.finance: 12,
}
_MONEY: Final[dict[Step, int]] = {
    Senders.pay: 8,
    Senders.pend: 6,
    Senders.book: 9,
    Senders.keep_books: 4,
}
_REST: Final[dict[Step, int]] = {
    Senders.anything: 12,
    manage: 4,
    govern: 4,
    promise: 4,
    Senders.move_clock: 10,
}
_THEMES: Final[tuple[dict[Step, int], ...]] = (
    _TRADE | _MONEY | _REST,
    _MONEY | _REST | {promise: 90, Senders.move_clock: 24},
    _MONEY | _REST | {govern: 50, manage: 20, Senders.move_clock: 14},
    _TRADE | _MONEY | _REST | {promise: 40, Senders.keep_books: 12},
)
"""What a life is mostly about; every step is in each."""


def keys_for(senders: Senders, world: World, calls: Calls) -> Iterator[SigningKey]:
    """Yield the keys that sign a transaction: two of each party, and the operator's for clocks."""
    for name in dict.fromkeys(name for name, _ in calls):
        keys = world.organisations[name].keys
        yield keys["finance-1"]
        yield keys["finance-2"]
        yield from (key for key in senders.new_keys[name] if senders.signs(key))
    senders.silent_key = b""
    if any(isinstance(message, AdvanceClock | ConfirmClock) for _, message in calls):
        yield world.organisations["core"].keys["operator"]
