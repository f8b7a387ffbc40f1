"""What a court may do to an obligation at all: its role, the parties, one act a case."""

import msgspec
import pytest

from support.council import FIVE, Council
from support.judgment import Judgment, with_courts
from unit.apps.supply_chain.looking import try_out
from xinlian.modules.governance.messages import ProposeRoleWithdrawal
from xinlian.testing.agreements import Agreement
from xinlian.testing.trade import SUCCEEDED, Trade

DISPUTED_MINOR = 40_000_00


@pytest.fixture
def promise():
    """A promise of which a part is disputed, in a consortium with two courts."""
    running = with_courts()
    made = Agreement(running)
    made.agree()
    made.dispute(DISPUTED_MINOR)
    yield made
    assert running.broken_invariants() == []
    running.close()


@pytest.fixture
def judgment(promise):
    """The court's word on it."""
    return Judgment(promise)


@pytest.mark.parametrize(
    ("who", "changes", "refusal"),
    [
        ("core", {}, "members/not_in_role"),
        ("supplier1", {}, "members/not_in_role"),
        ("court", {"debtor": b"?" * 20}, "obligations/parties_differ"),
        ("court", {"creditor": b"?" * 20}, "obligations/parties_differ"),
        ("court", {"obligation": b"?" * 20}, "obligations/unknown_obligation"),
    ],
)
def test_an_act_of_the_wrong_one_or_on_the_wrong_one_is_refused(
    promise, judgment, who, changes, refusal
):
    decision = msgspec.structs.replace(judgment.deciding(owed_minor=DISPUTED_MINOR), **changes)
    tried = try_out(promise.consortium, who, decision)
    assert (tried.reference, tried.changes_nothing) == (refusal, True)


def test_a_case_decides_a_promise_once(promise, judgment):
    judgment.decide(owed_minor=DISPUTED_MINOR)
    promise.dispute(10_00)
    again = judgment.deciding(released_minor=10_00)
    assert try_out(promise.consortium, "court", again).reference == "obligations/case_used"
    other = Judgment(promise, "2026-2").deciding(released_minor=10_00)
    assert try_out(promise.consortium, "arbitrator", other).reference == SUCCEEDED


def test_a_court_does_not_judge_its_own_promise(promise):
    own = Agreement(promise.consortium, "of the court", creditor="court")
    own.propose()
    own.step("court", msgspec.structs.replace(own.acceptance(), account=b""))
    own.dispute(DISPUTED_MINOR)
    decision = Judgment(own).deciding(owed_minor=DISPUTED_MINOR)
    assert try_out(promise.consortium, "court", decision).reference == "obligations/court_is_party"
    assert try_out(promise.consortium, "arbitrator", decision).reference == SUCCEEDED


def test_who_is_no_court_any_more_decides_nothing():
    council = Council(*FIVE, official_roles={"mill": ("court",)})
    made = Agreement(council.c)
    made.agree()
    made.dispute(DISPUTED_MINOR)
    judgment = Judgment(made)
    decision = judgment.deciding(owed_minor=DISPUTED_MINOR)
    assert try_out(council.c, "mill", decision).reference == SUCCEEDED
    withdrawal = ProposeRoleWithdrawal(judgment.party("mill"), "court")
    council.decide(withdrawal, "core", "bank", "settle", "port")
    assert try_out(council.c, "mill", decision).reference == "members/not_in_role"
    council.c.close()


def test_the_debt_of_a_certificate_is_not_a_court_s_to_decide_here(promise):
    trade = Trade(promise.consortium)
    trade.register()
    certificate, _ = trade.certify()
    decision = msgspec.structs.replace(
        Judgment(promise).deciding(owed_minor=1), obligation=certificate
    )
    tried = try_out(promise.consortium, "court", decision)
    assert tried.reference == "obligations/of_business"
