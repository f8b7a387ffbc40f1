"""What the simulated parties send: sensible steps, sensible steps by the wrong party, and anything.

Rules this file keeps:
 1. Everything follows from the seed: the same seed sends the same bytes.
 2. A random message of any registered type is built from its field types alone, so a new module
    is simulated from the day it is registered; ids are taken from what was seen under the same
    field name, now and then under another, now and then from nowhere.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final

from xinlian.apps.supply_chain import messages as sc
from xinlian.contracts.message import Message
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.modules.accounts.messages import (
    BookEntry,
    LinkedTransfer,
    LinkTransfers,
    PendTransfer,
    PostTransfer,
    Transfer,
    VoidTransfer,
)
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.evidence.messages import RecordFact, SubmitVerdict
from xinlian.modules.governance.messages import (
    ProposeReinstatement,
    ProposeSuspension,
    ProposeUpgrade,
    Vote,
)
from xinlian.modules.members.messages import (
    AdmitParticipant,
    RegisterKey,
    ReinstateParticipant,
    RevokeKey,
    SetMandate,
    SuspendParticipant,
)
from xinlian.modules.members.types import key_id_of, possession_bytes
from xinlian.modules.schedule.messages import AdvanceClock, ConfirmClock
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_day, china_midnight_ms
from xinlian.testing.consortium import demo_uscc
from xinlian.testing.simulator_model import Leaf, Model
from xinlian.testing.simulator_random import FACES_MINOR, RandomMessages
from xinlian.testing.simulator_world import World

Calls = list[tuple[str, Message]]
"""(acting organisation, message) …"""

GROSS_MINOR: Final = 1_130_000_00
CAP_MINOR: Final = 1_100_000_00
TRADERS: Final = ("core", "bank", "supplier1", "supplier2")
OPENING_STEPS: Final = 12
MEMBERS: Final = ("core", "bank", "settle")
MIRRORED: Final = ("core", "bank", "supplier1")
_SPARED: Final = (RevokeKey, SetMandate)
"""Sent at random by the last supplier alone: a bank that locked itself out ends every story."""
_DOCUMENTS: Final = {
    "supplier1": ("contract", "order", "invoice", "despatch"),
    "core": ("goods_receipt",),
    "settle": ("bank_entry",),
}


class Senders:
    """Draws the next thing that somebody sends."""

    def __init__(self, chance: random.Random, world: World, model: Model) -> None:
        self._chance = chance
        self._world = world
        self._model = model
        self._number = 0
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
        self.new_keys: dict[str, list[SigningKey]] = defaultdict(list)

    def is_registered(self, key: SigningKey) -> bool:
        """Return whether a key may sign; a revoked one is still tried now and then."""
        key_id = key_id_of(key.suite, key.public_key)
        return key_id in self._model.keys or (
            key_id in self._model.ever_keys and self._chance.random() < 0.1  # noqa: PLR2004 - a try
        )

    def next_calls(self, step: int) -> Calls:
        """Return what somebody sends next, in one transaction; at first mostly business."""
        self.random.time_ms = self._model.time_ms
        if step < OPENING_STEPS and self._chance.random() < 0.75:  # noqa: PLR2004 - not all of it
            calls = self._open_business()
        else:
            calls = self._chance.choices(_STEPS, _WEIGHTS)[0](self)
        if self._chance.random() < 0.12:  # noqa: PLR2004 - how often the wrong one sends it
            calls = [(self._chance.choice(TRADERS), message) for _, message in calls]
        if calls and self._chance.random() < 0.05:  # noqa: PLR2004 - a batch whose last call may fail
            calls = [*calls, *self.anything()]
        return calls

    def _party(self, name: str) -> bytes:
        return self._world.organisations[name].party

    def _name(self, party: bytes) -> str:
        """Return whose party id it is; some trader when nobody's."""
        return self._world.names.get(party, "supplier2")

    def _root(self, document: str) -> bytes:
        return hashlib.sha256(f"simulated {self._number} {document}".encode()).digest()

    def anything(self) -> Calls:
        """A random message of any registered type, by anybody."""
        message_type = self._chance.choice(self._world.message_types)
        if message_type is ProposeUpgrade:
            # Voted through, it would rightly stop the node: this release has no such version.
            message_type = Vote
        message = self.random.message(message_type)
        name = self._chance.choice(tuple(self._world.organisations))
        owner = self._model.beginning.owners.get(getattr(message, "from_account", b""))
        if owner is not None and self._chance.random() < 0.7:  # noqa: PLR2004 - mostly its own
            name = self._name(owner)
        return [("supplier2" if message_type in _SPARED else name, message)]

    def _open_business(self) -> Calls:
        """Bring a certificate to life and divide it."""
        active = [one for one in self._model.certificates.values() if one.state == "active"]
        if not active:
            return self.go_on()
        return self.take_offer()

    def register_trade(self) -> Calls:
        """All papers of a new trade, by everybody in one transaction."""
        self._number += 1
        calls: Calls = [
            (name, RegisterDocument(self._root(kind), kind, 1))
            for name, kinds in _DOCUMENTS.items()
            for kind in kinds
        ]
        calls += [("core", CountersignDocument(self._root(kind))) for kind in ("contract", "order")]
        invoice, buyer = self._root("invoice"), self._party("core")
        calls.append(("supplier1", sc.RegisterInvoice(invoice, buyer, "CNY", GROSS_MINOR, 0)))
        calls += [
            (name, RecordFact(invoice, self._root(kind), kind))
            for name, kinds in _DOCUMENTS.items()
            for kind in kinds
        ]
        self._contracts[invoice] = self._root("contract")
        self.random.note("contract_root", self._root("contract"))
        self.random.note("invoice_root", invoice)
        return calls

    def _verdict(self, invoice: bytes) -> SubmitVerdict:
        roots = (invoice, self._contracts.get(invoice, invoice))
        return SubmitVerdict(invoice, 1, (), roots, 1, self._model.time_ms + MS_PER_DAY)

    def propose(self) -> Calls:
        """Propose a certificate on a registered invoice."""
        registered = [one for one in self._contracts if one in self._model.invoices]
        if not registered:
            return self.register_trade()
        invoice = self._chance.choice(registered)
        message = sc.ProposeCertificate(
            invoice,
            self._contracts[invoice],
            self._model.beginning.deposit,
            self._chance.choice(FACES_MINOR),
            china_day(self._model.time_ms) + self._chance.randint(2, 40),
        )
        return [(self._chance.choice(("core", "supplier1")), message)]

    def go_on(self) -> Calls:
        """Take the next step of a certificate that is not active yet."""
        waiting = [
            (certificate_id, certificate)
            for certificate_id, certificate in self._model.certificates.items()
            if certificate.state in ("draft", "offered")
        ]
        if not waiting:
            return self.propose()
        certificate_id, certificate = self._chance.choice(waiting)
        is_draft = certificate.state == "draft"
        if self._chance.random() < 0.12:  # noqa: PLR2004 - second thoughts
            end = sc.WithdrawCertificate if is_draft else sc.DeclineCertificate
            return [(self._name(certificate.proposer if is_draft else certificate.first_holder),
                     end(certificate_id))]  # fmt: skip
        if not is_draft:
            accept = sc.AcceptCertificate(certificate_id, free_choice=True)
            return [(self._name(certificate.first_holder), accept)]
        until_ms = china_midnight_ms(certificate.due_day + 90)
        promise = sc.IssueCertificate(
            certificate_id,
            self._root("promise"),
            self._world.accounts["core"],
            max(self._chance.choice(FACES_MINOR), certificate.face_minor, CAP_MINOR),
            until_ms,
        )
        verdict = self._verdict(certificate.invoice)
        return [("supplier1", verdict), ("core", verdict), ("core", promise)]

    def _leaf(self) -> tuple[bytes, Leaf] | None:
        live = [
            (leaf_id, leaf)
            for leaf_id, leaf in self._model.leaves.items()
            if not leaf.is_spent or self._chance.random() < 0.05  # noqa: PLR2004 - a spent one
        ]
        return self._chance.choice(live) if live else None

    def offer(self) -> Calls:
        """Offer a part of a leaf."""
        found = self._leaf()
        if found is None:
            return self.go_on()
        leaf_id, leaf = found
        part_minor = self._chance.choice((leaf.amount_minor, leaf.amount_minor // 2, 1, 10_000_00))
        expires_at_ms = self._model.time_ms + self._chance.choice((MS_PER_HOUR, 9 * MS_PER_DAY))
        to = self._party(self._chance.choice(("supplier2", "supplier2", "supplier2", *TRADERS)))
        roots = self.random.seen("contract_root")
        offer = sc.OfferTransfer(
            leaf_id, to, max(part_minor, 1), self._chance.choice(roots), expires_at_ms
        )
        return [(self._name(leaf.holder), offer)]

    def take_offer(self) -> Calls:
        """Accept an offer."""
        if not self._model.offers:
            return self.offer()
        offer_id, offer = self._chance.choice(list(self._model.offers.items()))
        return [(self._name(offer.to), sc.AcceptTransfer(offer_id))]

    def finance(self) -> Calls:
        """Ask for finance, pay it out, or let it go."""
        found = self._leaf()
        if found is None:
            return self.go_on()
        leaf_id, leaf = found
        financier, _ = self._model.locks.get(leaf_id, (b"", 0))
        if not financier:
            days = self._chance.choice((1, 3, 7, 8))
            asked = self._chance.choice((self._party("bank"), self._party("bank"), leaf.holder))
            request = sc.RequestFinance(leaf_id, asked, self._model.time_ms + days * MS_PER_DAY)
            return [(self._name(leaf.holder), request)]
        if self._chance.random() < 0.2:  # noqa: PLR2004 - one in five comes to nothing
            by = self._chance.choice((leaf.holder, financier))
            return [(self._name(by), sc.ReleaseLock(leaf_id))]
        advance_minor = max(leaf.amount_minor * self._chance.choice((5, 10, 11)) // 10, 2)
        invoice = self._model.certificates[leaf.certificate].invoice
        payee = self._world.accounts.get(self._name(leaf.holder), self._world.accounts["core"])
        disburse = sc.Disburse(
            leaf_id,
            advance_minor,
            self._chance.choice((0, advance_minor // 50)),
            self._root("register"),
            self._world.accounts["bank"],
            payee,
        )
        payer = self._name(financier)
        return [(payer, self._verdict(invoice)), (payer, disburse)]

    def pay(self) -> Calls:
        """Pay all, a little too much, or something."""
        giving, receiving = self._chance.sample(MIRRORED, 2)
        accounts = self._world.accounts
        held_minor = self._model.balances_minor[accounts[giving]]
        amount_minor = self._chance.choice(
            (held_minor, held_minor + 1, held_minor // 3, 1, 2**63 - 1)
        )
        return [(giving, Transfer(accounts[giving], accounts[receiving], max(amount_minor, 1)))]

    def pend(self) -> Calls:
        """Set money aside, post or void what is set aside, or exchange."""
        accounts = self._world.accounts
        giving, receiving = self._chance.sample(MIRRORED, 2)
        waiting = list(self._model.pendings.items())
        if self._chance.random() < 0.2:  # noqa: PLR2004 - two payments that stand together
            links = (
                LinkedTransfer(accounts[giving], accounts[receiving], 1_000),
                LinkedTransfer(accounts[receiving], accounts[giving], 10),
            )
            self._number += 1
            consent = RegisterDocument(self._root("consent"), "contract", 1)
            return [(giving, LinkTransfers(links)), (receiving, consent)]
        if waiting and self._chance.random() < 0.6:  # noqa: PLR2004 - more ends than begins
            pending_id, pending = self._chance.choice(waiting)
            settler = self._name(pending.settler)
            if self._chance.random() < 0.2:  # noqa: PLR2004 - one in five is given up
                return [(settler, VoidTransfer(pending_id))]
            part_minor = self._chance.choice((1, pending.left_minor, pending.left_minor + 1))
            return [(settler, PostTransfer(pending_id, part_minor))]
        held_minor = self._model.balances_minor[accounts[giving]]
        settler = self._chance.choice((giving, receiving, "settle"))
        message = PendTransfer(
            accounts[giving],
            accounts[receiving],
            self._party(settler),
            max(self._chance.choice((held_minor, held_minor // 2, 1_000)), 1),
            self._model.time_ms + self._chance.choice((MS_PER_HOUR, 3 * MS_PER_DAY)),
        )
        return [(giving, message)]

    def book(self) -> Calls:
        """A bank fact: money from outside, money that left, an order executed, or one again."""
        self._number += 1
        orders = [(i, order) for i, order in self._model.orders.items() if order.is_open]
        identity = self._root("entry")
        if self._model.entries and self._chance.random() < 0.1:  # noqa: PLR2004 - the same again
            identity = self._chance.choice(sorted(self._model.entries))
        day = china_day(self._model.time_ms)
        commitments = self._world.bank_accounts
        if orders and self._chance.random() < 0.8:  # noqa: PLR2004 - what banks mostly do
            order_id, order = self._chance.choice(orders)
            amount_minor = max(order.amount_minor - self._chance.choice((0, 0, 0, 1)), 1)
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
        on = self._chance.choice(tuple(commitments))
        amount_minor = self._chance.choice(FACES_MINOR)
        is_credit = self._chance.random() < 0.7  # noqa: PLR2004 - more comes than goes
        if any(certificate.is_overdue for certificate in self._model.certificates.values()):
            on, is_credit = "core", True
        entry = BookEntry(
            identity, commitments[on], amount_minor, is_credit, day, day, b"", identity
        )
        return [("settle", entry)]

    def supervise(self) -> Calls:
        """Suspend or reinstate a supplier."""
        party = self._party(self._chance.choice(("supplier1", "supplier2")))
        is_suspended = party in self._model.suspended
        wants_back = is_suspended != (self._chance.random() < 0.1)  # noqa: PLR2004 - a slip
        message = ReinstateParticipant(party) if wants_back else SuspendParticipant(party)
        return [("bank", message)]

    def govern(self) -> Calls:
        """Propose to suspend or reinstate a member, or vote."""
        proposals = self.random.seen("proposal")
        if proposals and self._chance.random() < 0.8:  # noqa: PLR2004 - many votes a proposal
            in_favour = self._chance.random() < 0.9  # noqa: PLR2004 - mostly agreed
            vote = Vote(self._chance.choice(proposals[-3:]), 1, in_favour)
            return [(self._chance.choice(MEMBERS), vote)]
        party = self._party(self._chance.choice(MEMBERS))
        is_suspended = party in self._model.suspended
        kind = ProposeReinstatement if is_suspended else ProposeSuspension
        return [(self._chance.choice(MEMBERS), kind(party))]

    def admit(self) -> Calls:
        """Admit somebody, register a further key, or revoke one."""
        self._number += 1
        secret = hashlib.sha256(f"simulated key {self._number}".encode()).digest()
        key = SigningKey(secret)
        chain_id = self._model.beginning.chain_id
        if self._chance.random() < 0.4:  # noqa: PLR2004 - a new organisation
            uscc = demo_uscc(100 + self._chance.randint(0, 5))
            party = self._world.party_of(uscc)
            proof = key.sign(possession_bytes(chain_id, party, "finance-1"))
            admit = AdmitParticipant(
                uscc, "某企业", SUITE_ED25519, key.public_key, "finance-1", proof
            )
            return [(self._chance.choice(("bank", "core")), admit)]
        own = self.new_keys["supplier2"]
        if own and self._chance.random() < 0.4:  # noqa: PLR2004 - and revoke one
            spare = self._chance.choice(own)
            return [("supplier2", RevokeKey(key_id_of(spare.suite, spare.public_key)))]
        proof = key.sign(possession_bytes(chain_id, self._party("supplier2"), "spare"))
        own.append(key)
        return [("supplier2", RegisterKey(SUITE_ED25519, key.public_key, "spare", proof))]

    def move_clock(self) -> Calls:
        """Send the clock ahead, or vouch for it."""
        days = self._chance.choice((1, 2, 7, 30))
        target_ms = self._model.time_ms + days * MS_PER_DAY + self._chance.randrange(MS_PER_DAY)
        if not self._world.is_simulated:
            return [("core", ConfirmClock(self._model.time_ms))]
        return [("core", AdvanceClock(target_ms))]


_TABLE: Final[tuple[tuple[Callable[[Senders], Calls], int], ...]] = (
    (Senders.anything, 12),
    (Senders.register_trade, 4),
    (Senders.propose, 8),
    (Senders.go_on, 22),
    (Senders.offer, 6),
    (Senders.take_offer, 9),
    (Senders.finance, 12),
    (Senders.pay, 8),
    (Senders.pend, 6),
    (Senders.book, 9),
    (Senders.supervise, 1),
    (Senders.govern, 4),
    (Senders.admit, 3),
    (Senders.move_clock, 10),
)
_STEPS: Final = tuple(step for step, _ in _TABLE)
_WEIGHTS: Final = tuple(weight for _, weight in _TABLE)


def keys_for(senders: Senders, world: World, calls: Calls) -> Iterator[SigningKey]:
    """Yield the keys that sign a transaction: two of each party, and the operator's for clocks."""
    for name in dict.fromkeys(name for name, _ in calls):
        keys = world.organisations[name].keys
        yield keys["finance-1"]
        yield keys["finance-2"]
        yield from (key for key in senders.new_keys[name] if senders.is_registered(key))
    if any(isinstance(message, AdvanceClock | ConfirmClock) for _, message in calls):
        yield world.organisations["core"].keys["operator"]
