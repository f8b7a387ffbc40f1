"""Whose word moves the clock: one operator's, or that of more than two thirds of several."""

import pytest

from engines.cometbft_network import operator_key
from support.validators import ValidatedChain
from unit.apps.supply_chain.looking import try_out
from xinlian.ledger.clock import chain_meta
from xinlian.modules.schedule.handlers import ADVANCE_MS_MAX
from xinlian.modules.schedule.messages import AdvanceClock
from xinlian.modules.schedule.types import CLOCK_VOTES
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
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


def test_only_an_operator_moves_a_simulated_clock_and_only_forward_within_bounds():
    c = Consortium()
    now_ms = c.now_ms()
    later = AdvanceClock(now_ms + 60_000)
    operator = ("operator",)
    assert try_out(c, "core", later, roles=("finance-1",)).reference == "schedule/not_operator"
    for target_ms in (0, now_ms, now_ms + ADVANCE_MS_MAX + 5):
        tried = try_out(c, "core", AdvanceClock(target_ms), roles=operator)
        assert tried.reference == "schedule/target_out_of_range"
    assert try_out(c, "core", later, roles=operator).reference == "ok"
    c.close()


def test_the_word_of_one_operator_is_enough_and_leaves_no_vote_behind():
    c = Consortium()
    target_ms = c.now_ms() + MS_PER_DAY
    c.advance_to(target_ms)
    with c.engine.application.store.snapshot() as snapshot:
        assert list(CLOCK_VOTES.scan(snapshot)) == []
    c.close()
