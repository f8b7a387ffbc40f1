"""Contradictions: when two verifiers contradict one another, who they are, and how it ends."""

import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.happened import happened
from unit.apps.supply_chain.looking import leaf_of, try_out
from unit.apps.supply_chain.test_approval import decision, sign_pack
from xinlian.apps.supply_chain.messages import RecordRegistration
from xinlian.apps.supply_chain.types import Finance
from xinlian.modules.evidence.contradiction import (
    contradicts,
    opposed,
    opposed_about,
    require_no_contradiction,
)
from xinlian.modules.evidence.corroboration import CorroborationResult, corroboration_of
from xinlian.modules.evidence.errors import Contradicted
from xinlian.modules.evidence.events import ContradictionEnded, VerdictsDisagree
from xinlian.modules.evidence.messages import SubmitVerdict
from xinlian.modules.evidence.types import CONTRADICTIONS, Contradiction, Verdict, VerdictOutcome
from xinlian.primitives import format_id
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED, Trade

replace = msgspec.structs.replace
CONTRADICTED = "evidence/contradicted"
PASS, HOLD, BLOCK = VerdictOutcome


@pytest.fixture
def trade():
    """A trade whose invoice is registered and corroborated, with a court to be heard."""
    consortium = Consortium(more_members=("judge",), official_roles={"judge": ("court",)})
    registered = Trade(consortium)
    registered.register()
    yield registered
    assert consortium.broken_invariants() == []
    consortium.close()


def blocks(trade: Trade, *kinds: str, days: int = 1) -> SubmitVerdict:
    """Return a verdict that blocks over some documents of the trade."""
    roots = tuple(trade.root(kind) for kind in kinds or ("invoice", "contract"))
    passes = trade.verdict()
    expires_at_ms = trade.consortium.now_ms() + days * MS_PER_DAY
    return SubmitVerdict(passes.subject, BLOCK, ("quantity",), roots, 1, expires_at_ms)


def on_record(trade: Trade) -> Contradiction | None:
    with trade.consortium.engine.application.store.snapshot() as state:
        return CONTRADICTIONS.get(state, trade.root("invoice"))


def recorded(trade: Trade) -> Contradiction:
    found = on_record(trade)
    assert found is not None
    return found


def result(trade: Trade) -> CorroborationResult:
    c = trade.consortium
    with c.engine.application.store.snapshot() as state:
        return corroboration_of(state, trade.root("invoice"), c.now_ms()).result


def test_a_contradiction_is_a_state_that_names_both_sides_until_they_agree(trade):
    c, subject = trade.consortium, trade.root("invoice")
    core, supplier, judge = (c[name].party for name in ("core", "supplier1", "judge"))
    trade.step("core", trade.verdict())
    assert (on_record(trade), result(trade)) == (None, "corroborated")
    trade.step("supplier1", blocks(trade))
    found = recorded(trade)
    assert (found.passing, found.blocking) == ((core,), (supplier,))
    assert result(trade) == "contradicted"
    trade.step("judge", blocks(trade, "goods_receipt", "invoice"))
    assert recorded(trade).blocking == tuple(sorted((supplier, judge)))
    assert recorded(trade).since_ms == found.since_ms
    assert happened(c, VerdictsDisagree) == [
        VerdictsDisagree(subject, supplier, core),
        VerdictsDisagree(subject, judge, core),
    ]
    trade.step("supplier1", trade.verdict())
    assert recorded(trade).passing == tuple(sorted((core, supplier)))
    assert happened(c, ContradictionEnded) == []
    trade.step("judge", trade.verdict())
    assert (on_record(trade), result(trade)) == (None, "corroborated")
    assert happened(c, ContradictionEnded) == [ContradictionEnded(subject)]


def test_verdicts_on_hold_and_over_other_documents_contradict_nobody(trade):
    trade.step("core", trade.verdict())
    trade.step("supplier1", blocks(trade, "despatch", "order"))
    assert on_record(trade) is None, "they opened no document in common"
    holds = replace(blocks(trade), outcome=HOLD)
    trade.step("judge", holds)
    assert on_record(trade) is None


def test_a_contradiction_ends_when_the_first_of_its_verdicts_expires(trade):
    c = trade.consortium
    first = trade.verdict()
    trade.step("core", first)
    trade.step("supplier1", blocks(trade, days=5))
    assert recorded(trade).until_ms == first.expires_at_ms
    with c.engine.application.store.snapshot() as state:
        for at_ms, is_live in ((first.expires_at_ms, True), (first.expires_at_ms + 1, False)):
            found = opposed_about(state, trade.root("invoice"), at_ms)
            assert found.is_contradicted == is_live, "the time is compared, whatever is on record"
    c.advance_to(recorded(trade).until_ms + 1)
    c.settle_due_work()
    assert (on_record(trade), result(trade)) == (None, "corroborated")
    assert len(happened(c, ContradictionEnded)) == 1
    trade.step("core", trade.verdict())
    assert result(trade) == "contradicted", "the other's verdict is live still"


def test_one_of_several_that_expires_leaves_the_others_on_record(trade):
    c = trade.consortium
    supplier, judge = (c[name].party for name in ("supplier1", "judge"))
    trade.step("core", replace(trade.verdict(), expires_at_ms=c.now_ms() + 4 * MS_PER_DAY))
    trade.step("supplier1", blocks(trade, days=1))
    trade.step("judge", blocks(trade, days=2))
    assert set(recorded(trade).blocking) == {supplier, judge}
    c.advance_to(c.now_ms() + MS_PER_DAY + MS_PER_HOUR)
    c.settle_due_work()
    assert recorded(trade).blocking == (judge,)
    c.advance_to(c.now_ms() + MS_PER_DAY)
    c.settle_due_work()
    assert on_record(trade) is None


def test_a_contradicted_claim_is_not_financed_by_hand(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request(leaf)
    trade.step("bank", trade.verdict())
    trade.step("judge", blocks(trade))
    tried = try_out(c, "bank", trade.advance(leaf))
    assert (tried.reference, tried.changes_nothing) == (CONTRADICTED, True)
    trade.step("judge", trade.verdict())
    assert try_out(c, "bank", trade.advance(leaf)).reference == SUCCEEDED


def test_a_contradicted_claim_is_not_lent_against_or_issued(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request_on_terms(leaf, as_pledge=True)
    trade.step("bank", trade.verdict())
    trade.step("judge", blocks(trade))
    assert try_out(c, "bank", trade.pledging(leaf)).reference == CONTRADICTED
    draft = trade.propose(1_000_00)
    assert try_out(c, "core", trade.promise(draft)).reference == CONTRADICTED


def test_the_refusal_names_both_sides(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request(leaf)
    trade.step("bank", trade.verdict())
    trade.step("core", blocks(trade))
    with c.engine.application.store.snapshot() as state, pytest.raises(Contradicted) as refusal:
        require_no_contradiction(state, trade.root("invoice"), c.now_ms())
    passing, blocking = str(refusal.value).split("block 否决")
    assert format_id("party", c["bank"].party) in passing
    assert format_id("party", c["supplier1"].party) in passing
    assert format_id("party", c["core"].party) in blocking


def test_financing_by_rule_waits_for_the_end_of_a_contradiction_and_goes_on_by_itself(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request(leaf)
    sign_pack(trade)
    trade.step("judge", blocks(trade))
    trade.step("bank", trade.verdict(), RecordRegistration(leaf, trade.root("register")))
    assert decision(trade, leaf).reason == "evidence.contradicted"
    assert leaf_of(c, leaf).finance == Finance.LOCKED
    trade.step("judge", trade.verdict())
    assert decision(trade, leaf).reason == "approved"
    assert leaf_of(c, leaf).finance == Finance.ASSIGNED


def test_due_work_that_ends_a_contradiction_decides_what_waited(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request(leaf)
    sign_pack(trade)
    trade.step("judge", replace(blocks(trade), expires_at_ms=c.now_ms() + MS_PER_HOUR))
    trade.step("bank", trade.verdict(), RecordRegistration(leaf, trade.root("register")))
    assert decision(trade, leaf).reason == "evidence.contradicted"
    c.advance_to(c.now_ms() + MS_PER_HOUR + 1)
    c.settle_due_work()
    assert decision(trade, leaf).reason == "approved"


roots = st.lists(st.sampled_from((b"1", b"2", b"3")), min_size=1, max_size=3).map(tuple)
verdicts = st.builds(
    Verdict,
    outcome=st.sampled_from(VerdictOutcome),
    failures=st.just(()),
    document_roots=roots,
    checks_version=st.just(1),
    given_at_ms=st.just(1),
    expires_at_ms=st.integers(1, 20),
)
given_by = st.dictionaries(st.binary(min_size=1, max_size=1), verdicts, max_size=6)


@given(given_by, st.integers(1, 20), st.randoms(use_true_random=False))
def test_the_order_of_verdicts_does_not_matter(verdicts, at_ms, chance):
    shuffled = list(verdicts.items())
    chance.shuffle(shuffled)
    assert opposed(shuffled, at_ms) == opposed(sorted(verdicts.items()), at_ms)


@given(given_by, st.integers(1, 20))
def test_there_is_a_contradiction_exactly_if_two_live_verdicts_contradict(verdicts, at_ms):
    found = opposed(verdicts.items(), at_ms)
    pairs = [
        pair
        for pair in itertools.permutations(verdicts, 2)
        if verdicts[pair[0]].outcome == PASS
        and verdicts[pair[1]].outcome == BLOCK
        and all(verdicts[party].expires_at_ms >= at_ms for party in pair)
        and set(verdicts[pair[0]].document_roots) & set(verdicts[pair[1]].document_roots)
    ]
    assert set(found.passing) == {one for one, _ in pairs}
    assert set(found.blocking) == {other for _, other in pairs}
    named = {*found.passing, *found.blocking}
    assert found.until_ms == min((verdicts[one].expires_at_ms for one in named), default=0)


@given(verdicts, verdicts)
def test_to_contradict_is_mutual(one, other):
    assert contradicts(one, other) == contradicts(other, one)
    assert not contradicts(one, one)
