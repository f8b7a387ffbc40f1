"""Where several organisations operate a chain, more than two thirds of them move its clock."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.cometbft_network import operator_key
from unit.ledger.fakes import TableView
from unit.modules.validators.test_keeper import context
from xinlian.bootstrap import build_registry
from xinlian.crypto.ed25519 import SUITE_ED25519
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import integer_part
from xinlian.modules.members.types import KEYS, Key, KeyStatus, key_id_of
from xinlian.modules.schedule.clock_votes import cast_vote, operating_parties, tally_of
from xinlian.modules.schedule.types import OPERATORS, Operator


def with_operators(count: int, revoked: int = 0) -> Overlay:
    """Return a state in which so many organisations operate the chain, and some did."""
    state = Overlay(TableView())
    for number in range(count + revoked):
        public_key = operator_key(number).public_key
        status = KeyStatus.ACTIVE if number < count else KeyStatus.REVOKED
        key = Key(bytes((number,)) * 20, SUITE_ED25519, public_key, "node", status, 0)
        KEYS.put(state, key, key_id_of(SUITE_ED25519, public_key))
        OPERATORS.put(state, Operator(public_key), integer_part(number))
    return state


def test_a_key_that_is_revoked_or_nobodys_counts_nowhere():
    state = with_operators(3, revoked=2)
    OPERATORS.put(state, Operator(operator_key(99).public_key), integer_part(99))
    assert len(operating_parties(state)) == 3


@pytest.mark.parametrize(
    ("count", "needed"), [(2, 2), (3, 3), (4, 3), (5, 4), (6, 5), (7, 5), (10, 7)]
)
def test_more_than_two_thirds_are_needed(count, needed):
    found = context(Overlay(with_operators(count)), 1, build_registry().ports)
    assert tally_of(found, 1).needed == needed
    assert 3 * (needed - 1) <= 2 * count < 3 * needed


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(2, 7),
    named=st.lists(st.tuples(st.integers(0, 8), st.integers(1, 9)), max_size=12),
)
def test_no_moment_is_agreed_that_a_third_did_not_name(count, named):
    found = context(Overlay(with_operators(count)), 1, build_registry().ports)
    votes: dict[bytes, int] = {}
    for number, later in named:
        party = bytes((number,)) * 20
        moment_ms = found.time_ms + later
        cast_vote(found, party, moment_ms)
        if number < count:
            votes[party] = moment_ms
    agreed_ms = tally_of(found, 1).agreed_ms
    enough = [
        moment_ms
        for moment_ms in itertools.chain((0,), votes.values())
        if 3 * sum(vote >= moment_ms for vote in votes.values()) > 2 * count
    ]
    assert agreed_ms == max(enough, default=0)
