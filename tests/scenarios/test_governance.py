"""How members decide together: each story as a banker would tell it.

Roles: core, bank, settle, mill and port are members from the beginning, 30 November 2026; supplier1
and supplier2 are participants that bank sponsors.  Of five members two thirds are four votes, and
so are three quarters.
"""

import pytest

from support.council import FIVE, Council, key_id, key_named, mandate
from support.happened import happened
from xinlian.crypto.ed25519 import SUITE_ED25519
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.errors import UnknownSigner
from xinlian.ledger.upgrade import planned_upgrade
from xinlian.modules.accounts.messages import BookEntry, Transfer
from xinlian.modules.accounts.types import bank_entry_identity
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.governance.events import ParkedRetried
from xinlian.modules.governance.messages import (
    FileIdentityEvidence,
    ProposeCalendarYear,
    ProposePolicy,
    ProposeReinstatement,
    ProposeRetry,
    ProposeSuspension,
    ProposeUpgrade,
    ProposeUpgradeCancellation,
    VetoRecovery,
    Vote,
)
from xinlian.modules.governance.types import ProposalStatus
from xinlian.modules.members.messages import (
    AcceptParticipant,
    AdmitParticipant,
    AskSponsor,
    RecoverOwnKeys,
)
from xinlian.modules.members.types import KEYS, PARTIES, KeyStatus, PartyKind, possession_bytes
from xinlian.modules.obligations.keeper import DUE_HANDLER
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.modules.policy.keeper import is_banking_day
from xinlian.modules.policy.types import CalendarException
from xinlian.modules.schedule.types import PARKED
from xinlian.primitives import InvariantViolation
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_day, day_of_iso
from xinlian.testing.agreements import Agreement
from xinlian.testing.consortium import GENESIS_TIME_MS

NINE_MINUTES = 540_000
CAMT = bytes(range(32))


@pytest.fixture
def council():
    made = Council(*FIVE)
    yield made
    assert made.c.broken_invariants() == []
    made.c.close()


def test_four_of_five_suspend_a_member_that_may_still_be_paid_and_vote(council):
    core = council.c["core"].party
    proposal = council.propose("bank", ProposeSuspension(core))
    council.approve(proposal, "bank", "settle", "mill")
    assert council.status(proposal) == ProposalStatus.OPEN, "three of five are not two thirds"
    council.approve(proposal, "port")
    council.wait(1_000)
    assert council.status(proposal) == ProposalStatus.ENACTED
    assert council.party("core").is_suspended

    assert council.pay("core") == "members/suspended"
    assert council.pay("bank") == "ok", "core is paid all the same"
    other = council.propose("bank", ProposeSuspension(council.c["mill"].party))
    council.approve(other, "core")

    back = council.propose("core", ProposeReinstatement(core))
    assert council.attempt("core", Vote(back, 1, in_favour=True)) == "governance/own_case"
    council.approve(back, "bank", "settle", "mill", "port")
    council.wait(1_000)
    assert not council.party("core").is_suspended
    assert council.pay("core") == "ok"


def test_a_policy_row_gets_a_dated_value_that_binds_later_contracts_only(council):
    row = "supply_chain.draft_days"
    effective = council.c.now_ms() + 20 * MS_PER_DAY
    change = ProposePolicy(row, 5, "issue", effective, "resolution 1 of the members", False)
    council.decide(change, "core", "bank", "settle", "mill")
    assert council.policy(row) == 7, "published, not yet in force"
    council.wait(20 * MS_PER_DAY)
    assert council.policy(row) == 5


def test_the_members_publish_the_holidays_of_a_year(council):
    new_year, working_sunday = day_of_iso("2027-02-08"), day_of_iso("2027-02-14")

    def banks_work_on(day: int) -> bool:
        with council.c.engine.application.store.snapshot() as snapshot:
            return is_banking_day(snapshot, day)

    assert (banks_work_on(new_year), banks_work_on(working_sunday)) == (True, False)
    year = ProposeCalendarYear(
        2027,
        (CalendarException(new_year, False), CalendarException(working_sunday, True)),
    )
    council.decide(year, "settle", "core", "bank", "mill")
    assert (banks_work_on(new_year), banks_work_on(working_sunday)) == (False, True)


def test_a_member_is_admitted_after_a_week_and_arranges_its_own_mandates(council):
    proposal = council.propose("core", council.newcomer("rail", 50))
    council.approve(proposal, "core", "bank", "settle", "mill")
    council.wait(6 * MS_PER_DAY)
    rail = council.c["rail"].party
    assert council.read(PARTIES, rail) is None, "the delay is not over"
    council.wait(1 * MS_PER_DAY + 1_000)
    assert council.read(PARTIES, rail).kind == PartyKind.MEMBER
    council.let_vote("rail")
    suspension = council.propose("bank", ProposeSuspension(council.c["core"].party))
    council.approve(suspension, "rail")  # the consortium is young: newcomers vote at once


def test_the_rows_of_governance_change_by_three_quarters_after_a_week(council):
    row = "governance.suspend.threshold_twelfths"
    effective = council.c.now_ms() + 30 * MS_PER_DAY
    change = ProposePolicy(row, 12, "event", effective, "charter, article 9", False)
    council.decide(change, "core", "bank", "settle", "mill", days=7)
    early = council.propose("bank", ProposeSuspension(council.c["core"].party))
    council.wait(24 * MS_PER_DAY)
    council.approve(early, "bank", "settle", "mill", "port")
    council.wait(1_000)
    assert council.status(early) == ProposalStatus.ENACTED, "judged by the row of its publication"
    late = council.propose("core", ProposeSuspension(council.c["port"].party))
    council.approve(late, "core", "bank", "settle", "mill")
    council.wait(1_000)
    assert council.status(late) == ProposalStatus.OPEN, "all five are asked for now"


def test_an_upgrade_is_decided_for_a_height_and_taken_back_in_time(council):
    height = council.c.engine.height() + 500
    council.decide(ProposeUpgrade(2, height), "core", "bank", "settle", "mill", days=7)
    with council.c.engine.application.store.snapshot() as snapshot:
        planned = planned_upgrade(snapshot)
        assert chain_meta(snapshot).app_version == 1
    assert planned is not None
    assert (planned.app_version, planned.height) == (2, height)
    council.decide(ProposeUpgradeCancellation(2), "port", "bank", "settle", "mill")
    with council.c.engine.application.store.snapshot() as snapshot:
        assert planned_upgrade(snapshot) is None


def test_core_loses_its_finance_keys_and_its_own_recovery_key_replaces_them(council):
    c = council.c
    recovery_key = council.registration("core", "recovery-1")
    council.do("core", recovery_key)
    council.do("core", mandate(RecoverOwnKeys, key_named("recovery-1")))
    new, party = key_named("finance-3"), c["core"].party
    lost = tuple(sorted(key_id(c["core"].keys[role]) for role in ("finance-1", "finance-2")))
    proof = new.sign(possession_bytes(c.chain_id, party, "finance-3"))
    recover = RecoverOwnKeys(lost, SUITE_ED25519, new.public_key, "finance-3", proof)
    council.do("core", recover, roles=("recovery-1",))
    c["core"].keys["finance-3"] = new

    with pytest.raises(UnknownSigner):  # a revoked key signs nothing any more
        council.pay("core")
    council.do("core", mandate(Transfer, new), roles=("finance-3",))
    assert council.pay("core", roles=("finance-3",)) == "members/recovered_key_held"
    assert council.pay("bank") == "ok", "core is paid meanwhile"
    council.wait(72 * MS_PER_HOUR - NINE_MINUTES)
    assert council.pay("core", roles=("finance-3",)) == "members/recovered_key_held"
    council.wait(NINE_MINUTES)
    assert council.pay("core", roles=("finance-3",)) == "ok"


def test_the_members_recover_the_lost_keys_of_one_of_them_after_a_weeks_notice(council):
    case = council.propose("bank", council.recovery("core", "finance-1", "finance-2"))
    council.approve(case, "bank", "settle", "mill", "port")
    council.wait(7 * MS_PER_DAY - NINE_MINUTES)
    lost = key_id(council.c["core"].keys["finance-1"])
    assert council.read(KEYS, lost).status == KeyStatus.ACTIVE, "public notice lasts seven days"
    council.wait(NINE_MINUTES + 1_000)
    assert council.status(case) == ProposalStatus.ENACTED
    assert council.read(KEYS, lost).status == KeyStatus.REVOKED
    council.do("core", mandate(Transfer, key_named("recovered")), roles=("recovered",))
    assert council.pay("core", roles=("recovered",)) == "members/recovered_key_held"
    council.wait(72 * MS_PER_HOUR)
    assert council.pay("core", roles=("recovered",)) == "ok"


def test_a_veto_by_a_live_key_freezes_value_until_three_quarters_see_evidence(council):
    c = council.c
    case = council.propose("bank", council.recovery("core", "finance-1"))
    council.approve(case, "bank", "settle", "mill", "port")
    council.wait(6 * MS_PER_DAY)
    council.do("core", VetoRecovery(case), roles=("operations",))
    assert council.status(case) == ProposalStatus.OPEN
    assert council.pay("core", roles=("finance-2",)) == "members/value_frozen"
    assert council.pay("bank") == "ok"
    day = china_day(c.now_ms())
    entry = bank_entry_identity(c["settle"].party, c.bank_account("core"), "7")
    council.do("settle", RegisterDocument(CAMT, "bank_entry", 1))
    council.do("settle", BookEntry(entry, c.bank_account("core"), 500, True, day, day, b"", CAMT))

    council.approve(case, "bank", "settle", "mill", "port", round_no=2)
    assert council.status(case) == ProposalStatus.OPEN, "no evidence of identity yet"
    council.do("mill", FileIdentityEvidence(case, bytes(32)))
    assert council.status(case) == ProposalStatus.PASSED
    council.wait(7 * MS_PER_DAY - NINE_MINUTES)
    assert council.status(case) == ProposalStatus.PASSED
    council.wait(2 * MS_PER_DAY)
    assert council.status(case) == ProposalStatus.ENACTED
    assert council.pay("core", roles=("finance-2",)) == "ok", "a key from before is free again"


def test_a_vetoed_recovery_that_nobody_proves_ends_and_the_freeze_with_it(council):
    case = council.propose("bank", council.recovery("core", "finance-1"))
    council.do("core", VetoRecovery(case))
    assert council.pay("core") == "members/value_frozen"
    council.wait(31 * MS_PER_DAY)
    assert council.status(case) == ProposalStatus.EXPIRED
    assert council.pay("core") == "ok"


def test_a_participant_changes_its_sponsor_and_keeps_everything(council):
    c = council.c
    before = council.state()
    supplier = c["supplier1"].party
    assert council.attempt("settle", AcceptParticipant(supplier)) == "members/not_asked"
    council.do("supplier1", AskSponsor(c["settle"].party))
    assert council.attempt("core", AcceptParticipant(supplier)) == "members/not_asked"
    council.do("settle", AcceptParticipant(supplier))
    after = council.state()
    assert council.party("supplier1").sponsor == c["settle"].party
    changed = {key[:3] for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    not_members = {prefix for prefix in changed if prefix[:2] not in (b"\0\0", b"\0\1")}
    assert not {prefix for prefix in not_members if prefix[:2] in (b"\0\4", b"\0\5", b"\0\x10")}


def test_a_sponsor_answers_for_as_many_participants_as_policy_lets_it(council):
    row = "governance.participants_per_sponsor_max"
    effective = council.c.now_ms() + 15 * MS_PER_DAY
    change = ProposePolicy(row, 2, "event", effective, "charter, article 4", False)
    council.decide(change, "core", "bank", "settle", "mill", days=7)
    council.wait(9 * MS_PER_DAY)
    new = council.newcomer("tool", 60)
    admission = AdmitParticipant(
        new.uscc, new.name, new.suite, new.public_key, new.role, new.possession
    )
    assert council.attempt("bank", admission) == "members/sponsor_full"
    assert council.attempt("core", admission) == "ok"
    council.do("tool", mandate(AskSponsor, key_named("tool")))
    council.do("tool", AskSponsor(council.c["bank"].party))
    moved = AcceptParticipant(council.c["tool"].party)
    assert council.attempt("bank", moved) == "members/sponsor_full"


def test_a_proposal_that_nobody_supports_ends_by_itself(council):
    proposal = council.propose("core", ProposeSuspension(council.c["port"].party))
    council.approve(proposal, "core")
    council.wait(30 * MS_PER_DAY)
    assert council.status(proposal) == ProposalStatus.EXPIRED
    late = council.attempt("bank", Vote(proposal, 1, in_favour=True))
    assert late == "governance/not_open"
    assert council.c.now_ms() >= GENESIS_TIME_MS + 30 * MS_PER_DAY


def test_work_that_a_fault_of_ours_parked_is_run_again_by_vote(council, monkeypatch):
    """Members vote once the fault is mended; nobody can do it alone, and nothing runs twice."""
    c = council.c
    promise = Agreement(c)
    promise.agree()
    scheduled = c.engine.application.executor.registry.scheduled
    with monkeypatch.context() as faulty:
        faulty.setitem(scheduled, DUE_HANDLER, _fail)
        promise.to_due_day()
    assert promise.status() == ObligationStatus.OPEN
    ((number,),) = parked(council)
    absent = ProposeRetry((number + 1,))
    assert council.attempt("core", absent) == "governance/nothing_parked"
    twice = ProposeRetry((number, number))
    assert council.attempt("core", twice) == "contracts/field_invalid"

    first = council.propose("core", ProposeRetry((number,)))
    second = council.propose("bank", ProposeRetry((number,)))
    council.approve(first, "core", "bank", "settle")
    council.wait(1_000)
    assert promise.status() == ObligationStatus.OPEN, "three of five are less than two thirds"
    council.approve(first, "mill")
    council.wait(1_000)
    assert council.status(first) == ProposalStatus.ENACTED
    assert promise.status() == ObligationStatus.PERFORMED
    assert parked(council) == []
    (event,) = happened(c, ParkedRetried)
    assert (event.proposal, event.parked, event.handler_no) == (first, number, DUE_HANDLER)
    council.approve(second, "core", "bank", "settle", "mill")
    council.wait(1_000)
    assert council.status(second) == ProposalStatus.LAPSED


def test_work_that_fails_again_is_parked_again(council, monkeypatch):
    promise = Agreement(council.c)
    promise.agree()
    scheduled = council.c.engine.application.executor.registry.scheduled
    monkeypatch.setitem(scheduled, DUE_HANDLER, _fail)
    promise.to_due_day()
    ((number,),) = parked(council)
    council.decide(ProposeRetry((number,)), "core", "bank", "settle", "mill")
    ((again,),) = parked(council)
    assert again > number


def parked(council):
    """Return the numbers of parked work."""
    with council.c.engine.application.store.snapshot() as snapshot:
        return [
            tuple(int.from_bytes(part, "big") for part in parts)
            for parts, _ in PARKED.scan(snapshot)
        ]


def _fail(context, subject):
    raise InvariantViolation("tests", subject.hex())
