"""A decided upgrade: the old release stops before its height, the new one goes on and migrates.

What version 2 is, says ``release_two.py``; a network's is in ``test_cometbft_upgrade.py``.
"""

from collections.abc import Iterator

import pytest

from engines.release_two import MARK, PARTIES_PER_BLOCK, release_two
from support.council import FIVE, Council
from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.contracts.runtime import Contracts
from xinlian.engines.embedded import EmbeddedEngine, EmbeddedNode, WatchedClock
from xinlian.ledger.application import Application
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.genesis import genesis_hash, parse_genesis
from xinlian.ledger.header import decode_block
from xinlian.ledger.node import NodeStopped
from xinlian.ledger.upgrade import is_migrating, planned_upgrade
from xinlian.modules.governance.messages import ProposeUpgrade, ProposeUpgradeCancellation
from xinlian.modules.members.types import PARTIES

HEIGHTS_AHEAD = 24


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
