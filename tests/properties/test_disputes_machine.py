"""Disputes in any order with payments and the clock: what is disputed or not owed is not paid."""

from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.court import Court
from xinlian.apps.supply_chain.dispute_messages import (
    AgreeOutcome,
    JudgeDispute,
    OpenDispute,
    ProposeOutcome,
    WithdrawDispute,
)
from xinlian.apps.supply_chain.dispute_types import DISPUTES, DisputeStatus, Ground
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms
from xinlian.testing.trade import FACE_MINOR

SIDES = ("core", "supplier1")


class Step(NamedTuple):
    """One thing that somebody does, with a share of what it could be about at most."""

    what: str
    side: int
    tenths: int


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(("dispute", "withdraw", "agree", "judge", "money", "day", "month")),
        st.integers(0, 1),
        st.integers(0, 10),
    ),
    min_size=4,
    max_size=10,
)


class Story:
    """One certificate of one leaf, and what its holder has been paid."""

    def __init__(self) -> None:
        self.court = Court()
        self.c, self.trade = self.court.c, self.court.trade
        self.certificate, self.leaf = self.trade.certify()
        self.trade.drain(FACE_MINOR // 2)
        self.c.advance_to(china_midnight_ms(self.trade.due_day) - 2 * MS_PER_DAY)
        self.credits = 0

    def open_disputes(self):
        """Return (id, dispute) of what is open now."""
        with self.c.engine.application.store.snapshot() as snapshot:
            found = [(parts[0], dispute) for parts, dispute in DISPUTES.scan(snapshot)]
        return [one for one in found if one[1].status == DisputeStatus.OPEN]

    def do(self, step: Step) -> None:
        """Do a step where the ledger allows it; a refusal changes nothing."""
        side, other = SIDES[step.side], SIDES[1 - step.side]
        if step.what == "dispute":
            amount_minor = max(FACE_MINOR * step.tenths // 20, 1)
            grounds = self.court.document()
            self.c.send(side, OpenDispute(self.leaf, amount_minor, Ground.COURT, grounds))
        elif step.what == "money":
            self.credits += 1
            self.trade.credit(FACE_MINOR * step.tenths // 20 + 1, f"credit {self.credits}")
        elif step.what in ("day", "month"):
            days = 1 if step.what == "day" else 31 * 6
            self.c.advance_to(self.c.now_ms() + days * MS_PER_DAY)
        else:
            for dispute_id, dispute in self.open_disputes()[:1]:
                upheld_minor = dispute.amount_minor * step.tenths // 10
                self.end(step.what, dispute_id, dispute.amount_minor, upheld_minor, side, other)
        self.c.settle_due_work()

    def end(self, how, dispute_id, amount_minor, upheld_minor, side, other) -> None:
        """End a dispute by its raiser, by both, or by the court."""
        if how == "withdraw":
            self.c.send(side, WithdrawDispute(dispute_id))
        elif how == "agree":
            self.c.send(side, ProposeOutcome(dispute_id, upheld_minor, frees_invoice=True))
            self.c.send(other, AgreeOutcome(dispute_id, upheld_minor, frees_invoice=True))
        else:
            decision = self.court.document()
            judgment = JudgeDispute(dispute_id, amount_minor, upheld_minor, False, decision)
            self.c.send("court", judgment)

    def check(self) -> None:
        """Check that what is paid, disputed, reduced and left is the face, and all invariants."""
        assert self.c.broken_invariants() == []
        with self.c.engine.application.store.snapshot() as snapshot:
            leaf = LEAVES.require(snapshot, self.leaf)
            certificate = CERTIFICATES.require(snapshot, self.certificate)
            upheld_minor = sum(found.upheld_minor for _, found in DISPUTES.scan(snapshot))
        disputed_minor = sum(dispute.amount_minor for _, dispute in self.open_disputes())
        paid_minor = self.c.balance_minor("supplier1") - self.interest_minor()
        assert certificate.reduced_minor == upheld_minor
        assert leaf.disputed_minor == disputed_minor
        assert leaf.outstanding_minor == FACE_MINOR - paid_minor - upheld_minor
        assert disputed_minor <= leaf.outstanding_minor

    def interest_minor(self) -> int:
        """Return what supplier1 was paid beyond what the certificate counts as discharged."""
        with self.c.engine.application.store.snapshot() as snapshot:
            discharged_minor = CERTIFICATES.require(snapshot, self.certificate).discharged_minor
            fixed_minor = CERTIFICATES.require(snapshot, self.certificate).interest_fixed_minor
        beyond_minor = self.c.balance_minor("supplier1") - discharged_minor
        assert 0 <= beyond_minor <= fixed_minor
        return beyond_minor


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_in_any_order_the_parts_add_up_and_what_is_disputed_is_not_paid(steps):
    story = Story()
    for step in steps:
        story.do(step)
        story.check()
    story.court.close()
