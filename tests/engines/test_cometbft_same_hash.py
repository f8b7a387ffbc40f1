"""Both engines give the same hashes over the same blocks: nothing of an engine is in them."""

import pytest

from engines.cometbft_network import (
    Driven,
    driven_by,
    engine_missing,
    make_network,
    operator_key,
    seed,
    timestamp,
    with_validators,
)
from engines.replay import check_whole, replayed_app_hashes
from engines.test_same_hash import live_through_everything
from xinlian.bootstrap import GenesisState, build_contracts, open_embedded
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import EngineKeys, validators_of
from xinlian.engines.embedded import EmbeddedEngine, EmbeddedNode, WatchedClock
from xinlian.ledger.application import Application
from xinlian.ledger.genesis import GenesisInvalid, genesis_hash, parse_genesis
from xinlian.ledger.header import StoredBlock, decode_block
from xinlian.ledger.ports import Store
from xinlian.ledger.soundness import faults
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium
from xinlian.verifier import VerificationFailed, verify_receipt


def stored(store: Store) -> list[StoredBlock]:
    blocks: list[StoredBlock] = []
    while (raw := store.block(len(blocks))) is not None:
        blocks.append(decode_block(raw))
    return blocks


def embedded_over(c: Consortium, genesis_bytes: bytes) -> Store:
    """Let a consortium's parties act on an embedded engine over a genesis with validators."""
    c.close()
    genesis = parse_genesis(genesis_bytes)
    contracts = build_contracts()
    application = Application(MemoryStore(), contracts)
    engine = EmbeddedEngine(
        application,
        genesis,
        genesis_hash(genesis_bytes),
        operator_key(0),
        WatchedClock(None),
        block_interval_seconds=0,
    )
    engine.start(GenesisState(genesis, contracts))
    c.engine, c.node = engine, EmbeddedNode(engine, genesis_bytes)
    return application.store


def test_what_the_embedded_engine_ordered_has_the_same_headers_under_the_other():
    c = Consortium()
    keys = [
        EngineKeys("", SigningKey(seed(f"consensus {number}")).public_key) for number in range(4)
    ]
    genesis_bytes = with_validators(c, keys)
    store = embedded_over(c, genesis_bytes)
    live_through_everything(c)
    c.close()
    driven = Driven(c, genesis_bytes)
    section = validators_of(driven.genesis)
    assert section is not None
    shift_ms = section.begins_at_ms - driven.genesis.genesis_time_ms
    blocks = stored(store)
    assert len(blocks) > 30
    for block in blocks[1:]:
        at = timestamp(block.engine_time_ms + shift_ms)
        driven.block(*block.transactions, at=at)
    headers = [block.signed_header.header for block in stored(driven.store)]
    assert headers == [block.signed_header.header for block in blocks]


def test_an_operator_alone_proves_nothing_on_a_chain_of_validators():
    c = Consortium()
    keys = [EngineKeys("", SigningKey(seed(f"consensus {n}")).public_key) for n in range(4)]
    genesis_bytes = with_validators(c, keys)
    embedded_over(c, genesis_bytes)
    transfer = Transfer(c.account("core"), c.account("bank"), 1)
    signed, _ = c.send("core", transfer)
    file = c.node.receipt(signed.transaction_id)
    with pytest.raises(VerificationFailed, match="committed, not signed by one"):
        verify_receipt(file, genesis_bytes, allow_simulated=True)
    c.close()
    with pytest.raises(GenesisInvalid, match="no node orders it alone"):
        open_embedded(MemoryStore(), genesis_bytes, operator_key(0), WatchedClock(None))


@pytest.mark.skipif(bool(engine_missing()), reason=f"needs the engine: {engine_missing()}")
def test_a_life_under_the_real_engine_replays_to_the_same_hashes(tmp_path):
    c = Consortium()
    network = make_network(tmp_path, c, 1)
    engine = network.open(0)
    driven_by(c, engine, network.genesis_bytes)
    live_through_everything(c)
    c.close()
    store = engine.application.store
    height = check_whole(store)
    compared = list(replayed_app_hashes(store, network.genesis_bytes))
    found = list(faults(store, network.genesis_bytes))
    store.close()
    assert len(compared) == height + 1
    assert found == []
    assert all(kept == computed for kept, computed in compared)
