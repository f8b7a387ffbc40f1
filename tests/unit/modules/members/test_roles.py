"""Official roles: given once, ended once, asked of the state as it is now."""

import copy
import json

import msgspec
import pytest

from support.council import FIVE, Council
from unit.modules.governance.looking import context_at
from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.ledger.genesis import GenesisInvalid, parse_genesis
from xinlian.ledger.overlay import Overlay
from xinlian.modules.members.errors import NotInRole, RoleHeld, RoleNotHeld, RoleUnknown
from xinlian.modules.members.events import RoleGiven, RoleWithdrawn
from xinlian.modules.members.roles import (
    OFFICIAL_ROLES,
    ROLE_NAMES,
    ROLES_VERSION,
    OfficialRole,
    give_role,
    has_role,
    holders_of,
    require_role,
    role_named,
    role_part,
    withdraw_role,
)
from xinlian.modules.members.types import organisation_id
from xinlian.storage import MemoryStore

COURT, REGISTER = OfficialRole.COURT, OfficialRole.REGISTER


@pytest.fixture
def council():
    made = Council(*FIVE)
    yield made
    made.c.close()


def test_the_numbers_of_version_1_are_what_they_are_for_ever():
    assert ROLES_VERSION == 1
    assert {name: int(role) for name, role in ROLE_NAMES.items()} == {
        "court": 1,
        "register": 2,
        "aggregator": 3,
        "platform": 4,
        "regulator": 5,
        "credit_authority": 6,
        "frozen_money_keeper": 7,
        "trust_register": 8,
        "certificate_authority": 9,
        "time_stamp_authority": 10,
    }


@pytest.mark.parametrize("name", ["", "COURT", "court ", "法院", "judge", "1"])
def test_a_role_of_another_name_is_refused_with_the_list(name):
    with pytest.raises(RoleUnknown, match="court, register"):
        role_named(name)


def test_a_role_is_given_once_and_ended_once_and_says_since_and_until_when(council):
    bank, now_ms = council.c["bank"].party, council.c.now_ms()
    with context_at(council, now_ms) as context:
        with pytest.raises(RoleNotHeld):
            withdraw_role(context, bank, COURT)
        give_role(context, bank, COURT)
        with pytest.raises(RoleHeld):
            give_role(context, bank, COURT)
        assert has_role(context.state, bank, COURT)
        withdraw_role(context, bank, COURT)
        record = OFFICIAL_ROLES.require(context.state, role_part(COURT), bank)
        assert (record.given_at_ms, record.withdrawn_at_ms) == (now_ms, now_ms)
        assert not has_role(context.state, bank, COURT)
        with pytest.raises(RoleNotHeld):
            withdraw_role(context, bank, COURT)
        give_role(context, bank, COURT)
        assert has_role(context.state, bank, COURT), "it may come back"
        told = [bytes(record.event) for record in context.events]
        given, withdrawn = RoleGiven(bank, COURT), RoleWithdrawn(bank, COURT)
        assert told == [msgspec.msgpack.encode(e) for e in (given, withdrawn, given)]


def test_a_role_is_of_one_party_and_says_nothing_of_another(council):
    bank, core = council.c["bank"].party, council.c["core"].party
    with context_at(council, council.c.now_ms()) as context:
        give_role(context, bank, COURT)
        require_role(context.state, bank, REGISTER, COURT)
        for party, role in ((core, COURT), (bank, REGISTER)):
            with pytest.raises(NotInRole):
                require_role(context.state, party, role)
        give_role(context, core, COURT)
        give_role(context, core, REGISTER)
        assert holders_of(context.state, COURT) == sorted([bank, core])
        withdraw_role(context, bank, COURT)
        assert holders_of(context.state, COURT) == [core]
        assert holders_of(context.state, REGISTER) == [core]


def genesis_with(council: Council, *roles: str) -> tuple[Overlay, bytes]:
    document = copy.deepcopy(json.loads(council.c.genesis_bytes))
    party = document["sections"]["members"]["parties"][0]
    party["official_roles"] = list(roles)
    genesis = parse_genesis(json.dumps(document).encode())
    state = Overlay(MemoryStore().snapshot())
    GenesisState(genesis, build_contracts())(state)
    return state, organisation_id(genesis.chain_id, party["uscc"])


def test_a_consortium_begins_with_the_roles_of_its_plan():
    made = Council(official_roles={"supplier1": ("court",)})
    with made.c.engine.application.store.snapshot() as state:
        assert holders_of(state, COURT) == [made.c["supplier1"].party]
    made.c.close()


def test_the_genesis_file_gives_roles_from_the_beginning(council):
    state, party = genesis_with(council, "platform", "register")
    assert has_role(state, party, OfficialRole.PLATFORM)
    assert has_role(state, party, REGISTER)
    assert not has_role(state, party, COURT)


@pytest.mark.parametrize("roles", [("judge",), ("court", "court")])
def test_a_genesis_file_with_a_role_nobody_knows_or_twice_is_refused(council, roles):
    with pytest.raises(GenesisInvalid, match="official role"):
        genesis_with(council, *roles)
