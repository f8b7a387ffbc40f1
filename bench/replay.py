"""Replay: the same blocks applied again as ``xinlian replay`` does it, with nothing remembered.

Rules this file keeps:
 1. Every root, every result, every event must be the one that the chain has.
 2. Replay checks all signatures again; like the command it syncs nothing: an interrupted one
    begins again.
"""

import time
from pathlib import Path

from bench.figures import Row
from bench.setting import World
from bench.transfers import WorkloadBroken
from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.engines.signatures import SignaturesAhead
from xinlian.ledger.application import Application
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.ports import Store
from xinlian.ledger.read_ahead import ReadAhead
from xinlian.ledger.replay import replay
from xinlian.storage import LmdbStore


def measure(world: World, source: Store, target: Path, produced_seconds: float) -> Row:
    """Return how many times faster than production the chain of ``source`` is replayed.

    Args:
        world: whose genesis; ``target`` holds its accounts and no chain.
        source: the store of the finished chain.
        target: the folder to replay into.
        produced_seconds: how long production took, set-up and signing by the clients left out.
    """
    genesis_bytes = world.genesis_bytes()
    contracts = build_contracts()
    load = GenesisState(parse_genesis(genesis_bytes), contracts)
    scratch = LmdbStore(target, durable=False)
    application = Application(scratch, contracts)
    begin = time.perf_counter()
    with SignaturesAhead() as signatures:
        ahead = ReadAhead(source, application, signatures)
        height = 0
        for replayed in replay(source, application, genesis_bytes, load, ahead.before):
            if replayed.differences:
                raise WorkloadBroken(f"replay differs at height {replayed.height}")
            height = replayed.height
    seconds = time.perf_counter() - begin
    scratch.close()
    return Row(
        "replay of the chain, times as fast as it was produced",
        produced_seconds / seconds,
        "x",
        "> 1",
        "5",
        notes={"blocks": height, "seconds": round(seconds, 2)},
    )
