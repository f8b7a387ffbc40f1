"""Reads of the chain and of who is on it."""

import pytest

from unit.readmodels.stories import NEWCOMER
from xinlian.testing.consortium import POLICY


def test_blocks_come_in_either_order(served):
    caller = served.caller("supplier2")
    head = served.consortium.node.head().header.height
    up = [item["height"] for item in caller.items("/v1/blocks?limit=5")]
    down = [item["height"] for item in caller.items("/v1/blocks?limit=5&newest_first=true")]
    assert up == [0, 1, 2, 3, 4]
    assert down == [head - number for number in range(5)]


def test_a_block_is_the_header_of_its_height(served):
    caller = served.caller("core")
    block = caller.items("/v1/blocks?limit=1")[0]
    header = caller.get("/v1/headers/0").json()
    for field in ("app_hash", "state_root", "results_root", "events_root", "time_ms", "time"):
        assert block[field] == header[field]
    assert block["header_hash"] == header["hash"]


def test_transactions_are_those_one_paid_for_or_was_acted_for_in(served):
    found = served.caller("supplier1").items("/v1/transactions?limit=200")
    mine = served.told.party_text("supplier1")
    assert {item["payer"] for item in found} == {mine}
    refused = [item for item in found if item["code"] != 0]
    assert [item["transaction_id"] for item in refused] == [served.told.ids["refused"].hex()]


def test_transactions_are_filtered_by_payer_and_ordered_as_asked(served):
    caller = served.caller("core")
    mine, other = (served.told.party_text(name) for name in ("core", "bank"))
    assert caller.items(f"/v1/transactions?payer={other}") == []
    up = caller.items(f"/v1/transactions?payer={mine}&limit=200")
    down = caller.items(f"/v1/transactions?payer={mine}&limit=200&newest_first=true")
    assert down == up[::-1]


def test_members_read_the_whole_directory_and_participants_whom_they_deal_with(served):
    names = ("core", "bank", "settle", "supplier1", "supplier2", NEWCOMER)
    everybody = {served.told.party_text(name) for name in names}
    core = {item["party_id"] for item in served.caller("core").items("/v1/parties")}
    newcomer = {item["party_id"] for item in served.caller(NEWCOMER).items("/v1/parties")}
    assert core == everybody
    assert newcomer == {served.told.party_text(name) for name in (NEWCOMER, "bank")}


def test_keys_are_those_of_the_party_asked_for(served):
    party = served.told.party_text("supplier2")
    found = served.caller("core").items(f"/v1/keys?party_id={party}")
    assert {item["party_id"] for item in found} == {party}
    assert {item["role"]: item["status"] for item in found} == {
        "finance-1": "active",
        "finance-2": "active",
        "operations": "active",
        "spare-1": "revoked",
    }


@pytest.mark.parametrize("name", sorted(POLICY))
def test_policy_rows_are_read_by_members_with_their_values(served, name):
    found = served.caller("bank").items(f"/v1/policy?name={name}")
    assert [(row["value"], row["unit"]) for row in found] == [POLICY[name]]
