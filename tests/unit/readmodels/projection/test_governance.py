"""A told year of governance, projected: proposals, votes and what they changed equal the state."""

import json
from collections.abc import Iterator

import pytest

from support.council import FIVE, Council
from unit.readmodels.conftest import Projected
from unit.readmodels.stories import Told, open_model, sqlite_address
from xinlian.bootstrap import build_registry
from xinlian.contracts.message import type_name
from xinlian.modules.governance.messages import (
    FileIdentityEvidence,
    ProposeCalendarYear,
    ProposePolicy,
    ProposeRole,
    ProposeRoleWithdrawal,
    ProposeSuspension,
    ProposeUpgrade,
    ProposeUpgradeCancellation,
    VetoRecovery,
    Vote,
)
from xinlian.modules.governance.types import BALLOTS, PROPOSALS, ProposalKind, ProposalStatus
from xinlian.modules.members.messages import (
    AcceptParticipant,
    AskSponsor,
    DeclareGroup,
    EndRelation,
    RecordRelation,
)
from xinlian.modules.members.types import KEYS, PARTIES, KeyStatus
from xinlian.modules.policy.types import ROWS
from xinlian.primitives import format_id
from xinlian.primitives.time import MS_PER_DAY
from xinlian.readmodels.rows import (
    EventRow,
    KeyRow,
    PartyRow,
    PolicyVersionRow,
    ProposalRow,
    VoteRow,
)

ALL = ("bank", "settle", "mill", "port")


@pytest.fixture(scope="module")
def governed(tmp_path_factory) -> Iterator[Projected]:
    council = Council(*FIVE)
    tell(council)
    told = Told(council.c)
    model = open_model(sqlite_address(tmp_path_factory.mktemp("governed")), council.c)
    model.project(told.store)
    yield Projected(told, model)
    model.close()
    council.c.close()


def tell(council: Council) -> None:
    c = council.c
    effective = c.now_ms() + 12 * MS_PER_DAY
    policy = ProposePolicy("supply_chain.draft_days", 5, "issue", effective, "决议", verified=False)
    late = council.propose("settle", policy)
    council.decide(policy, *ALL)
    council.decide(ProposeCalendarYear(2027, ()), *ALL)
    council.decide(ProposeSuspension(c["core"].party), *ALL)
    council.do("supplier1", AskSponsor(c["settle"].party))
    council.do("settle", AcceptParticipant(c["supplier1"].party))
    case = council.propose("bank", council.recovery("supplier2", "finance-1"))
    council.do("bank", Vote(case, 1, in_favour=False))
    council.do("supplier2", VetoRecovery(case))
    council.do("bank", FileIdentityEvidence(case, bytes(32)))
    council.approve(case, *ALL, round_no=2)
    council.propose("port", ProposeSuspension(c["mill"].party))
    council.decide(ProposeRole(c["core"].party, "court"), *ALL, days=7)
    council.decide(ProposeRoleWithdrawal(c["core"].party, "court"), *ALL)
    council.decide(ProposeUpgrade(2, 10_000), *ALL, days=7)
    council.decide(ProposeUpgradeCancellation(2), *ALL)
    council.approve(late, *ALL)  # the date of effect has come too near
    council.wait(8 * MS_PER_DAY)
    council.decide(council.newcomer("rail", 50), *ALL, days=7)
    council.do("mill", DeclareGroup(c["port"].party))
    council.do("port", RecordRelation(c["port"].party, c["bank"].party, "address", b""))
    council.do("port", EndRelation(c["port"].party, c["bank"].party))
    council.wait(30 * MS_PER_DAY)


def test_the_story_has_every_event_of_governance(governed):
    told = {row.event_type for row in governed.rows(EventRow)}
    wanted = {type_name(event) for event in build_registry().events.values()}
    assert {name for name in wanted if name.startswith(("governance.", "members."))} - told <= {
        "members.KeyRegistered",
        "members.MandateSet",
        "members.PartyAdmitted",
        "governance.ParkedRetried",  # nothing fails here that could be parked
    }


def test_proposals_equal_those_of_the_state(governed):
    with governed.told.state() as state:
        expected = sorted(
            (
                format_id("proposal", proposal_id),
                ProposalKind(p.kind).name.lower(),
                ProposalStatus(p.status).name.lower(),
                format_id("party", p.proposer),
                format_id("party", p.party) if p.party else "",
                p.expires_at_ms,
                p.enact_at_ms,
                p.round_no,
                p.evidence.hex(),
            )
            for (proposal_id,), p in PROPOSALS.scan(state)
        )
    rows = governed.rows(ProposalRow)
    assert [
        (
            r.proposal_id,
            r.kind,
            r.status,
            r.proposer,
            r.party,
            r.expires_at_ms,
            r.enact_at_ms,
            r.round_no,
            r.evidence,
        )
        for r in rows
    ] == expected
    assert {row.status for row in rows} == {"enacted", "lapsed", "expired"}
    assert {row.refusal for row in rows if row.status == "lapsed"} == {"policy/4"}


def test_votes_equal_those_of_the_state(governed):
    with governed.told.state() as state:
        expected = sorted(
            (
                format_id("proposal", proposal_id),
                int.from_bytes(round_part, "big"),
                format_id("party", member),
                ballot.in_favour,
            )
            for (proposal_id, round_part, member), ballot in BALLOTS.scan(state)
        )
    found = [(r.proposal_id, r.round_no, r.member, r.in_favour) for r in governed.rows(VoteRow)]
    assert found == expected


def test_what_was_enacted_equals_the_state(governed):
    with governed.told.state() as state:
        versions = sum(len(row.versions) for _, row in ROWS.scan(state))
        sponsors = {
            format_id("party", party_id): format_id("party", party.sponsor) if party.sponsor else ""
            for (party_id,), party in PARTIES.scan(state)
        }
        keys = {
            format_id("key", key_id): KeyStatus(key.status).name.lower()
            for (key_id,), key in KEYS.scan(state)
        }
    assert len(governed.rows(PolicyVersionRow)) == versions
    assert {row.party_id: row.sponsor for row in governed.rows(PartyRow)} == sponsors
    assert {row.key_id: row.status for row in governed.rows(KeyRow)} == keys


def test_members_read_proposals_and_participants_only_their_own_case(governed):
    def kinds(name: str) -> set[str]:
        page = governed.model.proposals(governed.told.party(name), limit=200)
        return {row.kind for row in page.rows}

    assert kinds("core") == kinds("rail") >= {"suspend", "policy", "admit", "upgrade", "recover"}
    assert kinds("supplier1") == set()
    assert kinds("supplier2") == {"recover"}
    (case,) = governed.model.proposals(governed.told.party("supplier2")).rows
    votes = governed.model.votes(governed.told.party("core"), case.proposal_id)
    assert [(vote.round_no, vote.in_favour) for vote in votes.rows] == [
        (1, False),
        *[(2, True)] * 4,
    ]
    assert governed.model.votes(governed.told.party("supplier1"), case.proposal_id).rows == ()


def test_a_proposal_shows_what_it_asks_for(governed):
    page = governed.model.proposals(governed.told.party("core"), limit=200)
    policy = next(row for row in page.rows if row.kind == "policy")
    content = json.loads(policy.content_json)
    assert (content["row"], content["value"], content["citation"]) == (
        "supply_chain.draft_days",
        5,
        "决议",
    )
    case = next(row for row in page.rows if row.kind == "recover")
    content = json.loads(case.content_json)
    assert content["party"] == case.party
    assert [key.startswith("key_") for key in content["lost_keys"]] == [True]
