"""Whatever guarantors, holders and obligors do, in whatever order: nobody is paid twice.

On top of what holds for financings: what guarantors paid is what they hold, with what the obligor
paid it is within what was owed, nobody owes more than its cap or than is missing
(``guarantee_invariants.py``), and who is no guarantor never pays.
"""

from typing import Any, ClassVar

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import initialize, invariant, rule

from conftest import PROFILE
from properties.test_consortium_machine import amounts, names, pick
from properties.test_finance_machine import FinanceMachine, rightly
from xinlian.apps.supply_chain.guarantee_messages import (
    GiveGuarantee,
    PayGuarantee,
    ReleaseGuarantee,
)
from xinlian.apps.supply_chain.guarantee_records import GUARANTEES, calls_of
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives.time import MS_PER_DAY

GUARANTORS = ("parent", "insurer")
guarantors = st.sampled_from(GUARANTORS)


class GuaranteeMachine(FinanceMachine):
    """The consortium with financings, and two organisations that guarantee."""

    more: ClassVar[dict[str, Any]] = {"more_members": GUARANTORS, "with_accounts": GUARANTORS}
    begin_with_business: Any = None
    begin_with_a_financing: Any = None
    pay_early: Any = None
    buy_back: Any = None

    @initialize(
        caps=st.lists(amounts, min_size=2, max_size=2),
        kept=st.lists(
            st.sampled_from((0, 300_00, 400_000_00, 1_500_000_00)), min_size=2, max_size=2
        ),
        as_pledge=st.booleans(),
        is_split=st.booleans(),
    )
    def begin_with_guarantees(self, caps, kept, as_pledge, is_split):
        """Two guarantors, some without the money, answer for a certificate that is financed."""
        for name in GUARANTORS:
            letter = self.trades[0].root(f"letter of {name}")
            self.send(name, RegisterDocument(letter, "guarantee", 1))
        self.certify_as_the_parties_would(1_000_000_00, 0)
        if is_split:
            self.split_as_the_parties_would(0)
        self.finance_on_terms(
            index=0, as_pledge=as_pledge, with_recourse=True, keeps_rest=False, part=60
        )
        for order_no, (name, cap, keep) in enumerate(zip(GUARANTORS, caps, kept, strict=True), 1):
            self.give(index=0, name=name, order_no=order_no, cap=cap, days=60)
            self.spend(name=name, amount=max(self.c.balance_minor(name) - keep, 1))

    @rule(
        index=pick,
        name=st.sampled_from((*GUARANTORS, "bank", "core")),
        order_no=st.integers(0, 4),
        cap=amounts,
        days=st.sampled_from((5, 60)),
    )
    def give(self, index, name, order_no, cap, days):
        """Somebody guarantees a certificate."""
        _, certificate = self.some(self.certificates, index)
        letter = self.trades[0].root(f"letter of {name}")
        until_ms = self.c.now_ms() + days * MS_PER_DAY
        account = self.c.account(name)
        message = GiveGuarantee(
            certificate, order_no, min(cap, 1_000_000_00), account, until_ms, letter
        )
        if self.send(name, message):
            assert name in GUARANTORS

    @rule(index=pick, order_no=st.integers(1, 3), name=names)
    def release(self, index, order_no, name):
        """Somebody gives a guarantee up."""
        _, certificate = self.some(self.certificates, index)
        self.send(name, ReleaseGuarantee(certificate, order_no))

    @rule(name=guarantors, amount=amounts)
    def spend(self, name, amount):
        """A guarantor spends its money elsewhere."""
        self.send(name, Transfer(self.c.account(name), self.c.account("bank"), amount))

    @rule(name=guarantors, amount=amounts)
    def fund(self, name, amount):
        """A guarantor earns."""
        self.references += 1
        reference = f"fund {self.references}"
        entry = self.trades[0].booking(amount, is_credit=True, reference=reference, account=name)
        if self.send("settle", entry):
            self.deposit_minor += amount

    @rule(amount=amounts)
    def obligor_earns(self, amount):
        """The obligor pays late, whoever holds its debt by then."""
        self.fund(name="core", amount=amount)

    @rule(index=pick, part=st.integers(1, 100), is_right=rightly, name=names)
    def pay_by_hand(self, index, part, is_right, name):
        """A guarantor pays a part of a call by hand; or somebody else tries to."""
        with self.c.engine.application.store.snapshot() as snapshot:
            certificates = sorted({parts[0] for parts, _ in GUARANTEES.scan(snapshot)})
            calls = [call for one in certificates for call in calls_of(snapshot, one)]
        if not calls:
            return
        _, claim_id, claim = calls[index % len(calls)]
        payer = next(n for n in GUARANTORS if self.c[n].party == claim.debtor)
        by = payer if is_right else name
        amount_minor = max(claim.open_minor * part // 100, 1)
        if self.send(by, PayGuarantee(claim_id, amount_minor, self.c.account(by))):
            assert by == payer

    @invariant()
    def only_guarantors_are_called(self):
        """Nobody owes for another without its signature."""
        with self.c.engine.application.store.snapshot() as snapshot:
            signed = {guarantee.guarantor for _, guarantee in GUARANTEES.scan(snapshot)}
            certificates = {parts[0] for parts, _ in GUARANTEES.scan(snapshot)}
            for certificate in certificates:
                assert {claim.debtor for _, _, claim in calls_of(snapshot, certificate)} <= signed


TestGuarantees = GuaranteeMachine.TestCase
TestGuarantees.settings = settings(
    max_examples=1_000 if PROFILE == "soak" else 15,
    stateful_step_count=60 if PROFILE == "soak" else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
