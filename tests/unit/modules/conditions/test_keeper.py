"""Cases are performed where every rule holds and every limit has room, and not otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.contracts.context import Context
from xinlian.contracts.ports import Ports
from xinlian.ledger.overlay import Overlay
from xinlian.modules.conditions.errors import RuleRefused
from xinlian.modules.conditions.events import CaseDecided
from xinlian.modules.conditions.invariants import use_within_limits
from xinlian.modules.conditions.keeper import Case, compile_rule, decide, pack_in_force, pack_of
from xinlian.modules.conditions.language.types import BOOL, INT, TIMESTAMP, Type
from xinlian.modules.conditions.types import (
    DECISIONS,
    PACK_USES,
    PACKS,
    PackUse,
    Rule,
    RulePack,
)
from xinlian.modules.members.types import message_type_part
from xinlian.primitives import PartyId, Rejected
from xinlian.primitives.time import MS_PER_DAY
from xinlian.storage import MemoryStore

BANK = b"b" * 20
CASE = b"c" * 20
MESSAGE_TYPE = 4_107
NAMES: dict[str, Type] = {"amount": INT, "clean": BOOL, "now": TIMESTAMP}
START_MS = 1_700_000_000_000


class NoMoney(Rejected):
    """What a performance is refused with in these tests."""

    codespace = "tests"
    code = 999
    name = "no_money"


def pack_with(*rules, case=100, day=150, total=220, ended=False):
    return RulePack(
        version=1,
        rules=tuple(Rule(f"rule-{number}", text) for number, text in enumerate(rules)),
        terms=(),
        account=b"",
        case_max_minor=case,
        day_max_minor=day,
        total_max_minor=total,
        signed_at_ms=START_MS,
        expires_at_ms=START_MS + 30 * MS_PER_DAY,
        ended=ended,
    )


class Desk:
    """One party's rules over an empty state, and a till that performs."""

    def __init__(self, pack):
        self.state = Overlay(MemoryStore().snapshot())
        PACKS.put(self.state, pack, BANK, message_type_part(MESSAGE_TYPE))
        self.paid = 0

    def ask(self, amount, *, clean=True, days=0, has_money=True):
        """Return (reason, events) of a case that is asked now."""
        context = Context(
            state=self.state,
            chain_id="test-rules",
            height=1,
            time_ms=START_MS + days * MS_PER_DAY,
            acting_for=PartyId(BANK),
            payer=PartyId(BANK),
            signers=(),
            idempotency_key=b"",
            call_index=0,
            work_left=1_000,
            ports=Ports(),
        )
        values = {"amount": amount, "clean": clean, "now": context.time_ms * 1_000_000}

        def perform():
            self.state.put(b"\x00\x63\x01till", b"touched")
            context.emit(CaseDecided(BANK, 0, CASE, 0, 0, (), (), "halfway"))
            if not has_money:
                raise NoMoney
            self.paid += amount

        pack = pack_in_force(context, BANK, MESSAGE_TYPE)
        if pack is not None:
            decide(context, pack, Case(BANK, MESSAGE_TYPE, CASE, amount, values), NAMES, perform)
        made = DECISIONS.get(self.state, message_type_part(MESSAGE_TYPE), CASE)
        return (None if made is None else made.reason), context.events

    @property
    def use(self):
        return PACK_USES.get(self.state, BANK, message_type_part(MESSAGE_TYPE))


def test_every_rule_must_hold():
    desk = Desk(pack_with("clean", "amount > 10"))
    assert desk.ask(50)[0] == "approved"
    assert desk.ask(50, clean=False)[0] == "rules_not_met"
    assert desk.ask(10)[0] == "rules_not_met"
    assert desk.paid == 50


def test_limits_are_for_a_case_a_day_and_all():
    desk = Desk(pack_with("clean"))
    assert desk.ask(101)[0] == "case_limit"
    assert desk.ask(100)[0] == "approved"
    assert desk.ask(51)[0] == "day_limit"
    assert desk.ask(50)[0] == "approved"
    assert desk.ask(71, days=1)[0] == "total_limit"
    assert desk.ask(70, days=1)[0] == "approved"
    assert desk.ask(1, days=2)[0] == "total_limit"
    assert desk.paid == desk.use.total_minor == 220


@given(st.lists(st.tuples(st.integers(1, 120), st.integers(0, 2)), max_size=12))
def test_no_order_of_cases_gets_beyond_a_limit(asked):
    desk = Desk(pack_with("clean"))
    by_day: dict[int, int] = {}
    day = 0
    for amount, days_later in asked:
        day += days_later
        if desk.ask(amount, days=day)[0] == "approved":
            by_day[day] = by_day.get(day, 0) + amount
            assert amount <= 100
    assert all(total <= 150 for total in by_day.values())
    assert desk.paid == sum(by_day.values()) <= 220


def test_the_invariant_finds_use_beyond_the_limits():
    desk = Desk(pack_with("clean"))
    desk.ask(100)
    assert list(use_within_limits(desk.state)) == []
    for use in (
        PackUse(1, 0, 151, 151),
        PackUse(1, 0, 0, 221),
        PackUse(2, 0, 0, 0),
    ):
        PACK_USES.put(desk.state, use, BANK, message_type_part(MESSAGE_TYPE))
        assert len(list(use_within_limits(desk.state))) == 1


def test_a_performance_that_is_refused_leaves_only_its_decision():
    desk = Desk(pack_with("clean"))
    reason, events = desk.ask(50, has_money=False)
    assert reason == "tests.no_money"
    assert desk.state.get(b"\x00\x63\x01till") is None
    assert len(events) == 1
    assert desk.use is None
    assert desk.ask(50)[0] == "approved"


def test_rules_that_are_not_in_force_decide_nothing():
    assert Desk(pack_with("clean", ended=True)).ask(50) == (None, [])
    assert Desk(pack_with("clean")).ask(50, days=31) == (None, [])


def test_a_new_version_begins_with_a_fresh_total():
    desk = Desk(pack_with("clean"))
    desk.ask(100)
    renewed = pack_of(desk.state, BANK, MESSAGE_TYPE)
    assert renewed is not None
    again = RulePack(2, *(getattr(renewed, name) for name in RulePack.__struct_fields__[1:]))
    PACKS.put(desk.state, again, BANK, message_type_part(MESSAGE_TYPE))
    assert desk.ask(100)[0] == "approved"
    assert (desk.use.version, desk.use.total_minor) == (2, 100)


@pytest.mark.parametrize(
    "text",
    [
        "clean && amount > 1",
        'now >= timestamp("2026-11-25T09:00:00+08:00")',
        'now.getHours("+08:00") < 17',
        "amount in [1, 2]",
    ],
)  # fmt: skip
def test_rules_hold_numbers_names_and_moments(text):
    assert compile_rule(Rule("rule", text), NAMES).text == text


@pytest.mark.parametrize(
    "text",
    [
        'clean || "a" == "a"',
        'size("a") == 1',
        '"a".contains("b")',
        "[1].exists(mine, mine == amount)",
        '"Zhang San 13800000000" in ["x"]',
    ],
)  # fmt: skip
def test_no_rule_carries_text_of_its_writer(text):
    with pytest.raises(RuleRefused, match="no text"):
        compile_rule(Rule("rule", text), NAMES)


@pytest.mark.parametrize("text", ["clean&&clean", "(clean)", "clean // a note", "amount", "cleen"])
def test_a_rule_is_one_condition_in_its_one_spelling(text):
    with pytest.raises(RuleRefused):
        compile_rule(Rule("rule", text), NAMES)
