"""Every attempt to take the consortium over, one test each: the ledger refuses it.

Five members unless a test says otherwise; four votes are two thirds, and three quarters.
"""

import msgspec
import pytest

from support.council import FIVE, Council, key_id, key_named, mandate
from xinlian.ledger.errors import Duplicate
from xinlian.ledger.overlay import COLLECTION_PREFIX_BYTES
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.governance.messages import (
    FileIdentityEvidence,
    ProposeCalendarYear,
    ProposePolicy,
    ProposeReinstatement,
    ProposeSuspension,
    ProposeUpgrade,
    ProposeUpgradeCancellation,
    VetoRecovery,
    Vote,
)
from xinlian.modules.governance.types import MODULE_NO as GOVERNANCE
from xinlian.modules.governance.types import PROPOSALS, ProposalStatus
from xinlian.modules.members.messages import DeclareGroup
from xinlian.modules.members.types import KEYS
from xinlian.modules.policy.types import CalendarException
from xinlian.modules.quotas.types import MODULE_NO as QUOTAS
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, day_of_iso
from xinlian.testing.consortium import GENESIS_TIME_MS

DAY, HOUR = MS_PER_DAY, MS_PER_HOUR
NINE_MINUTES = 540_000


@pytest.fixture
def council():
    made = Council(*FIVE)
    yield made
    assert made.c.broken_invariants() == []
    made.c.close()


def suspension(council: Council, name: str) -> ProposeSuspension:
    return ProposeSuspension(council.c[name].party)


def policy_row(council: Council, row: str, value: int, days: int, by: str = "event"):
    effective = council.c.now_ms() + days * DAY
    return ProposePolicy(row, value, by, effective, "a citation", False)


def test_two_keys_of_one_member_are_one_vote(council):
    proposal = council.propose("bank", suspension(council, "core"))
    vote = Vote(proposal, 1, in_favour=True)
    council.do("bank", vote, roles=("finance-1",))
    assert council.attempt("bank", vote, roles=("finance-2",)) == "governance/voted_before"


def test_a_vote_that_was_cast_is_not_cast_again_nor_changed(council):
    proposal = council.propose("bank", suspension(council, "core"))
    signed, _ = council.c.send("bank", Vote(proposal, 1, in_favour=False), roles=("finance-1",))
    with pytest.raises(Duplicate):
        council.c.engine.submit(signed.raw)
    changed = council.attempt("bank", Vote(proposal, 1, in_favour=True))
    assert changed == "governance/voted_before"


def test_a_participant_has_no_vote_and_no_proposal(council):
    proposal = council.propose("bank", suspension(council, "core"))
    vote = council.attempt("supplier1", Vote(proposal, 1, in_favour=True))
    assert vote == "governance/not_in_electorate"
    own = council.attempt("supplier1", suspension(council, "core"))
    assert own == "governance/not_in_electorate"


def test_a_group_has_one_vote_and_its_head_has_it(council):
    council.do("mill", DeclareGroup(council.c["port"].party))
    proposal = council.propose("bank", suspension(council, "core"))
    council.approve(proposal, "bank", "port")
    twice = council.attempt("mill", Vote(proposal, 1, in_favour=True))
    assert twice == "governance/not_in_electorate"
    assert council.status(proposal) == ProposalStatus.OPEN, "two of four"
    council.approve(proposal, "settle")
    assert council.has_passed(proposal), "three of four"


def test_a_group_that_is_declared_after_both_voted_has_one_vote_at_the_enactment(council):
    effective = council.c.now_ms() + 30 * DAY
    change = ProposePolicy(
        "governance.voting_days", 60, "event", effective, "charter", verified=False
    )
    proposal = council.propose("core", change)
    council.approve(proposal, "core", "bank", "mill", "port")
    assert council.has_passed(proposal)
    council.do("mill", DeclareGroup(council.c["port"].party))
    council.do("bank", DeclareGroup(council.c["core"].party))
    council.wait(7 * DAY + 1_000)
    assert council.status(proposal) == ProposalStatus.LAPSED, "two of three are not three quarters"


def test_groups_do_not_nest_and_a_vote_given_up_is_not_taken_back(council):
    c = council.c
    council.do("mill", DeclareGroup(c["port"].party))
    for name, head in (("mill", "core"), ("port", "core"), ("core", "mill"), ("core", "core")):
        assert council.attempt(name, DeclareGroup(c[head].party)) == "members/group_invalid"
    stranger = council.attempt("supplier1", DeclareGroup(c["core"].party))
    assert stranger == "members/group_invalid"


def test_a_subject_and_the_head_of_its_group_do_not_vote_on_it(council):
    council.do("mill", DeclareGroup(council.c["port"].party))
    proposal = council.propose("bank", suspension(council, "mill"))
    own = council.attempt("port", Vote(proposal, 1, in_favour=False))
    assert own == "governance/own_case"
    of_core = council.propose("bank", suspension(council, "core"))
    vote = council.attempt("core", Vote(of_core, 1, in_favour=False))
    assert vote == "governance/own_case"


def test_newcomers_do_not_flood_the_electorate_of_an_old_consortium(council):
    council.wait(181 * DAY)
    for number, name in enumerate(("new1", "new2"), 70):
        admitted = council.newcomer(name, number)
        council.decide(admitted, "core", "bank", "settle", "mill", days=7)
        council.let_vote(name)
    proposal = council.propose("bank", suspension(council, "core"))
    flood = council.attempt("new1", Vote(proposal, 1, in_favour=True))
    assert flood == "governance/not_in_electorate"
    council.wait(29 * DAY)
    council.approve(proposal, "bank", "settle", "mill", "port")
    assert council.has_passed(proposal), "they are in no denominator either"
    council.wait(152 * DAY)
    old_enough = council.propose("bank", suspension(council, "settle"))
    council.approve(old_enough, "new1", "new2")


def test_whoever_is_admitted_during_a_vote_has_none_in_it(council):
    proposal = council.propose("bank", suspension(council, "core"))
    council.decide(council.newcomer("rail", 50), "core", "bank", "settle", "mill", days=7)
    council.let_vote("rail")
    vote = council.attempt("rail", Vote(proposal, 1, in_favour=True))
    assert vote == "governance/not_in_electorate"


@pytest.mark.parametrize("days", [-1, 0, 6])
def test_policy_does_not_reach_back_nor_surprise(council, days):
    change = policy_row(council, "supply_chain.draft_days", 5, days)
    assert council.attempt("core", change) == "policy/effect_too_early"


def test_a_vote_that_took_too_long_gives_no_retroactive_policy(council):
    proposal = council.propose("core", policy_row(council, "supply_chain.draft_days", 5, 10))
    council.wait(5 * DAY)
    council.approve(proposal, "core", "bank", "settle", "mill")
    council.wait(1_000)
    assert council.status(proposal) == ProposalStatus.LAPSED
    assert council.policy("supply_chain.draft_days") == 7


def test_policy_never_rewrites_a_published_version(council):
    first = policy_row(council, "supply_chain.draft_days", 5, 30)
    council.decide(first, "core", "bank", "settle", "mill")
    under = policy_row(council, "supply_chain.draft_days", 9, 20)
    assert council.attempt("core", under) == "policy/not_the_latest"


@pytest.mark.parametrize(
    ("row", "value", "refusal"),
    [
        ("governance.suspend.threshold_twelfths", 7, "policy/value_out_of_bounds"),
        ("governance.policy.threshold_twelfths", 6, "policy/value_out_of_bounds"),
        ("governance.rows.threshold_twelfths", 8, "policy/value_out_of_bounds"),
        ("governance.admit.threshold_twelfths", 8, "policy/value_out_of_bounds"),
        ("governance.upgrade.delay_days", 6, "policy/value_out_of_bounds"),
        ("governance.rows.delay_days", 0, "policy/value_out_of_bounds"),
        ("governance.recover.veto", 0, "policy/value_out_of_bounds"),
        ("governance.suspend.electorate", 2, "policy/value_out_of_bounds"),
        ("governance.seasoning_days", 1, "policy/value_out_of_bounds"),
        ("governance.recovery_hold_hours", 71, "policy/value_out_of_bounds"),
        ("governance.open_proposals_max", 65, "policy/value_out_of_bounds"),
        ("governance.nothing", 1, "policy/unknown_row"),
        ("banking.cutoff_minute", 24 * 60, "policy/value_out_of_bounds"),
        ("banking.cutoff_minute", -1, "policy/value_out_of_bounds"),
        ("nothing.at_all", 1, "policy/unknown_row"),
    ],
)
def test_no_vote_goes_beneath_the_floors_of_the_code(council, row, value, refusal):
    assert council.attempt("core", policy_row(council, row, value, 60)) == refusal


def test_a_date_of_effect_that_nobody_defined_is_refused(council):
    change = policy_row(council, "supply_chain.draft_days", 5, 30, by="mood")
    assert council.attempt("core", change) == "policy/applies_by_unknown"


def test_rows_of_governance_do_not_pass_with_two_thirds():
    council = Council()  # three members: two are two thirds, and less than three quarters
    ordinary = council.propose("core", policy_row(council, "supply_chain.draft_days", 5, 30))
    row = council.propose("core", policy_row(council, "governance.suspend.quorum_twelfths", 0, 60))
    for proposal in (ordinary, row):
        council.approve(proposal, "core", "bank")
    assert council.has_passed(ordinary)
    assert council.status(row) == ProposalStatus.OPEN
    council.c.close()


@pytest.mark.parametrize("kind", ["admission", "rows", "upgrade", "recovery"])
def test_nothing_is_enacted_before_its_delay(council, kind):
    content = {
        "admission": council.newcomer("rail", 50),
        "rows": policy_row(council, "governance.voting_days", 60, 60),
        "upgrade": ProposeUpgrade(2, 10_000),
        "recovery": council.recovery("core", "finance-1"),
    }[kind]
    proposal = council.propose("bank", content)
    council.approve(proposal, "bank", "settle", "mill", "port")
    passed = council.proposal(proposal)
    assert passed.status == ProposalStatus.PASSED
    assert passed.enact_at_ms == council.c.now_ms() + 7 * DAY
    council.wait(7 * DAY - NINE_MINUTES)
    assert council.has_passed(proposal)
    council.wait(NINE_MINUTES)
    assert council.status(proposal) == ProposalStatus.ENACTED


def test_a_suspended_member_stays_in_the_denominator(council):
    council.decide(suspension(council, "core"), "bank", "settle", "mill", "port")
    next_one = council.propose("bank", suspension(council, "mill"))
    council.approve(next_one, "bank", "settle", "port")
    assert council.status(next_one) == ProposalStatus.OPEN, "three of five, not three of four"


def test_abstention_is_no(council):
    proposal = council.propose("bank", suspension(council, "core"))
    council.approve(proposal, "bank", "settle", "mill")
    council.wait(30 * DAY)
    assert council.status(proposal) == ProposalStatus.EXPIRED


def test_a_quorum_that_is_asked_for_is_waited_for(council):
    row = policy_row(council, "governance.calendar.threshold_twelfths", 6, 30)
    full = policy_row(council, "governance.calendar.quorum_twelfths", 12, 30)
    for change in (row, full):
        council.decide(change, "core", "bank", "settle", "mill", days=7)
    council.wait(25 * DAY)
    year = ProposeCalendarYear(2028, (CalendarException(day_of_iso("2028-01-03"), False),))
    proposal = council.propose("core", year)
    council.approve(proposal, "core", "bank", "settle", "mill")
    assert council.status(proposal) == ProposalStatus.OPEN
    council.do("port", Vote(proposal, 1, in_favour=False))
    assert council.has_passed(proposal)


def test_two_members_decide_together_or_not_at_all():
    council = Council()
    council.do("settle", DeclareGroup(council.c["bank"].party))
    proposal = council.propose("core", policy_row(council, "supply_chain.draft_days", 5, 30))
    council.approve(proposal, "core")
    assert council.status(proposal) == ProposalStatus.OPEN
    council.approve(proposal, "bank")
    assert council.has_passed(proposal)
    other = council.propose("bank", suspension(council, "core"))
    council.approve(other, "bank")
    assert council.status(other) == ProposalStatus.OPEN, "neither suspends the other"
    council.c.close()


def test_a_live_partys_key_is_not_replaced_against_its_veto_by_two_thirds():
    council = Council("mill", "port", "rail", "ship")  # seven: five are two thirds, six are 3/4
    case = council.propose("bank", council.recovery("core", "finance-1"))
    council.approve(case, "bank", "settle", "mill", "port", "rail")
    assert council.has_passed(case)
    council.do("core", VetoRecovery(case))
    council.do("bank", FileIdentityEvidence(case, bytes(32)))
    council.approve(case, "bank", "settle", "mill", "port", "rail", round_no=2)
    council.wait(29 * DAY)
    assert council.status(case) == ProposalStatus.OPEN, "five of seven are not three quarters"
    council.wait(2 * DAY)
    assert council.status(case) == ProposalStatus.EXPIRED
    assert council.pay("core") == "ok", "nothing was replaced, nothing stays frozen"
    council.c.close()


def test_votes_from_before_a_veto_do_not_count_after_it(council):
    case = council.propose("bank", council.recovery("core", "finance-1"))
    council.approve(case, "bank", "settle", "mill")
    council.do("core", VetoRecovery(case))
    council.do("bank", FileIdentityEvidence(case, bytes(32)))
    council.approve(case, "port", round_no=2)
    assert council.status(case) == ProposalStatus.OPEN
    stale = council.attempt("bank", Vote(case, 1, in_favour=True))
    assert stale == "governance/wrong_round"


def test_a_veto_comes_from_the_party_itself_and_once(council):
    case = council.propose("bank", council.recovery("core", "finance-1"))
    assert council.attempt("mill", VetoRecovery(case)) == "governance/not_the_subject"
    other = council.propose("bank", suspension(council, "core"))
    assert council.attempt("core", VetoRecovery(other)) == "governance/not_a_recovery"
    council.do("core", VetoRecovery(case), roles=("operations",))
    assert council.attempt("core", VetoRecovery(case)) == "governance/vetoed_before"


def test_evidence_is_filed_after_a_veto_by_members_beside_the_subject(council):
    case = council.propose("bank", council.recovery("core", "finance-1"))
    evidence = FileIdentityEvidence(case, bytes(32))
    assert council.attempt("bank", evidence) == "governance/not_vetoed"
    council.do("core", VetoRecovery(case))
    assert council.attempt("core", evidence) == "governance/own_case"
    assert council.attempt("supplier1", evidence) == "governance/not_in_electorate"
    council.do("bank", evidence)
    assert council.attempt("settle", evidence) == "governance/not_vetoed"


def test_a_recovered_key_moves_no_value_for_72_hours_nor_does_a_key_that_it_registers(council):
    council.decide(council.recovery("core", "finance-1"), "bank", "settle", "mill", "port", days=7)
    council.do("core", council.registration("core", "finance-9"), roles=("recovered",))
    both = mandate(
        Transfer,
        key_named("recovered"),
        key_named("finance-9"),
        council.c["core"].keys["finance-2"],
    )
    council.do("core", both, roles=("recovered",))
    for role in ("recovered", "finance-9"):
        assert council.pay("core", roles=(role,)) == "members/recovered_key_held"
        mixed = council.pay("core", roles=(role, "finance-2"))
        assert mixed == "members/recovered_key_held"
    assert council.pay("core", roles=("finance-2",)) == "ok", "a key from before goes on"
    council.wait(72 * HOUR - NINE_MINUTES)
    assert council.pay("core", roles=("finance-9",)) == "members/recovered_key_held"
    council.wait(NINE_MINUTES)
    assert council.pay("core", roles=("finance-9",)) == "ok"


def test_a_recovery_names_keys_of_the_party_and_a_key_that_nobody_has(council):
    good = council.recovery("core", "finance-1")
    foreign = (key_id(council.c["bank"].keys["finance-1"]),)
    changed = msgspec.structs.replace(good, lost_keys=foreign)
    assert council.attempt("bank", changed) == "members/lost_key_invalid"
    stolen = council.recovery("core", "finance-1")
    wrong_proof = msgspec.structs.replace(stolen, role="other-role")
    assert council.attempt("bank", wrong_proof) == "members/key_invalid"
    assert council.attempt("core", good) == "governance/own_recovery"
    council.propose("bank", good)
    assert council.attempt("mill", good) == "governance/recovery_open"


def test_open_proposals_of_a_member_are_bounded(council):
    for _ in range(8):
        council.propose("bank", suspension(council, "core"))
    assert council.attempt("bank", suspension(council, "core")) == "governance/too_many_open"
    council.propose("settle", suspension(council, "core"))
    council.wait(30 * DAY)
    council.propose("bank", suspension(council, "core"))


def test_what_stands_so_already_or_is_no_member_is_not_put_to_the_vote(council):
    c = council.c
    again = council.attempt("bank", ProposeReinstatement(c["core"].party))
    assert again == "governance/stands_so"
    participant = council.attempt("bank", ProposeSuspension(c["supplier1"].party))
    assert participant == "governance/not_a_member"
    nobody = council.attempt("bank", ProposeSuspension(bytes(20)))
    assert nobody == "members/unknown_party"
    unknown = council.attempt("bank", Vote(bytes(20), 1, in_favour=True))
    assert unknown == "governance/unknown_proposal"
    known = council.attempt("bank", council.newcomer("core2", 1))
    assert known == "members/party_exists"


def test_upgrades_go_one_version_up_to_a_height_that_is_ahead(council):
    height = council.c.engine.height()
    far = ProposeUpgrade(2, 10_000)
    assert council.attempt("core", ProposeUpgrade(3, 10_000)) == "governance/version_not_next"
    assert council.attempt("core", ProposeUpgrade(2, height)) == "governance/height_reached"
    nothing = council.attempt("core", ProposeUpgradeCancellation(2))
    assert nothing == "governance/nothing_planned"
    council.decide(far, "core", "bank", "settle", "mill", days=7)
    assert council.attempt("core", far) == "governance/upgrade_planned"


def test_a_calendar_changes_no_day_that_has_begun(council):
    past = (CalendarException(day_of_iso("2026-11-02"), False),)
    unsorted = tuple(
        CalendarException(day_of_iso(day), False) for day in ("2027-05-04", "2027-05-03")
    )
    foreign = (CalendarException(day_of_iso("2028-05-03"), False),)
    for year, exceptions in ((2026, past), (2027, unsorted), (2027, foreign), (99_999, ())):
        refused = council.attempt("core", ProposeCalendarYear(year, exceptions))
        assert refused == "policy/calendar_invalid"


MAY_WRITE = {0, 1, 2, 3, QUOTAS, GOVERNANCE}
"""The chain's own records, members, policy, the schedule's queue, quotas, governance."""


def test_governance_writes_nothing_of_leaves_balances_or_records(council):
    before = council.state()
    steps = [
        (suspension(council, "core"), 0),
        (ProposeReinstatement(council.c["core"].party), 0),
        (policy_row(council, "supply_chain.draft_days", 5, 90), 0),
        (policy_row(council, "governance.voting_days", 60, 90), 7),
        (ProposeCalendarYear(2028, (CalendarException(day_of_iso("2028-01-03"), False),)), 0),
        (ProposeUpgrade(2, 10_000), 7),
        (ProposeUpgradeCancellation(2), 0),
        (council.recovery("core", "finance-1"), 7),
        (council.newcomer("rail", 50), 7),
    ]
    for content, days in steps:
        council.decide(content, "bank", "settle", "mill", "port", days=days)
    case = council.propose("bank", council.recovery("core", "finance-2", new="again"))
    council.do("core", VetoRecovery(case), roles=("operations",))
    after = council.state()
    written = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    modules = {int.from_bytes(key[:2], "big") for key in written}
    assert modules <= MAY_WRITE, sorted(key[:COLLECTION_PREFIX_BYTES].hex() for key in written)
    assert {1, 2, GOVERNANCE} <= modules


def test_a_key_that_was_revoked_for_lost_does_not_come_back(council):
    lost = key_id(council.c["core"].keys["finance-1"])
    council.decide(council.recovery("core", "finance-1"), "bank", "settle", "mill", "port", days=7)
    again = council.recovery("core", "finance-1", new="third")
    assert council.attempt("bank", again) == "members/lost_key_invalid"
    assert council.read(KEYS, lost).party == council.c["core"].party
    assert council.read(PROPOSALS, bytes(20)) is None
    assert council.c.now_ms() > GENESIS_TIME_MS
