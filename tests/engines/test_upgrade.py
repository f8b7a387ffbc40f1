"""A decided upgrade: the old release stops before its height, the new one goes on and migrates.

Version 2 exists in this test alone: its rules are those of version 1, and its migration writes
every party's name in another form, two parties a block.
"""

from collections.abc import Iterator

import msgspec
import pytest

from support.council import FIVE, Council
from xinlian.bootstrap import GenesisState, build_contracts, build_registry
from xinlian.contracts.runtime import Contracts
from xinlian.engines.embedded import EmbeddedEngine, EmbeddedNode, WatchedClock
from xinlian.ledger.application import Application
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.genesis import genesis_hash, parse_genesis
from xinlian.ledger.header import decode_block
from xinlian.ledger.node import NodeStopped
from xinlian.ledger.upgrade import is_migrating, planned_upgrade
from xinlian.modules.governance.messages import ProposeUpgrade, ProposeUpgradeCancellation
from xinlian.modules.members.keeper import MembersAuthority
from xinlian.modules.members.types import PARTIES
from xinlian.modules.quotas.keeper import QuotaBook
from xinlian.modules.schedule.keeper import ScheduleQueue

PARTIES_PER_BLOCK = 2
MARK = " [2]"
HEIGHTS_AHEAD = 24


def mark_parties(state, environment, cursor):
    """Migrate two parties from the cursor on; return where to go on."""
    del environment
    after = (cursor,) if cursor else ()
    for count, ((party,), record) in enumerate(PARTIES.scan(state, after=after)):
        if count == PARTIES_PER_BLOCK:
            return cursor
        PARTIES.put(state, msgspec.structs.replace(record, name=record.name + MARK), party)
        cursor = party
    return None


def release_two() -> Contracts:
    """Return the rules of a release that carries versions 1 and 2."""
    return Contracts(
        build_registry(),
        MembersAuthority(),
        ScheduleQueue(),
        QuotaBook(),
        app_version=2,
        migration=mark_parties,
        others=[build_contracts()],
    )


@pytest.fixture
def council() -> Iterator[Council]:
    made = Council(*FIVE)
    yield made
    made.c.close()


def decide_upgrade(council: Council) -> int:
    height = council.c.engine.height() + HEIGHTS_AHEAD
    council.decide(ProposeUpgrade(2, height), "core", "bank", "settle", "mill", days=7)
    assert council.c.engine.height() < height
    return height


def pay_until(council: Council, height: int) -> None:
    while council.c.engine.height() < height:
        assert council.pay() == "ok"


def pay_forever(council: Council) -> None:
    while True:
        council.pay()


def install(council: Council, contracts: Contracts) -> EmbeddedEngine:
    """Start another release on the store of a node that stopped."""
    c = council.c
    genesis = parse_genesis(c.genesis_bytes)
    engine = EmbeddedEngine(
        Application(c.engine.application.store, contracts),
        genesis,
        genesis_hash(c.genesis_bytes),
        c["core"].keys["operator"],
        WatchedClock(None),
        block_interval_seconds=0,
    )
    engine.start(GenesisState(genesis, contracts))
    c.engine = engine
    c.node = EmbeddedNode(engine, c.genesis_bytes)
    return engine


def marked(council: Council) -> int:
    with council.c.engine.application.store.snapshot() as snapshot:
        return sum(party.name.endswith(MARK) for _, party in PARTIES.scan(snapshot))


def test_the_old_release_stops_before_the_height_and_the_new_one_goes_on(council):
    height = decide_upgrade(council)
    pay_until(council, height - 1)
    with pytest.raises(NodeStopped, match=f"height {height} needs application version 2"):
        pay_forever(council)
    store = council.c.engine.application.store
    assert council.c.engine.height() == height - 1

    engine = install(council, release_two())
    assert council.pay() == "ok"
    with store.snapshot() as snapshot:
        assert chain_meta(snapshot).app_version == 2
        assert planned_upgrade(snapshot) is None
    engine.wait_until(engine.is_idle)
    assert marked(council) == len(council.c.organisations)
    with store.snapshot() as snapshot:
        assert not is_migrating(snapshot)
    versions = [
        decode_block(store.block(n)).signed_header.header.app_version
        for n in range(height - 2, engine.height() + 1)
    ]
    assert versions[:3] == [1, 1, 2]
    assert set(versions[2:]) == {2}
    needed = -(-len(council.c.organisations) // PARTIES_PER_BLOCK)
    assert len(versions[2:]) >= needed, "two parties a block, no more"


def test_the_new_release_runs_the_old_version_before_the_height(council):
    decide_upgrade(council)
    council.c.engine.close()
    install(council, release_two())
    assert council.pay() == "ok"
    assert marked(council) == 0


def test_a_cancelled_upgrade_never_begins(council):
    height = decide_upgrade(council)
    council.decide(ProposeUpgradeCancellation(2), "bank", "settle", "mill", "port")
    pay_until(council, height + 2)
    with council.c.engine.application.store.snapshot() as snapshot:
        assert chain_meta(snapshot).app_version == 1


def test_a_node_of_the_old_release_that_is_started_again_stops_again(council):
    height = decide_upgrade(council)
    pay_until(council, height - 1)
    install(council, build_contracts())
    with pytest.raises(NodeStopped, match="application version 2"):
        pay_forever(council)
    assert council.c.engine.height() == height - 1
