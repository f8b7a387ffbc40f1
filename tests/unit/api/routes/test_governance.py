"""Reads of governance: what members see of a proposal, and participants not at all."""


def test_members_read_a_proposal_with_what_it_asks_for(served):
    (listed,) = served.caller("bank").items("/v1/proposals")
    assert listed["proposal_id"] == served.told.text("proposal", "proposal")
    assert (listed["kind"], listed["status"]) == ("suspend", "open")
    assert listed["proposer"] == served.told.party_text("core")
    assert listed["party"] == served.told.party_text("settle")
    one = served.caller("settle").get(f"/v1/proposals/{listed['proposal_id']}").json()
    assert one["item"]["content"] == {"member": listed["party"]}


def test_proposals_are_filtered_by_where_they_stand(served):
    caller = served.caller("core")
    assert len(caller.items("/v1/proposals?status=open")) == 1
    assert caller.items("/v1/proposals?status=enacted") == []


def test_votes_are_listed_by_member_and_round(served):
    proposal = served.told.text("proposal", "proposal")
    (vote,) = served.caller("bank").items(f"/v1/proposals/{proposal}/votes")
    assert vote["member"] == served.told.party_text("core")
    assert (vote["round_no"], vote["in_favour"]) == (1, True)
    assert served.caller("supplier1").items("/v1/proposals") == []
