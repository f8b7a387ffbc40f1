"""A genesis file follows from a plan; the policy it begins with cites its sources."""

import msgspec
import pytest

from xinlian.bootstrap import check_genesis
from xinlian.cli.demo.plan import CastMember, plan_consortium, roles_of
from xinlian.client import Organisation
from xinlian.client.genesis_plan import (
    PlannedOperator,
    build_genesis,
    calendar_year,
    default_policy,
    parse_plan,
)
from xinlian.crypto.ed25519 import SigningKey
from xinlian.ledger.genesis import GenesisInvalid, parse_genesis
from xinlian.testing.consortium import NAMES, demo_uscc


def a_plan():
    cast = {
        name: CastMember(demo_uscc(number), title, f"99-{number}")
        for number, (name, title) in enumerate(NAMES.items(), 1)
    }
    organisations = {
        name: Organisation(
            "test-plan",
            member.uscc,
            member.name,
            {role: SigningKey(f"{name} {role}".encode().ljust(32)[:32]) for role in roles_of(name)},
        )
        for name, member in cast.items()
    }
    return plan_consortium("test-plan", 1_796_000_000_000, cast, organisations, {"core": 100})


def test_a_ledger_can_start_from_a_built_genesis_file():
    genesis_bytes = build_genesis(a_plan())
    check_genesis(genesis_bytes)
    assert parse_genesis(genesis_bytes).chain_id == "test-plan"


def test_a_plan_survives_its_json():
    plan = a_plan()
    assert parse_plan(msgspec.json.encode(plan)) == plan


def test_an_operator_without_a_key_is_refused():
    plan = msgspec.structs.replace(a_plan(), operators=(PlannedOperator(demo_uscc(1), "nobody"),))
    with pytest.raises(GenesisInvalid, match="no key has the role nobody"):
        build_genesis(plan)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"chain_id": 1}', b"\xff", b"[" * 100_000])
def test_a_malformed_plan_is_refused(data):
    with pytest.raises(GenesisInvalid, match="malformed"):
        parse_plan(data)


def test_every_policy_value_cites_a_source_and_none_claims_to_be_verified():
    for row in default_policy().rows:
        for version in row.versions:
            assert version.citation
            assert not version.verified


def test_the_calendar_knows_the_spring_festival_and_its_working_weekends():
    # State Council notice for 2026: holiday 15 to 23 February, work on Saturday 14 and 28.
    year = calendar_year(2026)
    assert {"2026-02-16", "2026-02-23"} <= set(year.holidays)
    assert {"2026-02-14", "2026-02-28"} <= set(year.working_weekends)


def test_a_year_that_is_not_published_yet_is_refused():
    with pytest.raises(GenesisInvalid, match="2090"):
        calendar_year(2090)
