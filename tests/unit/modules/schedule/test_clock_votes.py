"""Where several organisations operate a chain, more than two thirds of them move its clock."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.cometbft_network import operator_key
from support.validators import ValidatedChain
from unit.ledger.fakes import TableView
from unit.modules.validators.test_keeper import context
from xinlian.bootstrap import build_registry
from xinlian.crypto.ed25519 import SUITE_ED25519
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import integer_part
from xinlian.modules.members.types import KEYS, Key, KeyStatus, key_id_of
from xinlian.modules.schedule.clock_votes import cast_vote, operating_parties, tally_of
from xinlian.modules.schedule.messages import AdvanceClock
from xinlian.modules.schedule.types import CLOCK_VOTES, OPERATORS, Operator
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing.trade import SUCCEEDED, reference_of

FOUR = ("core", "bank", "settle", "mill")
"""Each operates a node; core's own key moves the clock of the chain for trial as well."""


class Rehearsal(ValidatedChain):
    """Four organisations that operate a chain with a simulated clock."""

    def __init__(self) -> None:
        super().__init__(len(FOUR))
        for number, name in enumerate(FOUR):
            self.c[name].keys["node"] = operator_key(number)
        self.driven.block()

    def now_ms(self) -> int:
        """Return the ledger's time."""
        with self.driven.store.snapshot() as snapshot:
            return chain_meta(snapshot).time_ms

    def name_moment(self, name: str, target_ms: int, *, role: str = "node") -> str:
        """Let an organisation vote for a moment; return what came of it."""
        organisation = self.c[name]
        intent = organisation.intend(AdvanceClock(target_ms), valid_until_ms=self.now_ms() + 1_000)
        signed = intent.sign(organisation.keys_of("finance-1", role))
        self.driven.block(signed.raw)
        self.driven.block()
        _, result = self.driven.results[-1]
        return reference_of(result)


@pytest.fixture
def chain():
    return Rehearsal()


def test_two_of_four_do_not_move_the_clock_and_the_third_does(chain):
    target_ms = chain.now_ms() + 30 * MS_PER_DAY
    for name in FOUR[:2]:
        assert chain.name_moment(name, target_ms) == SUCCEEDED
        assert chain.now_ms() < target_ms
    assert chain.name_moment("mill", target_ms) == SUCCEEDED
    assert chain.now_ms() >= target_ms


def test_an_organisation_has_one_vote_whatever_its_keys(chain):
    target_ms = chain.now_ms() + MS_PER_DAY
    assert chain.name_moment("core", target_ms) == SUCCEEDED
    assert chain.name_moment("core", target_ms, role="operator") == "schedule/already_voted"
    assert chain.name_moment("bank", target_ms) == SUCCEEDED
    assert chain.now_ms() < target_ms


def test_who_operates_no_node_has_no_vote(chain):
    target_ms = chain.now_ms() + MS_PER_DAY
    role = "finance-2"
    for name in ("port", "mill"):
        assert chain.name_moment(name, target_ms, role=role) == "schedule/not_operator"


def test_the_clock_goes_to_the_latest_moment_that_enough_have_named(chain):
    now_ms = chain.now_ms()
    days = {"core": 9, "bank": 3, "settle": 5}
    for name, count in days.items():
        assert chain.name_moment(name, now_ms + count * MS_PER_DAY) == SUCCEEDED
    assert 3 * MS_PER_DAY <= chain.now_ms() - now_ms < 4 * MS_PER_DAY
    assert chain.name_moment("mill", now_ms + 6 * MS_PER_DAY) == SUCCEEDED
    assert 5 * MS_PER_DAY <= chain.now_ms() - now_ms < 6 * MS_PER_DAY


def test_a_vote_is_changed_by_naming_another_moment(chain):
    now_ms = chain.now_ms()
    for name in FOUR[:2]:
        assert chain.name_moment(name, now_ms + 9 * MS_PER_DAY) == SUCCEEDED
    assert chain.name_moment("bank", now_ms + MS_PER_DAY) == SUCCEEDED
    assert chain.name_moment("mill", now_ms + 9 * MS_PER_DAY) == SUCCEEDED
    assert MS_PER_DAY <= chain.now_ms() - now_ms < 2 * MS_PER_DAY


def test_a_vote_for_a_moment_that_has_come_counts_no_more(chain):
    now_ms = chain.now_ms()
    for name in FOUR[:3]:
        chain.name_moment(name, now_ms + MS_PER_DAY)
    chain.name_moment("mill", now_ms + 2 * MS_PER_DAY)
    with chain.driven.store.snapshot() as snapshot:
        kept = [party for (party,), _ in CLOCK_VOTES.scan(snapshot)]
    assert kept == [chain.c["mill"].party]
    assert chain.name_moment("core", now_ms + 2 * MS_PER_DAY) == SUCCEEDED
    assert chain.now_ms() < now_ms + 2 * MS_PER_DAY


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
