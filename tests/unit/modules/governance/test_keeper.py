"""The states of a proposal, walked exhaustively, and the limits on how many there are."""

import itertools

import pytest

from support.council import FIVE, Council
from unit.modules.governance.looking import context_at
from xinlian.modules.governance.keeper import end, move_on, require_proposal, veto
from xinlian.modules.governance.messages import ProposeSuspension, VetoRecovery
from xinlian.modules.governance.types import (
    OPEN_COUNTS,
    PROPOSALS,
    RECOVERY_CASES,
    TRANSITIONS,
    Proposal,
    ProposalKind,
    ProposalStatus,
)
from xinlian.modules.members.restraint import RESTRAINTS
from xinlian.primitives import InvariantViolation
from xinlian.primitives.time import MS_PER_DAY

ALL = list(ProposalStatus)
ID = bytes(20)


@pytest.fixture
def council():
    made = Council(*FIVE)
    yield made
    made.c.close()


def proposal(status: ProposalStatus) -> Proposal:
    return Proposal(ProposalKind.POLICY, status, ID, b"", 1, 2, 0, 1, 0, b"")


@pytest.mark.parametrize(("start", "target"), list(itertools.product(ALL, ALL)))
def test_every_transition_is_in_the_table_or_our_bug(council, start, target):
    with context_at(council, 10) as context:
        if target in TRANSITIONS[start]:
            move_on(context.state, ID, proposal(start), target)
            assert PROPOSALS.require(context.state, ID).status == target
        else:
            with pytest.raises(InvariantViolation, match="proposal_transition"):
                move_on(context.state, ID, proposal(start), target)
            assert context.state.writes() == {}


def test_a_proposal_that_ends_makes_room_for_another(council):
    bank = council.c["bank"].party
    made = council.propose("bank", ProposeSuspension(council.c["core"].party))
    with context_at(council, council.c.now_ms()) as context:
        assert OPEN_COUNTS.require(context.state, bank).proposals == 1
        found = require_proposal(context.state, made)
        end(context.state, made, found, ProposalStatus.EXPIRED)
        assert OPEN_COUNTS.require(context.state, bank).proposals == 0


def test_a_veto_freezes_opens_a_round_and_gives_it_its_whole_time(council):
    core = council.c["core"].party
    case = council.propose("bank", council.recovery("core", "finance-1"))
    council.wait(20 * MS_PER_DAY)
    with context_at(council, council.c.now_ms()) as context:
        veto(context, case, require_proposal(context.state, case))
        disputed = require_proposal(context.state, case)
        assert disputed.round_no == 2
        assert disputed.expires_at_ms == context.time_ms + 30 * MS_PER_DAY
        assert RESTRAINTS.require(context.state, core).frozen_by == case
        assert RECOVERY_CASES.require(context.state, core).proposal == case
        end(context.state, case, disputed, ProposalStatus.EXPIRED)
        assert RESTRAINTS.require(context.state, core).frozen_by == b""
        assert RECOVERY_CASES.get(context.state, core) is None


def test_the_first_rounds_end_does_not_end_the_second(council):
    case = council.propose("bank", council.recovery("core", "finance-1"))
    council.wait(20 * MS_PER_DAY)
    council.do("core", VetoRecovery(case))
    council.wait(15 * MS_PER_DAY)
    assert council.status(case) == ProposalStatus.OPEN
    council.wait(15 * MS_PER_DAY)
    assert council.status(case) == ProposalStatus.EXPIRED
