"""Powers move by less than a third a block, one decision after the other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.validators import ValidatedChain, power, public
from xinlian.bootstrap import broken_invariants, build_registry
from xinlian.contracts.context import SCHEDULE_PARTY, Context
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import integer_part
from xinlian.modules.validators.keeper import (
    all_validators,
    decide_key,
    decide_power,
    move_powers,
    write_genesis,
)
from xinlian.modules.validators.types import SET_CHANGES, Validator
from xinlian.storage import MemoryStore


def told(chain: ValidatedChain, since: int) -> list[dict[bytes, int]]:
    """Return what the engine was told at each height since one that told it anything."""
    heights = range(since + 1, chain.driven.next_height)
    changes = [chain.change_at(height) for height in heights]
    return [{c.public_key: c.power for c in found.changes} for found in changes if found]


def test_a_key_hands_its_power_over_in_steps_and_the_member_keeps_its_share():
    chain = ValidatedChain(4)
    since = chain.driven.next_height - 1
    chain.decide("core", chain.succession("core", 0, "next"))
    chain.settle()
    old, new = public(0), public("next")
    assert told(chain, since) == [{old: 4, new: 6}, {old: 0, new: 10}]


def test_decisions_of_one_block_are_carried_out_one_after_the_other():
    chain = ValidatedChain(5)
    since = chain.driven.next_height - 1
    first = chain.propose("rail", chain.addition("rail", "new"))
    second = chain.propose("bank", power(0, 1))
    chain.decide_together((first, second), "bank", "settle", "mill", "port", "dock")
    chain.settle()
    # A third of 50 is above 16: the first whole, then 6 of 9; the rest in the next block.
    assert told(chain, since) == [{public("new"): 10, public(0): 4}, {public(0): 1}]


@pytest.fixture(scope="module")
def ports():
    return build_registry().ports


@given(
    powers=st.lists(st.integers(1, 60), min_size=4, max_size=7),
    decisions=st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 90), st.booleans()), min_size=1, max_size=6
    ),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_decided_no_block_moves_a_third_and_all_of_it_comes_about(
    ports, powers, decisions
):
    with MemoryStore().snapshot() as empty:
        state = Overlay(empty)
        for number, each in enumerate(powers):
            write_genesis(state, key(number), b"", each)
        height = 0
        for number, target, is_key in decisions:
            height += 1
            decide(context(state, height, ports), number, target, is_key=is_key)
        for _ in range(100):
            height += 1
            move_powers(context(state, height, ports))
        found = dict(all_validators(state))
        assert all(v.power == v.target and not v.order_no for v in found.values())
        told_powers = {key(number): each for number, each in enumerate(powers)}
        for _, change in SET_CHANGES.scan(state):
            total = sum(told_powers.values())
            after = {**told_powers, **{c.public_key: c.power for c in change.changes}}
            moved = sum(abs(after[k] - told_powers.get(k, 0)) for k in after)
            assert 0 < 3 * moved < 3 * change.moved + 1
            assert 3 * change.moved < total == change.total_before
            told_powers = after
        assert {k: p for k, p in told_powers.items() if p} == {
            k: v.power for k, v in found.items() if v.power
        }
        assert [broken for broken in broken_invariants(state) if "power" in broken] == []


def decide(found: Context, number: int, target: int, *, is_key: bool) -> None:
    """Decide what the rules would let through: sums that can move, and keys at rest."""
    validators: dict[bytes, Validator] = dict(all_validators(found.state))
    own = validators.get(key(number), Validator(b"", 0, 0, 0))
    rest = sum(v.target for k, v in validators.items() if k != key(number))
    if own.order_no or rest < 7:
        return
    if is_key and own.target:
        decide_key(found, key(number), key(100 + found.height))
    elif target != own.target:
        decide_power(found, key(number), b"", target)


def key(number: int) -> bytes:
    return integer_part(number).rjust(32, b"\1")


def context(state: Overlay, height: int, ports) -> Context:
    return Context(
        state=state,
        chain_id="test-powers",
        height=height,
        time_ms=1_000 * height,
        acting_for=SCHEDULE_PARTY,
        payer=SCHEDULE_PARTY,
        signers=(),
        idempotency_key=b"",
        call_index=0,
        work_left=1_000,
        ports=ports,
    )
