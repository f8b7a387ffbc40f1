"""Whatever parties, banks, courts and the clock do to promises, in whatever order: the rules hold.

After every step all registered invariants are run over the whole state, nothing is parked, no
result is an internal fault, and each obligation has moved along the arrows of its life only: what
was performed or released stays so, and what has ended stays ended.
"""

from typing import Final

import msgspec
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
from support.judgment import Judgment, with_courts
from xinlian.contracts.message import Message
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.obligations.court_messages import DecideDispute, OrderEnforcement
from xinlian.modules.obligations.life import LATE
from xinlian.modules.obligations.messages import (
    AcceptGuarantee,
    CancelObligation,
    ConfirmPayment,
    DischargeByReceipt,
    DisputeObligation,
    EndAuthority,
    ForgiveObligation,
    SettleDispute,
)
from xinlian.modules.obligations.types import (
    OBLIGATIONS,
    TERMS,
    Obligation,
    ObligationStatus,
    Security,
)
from xinlian.modules.schedule.types import PARKED
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_day
from xinlian.testing.agreements import Agreement
from xinlian.testing.trade import SUCCEEDED, reference_of

S = ObligationStatus
OPENING_MINOR: Final = 300_000_00
ARROWS: Final = {
    S.PROPOSED: {S.OPEN, S.CANCELLED},
    S.OPEN: {S.DUE, S.PERFORMED, S.FORGIVEN, S.CANCELLED},
    S.DUE: {S.PART_PERFORMED, S.PERFORMED, S.DEFAULTED, S.DISPUTED, S.FORGIVEN, S.CANCELLED},
    S.PART_PERFORMED: {S.PERFORMED, S.DEFAULTED, S.DISPUTED, S.FORGIVEN, S.CANCELLED},
    S.DISPUTED: {S.DUE, S.PART_PERFORMED, S.PERFORMED, S.FORGIVEN, S.CANCELLED},
    S.DEFAULTED: {
        S.CURED,
        S.ENFORCED,
        S.CALLED,
        S.DISPUTED,
        S.FORGIVEN,
        S.CANCELLED,
        S.PERFORMED,
    },
    S.CALLED: {
        S.CURED,
        S.ENFORCED,
        S.SUBROGATED,
        S.DISPUTED,
        S.FORGIVEN,
        S.CANCELLED,
        S.PERFORMED,
    },
    S.PERFORMED: set(),
    S.CURED: set(),
    S.ENFORCED: set(),
    S.SUBROGATED: set(),
    S.FORGIVEN: set(),
    S.CANCELLED: set(),
}
NAMES: Final = ("core", "bank", "supplier1", "supplier2")
pick = st.integers(0, 1_000)
names = st.sampled_from((*NAMES, "settle"))
courts = st.sampled_from(("court", "court", "court", "arbitrator", "bank"))
amounts = st.sampled_from((1, 99_99, 30_000_00, 50_000_00, 100_000_00))


def reachable() -> dict[ObligationStatus, set[ObligationStatus]]:
    """Return where a life may have come to after any number of arrows."""
    found = {status: {status} | ARROWS[status] for status in S}
    for _ in S:
        found = {
            status: set().union(*(found[following] for following in after))
            for status, after in found.items()
        }
    return found


REACHABLE: Final = reachable()


class ObligationsMachine(RuleBasedStateMachine):
    """Promises between five organisations, driven by rules with right and wrong actors.

    Two courts watch them; so that neither is always right, anybody tries to act as one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.c = with_courts(opening_minor=OPENING_MINOR)
        self.names: dict[bytes, str] = {
            one.party: name for name, one in self.c.organisations.items()
        }
        self.promises: list[Agreement] = []
        self.known: dict[bytes, Obligation] = {}
        self.references = 0
        self.cases = 0

    def teardown(self) -> None:
        """Stop the engine."""
        self.c.close()

    def send(self, name: str, *messages: Message) -> bool:
        """Send messages; return whether they applied; every refusal must have a public name."""
        _, committed = self.c.send(name, *messages)
        reference = reference_of(committed.result)
        assert not reference.startswith("internal/"), (name, messages)
        assert reference == SUCCEEDED or not reference.rsplit("/", 1)[1].isdigit(), reference
        return reference == SUCCEEDED

    def some(self, index: int) -> Agreement:
        """Return one of the promises."""
        return self.promises[index % len(self.promises)]

    def any_id(self, index: int) -> tuple[bytes, Obligation]:
        """Return one of all obligations, of those that followed from others too."""
        found = sorted(self.known.items())
        return found[index % len(found)]

    @initialize(
        promised=st.lists(st.sampled_from(tuple(Security)), min_size=2, max_size=3),
        is_late=st.booleans(),
    )
    def begin_with_promises(self, promised, is_late):
        """Some promises bind already; some histories begin after their debtor was poor."""
        for security in promised:
            self.promise("core", "supplier1", security, 50_000_00, 3, False, False)
        if is_late:
            self.a_poor_week()
            self.a_poor_week()

    @precondition(lambda self: len(self.promises) < 8)
    @rule(
        debtor=st.sampled_from(NAMES),
        creditor=st.sampled_from(NAMES),
        security=st.sampled_from(tuple(Security)),
        amount=amounts,
        days=st.integers(0, 4),
        parts=st.booleans(),
        conditional=st.booleans(),
    )
    def promise(self, debtor, creditor, security, amount, days, parts, conditional):
        """Two of them agree, with each other's guarantors where that is the security."""
        made = Agreement(
            self.c,
            f"promise {len(self.promises)}",
            debtor=debtor,
            creditor=creditor,
            due_day=china_day(self.c.now_ms()) + days,
            amount_minor=amount,
        )
        guarantors = [name for name in ("supplier2", "bank") if name not in (debtor, creditor)]
        has_guarantee = security == Security.GUARANTEE
        unsecured = security in (Security.NONE, Security.LOCKED)
        proposal = made.proposal(
            security=security,
            guarantors=tuple(self.c[n].party for n in guarantors) if has_guarantee else (),
            account=b"" if security == Security.NONE else made.account_of(debtor),
            part_performance=parts,
            condition_kind="goods_receipt" if conditional else "none",
            condition_grade="a" if conditional else "none",
            **({"authority_cap_minor": 0, "authority_until_ms": 0} if unsecured else {}),
        )
        signed, committed = self.c.send(debtor, proposal)
        if not committed.result.succeeded:
            assert not reference_of(committed.result).startswith("internal/")
            return
        made.id = signed.created_id("obligation")
        self.promises.append(made)
        self.send(creditor, made.acceptance())
        for name in guarantors if has_guarantee else ():
            until_ms = self.c.now_ms() + 60 * MS_PER_DAY
            self.send(name, AcceptGuarantee(made.id, amount, made.account_of(name), until_ms))

    @rule(index=pick, name=names, amount=amounts)
    def dispute(self, index, name, amount):
        """Somebody disputes."""
        self.send(name, DisputeObligation(self.any_id(index)[0], amount, bytes(32)))

    @rule(index=pick, amount=amounts)
    def dispute_as_the_debtor_would(self, index, amount):
        """The debtor disputes."""
        promise = self.some(index)
        self.send(promise.debtor, DisputeObligation(promise.id, amount, bytes(32)))

    @rule(index=pick, by_debtor=st.booleans(), amount=amounts)
    def settle(self, index, by_debtor, amount):
        """A side gives way."""
        promise = self.some(index)
        name = promise.debtor if by_debtor else promise.creditor
        self.send(name, SettleDispute(promise.id, amount))

    @rule(index=pick, name=names, amount=amounts)
    def forgive(self, index, name, amount):
        """Somebody forgives."""
        self.send(name, ForgiveObligation(self.any_id(index)[0], amount))

    @rule(index=pick, name=names)
    def cancel(self, index, name):
        """Somebody cancels what is open."""
        obligation, found = self.any_id(index)
        self.send(name, CancelObligation(obligation, max(found.open_minor, 1)))

    @rule(index=pick)
    def let_go(self, index):
        """The creditor ends an authority."""
        promise = self.some(index)
        self.send(promise.creditor, EndAuthority(promise.id))

    @rule(index=pick, name=names, amount=amounts)
    def receipt(self, index, name, amount):
        """Somebody signs a receipt."""
        self.send(name, DischargeByReceipt(self.any_id(index)[0], amount, bytes(32)))

    @rule(index=pick, on=st.sampled_from(NAMES), amount=amounts, is_credit=st.booleans(),
          exact=st.booleans())  # fmt: skip
    def book_named(self, index, on, amount, is_credit, exact):
        """A bank enters an entry that names an obligation, perhaps of exactly its order."""
        obligation, found = self.any_id(index)
        if exact and found.awaiting_minor:
            amount = found.awaiting_minor
            on, is_credit = ("core" if found.debtor == self.c["core"].party else on), False
        self.book(on, amount, is_credit, obligation)

    @rule(on=st.sampled_from(NAMES), amount=amounts)
    def credit(self, on, amount):
        """Money comes in from outside."""
        self.book(on, amount, is_credit=True, named=b"")

    def book(self, on: str, amount: int, is_credit: bool, named: bytes) -> None:  # noqa: FBT001 - a rule's draw
        """Enter an entry."""
        self.references += 1
        entry = Agreement(self.c).entry(
            amount, on=on, is_credit=is_credit, named=named, reference=str(self.references)
        )
        self.send("settle", entry)

    @rule(index=pick, name=st.sampled_from(("settle", "bank")))
    def confirm(self, index, name):
        """A bank accepts an order."""
        obligation, found = self.any_id(index)
        self.send(name, ConfirmPayment(obligation, max(found.awaiting_minor, 1)))

    @rule(giving=st.sampled_from(("core", "bank", "supplier1")), amount=amounts)
    def pay_away(self, giving, amount):
        """Somebody moves its money out of the way."""
        receiving = "bank" if giving != "bank" else "core"
        self.send(giving, Transfer(self.c.account(giving), self.c.account(receiving), amount))

    @rule(index=pick)
    def deliver(self, index):
        """The debtor signs that the goods have come, once."""
        promise = self.some(index)
        if promise.terms().is_waiting and promise.status() == S.OPEN:
            promise.record_receipt_of_goods()

    def judged(self, index: int, *, is_new: bool) -> tuple[Judgment, bytes, Obligation]:
        """Return a court's word about one of all obligations, under a new case or an old one."""
        self.cases += is_new
        obligation, found = self.any_id(index)
        named = Agreement(self.c)
        named.id = obligation
        return Judgment(named, f"case {self.cases}"), obligation, found

    @rule(index=pick, name=courts, is_new=st.booleans(), exact=st.booleans(), amount=amounts)
    def decide(self, index, name, is_new, exact, amount):
        """A court decides what is disputed; in halves where it knows how much that is."""
        judgment, _, found = self.judged(index, is_new=is_new)
        disputed_minor = found.disputed_minor if exact else amount
        owed_minor = disputed_minor // 2
        decision = judgment.deciding(
            owed_minor=owed_minor, released_minor=disputed_minor - owed_minor
        )
        self.send(name, self.between(decision, found))

    @rule(index=pick, name=courts, is_new=st.booleans(), share=st.sampled_from((1, 2)),
          hours=st.sampled_from((0, 0, 0, 5)))  # fmt: skip
    def enforce(self, index, name, is_new, share, hours):
        """A court orders that a debtor's account be executed."""
        self.order_execution(self.any_id(index)[0], name, share, hours, is_new=is_new)

    def order_execution(
        self,
        obligation: bytes,
        name: str,
        share: int,
        hours: int,
        *,
        is_new: bool,
    ) -> None:
        """Order that what is owed, or a share of it, be executed from an account of the debtor."""
        judgment, _, found = self.judged(sorted(self.known).index(obligation), is_new=is_new)
        owner = self.names.get(found.debtor, "core")
        order = judgment.enforcing(
            max((found.open_minor - found.disputed_minor) // share, 1),
            judgment.promise.account_of(owner) or self.c.account("core"),
            from_ms=self.c.now_ms() + hours * MS_PER_HOUR,
            obligation=obligation,
        )
        self.send(name, self.between(order, found))

    @precondition(lambda self: self.in_default())
    @rule(index=pick, share=st.sampled_from((1, 1, 2)), amount=amounts)
    def enforce_as_a_court_would(self, index, share, amount):
        """A court orders that a debt in default be executed; then the debtor is paid something."""
        ids = self.in_default()
        debtor = self.names[self.known[ids[index % len(ids)]].debtor]
        self.order_execution(ids[index % len(ids)], "court", share, 0, is_new=True)
        self.c.settle_due_work()
        self.book(debtor, amount, is_credit=True, named=b"")

    def in_default(self) -> list[bytes]:
        """Return the obligations in default."""
        return sorted(one for one, found in self.known.items() if found.status in LATE)

    @rule()
    def a_poor_week(self):
        """The debtor of the first promises pays away what it has; days pass."""
        Agreement(self.c).drain()
        self.c.advance_to(self.c.now_ms() + 3 * MS_PER_DAY)

    @rule(index=pick, name=courts)
    def lift(self, index, name):
        """A court lifts an order."""
        judgment, _, _ = self.judged(index, is_new=False)
        self.send(name, judgment.lifting())

    def between(
        self, message: DecideDispute | OrderEnforcement, found: Obligation
    ) -> DecideDispute | OrderEnforcement:
        """Return an act of a court on the parties of an obligation."""
        with self.c.engine.application.store.snapshot() as snapshot:
            creditor = TERMS.require(snapshot, message.obligation).creditor
        return msgspec.structs.replace(message, debtor=found.debtor, creditor=creditor)

    @rule(hours=st.sampled_from((1, 5, 24, 72, 24 * 8)))
    def wait(self, hours):
        """Time passes; due work is done on the way."""
        self.c.advance_to(self.c.now_ms() + hours * MS_PER_HOUR)

    @invariant()
    def everything_holds(self):
        """The registered invariants, an empty car park, and arrows only."""
        self.c.settle_due_work()
        assert self.c.broken_invariants() == []
        with self.c.engine.application.store.snapshot() as snapshot:
            assert not list(PARKED.scan(snapshot))
            for (obligation,), found in OBLIGATIONS.scan(snapshot):
                before = self.known.get(obligation, found)
                assert found.performed_minor >= before.performed_minor
                assert found.released_minor >= before.released_minor
                assert found.enforced_minor >= before.enforced_minor
                assert S(found.status) in REACHABLE[S(before.status)]
                self.known[obligation] = found


TestObligations = ObligationsMachine.TestCase
TestObligations.settings = settings(
    max_examples=1_000 if PROFILE == "soak" else 30,
    stateful_step_count=60 if PROFILE == "soak" else 30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
