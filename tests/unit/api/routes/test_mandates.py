"""Mandates over HTTP: one's own, as the state has them, and nobody else's."""

from xinlian.contracts.message import type_no
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.members.messages import SetMandate
from xinlian.modules.members.types import MandateRule, key_id_of
from xinlian.primitives import format_id

PATH = "/v1/mandates"


def test_a_party_lists_its_own_mandates_and_no_others(served):
    for name in ("core", "bank"):
        found = served.caller(name).get(PATH).json()["items"]
        assert {item["party_id"] for item in found} == {served.told.party_text(name)}


def test_what_set_mandate_wrote_replaces_the_rules_that_were_listed(fresh):
    core = fresh.consortium["core"]
    number = type_no(Transfer)
    key_id = key_id_of("ed25519", core.keys["finance-1"].public_key)
    rule = MandateRule((key_id,), 1, 700, 0, 1_400)
    fresh.told.send("core", SetMandate(number, (rule,)))
    found = fresh.caller("core").get(PATH).json()["items"]
    (item,) = [item for item in found if item["message_type"] == number]
    assert (item["rule_no"], item["threshold"]) == (1, 1)
    assert (item["cap_minor"], item["daily_cap_minor"]) == ("700", "1400")
    assert (item["expires_at_ms"], item["expires_at"]) == (0, "")
    assert item["keys"] == [
        {"key_id": format_id("key", key_id), "role": "finance-1", "status": "active"},
    ]
