"""Whatever the parties of financings do, in whatever order: claims, loans and money agree.

On top of what holds for the whole consortium: one encumbrance a financed leaf (SC-I4), the loan of
a pledge is its claim, its obligation and what it secures (``encumbrances_fit_leaves``), final
states are absorbing (SC-I10), nobody becomes obligor of a claim (SC-I6), and what was paid early
plus the discounts that holders signed is what was discharged by it (SC-I9).
"""

from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import initialize, invariant, rule

from conftest import PROFILE
from properties.test_consortium_machine import ConsortiumMachine, names, pick
from xinlian.apps.supply_chain.messages import (
    AcceptAssignment,
    AgreeDiscount,
    DischargeEarly,
    OfferAssignment,
    PayRecourse,
    ReleasePledge,
    RepayPledge,
    RequestFinanceOnTerms,
    StartRecourse,
    WithdrawRecourse,
)
from xinlian.apps.supply_chain.types import (
    ASSIGNMENT_OFFERS,
    CERTIFICATES,
    EARLY_DISCOUNTS,
    ENCUMBRANCES,
    LEAVES,
    Encumbrance,
    Leaf,
    Life,
)
from xinlian.contracts.message import Message
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.obligations.types import OBLIGATIONS
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR

FINAL = (Life.DISCHARGED, Life.VOID, Life.SPENT)
rightly = st.sampled_from((True, True, True, False))


class FinanceMachine(ConsortiumMachine):
    """The consortium, with pledges, recourse, assignments and early payments."""

    # Left to the other machine, so that this one comes to financings more often.
    propose: Any = None
    issue: Any = None
    accept: Any = None
    end: Any = None
    offer: Any = None
    take_offer: Any = None
    request: Any = None
    let_go: Any = None
    disburse: Any = None
    supervise: Any = None
    reinstate: Any = None
    pay: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.ended: dict[bytes, Leaf] = {}
        self.obligors: dict[bytes, bytes] = {}

    def financed(self, index: int) -> tuple[bytes, Leaf, Encumbrance] | None:
        """Return one of the encumbered leaves, or None."""
        with self.c.engine.application.store.snapshot() as snapshot:
            found = [
                (leaf_id, LEAVES.require(snapshot, leaf_id), encumbrance)
                for (leaf_id,), encumbrance in ENCUMBRANCES.scan(snapshot)
            ]
        return found[index % len(found)] if found else None

    def live(self, index: int) -> tuple[bytes, Leaf] | None:
        """Return one of the live leaves, or None."""
        with self.c.engine.application.store.snapshot() as snapshot:
            found = [(parts[0], leaf) for parts, leaf in LEAVES.scan(snapshot) if leaf.is_live]
        return found[index % len(found)] if found else None

    @rule(
        index=pick,
        as_pledge=st.booleans(),
        with_recourse=st.booleans(),
        keeps_rest=st.booleans(),
        part=st.integers(1, 100),
    )
    def finance_on_terms(self, index, as_pledge, with_recourse, keeps_rest, part):
        """The holder asks on terms; the bank gives what was asked, and tries the other first."""
        found = self.live(index)
        if found is None:
            return
        leaf_id, leaf = found
        expires_at_ms = self.c.now_ms() + MS_PER_DAY
        terms = (as_pledge, with_recourse and not as_pledge, keeps_rest and not as_pledge)
        asked = RequestFinanceOnTerms(leaf_id, self.c["bank"].party, expires_at_ms, *terms)
        if not self.send("supplier1", asked):
            return
        advance_minor = max(leaf.outstanding_minor * part // 100, 2)
        trade = self.trades[0]
        amounts = (leaf_id, advance_minor, advance_minor // 50)
        ways: list[Message] = [trade.advance(*amounts), trade.pledging(*amounts)]
        given, other = ways[as_pledge], ways[not as_pledge]
        verdict = self.trade_of(leaf).verdict()
        assert not self.send("bank", verdict, other)
        self.send("bank", verdict, given)

    @initialize(as_pledge=st.booleans(), keeps_rest=st.booleans(), part=st.integers(1, 100))
    def begin_with_a_financing(self, as_pledge, keeps_rest, part):
        """One leaf secures a loan, or is sold with recourse."""
        self.certify_as_the_parties_would(1_000_00, 0)
        terms = {"as_pledge": as_pledge, "with_recourse": True, "keeps_rest": keeps_rest}
        self.finance_on_terms(index=0, part=part, **terms)

    @rule(hours=st.sampled_from((24 * 12, 24 * 14, 24 * 16)))
    def default(self, hours):
        """The obligor gives its money away before the due day, and misses it."""
        amount_minor = self.c.balance_minor("core")
        accounts = (self.c.account("core"), self.c.account("bank"))
        if amount_minor:
            self.send("core", Transfer(*accounts, amount_minor))
        self.c.advance_to(self.c.now_ms() + hours * MS_PER_HOUR)

    @rule(index=pick, is_paid=st.booleans(), is_right=rightly, name=names)
    def end_pledge(self, index, is_paid, is_right, name):
        """The loan is repaid, or confirmed as paid outside; or somebody tries to."""
        found = self.financed(index)
        if found is None:
            return
        leaf_id, _, encumbrance = found
        amount_minor = max(encumbrance.secured_minor, 1)
        if is_paid:
            accounts = (self.c.account("supplier1"), self.c.account("bank"))
            message = RepayPledge(leaf_id, amount_minor, *accounts)
            self.send("supplier1" if is_right else name, message)
        else:
            self.send("bank" if is_right else name, ReleasePledge(leaf_id, amount_minor))

    @rule(index=pick, price=st.integers(1, 1_000_00), is_right=rightly, name=names)
    def buy_back(self, index, price, is_right, name):
        """The seller buys its leaf back; or somebody else tries to get it."""
        found = self.financed(index)
        if found is None:
            return
        leaf_id, _, encumbrance = found
        to = encumbrance.seller if is_right else self.c[name].party
        later_ms = self.c.now_ms() + MS_PER_DAY
        self.send("bank", OfferAssignment(leaf_id, to, price, self.c.account("bank"), later_ms))
        accept = AcceptAssignment(leaf_id, price, bytes(32), self.c.account("supplier1"))
        self.send("supplier1" if is_right else name, accept)

    @rule(index=pick, name=st.sampled_from(("bank", "bank", "settle")))
    def start_recourse(self, index, name):
        """A financier asks its money back."""
        found = self.financed(index)
        if found is not None and self.send(name, StartRecourse(found[0])):
            assert found[2].with_recourse

    @rule(index=pick, withdraw=st.booleans(), is_right=rightly, name=names)
    def end_recourse(self, index, withdraw, is_right, name):
        """The seller pays the recourse, or the financier withdraws it."""
        found = self.financed(index)
        if found is None:
            return
        leaf_id, leaf, encumbrance = found
        if withdraw:
            self.send("bank" if is_right else name, WithdrawRecourse(leaf_id))
            return
        asked_minor = 1
        if leaf.life == Life.RECOURSE:
            with self.c.engine.application.store.snapshot() as snapshot:
                asked_minor = OBLIGATIONS.require(snapshot, encumbrance.obligation).open_minor
        accounts = (self.c.account("supplier1"), self.c.account("bank"))
        message = PayRecourse(leaf_id, asked_minor, *accounts)
        self.send("supplier1" if is_right else name, message)

    @rule(index=pick, discount=st.integers(0, 5_000_00), is_right=rightly, agrees=st.booleans())
    def pay_early(self, index, discount, is_right, agrees):
        """The obligor pays a leaf early; a discount counts where the holder has signed it."""
        found = self.live(index)
        if found is None:
            return
        leaf_id, leaf = found
        later_ms = self.c.now_ms() + MS_PER_DAY
        holder = next(n for n in self.c.organisations if self.c[n].party == leaf.holder)
        agreed = agrees and discount and self.send(
            holder, AgreeDiscount(leaf_id, discount, later_ms)
        )  # fmt: skip
        amount_minor = leaf.outstanding_minor - discount
        before_minor = self.c.balance_minor("core")
        if amount_minor < 1:
            return
        paid = self.send(
            "core" if is_right else holder,
            DischargeEarly(leaf_id, amount_minor, discount, self.c.account("core")),
        )
        if paid:
            assert agreed or not discount
            assert before_minor - self.c.balance_minor("core") == amount_minor
            with self.c.engine.application.store.snapshot() as snapshot:
                after = LEAVES.require(snapshot, leaf_id)
                assert EARLY_DISCOUNTS.get(snapshot, leaf_id) is None
            assert after.life == Life.DISCHARGED
            assert after.discharged_minor - leaf.discharged_minor == amount_minor + discount

    @invariant()
    def what_ended_stays_as_it_is_and_debtors_stay_debtors(self):
        """SC-I6 and SC-I10, and nobody is offered what is gone."""
        with self.c.engine.application.store.snapshot() as snapshot:
            for (leaf_id,), leaf in LEAVES.scan(snapshot):
                if leaf_id in self.ended:
                    assert leaf == self.ended[leaf_id]
                elif leaf.life in FINAL:
                    self.ended[leaf_id] = leaf
            for (certificate_id,), certificate in CERTIFICATES.scan(snapshot):
                obligor = self.obligors.setdefault(certificate_id, certificate.obligor)
                assert certificate.obligor == obligor
            for (leaf_id,), offer in ASSIGNMENT_OFFERS.scan(snapshot):
                assert offer.leaf_sequence_no <= LEAVES.require(snapshot, leaf_id).sequence_no


TestFinance = FinanceMachine.TestCase
TestFinance.settings = settings(
    max_examples=1_000 if PROFILE == "soak" else 30,
    stateful_step_count=80 if PROFILE == "soak" else 40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
