"""How much smaller a store is once its old bodies are pruned and its file compacted.

    python -m bench.prune                50 000 transactions, about a minute
    python -m bench.prune --full         a million
    python -m bench.prune --save         also write bench/results/prune.json

Every transaction is one signed transfer between 10 000 accounts, 2 000 of them in a block.  The
blocks are spread over ten days, so that markers of idempotency keys come and go as they would.  The
bar is against the file as it was written; how much is left of a copy that was only compacted, whose
free pages are gone, is printed beside it.
"""

import argparse
import dataclasses
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.figures import Row
from bench.hardware import describe
from bench.setting import COMPANIES, World, create_store, new_world
from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.client import SignedTransaction
from xinlian.engines.embedded.receipts import build_receipt
from xinlian.ledger.application import Application, FinalizedBlock
from xinlian.ledger.block import Block
from xinlian.ledger.genesis import genesis_hash, parse_genesis
from xinlian.ledger.header import (
    HEADER_VERSION,
    Header,
    SignedHeader,
    StoredBlock,
    encode_block,
    encode_head,
    header_hash,
    header_signing_bytes,
)
from xinlian.ledger.node import BodyPruned
from xinlian.ledger.pruning import prune
from xinlian.ledger.soundness import faults
from xinlian.modules.accounts.messages import Transfer
from xinlian.primitives import InvariantViolation
from xinlian.storage import LmdbStore, compact
from xinlian.testing.consortium import GENESIS_TIME_MS
from xinlian.verifier import verify_receipt

RESULTS: Final = Path(__file__).resolve().parent / "results"
VAR: Final = RESULTS.parent.parent / "var"
ACCOUNTS: Final = 10_000
REDUCED: Final = 50_000
FULL: Final = 1_000_000
PER_BLOCK: Final = 2_000
SPAN_MS: Final = 250 * 3_600_000
"""Consensus time from the first block to the last, however many there are."""
VALIDITY_MS: Final = 10 * 60_000
RECEIPTS: Final = 20
BAR_PERCENT: Final = 70.0


class Chain:
    """Blocks applied and signed one after the other, as the embedded engine does."""

    def __init__(self, world: World, folder: Path, block_step_ms: int) -> None:
        self.genesis_bytes = world.genesis_bytes()
        self._block_step_ms = block_step_ms
        self._world = world
        self._draw = random.Random(f"{world.seed} prune")
        genesis, contracts = parse_genesis(self.genesis_bytes), build_contracts()
        self.store = LmdbStore(folder, durable=False)
        self._application = Application(self.store, contracts)
        self._previous = genesis_hash(self.genesis_bytes)
        first = self._application.init_chain(GenesisState(genesis, contracts), genesis.app_version)
        self._commit(first, (), genesis.genesis_time_ms)
        self.height = 0

    def add_block(self, count: int) -> list[SignedTransaction]:
        """Commit a block of so many transfers; return them."""
        self.height += 1
        time_ms = self._application.environment().time_ms + self._block_step_ms
        signed = [self._transfer(time_ms + VALIDITY_MS) for _ in range(count)]
        raws = tuple(each.raw for each in signed)
        finalized = self._application.finalize_block(Block(self.height, time_ms, raws))
        if not all(result.succeeded for result in finalized.outcome.results):
            raise InvariantViolation("bench_transfers_succeed", f"height {self.height}")
        self._commit(finalized, raws, GENESIS_TIME_MS + self.height)
        return signed

    def _transfer(self, valid_until_ms: int) -> SignedTransaction:
        draw, world = self._draw, self._world
        number = draw.randrange(COMPANIES)
        company = world.companies[number]
        giving = number + COMPANIES * draw.randrange(ACCOUNTS // COMPANIES)
        receiving = (giving + 1 + draw.randrange(ACCOUNTS - 1)) % ACCOUNTS
        transfer = Transfer(world.account(giving), world.account(receiving), draw.randint(1, 9_999))
        intent = company.intend(transfer, valid_until_ms=valid_until_ms)
        seeded = dataclasses.replace(intent, idempotency_key=draw.randbytes(16))
        return seeded.sign(company.keys_of("finance-1"))

    def _commit(self, block: FinalizedBlock, raws: tuple[bytes, ...], engine_time_ms: int) -> None:
        header = Header(
            version=HEADER_VERSION,
            chain_id=parse_genesis(self.genesis_bytes).chain_id,
            height=block.outcome.height,
            time_ms=block.outcome.time_ms,
            simulated=True,
            previous_hash=self._previous,
            transactions_root=block.transactions_root,
            transaction_count=len(raws),
            state_root=block.state_root,
            results_root=block.results_root,
            events_root=block.events_root,
            app_version=block.app_version,
            app_hash=block.app_hash,
        )
        self._previous = header_hash(header)
        operator = self._world.operator
        signature = operator.sign(header_signing_bytes(self._previous))
        head = SignedHeader(header, ((operator.public_key, signature),))
        stored = encode_block(StoredBlock(head, engine_time_ms, raws))
        self._application.commit(block, encode_head(head), stored)


def measure(seed: int, transactions: int, folder: Path) -> tuple[Row, dict[str, int | float]]:
    """Write a chain, prune and compact it, check what is left; return the row and all figures."""
    world = new_world(seed, ACCOUNTS)
    create_store(world, folder / "node")
    blocks = -(-transactions // PER_BLOCK)
    chain = Chain(world, folder / "node", SPAN_MS // blocks)
    started = time.process_time()
    receipts: dict[bytes, bytes] = {}
    for number in range(blocks):
        signed = chain.add_block(min(PER_BLOCK, transactions - number * PER_BLOCK))
        if number % max(1, blocks // RECEIPTS) == 0:
            one = signed[len(signed) // 2].transaction_id
            receipts[one] = build_receipt(chain.store, one)
        if number % 50 == 0:
            _say(f"block {number} of {blocks}")
    figures: dict[str, int | float] = {"produce_cpu_s": round(time.process_time() - started, 1)}
    chain.store.close()
    figures |= _sizes(folder, chain.height)
    _check(folder / "node", chain.genesis_bytes, receipts)
    smaller = _smaller(figures, "written_bytes")
    figures["smaller_than_compacted_percent"] = round(_smaller(figures, "compacted_bytes"), 1)
    figures |= {"transactions": transactions, "blocks": blocks, "receipts_checked": len(receipts)}
    name = f"store after pruning and compaction, {transactions:,} transactions of one transfer"
    return Row(name, smaller, "% smaller", f">= {BAR_PERCENT:.0f}", notes=dict(figures)), figures


def _smaller(figures: dict[str, int | float], than: str) -> float:
    return 100 * (1 - figures["pruned_compacted_bytes"] / figures[than])


def _sizes(folder: Path, height: int) -> dict[str, int | float]:
    """Compact a copy as it is; prune and compact the node; return sizes and CPU seconds."""
    _say("compacting a copy as it is")
    shutil.copytree(folder / "node", folder / "unpruned")
    unpruned = compact(folder / "unpruned")
    shutil.rmtree(folder / "unpruned")
    _say("pruning and compacting")
    started = time.process_time()
    store = LmdbStore(folder / "node")
    for _ in prune(store, height):
        pass
    store.close()
    pruned = time.process_time()
    done = compact(folder / "node")
    return {
        "written_bytes": unpruned.bytes_before,
        "compacted_bytes": unpruned.bytes_after,
        "pruned_compacted_bytes": done.bytes_after,
        "prune_cpu_s": round(pruned - started, 1),
        "compact_cpu_s": round(time.process_time() - pruned, 1),
    }


def _check(folder: Path, genesis_bytes: bytes, receipts: dict[bytes, bytes]) -> None:
    """Receipts of before verify; later ones are refused; what is left is held together.

    The engine's time of a block is not that of a simulated clock here: these blocks were moved.
    """
    _say("checking what is left")
    store = LmdbStore(folder)
    for fault in faults(store, genesis_bytes):
        if fault.what != "engine_time":
            raise InvariantViolation("bench_store_sound", str(fault))
    bodies_from = store.extent().bodies_from
    for transaction_id, receipt in receipts.items():
        report = verify_receipt(receipt, genesis_bytes, allow_simulated=True)
        if report.transaction_id != transaction_id.hex():
            raise InvariantViolation("bench_receipt_verifies", transaction_id.hex())
        try:
            build_receipt(store, transaction_id)
        except BodyPruned:
            continue
        if report.heights[0] < bodies_from:
            raise InvariantViolation("bench_later_receipt_refused", transaction_id.hex())
    store.close()


def main() -> None:
    """Run and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--full", action="store_true", help="a million transactions")
    parser.add_argument("--save", action="store_true", help="write bench/results/prune.json")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    hardware = describe()
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=VAR) as name:
        row, figures = measure(options.seed, FULL if options.full else REDUCED, Path(name))
    document = {
        "hardware": hardware,
        "seed": options.seed,
        "smaller_percent": round(row.value, 1),
        "bar_percent": BAR_PERCENT,
        **figures,
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    print(text)
    if options.save:
        (RESULTS / "prune.json").write_text(text + "\n", encoding="utf-8")


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
