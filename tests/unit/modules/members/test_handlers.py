"""Admission, keys, mandates and suspension, as parties use them."""

import hashlib
import json

import pytest

from unit.apps.supply_chain.looking import try_out
from unit.ledger.fakes import TableView
from xinlian.apps.supply_chain.messages import AcceptCertificate, DeclineCertificate
from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.contracts.message import Message, type_no
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.members.messages import (
    AdmitParticipant,
    RegisterKey,
    ReinstateParticipant,
    RevokeKey,
    SetMandate,
    SuspendParticipant,
)
from xinlian.modules.members.types import (
    DAILY_USE,
    MANDATES,
    MESSAGE_TYPE_MAX,
    MandateRule,
    key_id_of,
    message_type_part,
    organisation_id,
    possession_bytes,
)
from xinlian.primitives.time import MS_PER_DAY, china_day, china_midnight_ms
from xinlian.testing import Consortium
from xinlian.testing.consortium import demo_uscc
from xinlian.testing.trade import SUCCEEDED, Trade

NEW_KEY = SigningKey(hashlib.sha256(b"new key").digest())
SMALL_ORDER = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")


@pytest.fixture
def c():
    consortium = Consortium()
    yield consortium
    assert consortium.broken_invariants() == []
    consortium.close()


def admission(
    c: Consortium, uscc: str = demo_uscc(77), key: SigningKey = NEW_KEY, role: str = "finance-1"
) -> AdmitParticipant:
    party = organisation_id(c.chain_id, uscc)
    possession = key.sign(possession_bytes(c.chain_id, party, role))
    return AdmitParticipant(uscc, "新供应商", SUITE_ED25519, key.public_key, role, possession)


def registration(c: Consortium, name: str, key: SigningKey = NEW_KEY) -> RegisterKey:
    possession = key.sign(possession_bytes(c.chain_id, c[name].party, "finance-3"))
    return RegisterKey(SUITE_ED25519, key.public_key, "finance-3", possession)


def key_id(c: Consortium, name: str, role: str) -> bytes:
    key = c[name].keys[role]
    return key_id_of(key.suite, key.public_key)


def test_a_member_admits_an_organisation_once(c):
    assert try_out(c, "supplier1", admission(c)).reference == "members/sponsor_not_member"
    assert try_out(c, "bank", admission(c, uscc=c["core"].uscc)).reference == "members/party_exists"
    wrong = admission(c, uscc=demo_uscc(77)[:-1] + "0")
    assert try_out(c, "bank", wrong).reference == "members/wrong_check_digit"
    assert try_out(c, "bank", admission(c)).reference == SUCCEEDED


def test_a_key_proves_possession_for_this_chain_party_and_role(c):
    good = admission(c)
    for possession in (
        NEW_KEY.sign(
            possession_bytes("other-chain", organisation_id(c.chain_id, good.uscc), "finance-1")
        ),
        NEW_KEY.sign(possession_bytes(c.chain_id, c["core"].party, "finance-1")),
        NEW_KEY.sign(
            possession_bytes(c.chain_id, organisation_id(c.chain_id, good.uscc), "finance-2")
        ),
        bytes(64),
    ):
        message = AdmitParticipant(
            good.uscc, good.name, good.suite, good.public_key, good.role, possession
        )
        assert try_out(c, "bank", message).reference == "members/key_invalid"


def test_a_key_of_small_order_under_which_anybody_signs_is_refused(c):
    identity_and_zero = b"\x01" + bytes(63)
    message = RegisterKey(SUITE_ED25519, SMALL_ORDER, "finance-3", identity_and_zero)
    tried = try_out(c, "core", message)
    assert tried.reference == "members/key_invalid"
    assert tried.changes_nothing


def test_one_key_belongs_to_one_party_for_ever(c):
    taken = c["core"].keys["finance-1"]
    assert try_out(c, "bank", registration(c, "bank", taken)).reference == "members/key_exists"
    c.send("bank", registration(c, "bank"))
    c.send("bank", RevokeKey(key_id_of(SUITE_ED25519, NEW_KEY.public_key)))
    for name in ("bank", "core"):
        assert try_out(c, name, registration(c, name)).reference == "members/key_exists"


def test_a_revoked_key_signs_no_more_and_only_ones_own_is_revoked(c):
    theirs = key_id(c, "bank", "finance-1")
    assert try_out(c, "core", RevokeKey(theirs)).reference == "members/unknown_key"
    Trade(c).step("core", RevokeKey(key_id(c, "core", "finance-1")))
    payment = Transfer(c.account("core"), c.account("bank"), 1)
    assert try_out(c, "core", payment).reference == "ledger/unknown_signer"
    assert try_out(c, "core", payment, roles=("finance-2",)).reference == SUCCEEDED


def mandate(c: Consortium, *roles: str, of: int, cap: int, until_ms: int = 0) -> SetMandate:
    keys = tuple(key_id(c, "core", role) for role in roles)
    return SetMandate(type_no(Transfer), (MandateRule(keys, of, cap, until_ms),))


def test_a_party_narrows_its_own_mandates(c):
    payment = Transfer(c.account("core"), c.account("bank"), 100)
    until_ms = c.now_ms() + 3_600_000
    trade = Trade(c)
    trade.step("core", mandate(c, "finance-1", "finance-2", of=2, cap=100, until_ms=until_ms))
    both = ("finance-1", "finance-2")
    assert try_out(c, "core", payment, roles=both).reference == SUCCEEDED
    for message, roles, expected in (
        (payment, ("finance-1",), "members/threshold_not_met"),
        (payment, ("operations",), "members/no_mandate"),
        (Transfer(c.account("core"), c.account("bank"), 101), both, "members/cap_exceeded"),
    ):
        assert try_out(c, "core", message, roles=roles).reference == expected
    c.advance_to(until_ms)
    assert try_out(c, "core", payment, roles=both).reference == "members/mandate_expired"


@pytest.mark.parametrize(
    "rules",
    [
        (MandateRule((b"a" * 20,), 0, 1, 0),),
        (MandateRule((b"a" * 20,), 2, 1, 0),),
        (MandateRule((b"a" * 20, b"a" * 20), 2, 1, 0),),
        (MandateRule((b"a" * 20, b"a" * 20), 1, 1, 0),),
        (MandateRule((b"a" * 20,), 1, 1, 0),),
    ],
)
def test_a_mandate_that_can_never_be_met_or_names_foreign_keys_is_refused(c, rules):
    message = SetMandate(type_no(Transfer), rules)
    assert try_out(c, "core", message).reference == "members/mandate_invalid"


def test_a_number_that_is_no_message_type_is_refused_and_no_bug(c):
    for number in (MESSAGE_TYPE_MAX + 1, 2**53 - 1):
        message = SetMandate(number, ())
        assert try_out(c, "core", message).reference == "members/mandate_invalid"


def refusals_of(c: Consortium, name: str, *messages: Message) -> list[str]:
    return [try_out(c, name, message).reference for message in messages]


def test_a_suspended_party_takes_on_nothing_new_but_is_paid_and_may_decline():
    c = Consortium()
    trade = Trade(c)
    trade.register()
    certificate = trade.propose()
    trade.issue(certificate)
    supplier = c["supplier1"].party
    assert refusals_of(c, "core", SuspendParticipant(supplier)) == ["members/not_its_sponsor"]
    assert refusals_of(
        c, "bank", SuspendParticipant(bytes(20)), ReinstateParticipant(supplier)
    ) == [
        "members/unknown_party",
        "members/already_so",
    ]
    trade.step("bank", SuspendParticipant(supplier))
    assert refusals_of(
        c,
        "supplier1",
        AcceptCertificate(certificate, free_choice=True),
        RegisterDocument(b"d" * 32, "invoice", 1),
        Transfer(c.account("supplier1"), c.account("core"), 1),
        DeclineCertificate(certificate),
    ) == ["members/suspended"] * 3 + [SUCCEEDED]
    trade.step("core", Transfer(c.account("core"), c.account("supplier1"), 500))
    assert c.balance_minor("supplier1") == 500
    trade.step("bank", ReinstateParticipant(supplier))
    assert refusals_of(c, "supplier1", AcceptCertificate(certificate, free_choice=True)) == [
        SUCCEEDED
    ]
    c.close()


def test_a_suspended_holder_is_still_paid_at_maturity():
    c = Consortium()
    trade = Trade(c)
    trade.register()
    trade.certify()
    trade.step("bank", SuspendParticipant(c["supplier1"].party))
    trade.to_due_day()
    assert c.balance_minor("supplier1") > 0
    c.close()


def test_a_member_suspended_at_genesis_may_not_issue():
    c = Consortium(suspended=["core"])
    payment = Transfer(c.account("core"), c.account("bank"), 1)
    assert try_out(c, "core", payment).reference == "members/suspended"
    c.close()


def daily_mandate(c: Consortium, *rules: tuple[tuple[str, ...], int, int, int]) -> SetMandate:
    """Each rule is (roles, threshold, cap of a message, cap of a day); 0 is no daily cap."""
    return SetMandate(
        type_no(Transfer),
        tuple(
            MandateRule(tuple(key_id(c, "core", role) for role in roles), of, cap, 0, daily)
            for roles, of, cap, daily in rules
        ),
    )


def pay(c: Consortium, amount_minor: int) -> Transfer:
    return Transfer(c.account("core"), c.account("bank"), amount_minor)


CAPPED = "members/daily_cap_exceeded"
ONE, BOTH = ("finance-1",), ("finance-1", "finance-2")


def outcome_of(c: Consortium, *messages: Message, roles: tuple[str, ...] = ONE) -> str:
    result = c.send("core", *messages, roles=roles)[1].result
    return "" if result.succeeded else f"{result.codespace}/{result.code}"


def test_what_is_applied_under_a_rule_counts_towards_its_day(c):
    Trade(c).step("core", daily_mandate(c, (ONE, 1, 100, 250)))
    assert [outcome_of(c, pay(c, amount)) for amount in (100, 100)] == ["", ""]
    assert try_out(c, "core", pay(c, 51), roles=ONE).reference == CAPPED
    assert outcome_of(c, pay(c, 50)) == ""
    assert try_out(c, "core", pay(c, 1), roles=ONE).reference == CAPPED
    assert try_out(c, "core", pay(c, 101), roles=ONE).reference == "members/cap_exceeded"


def test_the_day_is_one_of_china_and_begins_at_its_midnight(c):
    Trade(c).step("core", daily_mandate(c, (ONE, 1, 100, 100)))
    assert outcome_of(c, pay(c, 100)) == ""
    midnight_ms = china_midnight_ms(china_day(c.now_ms()) + 1)
    c.advance_to(midnight_ms - 10)
    assert try_out(c, "core", pay(c, 1), roles=ONE).reference == CAPPED
    c.advance_to(midnight_ms)
    assert outcome_of(c, pay(c, 100)) == ""


def test_a_batch_counts_all_its_messages_and_a_rolled_back_one_none(c):
    Trade(c).step("core", daily_mandate(c, (ONE, 1, 100, 250)))
    refused = try_out(c, "core", *(pay(c, 100) for _ in range(3)), roles=ONE)
    assert refused.reference == CAPPED
    assert outcome_of(c, *(pay(c, 100) for _ in range(3))) == "members/7"
    assert outcome_of(c, pay(c, 100), pay(c, 100), pay(c, 50)) == ""
    assert outcome_of(c, pay(c, 1)) == "members/7"


def test_beyond_the_day_of_one_key_two_may_still_send(c):
    Trade(c).step("core", daily_mandate(c, (ONE, 1, 100, 100), (BOTH, 2, 1_000, 0)))
    assert outcome_of(c, pay(c, 100), roles=BOTH) == ""
    assert outcome_of(c, pay(c, 1)) == "members/7"
    assert outcome_of(c, pay(c, 1_000), roles=BOTH) == ""
    assert outcome_of(c, pay(c, 1_000)) == "members/6"


def test_a_mandate_set_again_does_not_forget_what_its_signers_moved(c):
    Trade(c).step("core", daily_mandate(c, (ONE, 1, 100, 100)))
    assert outcome_of(c, pay(c, 100)) == ""
    Trade(c).step("core", daily_mandate(c, (ONE, 1, 100, 150)))
    assert try_out(c, "core", pay(c, 51), roles=ONE).reference == CAPPED
    assert outcome_of(c, pay(c, 50)) == ""


def test_one_record_holds_the_day_whatever_was_moved_and_however_often_rules_changed(c):
    for cap in (100, 200, 300):
        Trade(c).step("core", daily_mandate(c, (ONE, 1, cap, 500), (BOTH, 1, 0, 500)))
        assert outcome_of(c, pay(c, cap - 50)) == ""
        c.advance_to(c.now_ms() + MS_PER_DAY)
    with c.engine.application.store.snapshot() as snapshot:
        ((_, use),) = DAILY_USE.scan(snapshot)
    assert [each.moved_minor for each in use.uses] == [250]


def test_the_genesis_file_sets_daily_caps(c):
    genesis = json.loads(c.genesis_bytes)
    genesis["sections"]["members"]["parties"][0]["mandates"][0]["daily_cap_minor"] = "77"
    state = Overlay(TableView())
    GenesisState(parse_genesis(json.dumps(genesis).encode()), build_contracts())(state)
    mandates = MANDATES.require(state, c["core"].party, message_type_part(type_no(Transfer)))
    assert [rule.daily_cap_minor for rule in mandates.rules] == [77]
