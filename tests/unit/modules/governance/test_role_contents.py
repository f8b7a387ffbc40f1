"""Members give official roles and take them away; no other way leads to one."""

import pytest

from support.council import FIVE, Council
from xinlian.modules.governance.messages import ProposeRole, ProposeRoleWithdrawal, Vote
from xinlian.modules.governance.types import PROPOSALS, ProposalStatus
from xinlian.modules.members.roles import OFFICIAL_ROLES, OfficialRole, role_part
from xinlian.primitives.time import MS_PER_DAY


@pytest.fixture
def council():
    made = Council(*FIVE)
    yield made
    assert made.c.broken_invariants() == []
    made.c.close()


def holds(council: Council, name: str, role: OfficialRole = OfficialRole.COURT) -> bool:
    record = council.read(OFFICIAL_ROLES, role_part(role), council.c[name].party)
    return record is not None and record.is_held


def giving(council: Council, name: str, role: str = "court") -> ProposeRole:
    return ProposeRole(council.c[name].party, role)


def test_a_court_is_given_its_role_by_three_quarters_after_seven_days(council):
    proposal = council.propose("core", giving(council, "supplier1"))
    council.approve(proposal, "core", "bank", "settle")
    assert not council.has_passed(proposal), "three of five are not three quarters"
    council.approve(proposal, "mill")
    council.wait(7 * MS_PER_DAY - 60_000)
    assert not holds(council, "supplier1"), "not before its public notice is over"
    council.wait(60_000)
    assert holds(council, "supplier1")


def test_a_role_is_never_given_for_a_time_before_the_decision(council):
    council.decide(giving(council, "supplier1"), "core", "bank", "settle", "mill", days=7)
    record = council.read(
        OFFICIAL_ROLES, role_part(OfficialRole.COURT), council.c["supplier1"].party
    )
    proposal = next(p for _, p in _proposals(council))
    assert record.given_at_ms >= proposal.enact_at_ms > proposal.proposed_at_ms


def _proposals(council: Council):
    with council.c.engine.application.store.snapshot() as snapshot:
        return list(PROPOSALS.scan(snapshot))


def test_a_role_that_is_abused_ends_at_once_by_two_thirds(council):
    council.decide(giving(council, "supplier1"), "core", "bank", "settle", "mill", days=7)
    withdrawal = ProposeRoleWithdrawal(council.c["supplier1"].party, "court")
    proposal = council.propose("bank", withdrawal)
    council.approve(proposal, "bank", "settle", "mill")
    assert holds(council, "supplier1"), "three of five are not two thirds"
    council.approve(proposal, "port")
    council.wait(1_000)
    assert not holds(council, "supplier1")
    record = council.read(
        OFFICIAL_ROLES, role_part(OfficialRole.COURT), council.c["supplier1"].party
    )
    assert record.given_at_ms < record.withdrawn_at_ms, "what it did before stands"


def test_whoever_would_hold_the_role_has_no_vote_on_it(council):
    proposal = council.propose("core", giving(council, "bank"))
    own = council.attempt("bank", Vote(proposal, 1, in_favour=True))
    assert own == "governance/own_case"


def test_whoever_holds_the_role_has_no_vote_on_its_end(council):
    council.decide(giving(council, "bank"), "core", "settle", "mill", "port", days=7)
    withdrawal = ProposeRoleWithdrawal(council.c["bank"].party, "court")
    proposal = council.propose("core", withdrawal)
    own = council.attempt("bank", Vote(proposal, 1, in_favour=False))
    assert own == "governance/own_case"


def test_a_participant_proposes_no_role_for_itself(council):
    own = council.attempt("supplier1", giving(council, "supplier1"))
    assert own == "governance/not_in_electorate"


@pytest.mark.parametrize("role", ["judge", "court-2", "operator"])
def test_there_is_no_role_outside_the_list(council, role):
    assert council.attempt("core", giving(council, "bank", role)) == "members/role_unknown"


def test_a_stranger_to_the_directory_holds_no_role(council):
    assert council.attempt("core", ProposeRole(bytes(20), "court")) == "members/unknown_party"


def test_what_is_held_is_not_given_again_and_what_is_not_held_is_not_withdrawn(council):
    withdrawal = ProposeRoleWithdrawal(council.c["bank"].party, "court")
    assert council.attempt("core", withdrawal) == "members/role_not_held"
    first = council.propose("core", giving(council, "bank"))
    second = council.propose("settle", giving(council, "bank"))
    for proposal in (first, second):
        council.approve(proposal, "core", "settle", "mill", "port")
    council.wait(7 * MS_PER_DAY + 1_000)
    assert holds(council, "bank")
    assert council.status(first) == ProposalStatus.ENACTED
    assert council.status(second) == ProposalStatus.LAPSED
    assert council.attempt("core", giving(council, "bank")) == "members/role_held"
