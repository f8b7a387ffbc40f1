"""Replay: the same blocks applied again, from the same beginning, with nothing remembered.

Rules this file keeps:
 1. Every application hash must be the one in the header.
 2. Replay checks signatures again and syncs every block: it trusts nothing but the blocks.
"""

import time
from pathlib import Path

from bench.figures import Row
from bench.setting import World
from bench.transfers import WorkloadBroken
from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.ledger.application import Application
from xinlian.ledger.block import Block
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.header import decode_block
from xinlian.ledger.ports import Store
from xinlian.storage import LmdbStore


def measure(world: World, source: Store, target: Path, produced_seconds: float) -> Row:
    """Return how many times faster than production the chain of ``source`` is replayed.

    Args:
        world: whose genesis; ``target`` holds its accounts and no chain.
        source: the store of the finished chain.
        target: the folder to replay into.
        produced_seconds: how long production took, set-up and signing by the clients left out.
    """
    store = LmdbStore(target)
    genesis = parse_genesis(world.genesis_bytes())
    contracts = build_contracts()
    application = Application(store, contracts)
    first = application.init_chain(GenesisState(genesis, contracts), genesis.app_version)
    application.commit(first, b"head", b"")
    seconds = 0.0
    transactions = 0
    height = 1
    while (data := source.block(height)) is not None:
        begin = time.perf_counter()
        stored = decode_block(data)
        block = Block(height, stored.engine_time_ms, stored.transactions)
        finalized = application.finalize_block(block)
        application.commit(finalized, b"head", data)
        seconds += time.perf_counter() - begin
        if finalized.app_hash != stored.signed_header.header.app_hash:
            raise WorkloadBroken(f"replay differs at height {height}")
        transactions += len(stored.transactions)
        height += 1
    store.close()
    return Row(
        "replay of the chain, times as fast as it was produced",
        produced_seconds / seconds,
        "x",
        "> 1",
        "5",
        notes={"blocks": height - 1, "transactions": transactions, "seconds": round(seconds, 2)},
    )
