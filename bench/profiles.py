"""Where the time goes: a profile of each workload, on one thread, through the application alone."""

import cProfile
import io
import itertools
import pstats
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.transfers import Rounds, run_application
from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.client import SignedTransaction
from xinlian.ledger.application import Application
from xinlian.ledger.block import Block
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.header import decode_block
from xinlian.ledger.ports import Store
from xinlian.storage import LmdbStore

FUNCTIONS: Final = 30
_SOURCE: Final = str(Path(__file__).resolve().parent.parent) + "/"


def profile(
    application: Application,
    batch: Sequence[SignedTransaction],
    transfers_each: int,
) -> str:
    """Return the table of the functions that take most of a block's time themselves.

    The profiler itself slows calls of Python functions more than calls into C: read the order and
    the shares, never the seconds.
    """
    profiler = cProfile.Profile()
    profiler.enable()
    run_application(application, batch, transfers_each, Rounds())
    profiler.disable()
    return _table(profiler)


def stages(
    application: Application,
    batch: Sequence[SignedTransaction],
    transfers_each: int,
) -> dict[str, float]:
    """Return the microseconds of processor time a transfer of each stage of a block.

    The block is applied once without its tree and once with it, so the tree is the difference; no
    profiler slows anything here.
    """
    transactions = tuple(signed.raw for signed in batch)
    block = Block(application.environment().height + 1, 0, transactions)
    marks = [time.process_time()]
    for raw in transactions:
        application.check_tx(raw)
    marks.append(time.process_time())
    application.dry_run(block)
    marks.append(time.process_time())
    finalized = application.finalize_block(block)
    marks.append(time.process_time())
    application.commit(finalized, b"head", b"".join(transactions))
    marks.append(time.process_time())
    transfers = len(batch) * transfers_each
    admission, messages, whole, commit = (
        (end - begin) / transfers * 1e6 for begin, end in itertools.pairwise(marks)
    )
    return {
        "admission": admission,
        "messages": messages,
        "tree_and_roots": whole - messages,
        "commit": commit,
    }


def profile_blocks(
    source: Store,
    genesis_bytes: bytes,
    folder: Path,
) -> tuple[str, list[int]]:
    """Apply all blocks of a chain again, in a new folder.

    Returns:
        The table, commits left out, and how many keys of the state each height changed.
    """
    store = LmdbStore(folder)
    genesis = parse_genesis(genesis_bytes)
    contracts = build_contracts()
    application = Application(store, contracts)
    first = application.init_chain(GenesisState(genesis, contracts), genesis.app_version)
    application.commit(first, b"head", b"")
    changed_keys = [len(first.outcome.writes)]
    profiler = cProfile.Profile()
    height = 1
    while (data := source.block(height)) is not None:
        stored = decode_block(data)
        block = Block(height, stored.engine_time_ms, stored.transactions)
        finalized = profiler.runcall(application.finalize_block, block)
        application.commit(finalized, b"head", data)
        changed_keys.append(len(finalized.outcome.writes))
        height += 1
    store.close()
    return _table(profiler), changed_keys


def _table(profiler: cProfile.Profile) -> str:
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).sort_stats("tottime").print_stats(FUNCTIONS)
    return text.getvalue().replace(_SOURCE, "").strip() + "\n"
