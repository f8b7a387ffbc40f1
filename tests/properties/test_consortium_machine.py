"""Whatever five organisations do, in whatever order: the books hold and every answer is known.

After every step all registered invariants are run over the whole state, deposit money equals what
banks entered, nothing is parked, and no result is an internal fault.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from conftest import PROFILE
from xinlian.apps.supply_chain.messages import (
    AcceptCertificate,
    AcceptTransfer,
    DeclineCertificate,
    Disburse,
    OfferTransfer,
    ReleaseLock,
    RequestFinance,
    WithdrawCertificate,
)
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES, OFFERS, ORDERS, Leaf, OrderStatus
from xinlian.contracts.message import Message
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS, AccountClass
from xinlian.modules.members.messages import ReinstateParticipant, SuspendParticipant
from xinlian.modules.schedule.types import PARKED
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED, Trade, reference_of

NAMES = ("core", "bank", "settle", "supplier1", "supplier2")
OPENING_MINOR = 1_500_000_00
OPENED = ("core", "bank")
pick = st.integers(0, 1_000)
names = st.sampled_from(NAMES)
mirrored = st.sampled_from(("core", "bank", "supplier1"))
faces = st.sampled_from((1_000_00, 333_333_33, 500_000_00, 1_000_000_00))
amounts = st.one_of(st.integers(1, 2_000_000_00), faces)


class ConsortiumMachine(RuleBasedStateMachine):
    """One consortium and up to three trades, driven by rules with right and wrong actors."""

    more: ClassVar[dict[str, Any]] = {"more_members": (), "with_accounts": ()}
    """Organisations beyond the five, and which of them have accounts."""

    def __init__(self) -> None:
        super().__init__()
        self.c = Consortium(opening_minor=OPENING_MINOR, **self.more)
        self.trades: list[Trade] = []
        self.certificates: list[tuple[Trade, bytes]] = []
        self.deposit_minor = OPENING_MINOR * (len(OPENED) + len(self.more["with_accounts"]))
        self.references = 0
        self.seen: set[str] = set()
        self.register_trade(0)

    @initialize(faces_minor=st.lists(faces, min_size=1, max_size=3), split=st.booleans())
    def begin_with_business(self, faces_minor, split):
        """Some certificates are active already."""
        for face_minor in faces_minor:
            self.certify_as_the_parties_would(face_minor, 0)
        if split:
            self.split_as_the_parties_would(0)

    def teardown(self) -> None:
        """Stop the engine."""
        self.c.close()

    def send(self, name: str, *messages: Message) -> bool:
        """Send messages; return whether they applied; every refusal must have a public name."""
        signed, committed = self.c.send(name, *messages)
        self.last = signed
        reference = reference_of(committed.result)
        self.seen.add(reference)
        assert not reference.startswith("internal/"), (name, messages)
        assert reference == SUCCEEDED or not reference.rsplit("/", 1)[1].isdigit(), reference
        return reference == SUCCEEDED

    def some(self, items: Sequence[tuple[Trade, bytes]], index: int) -> tuple[Trade, bytes]:
        """Return one of the items, or one that does not exist."""
        everything = [*items, (self.trades[0], b"?" * 20)]
        return everything[index % len(everything)]

    def ids(self, collection) -> list[tuple[Trade, bytes]]:
        """Return the ids of a collection's records."""
        with self.c.engine.application.store.snapshot() as snapshot:
            return [(self.trades[0], parts[0]) for parts, _ in collection.scan(snapshot)]

    @precondition(lambda self: len(self.trades) < 3)
    @rule(days=st.integers(0, 3))
    def register_trade(self, days):
        """A further trade, due in about two weeks."""
        number = len(self.trades)
        due_day = self.c.now_ms() // MS_PER_DAY + 12 + days
        trade = Trade(self.c, f"trade {number}", due_day=due_day)
        suspended = self.c.send("supplier1", Transfer(bytes(20), bytes(19) + b"1", 1))[1].result
        if reference_of(suspended) != "members/suspended":
            trade.register()
            self.trades.append(trade)

    @rule(name=st.sampled_from(("core", "supplier1", "bank")), face=faces, index=pick)
    def propose(self, name, face, index):
        """Somebody proposes a certificate."""
        trade = self.trades[index % len(self.trades)]
        if self.send(name, trade.proposal(face)):
            self.certificates.append((trade, self.last.created_id("cert")))

    @rule(index=pick, cap=st.sampled_from((500_000_00, 1_000_000_00, 1_200_000_00)))
    def issue(self, index, cap):
        """Both sides give verdicts, the obligor promises."""
        trade, certificate = self.some(self.certificates, index)
        self.send("supplier1", trade.verdict())
        self.send("core", trade.verdict(), trade.promise(certificate, cap))

    @rule(index=pick, name=st.sampled_from(("supplier1", "supplier1", "supplier1", "core")))
    def accept(self, index, name):
        """Somebody accepts a certificate."""
        _, certificate = self.some(self.certificates, index)
        self.send(name, AcceptCertificate(certificate, free_choice=True))

    @rule(face=faces, index=pick)
    def certify_as_the_parties_would(self, face, index):
        """Propose, promise and accept, by the right parties."""
        trade = self.trades[index % len(self.trades)]
        if not self.send("core", trade.proposal(face)):
            return
        certificate = self.last.created_id("cert")
        self.certificates.append((trade, certificate))
        self.send("supplier1", trade.verdict())
        if self.send("core", trade.verdict(), trade.promise(certificate, max(face, 1_000_000_00))):
            self.send("supplier1", AcceptCertificate(certificate, free_choice=True))

    def trade_of(self, leaf: Leaf) -> Trade:
        """Return the trade whose invoice a leaf is of."""
        with self.c.engine.application.store.snapshot() as snapshot:
            subject = CERTIFICATES.require(snapshot, leaf.certificate).invoice_root
        (trade,) = [trade for trade in self.trades if trade.root("invoice") == subject]
        return trade

    @rule(index=pick, part=st.integers(1, 100))
    def finance_as_the_parties_would(self, index, part):
        """The holder asks, the bank checks and pays a part of the amount in advance."""
        leaf = self.some(self.ids(LEAVES), index)[1]
        with self.c.engine.application.store.snapshot() as snapshot:
            found = LEAVES.get(snapshot, leaf)
        if found is None or found.holder != self.c["supplier1"].party:
            return
        expires_at_ms = self.c.now_ms() + MS_PER_DAY
        if self.send("supplier1", RequestFinance(leaf, self.c["bank"].party, expires_at_ms)):
            advance = max(found.amount_minor * part // 100, 2)
            self.send(
                "bank",
                self.trade_of(found).verdict(),
                self.trades[0].advance(leaf, advance, advance // 50),
            )

    @rule(index=pick, name=names, withdraw=st.booleans())
    def end(self, index, name, withdraw):
        """Somebody declines or withdraws."""
        _, certificate = self.some(self.certificates, index)
        kind = WithdrawCertificate if withdraw else DeclineCertificate
        self.send(name, kind(certificate))

    @rule(index=pick, name=names, to=names, amount=amounts)
    def offer(self, index, name, to, amount):
        """Somebody offers a part of a leaf."""
        trade, leaf = self.some(self.ids(LEAVES), index)
        expires_at_ms = self.c.now_ms() + 3 * MS_PER_DAY
        self.send(
            name,
            OfferTransfer(leaf, self.c[to].party, amount, trade.root("order"), expires_at_ms),
        )

    @rule(index=pick, name=names)
    def take_offer(self, index, name):
        """Somebody accepts an offer."""
        self.send(name, AcceptTransfer(self.some(self.ids(OFFERS), index)[1]))

    @rule(index=pick)
    def split_as_the_parties_would(self, index):
        """The holder offers half of a leaf to supplier2, which accepts."""
        _, leaf = self.some(self.ids(LEAVES), index)
        with self.c.engine.application.store.snapshot() as snapshot:
            found = LEAVES.get(snapshot, leaf)
        holder = next((n for n in NAMES if found and self.c[n].party == found.holder), "core")
        amount = found.amount_minor // 2 if found else 1
        message = OfferTransfer(
            leaf,
            self.c["supplier2"].party,
            max(amount, 1),
            self.trades[0].root("order"),
            self.c.now_ms() + MS_PER_DAY,
        )
        if self.send(holder, message):
            self.send("supplier2", AcceptTransfer(self.last.created_id("offer")))

    @rule(index=pick, name=names, days=st.integers(0, 8))
    def request(self, index, name, days):
        """Somebody asks the bank for finance."""
        _, leaf = self.some(self.ids(LEAVES), index)
        expires_at_ms = self.c.now_ms() + days * MS_PER_DAY
        self.send(name, RequestFinance(leaf, self.c["bank"].party, expires_at_ms))

    @rule(index=pick, name=names)
    def let_go(self, index, name):
        """Somebody releases a lock."""
        self.send(name, ReleaseLock(self.some(self.ids(LEAVES), index)[1]))

    @rule(index=pick, name=st.sampled_from(("bank", "bank", "bank", "settle")), amount=amounts)
    def disburse(self, index, name, amount):
        """A financier pays out on a leaf of supplier1."""
        _, leaf = self.some(self.ids(LEAVES), index)
        for trade in self.trades:
            self.send(name, trade.verdict())
        self.send(
            name,
            Disburse(
                leaf,
                amount,
                amount // 100,
                bytes(32),
                self.c.account("bank"),
                self.c.account("supplier1"),
            ),
        )

    @rule(name=names, giving=mirrored, receiving=mirrored, amount=amounts)
    def pay(self, name, giving, receiving, amount):
        """Somebody pays from an account."""
        self.send(name, Transfer(self.c.account(giving), self.c.account(receiving), amount))

    @rule(name=st.sampled_from(("settle", "settle", "bank")), on=mirrored, amount=amounts,
          is_credit=st.booleans())  # fmt: skip
    def book(self, name, on, amount, is_credit):
        """A bank enters a booking that was not born on the ledger."""
        self.references += 1
        reference = str(self.references)
        entry = self.trades[0].booking(amount, is_credit=is_credit, reference=reference, account=on)
        if self.send(name, entry):
            self.deposit_minor += amount if is_credit else -amount

    @rule(index=pick, short=st.sampled_from((0, 0, 0, 1)))
    def execute_order(self, index, short):
        """The settlement bank executes a payment order, rightly or a fen short."""
        with self.c.engine.application.store.snapshot() as snapshot:
            orders = [(o, order) for (o,), order in ORDERS.scan(snapshot)]
        if not orders:
            return
        order_id, order = orders[index % len(orders)]
        self.references += 1
        amount = order.amount_minor - short
        if amount < 1:
            return
        entry = self.trades[0].booking(
            amount, is_credit=False, order=order_id, reference=str(self.references)
        )
        if self.send("settle", entry):
            assert order.status == OrderStatus.OPEN
            assert not short
            self.deposit_minor -= amount

    @rule(hours=st.sampled_from((1, 5, 24, 48, 24 * 6, 24 * 14)))
    def wait(self, hours):
        """Time passes; due work is done on the way."""
        self.c.advance_to(self.c.now_ms() + hours * MS_PER_HOUR)

    @rule(name=names, of=st.sampled_from(("supplier1", "supplier2")), suspend=st.booleans())
    def supervise(self, name, of, suspend):
        """Somebody suspends or reinstates a supplier."""
        kind = SuspendParticipant if suspend else ReinstateParticipant
        self.send(name, kind(self.c[of].party))

    @rule(of=st.sampled_from(("supplier1", "supplier2")))
    def reinstate(self, of):
        """The sponsor reinstates."""
        self.send("bank", ReinstateParticipant(self.c[of].party))

    @invariant()
    def everything_holds(self):
        """The registered invariants, conservation of deposit, and an empty car park."""
        self.c.settle_due_work()
        assert self.c.broken_invariants() == []
        with self.c.engine.application.store.snapshot() as snapshot:
            deposit_minor = sum(
                account.balance_minor
                for _, account in ACCOUNTS.scan(snapshot)
                if account.asset == self.c.deposit and account.account_class == AccountClass.HOLDER
            )
            assert deposit_minor == self.deposit_minor
            assert not list(PARKED.scan(snapshot))


TestConsortium = ConsortiumMachine.TestCase
TestConsortium.settings = settings(
    max_examples=2_000 if PROFILE == "soak" else 40,
    stateful_step_count=80 if PROFILE == "soak" else 50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
