"""Packs follow one another in versions; ending one is final for that version."""

import pytest

from unit.apps.supply_chain.looking import try_out
from xinlian.apps.supply_chain.approval import DISBURSE
from xinlian.modules.conditions.keeper import pack_of
from xinlian.modules.conditions.messages import EndRulePack, SignRulePack
from xinlian.modules.conditions.types import Rule, Term
from xinlian.primitives.time import MS_PER_DAY
from xinlian.testing import Consortium
from xinlian.testing.trade import SUCCEEDED


@pytest.fixture(scope="module")
def consortium():
    started = Consortium()
    yield started
    started.close()


def signed(consortium, days=30):
    terms = (Term("advance_share_e4", 9_000), Term("discount_rate_e9_per_year", 0))
    return SignRulePack(
        DISBURSE,
        (Rule("passed", "verdict_passed"),),
        terms,
        consortium.account("bank"),
        10,
        20,
        30,
        consortium.now_ms() + days * MS_PER_DAY,
    )


def in_force(consortium):
    with consortium.engine.application.store.snapshot() as snapshot:
        return pack_of(snapshot, consortium["bank"].party, DISBURSE)


def test_each_signing_has_the_next_version(consortium):
    for version in (1, 2):
        consortium.send("bank", signed(consortium))
        assert in_force(consortium).version == version
    consortium.send("bank", EndRulePack(DISBURSE))
    assert in_force(consortium).ended
    consortium.send("bank", signed(consortium))
    assert (in_force(consortium).version, in_force(consortium).ended) == (3, False)


def test_rules_are_signed_anew_within_the_time_of_policy(consortium):
    assert try_out(consortium, "bank", signed(consortium, 366)).reference == SUCCEEDED
    assert try_out(consortium, "bank", signed(consortium, 367)).reference == (
        "conditions/pack_expired"
    )


def test_there_is_nothing_to_end_without_rules(consortium):
    assert try_out(consortium, "core", EndRulePack(DISBURSE)).reference == "conditions/no_pack"
