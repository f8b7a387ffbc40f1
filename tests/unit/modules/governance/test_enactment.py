"""Guards of the schedule's part compare time and state themselves; what cannot be is on record."""

import pytest

from support.council import FIVE, Council
from unit.modules.governance.looking import context_at
from xinlian.modules.governance.enactment import enact, expire
from xinlian.modules.governance.messages import ProposeSuspension, ProposeUpgrade
from xinlian.modules.governance.types import PROPOSALS, ProposalStatus
from xinlian.modules.members.keeper import write_key
from xinlian.modules.members.types import Key, KeyStatus
from xinlian.primitives.time import MS_PER_DAY

VOTERS = ("bank", "settle", "mill", "port")


@pytest.fixture
def council():
    made = Council(*FIVE)
    yield made
    made.c.close()


@pytest.fixture
def passed(council):
    """Return a passed proposal to recover core's key, a week before its enactment."""
    proposal = council.propose("bank", council.recovery("core", "finance-1"))
    council.approve(proposal, *VOTERS)
    return proposal


def test_an_item_that_runs_early_enacts_nothing(council, passed):
    enact_at_ms = council.proposal(passed).enact_at_ms
    for time_ms, is_enacted in ((enact_at_ms - 1, False), (enact_at_ms, True)):
        with context_at(council, time_ms) as context:
            enact(context, passed)
            assert bool(context.state.writes()) is is_enacted
            status = PROPOSALS.require(context.state, passed).status
            assert (status == ProposalStatus.ENACTED) is is_enacted


def test_an_item_that_runs_twice_enacts_once(council, passed):
    with context_at(council, council.proposal(passed).enact_at_ms) as context:
        enact(context, passed)
        events = len(context.events)
        enact(context, passed)
        assert len(context.events) == events


def test_what_is_still_open_is_not_enacted_and_what_has_passed_does_not_expire(council, passed):
    still_open = council.propose("bank", ProposeSuspension(council.c["core"].party))
    far_ms = council.c.now_ms() + 400 * MS_PER_DAY
    with context_at(council, far_ms) as context:
        enact(context, still_open)
        expire(context, passed)
        assert context.state.writes() == {}
        expire(context, still_open)
        assert PROPOSALS.require(context.state, still_open).status == ProposalStatus.EXPIRED


def test_a_proposal_expires_at_its_moment_and_not_before(council):
    proposal = council.propose("bank", ProposeSuspension(council.c["core"].party))
    expires_at_ms = council.proposal(proposal).expires_at_ms
    with context_at(council, expires_at_ms - 1) as context:
        expire(context, proposal)
        assert context.state.writes() == {}


def test_what_cannot_be_enacted_lapses_and_changes_nothing_else(council, passed):
    with context_at(council, council.proposal(passed).enact_at_ms) as context:
        core, key = council.c["core"].party, council.c["core"].keys["recovered"]
        taken = Key(core, key.suite, key.public_key, "recovered", KeyStatus.ACTIVE, 1)
        write_key(context.state, taken)
        before = dict(context.state.writes())
        enact(context, passed)
        changed = {key for key, value in context.state.writes().items() if before.get(key) != value}
        assert PROPOSALS.require(context.state, passed).status == ProposalStatus.LAPSED
        assert {key[:2] for key in changed} == {PROPOSALS.prefix[:2]}, "governance's own records"
        assert len(context.events) == 1


def test_an_upgrade_whose_height_went_by_lapses(council):
    height = council.c.engine.height() + 8
    proposal = council.propose("bank", ProposeUpgrade(2, height))
    council.approve(proposal, *VOTERS)
    for _ in range(8):
        council.pay()
    council.wait(8 * MS_PER_DAY)
    assert council.status(proposal) == ProposalStatus.LAPSED
    assert council.pay() == "ok"
