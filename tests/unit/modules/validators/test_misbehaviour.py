"""A validator that signed twice loses its power, or its member its vote."""

import contextlib
from collections.abc import Iterator

import pytest

from support.validators import ValidatedChain, power, public
from unit.modules.validators.test_keeper import context
from xinlian.bootstrap import broken_invariants, build_registry
from xinlian.contracts.context import Context
from xinlian.ledger.overlay import Overlay
from xinlian.modules.validators.keeper import move_powers
from xinlian.modules.validators.misbehaviour import report_double_signing
from xinlian.modules.validators.types import FREEZES, VALIDATORS


@contextlib.contextmanager
def looking(chain: ValidatedChain, ahead: int = 0) -> Iterator[Context]:
    """Give a context on a throw-away copy of the committed state."""
    with chain.driven.store.snapshot() as snapshot:
        height = chain.driven.next_height + ahead
        found = context(Overlay(snapshot), height, build_registry().ports)
        yield found
        assert broken_invariants(found.state) == []


@pytest.fixture
def chain():
    return ValidatedChain()


def test_with_five_the_one_that_signed_twice_loses_its_power_at_once(chain):
    with looking(chain) as found:
        report_double_signing(found, public(2), 7)
        validator = VALIDATORS.require(found.state, public(2))
        assert (validator.power, validator.double_signed) == (0, True)
        assert FREEZES.get(found.state, validator.party) is None


def test_with_four_its_power_stays_and_its_member_has_no_vote():
    chain = ValidatedChain(4)
    with looking(chain) as found:
        report_double_signing(found, public(2), 7)
        validator = VALIDATORS.require(found.state, public(2))
        assert validator.power == 10
        assert FREEZES.get(found.state, validator.party) is not None


def test_of_two_at_once_the_second_stays_for_four_must_remain(chain):
    with looking(chain) as found:
        report_double_signing(found, public(2), 7)
        report_double_signing(found, public(3), 7)
        assert VALIDATORS.require(found.state, public(3)).target == 10
        assert FREEZES.get(found.state, chain.c["mill"].party) is not None


def test_a_key_is_punished_once_whatever_else_is_shown_of_it(chain):
    with looking(chain) as found:
        report_double_signing(found, public(2), 7)
        count = len(found.events)
        report_double_signing(found, public(2), 8)
        assert len(found.events) == count


def test_nobody_answers_for_a_key_that_never_validated(chain):
    with looking(chain) as found:
        report_double_signing(found, public("stranger"), 7)
        assert found.events == []


def test_a_key_on_its_way_to_a_successor_takes_the_successor_with_it(chain):
    chain.decide("core", chain.succession("core", 0, "next"))
    assert chain.powers()[public(0)] == 2
    with looking(chain) as found:
        report_double_signing(found, public(0), 7)
        found.height += 1
        move_powers(found)
        for each in (0, "next"):
            assert VALIDATORS.require(found.state, public(each)).power == 0


def test_what_a_double_signature_forces_goes_before_what_was_decided(chain):
    proposal = chain.propose("bank", power(0, 1))
    chain.approve(proposal, "bank", "settle", "mill", "rail", "dock")
    with looking(chain) as found:
        report_double_signing(found, public(2), 7)
        assert VALIDATORS.require(found.state, public(2)).power == 0
