"""Refusals in the order in which they are documented, message by message."""

import pytest

from support.council import FIVE, Council
from xinlian.bootstrap import build_registry
from xinlian.contracts.message import type_name
from xinlian.modules.governance.messages import (
    FileIdentityEvidence,
    ProposeSuspension,
    VetoRecovery,
    Vote,
)
from xinlian.modules.members.messages import DeclareGroup
from xinlian.primitives.time import MS_PER_DAY

NOTHING = bytes(20)


@pytest.fixture
def council():
    made = Council(*FIVE)
    yield made
    made.c.close()


def test_what_stops_a_vote_in_order(council):
    proposal = council.propose("bank", ProposeSuspension(council.c["core"].party))
    ended = council.propose("bank", ProposeSuspension(council.c["core"].party))
    council.do("mill", DeclareGroup(council.c["port"].party))
    council.do("bank", Vote(proposal, 1, in_favour=True))
    rows = [
        ("mill", Vote(NOTHING, 9, in_favour=True), "governance/unknown_proposal"),
        ("mill", Vote(proposal, 9, in_favour=True), "governance/not_in_electorate"),
        ("core", Vote(proposal, 9, in_favour=True), "governance/wrong_round"),
        ("core", Vote(proposal, 1, in_favour=True), "governance/own_case"),
        ("bank", Vote(proposal, 1, in_favour=True), "governance/voted_before"),
    ]
    for name, message, refusal in rows:
        assert council.attempt(name, message) == refusal
    council.wait(30 * MS_PER_DAY)
    assert council.attempt("core", Vote(ended, 9, in_favour=True)) == "governance/not_open"


def test_what_stops_a_veto_in_order(council):
    suspension = council.propose("bank", ProposeSuspension(council.c["core"].party))
    case = council.propose("bank", council.recovery("core", "finance-1"))
    rows = [
        ("mill", VetoRecovery(NOTHING), "governance/unknown_proposal"),
        ("mill", VetoRecovery(suspension), "governance/not_a_recovery"),
        ("mill", VetoRecovery(case), "governance/not_the_subject"),
        ("core", VetoRecovery(case), "ok"),
        ("core", VetoRecovery(case), "governance/vetoed_before"),
    ]
    for name, message, refusal in rows:
        assert council.attempt(name, message) == refusal
    council.wait(31 * MS_PER_DAY)
    other = council.propose("bank", council.recovery("core", "finance-2"))
    council.wait(31 * MS_PER_DAY)
    assert council.attempt("core", VetoRecovery(other)) == "governance/not_open"


def test_what_stops_evidence_in_order(council):
    case = council.propose("bank", council.recovery("core", "finance-1"))
    rows = [
        ("supplier1", NOTHING, "governance/unknown_proposal"),
        ("supplier1", case, "governance/not_in_electorate"),
        ("core", case, "governance/own_case"),
        ("bank", case, "governance/not_vetoed"),
    ]
    for name, proposal, refusal in rows:
        assert council.attempt(name, FileIdentityEvidence(proposal, bytes(32))) == refusal


def test_no_message_of_governance_binds_or_moves_value():
    ours = [
        message
        for message in build_registry().messages.values()
        if type_name(message).startswith("governance.")
    ]
    assert len(ours) == 17
    assert not any(message.creates_obligation or message.moves_value for message in ours)
    assert [m for m in build_registry().messages.values() if m.any_live_key] == [VetoRecovery]
