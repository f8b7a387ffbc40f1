"""A bank signs its rules once; a clean case then goes from request to money with no hand.

Roles: core owes; supplier1 holds the claim and wants money; bank finances; settle keeps the money.
The bank's agent key records registrations and verdicts: it moves no value.
"""

import pytest

from unit.apps.supply_chain.looking import leaf_of, try_out
from xinlian.apps.supply_chain.approval import DISBURSE
from xinlian.apps.supply_chain.messages import RecordRegistration, ReleaseLock
from xinlian.apps.supply_chain.types import ENCUMBRANCES, REGISTRATIONS, REQUESTS, Finance
from xinlian.contracts.message import type_no
from xinlian.crypto.ed25519 import SUITE_ED25519
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.conditions.messages import EndRulePack, SignRulePack
from xinlian.modules.conditions.types import DECISIONS, PACK_USES, Rule, RuleOutcome, Term
from xinlian.modules.evidence.messages import SubmitVerdict
from xinlian.modules.members.messages import SetMandate
from xinlian.modules.members.types import MandateRule, key_id_of, message_type_part
from xinlian.primitives.time import MS_PER_DAY, china_day
from xinlian.testing import Consortium
from xinlian.testing.trade import DUE_DAY, FACE_MINOR, Trade

RULES = (
    Rule("all-flows", "flows_corroborated == 3 && verdict_passed"),
    Rule("term", "days_to_due > 0 && days_to_due <= 180"),
    Rule("first-hand", "hops == 0"),
    Rule("obligor", "overdue_certificates == 0 && line_used_minor * 10 <= line_limit_minor * 9"),
)
SHARE_E4 = 9_000
RATE_E9 = 36_000_000
"""3.6 % a year."""
AGENT = "operations"


@pytest.fixture
def trade():
    consortium = Consortium()
    registered = Trade(consortium)
    registered.register()
    bank = consortium["bank"]
    agent = key_id_of(SUITE_ED25519, bank.keys[AGENT].public_key)
    only_agent = (MandateRule((agent,), 1, 0, 0),)
    may = [SetMandate(type_no(kind), only_agent) for kind in (RecordRegistration, SubmitVerdict)]
    registered.step("bank", *may)
    yield registered
    assert consortium.broken_invariants() == []
    consortium.close()


def pack(trade, rules=RULES, **changes):
    fields = {
        "case_max_minor": FACE_MINOR,
        "day_max_minor": FACE_MINOR,
        "total_max_minor": 2 * FACE_MINOR,
        "expires_at_ms": trade.consortium.now_ms() + 90 * MS_PER_DAY,
        "account": trade.consortium.account("bank"),
        "terms": (Term("advance_share_e4", SHARE_E4), Term("discount_rate_e9_per_year", RATE_E9)),
        **changes,
    }
    return SignRulePack(message_type=DISBURSE, rules=rules, **fields)


def by_agent(trade, *messages):
    _, committed = trade.consortium.send("bank", *messages, roles=(AGENT,))
    assert committed.result.succeeded, committed.result


def registration(trade, leaf):
    return RecordRegistration(leaf, trade.root("register"))


def look(trade, collection, *parts):
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        return collection.get(snapshot, *parts)


def decision(trade, leaf):
    return look(trade, DECISIONS, message_type_part(DISBURSE), leaf)


def test_a_clean_case_goes_from_request_to_money_with_no_hand(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.step("bank", pack(trade))
    before = c.balance_minor("supplier1"), c.balance_minor("bank")
    trade.request(leaf)
    assert decision(trade, leaf) is None, "without a registration there is no case yet"
    by_agent(trade, trade.verdict(), registration(trade, leaf))
    advance = FACE_MINOR * SHARE_E4 // 10_000
    days = DUE_DAY - china_day(c.now_ms())
    discount = round(advance * RATE_E9 * days / (365 * 10**9))
    paid = advance - discount
    after = c.balance_minor("supplier1"), c.balance_minor("bank")
    assert after == (before[0] + paid, before[1] - paid)
    taken = leaf_of(c, leaf)
    assert (taken.holder, taken.finance) == (c["bank"].party, Finance.ASSIGNED)
    encumbrance = look(trade, ENCUMBRANCES, leaf)
    assert (encumbrance.advance_minor, encumbrance.discount_minor) == (advance, discount)
    assert encumbrance.register_no == trade.root("register")


def test_the_decision_says_what_it_was_made_from(trade):
    leaf = trade.certify()[1]
    trade.step("bank", pack(trade))
    trade.request(leaf)
    by_agent(trade, trade.verdict(), registration(trade, leaf))
    made = decision(trade, leaf)
    assert (made.reason, made.pack_version) == ("approved", 1)
    assert [(r.name, r.outcome) for r in made.results] == [(r.name, 1) for r in RULES]
    inputs = {each.name: each.value for each in made.inputs}
    assert inputs["leaf_minor"] == FACE_MINOR
    assert inputs["verdict_passed"] == 1
    assert inputs["flows_corroborated"] == 3
    assert made.amount_minor == inputs["advance_minor"]


def test_the_case_is_complete_with_whichever_comes_last(trade):
    leaf = trade.certify()[1]
    trade.step("bank", pack(trade))
    trade.request(leaf)
    by_agent(trade, registration(trade, leaf))
    assert decision(trade, leaf).reason == "rules_not_met"
    failed = {r.name for r in decision(trade, leaf).results if r.outcome != RuleOutcome.HOLDS}
    assert failed == {"all-flows"}
    by_agent(trade, trade.verdict())
    assert decision(trade, leaf).reason == "approved"
    assert leaf_of(trade.consortium, leaf).finance == Finance.ASSIGNED


def test_a_key_that_may_only_prepare_moves_no_value_itself(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.request(leaf)
    by_agent(trade, trade.verdict(), registration(trade, leaf))
    assert decision(trade, leaf) is None, "without rules in force the case is for people"
    tried = try_out(c, "bank", trade.advance(leaf), roles=(AGENT,))
    assert tried.reference == "members/no_mandate"
    tried = try_out(c, "bank", pack(trade), roles=(AGENT,))
    assert tried.reference == "members/no_mandate"
    trade.step("bank", trade.advance(leaf))
    assert leaf_of(c, leaf).finance == Finance.ASSIGNED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"case_max_minor": 1}, "case_limit"),
        ({"rules": (*RULES, Rule("small", "leaf_minor < 100"))}, "rules_not_met"),
        ({"rules": (*RULES, Rule("broken", "leaf_minor / hops > 0"))}, "rules_not_met"),
    ],
)
def test_whatever_the_rules_do_not_cover_is_referred_to_people(trade, changes, reason):
    leaf = trade.certify()[1]
    trade.step("bank", pack(trade, **changes))
    trade.request(leaf)
    by_agent(trade, trade.verdict(), registration(trade, leaf))
    assert decision(trade, leaf).reason == reason
    assert leaf_of(trade.consortium, leaf).finance == Finance.LOCKED
    trade.step("bank", trade.advance(leaf))


def test_a_rule_without_a_result_is_told_from_one_that_does_not_hold(trade):
    leaf = trade.certify()[1]
    trade.step("bank", pack(trade, (Rule("a", "leaf_minor / hops > 0"), Rule("b", "hops > 0"))))
    trade.request(leaf)
    by_agent(trade, registration(trade, leaf))
    outcomes = [result.outcome for result in decision(trade, leaf).results]
    assert outcomes == [RuleOutcome.FAILS, RuleOutcome.DOES_NOT_HOLD]


def test_what_is_decided_in_a_day_stays_within_the_days_limit(trade):
    certificate_leaf = trade.certify()[1]
    first, second = trade.split(certificate_leaf, 600_000_00, to="supplier2")[::-1]
    limit = 400_000_00
    trade.step("bank", pack(trade, case_max_minor=limit, day_max_minor=limit))
    other = Trade(trade.consortium, "other")
    other.register()
    other_leaf = other.certify(400_000_00)[1]
    assert second
    for each, leaf in ((trade, first), (other, other_leaf)):
        each.request(leaf)
    rules_without_hops = tuple(rule for rule in RULES if rule.name != "first-hand")
    trade.step(
        "bank",
        pack(trade, rules_without_hops, case_max_minor=limit, day_max_minor=limit),
    )
    by_agent(trade, trade.verdict(), registration(trade, first))
    assert decision(trade, first).reason == "approved"
    by_agent(other, other.verdict(), registration(other, other_leaf))
    assert decision(trade, other_leaf).reason == "day_limit"
    use = look(trade, PACK_USES, trade.consortium["bank"].party, message_type_part(DISBURSE))
    assert (use.version, use.day_minor) == (2, decision(trade, first).amount_minor)
    trade.consortium.advance_to(trade.consortium.now_ms() + MS_PER_DAY)
    by_agent(other, other.verdict())
    assert decision(trade, other_leaf).reason == "approved"


def test_a_bank_without_the_money_leaves_the_case_to_people(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    trade.step("bank", pack(trade))
    trade.step("bank", Transfer(c.account("bank"), c.account("core"), c.balance_minor("bank")))
    trade.request(leaf)
    by_agent(trade, trade.verdict(), registration(trade, leaf))
    assert decision(trade, leaf).reason == "accounts.insufficient_balance"
    assert leaf_of(c, leaf).finance == Finance.LOCKED
    assert look(trade, ENCUMBRANCES, leaf) is None


def test_ended_or_expired_rules_decide_nothing(trade):
    leaf = trade.certify()[1]
    trade.step("bank", pack(trade))
    trade.step("bank", EndRulePack(DISBURSE))
    assert try_out(trade.consortium, "bank", EndRulePack(DISBURSE)).reference == (
        "conditions/no_pack"
    )
    trade.request(leaf)
    by_agent(trade, trade.verdict(), registration(trade, leaf))
    assert decision(trade, leaf) is None
    soon = trade.consortium.now_ms() + 1_000
    trade.step("bank", pack(trade, expires_at_ms=soon))
    trade.consortium.advance_to(soon + 1)
    by_agent(trade, trade.verdict())
    assert decision(trade, leaf) is None


def test_a_withdrawn_request_leaves_nothing_behind(trade):
    leaf = trade.certify()[1]
    trade.step("bank", pack(trade))
    trade.request(leaf)
    by_agent(trade, registration(trade, leaf))
    trade.step("supplier1", ReleaseLock(leaf))
    assert look(trade, REGISTRATIONS, leaf) is None
    assert look(trade, REQUESTS, trade.root("invoice"), leaf) is None
    late = try_out(trade.consortium, "bank", trade.verdict(), roles=(AGENT,))
    assert late.reference == "evidence/not_verifier", "who is not asked any more is not heard"
    assert leaf_of(trade.consortium, leaf).finance == Finance.NONE


def test_only_the_financier_of_an_open_request_records_its_registration(trade):
    c = trade.consortium
    leaf = trade.certify()[1]
    message = registration(trade, leaf)
    assert try_out(c, "bank", message, roles=(AGENT,)).reference == "supply_chain/not_financier"
    trade.request(leaf, days=1)
    assert try_out(c, "settle", message).reference == "supply_chain/not_financier"
    c.advance_to(leaf_of(c, leaf).lock_expires_at_ms - 1)
    by_agent(trade, message)
    c.advance_to(leaf_of(c, leaf).lock_expires_at_ms + 1)
    assert try_out(c, "bank", message, roles=(AGENT,)).reference == "supply_chain/not_financier"


@pytest.mark.parametrize(
    ("changes", "reference"),
    [
        ({"message_type": type_no(Transfer)}, "conditions/not_ruled"),
        ({"expires_at_ms": 0}, "conditions/pack_expired"),
        ({"expires_at_ms": 10**13}, "conditions/pack_expired"),
        ({"rules": (Rule("x", "unknown > 1"),)}, "conditions/rule_refused"),
        ({"rules": (Rule("x", "leaf_minor>1"),)}, "conditions/rule_refused"),
        ({"rules": (Rule("x", "leaf_minor + 1"),)}, "conditions/rule_refused"),
        ({"rules": (Rule("x", '"free" == "text"'),)}, "conditions/rule_refused"),
        ({"rules": (Rule("x", 'size("free text") > 0'),)}, "conditions/rule_refused"),
        ({"rules": (Rule("x", "[1].all(secret, secret > 0)"),)}, "conditions/rule_refused"),
        ({"rules": (RULES[0], RULES[0])}, "conditions/pack_malformed"),
        ({"day_max_minor": 1}, "conditions/pack_malformed"),
        ({"terms": ()}, "supply_chain/terms_invalid"),
        ({"terms": (Term("advance_share_e4", 10_001), Term("discount_rate_e9_per_year", 0))},
         "supply_chain/terms_invalid"),
        ({"terms": (Term("advance_share_e4", 1), Term("discount_rate_e9_per_year", 10**9))},
         "supply_chain/terms_invalid"),
        ({"account": bytes(20)}, "accounts/unknown_account"),
    ],
)  # fmt: skip
def test_rules_by_which_nothing_could_be_decided_are_not_signed(trade, changes, reference):
    fields = dict(changes)
    message_type = fields.pop("message_type", DISBURSE)
    signed = pack(trade, **fields)
    message = SignRulePack(
        message_type,
        *(getattr(signed, name) for name in SignRulePack.__struct_fields__[1:]),
    )
    tried = try_out(trade.consortium, "bank", message)
    assert tried.reference == reference
    assert tried.changes_nothing


def test_an_account_of_another_party_pays_for_nobodys_rules(trade):
    c = trade.consortium
    assert try_out(c, "bank", pack(trade, account=c.account("core"))).reference == (
        "supply_chain/account_mismatch"
    )
