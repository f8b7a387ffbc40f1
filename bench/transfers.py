"""Transfers between deposit accounts, through the engine and through the application alone.

Rules this file keeps:
 1. Signing is done beforehand: it is the clients' work, on other machines.
 2. A round begins with the first submission and ends with the last durable outcome.
 3. After every workload conservation is checked over the whole state, and every outcome is a
    success: a benchmark whose ledger is wrong has measured nothing.
 4. Variants that are compared run the same transactions in the same round, in alternating order.
"""

import dataclasses
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

from bench.figures import Row, median_ratio, rate_row
from xinlian.bootstrap import broken_invariants
from xinlian.client import SignedTransaction
from xinlian.crypto.merkle import merkle_root
from xinlian.engines.embedded import EmbeddedEngine
from xinlian.ledger.application import Application, FinalizedBlock
from xinlian.ledger.block import (
    Block,
    app_hash_of,
    event_leaves,
    result_leaves,
    transactions_root,
)
from xinlian.ledger.errors import Overloaded
from xinlian.ledger.node import Committed
from xinlian.ledger.ports import Store

WINDOW_TRANSFERS: Final = 20_000
"""How many transfers are under way at once: about two blocks."""
WINDOW_TRANSACTIONS_MAX: Final = 4_000


class WorkloadBroken(RuntimeError):  # noqa: N818 - names what happened
    """Not every outcome was a success, or value was not conserved."""


class Unauthenticated(Application):
    """The application without its state tree; only measurements know it."""

    def finalize_block(self, block: Block) -> FinalizedBlock:
        """Apply a block; no tree is kept, so no entry can be proven."""
        outcome = self.dry_run(block)
        app_version = self.environment().app_version
        state_root = bytes(32)
        return FinalizedBlock(
            outcome=outcome,
            transactions_root=transactions_root(block.transactions),
            state_root=state_root,
            results_root=merkle_root(result_leaves(outcome.results)),
            events_root=merkle_root(event_leaves(outcome.event_groups)),
            app_version=app_version,
            app_hash=app_hash_of(outcome, state_root, app_version),
            node_writes={},
        )


@dataclasses.dataclass(slots=True)
class Rounds:
    """What the rounds of one variant gave."""

    rates: list[float] = dataclasses.field(default_factory=list)
    latencies_s: list[float] = dataclasses.field(default_factory=list)
    told_to_wait: int = 0
    """How often the queue had no room for a payer."""

    def row(self, name: str, unit: str, **notes: object) -> Row:
        """Return the row of the table."""
        if self.told_to_wait:
            notes["told_to_wait"] = self.told_to_wait
        return rate_row(name, unit, self.rates, self.latencies_s, **notes)


def run_engine(
    engine: EmbeddedEngine,
    batch: Sequence[SignedTransaction],
    transfers_each: int,
    into: Rounds,
) -> None:
    """Submit a batch with a bounded number under way; wait for every outcome.

    Told to wait, the client waits for its oldest outcome and submits again, as clients do; the
    latency counts from the first attempt.
    """
    window = min(WINDOW_TRANSFERS // transfers_each, WINDOW_TRANSACTIONS_MAX)
    under_way: deque[Future[Committed]] = deque()
    outcomes: list[Committed] = []

    def note(submitted: float) -> None:
        into.latencies_s.append(time.perf_counter() - submitted)

    begin = time.perf_counter()
    for signed in batch:
        if len(under_way) >= window:
            outcomes.append(under_way.popleft().result())
        submitted = time.perf_counter()
        while (future := _submitted(engine, signed.raw)) is None:
            into.told_to_wait += 1
            outcomes.append(under_way.popleft().result())
        future.add_done_callback(lambda _, at=submitted: note(at))  # type: ignore[misc]  # bound now
        under_way.append(future)
    outcomes += [future.result() for future in under_way]
    into.rates.append(len(batch) * transfers_each / (time.perf_counter() - begin))
    _require_success([outcome.result.code for outcome in outcomes])


def _submitted(engine: EmbeddedEngine, raw: bytes) -> Future[Committed] | None:
    """Submit; None when the payer has no room in the queue."""
    try:
        return engine.submit(raw)
    except Overloaded:
        return None


def run_application(
    application: Application,
    batch: Sequence[SignedTransaction],
    transfers_each: int,
    into: Rounds,
) -> None:
    """Admit, apply and commit a batch as one block, without an engine; latency is the block's."""
    begin = time.perf_counter()
    for signed in batch:
        application.check_tx(signed.raw)
    transactions = tuple(signed.raw for signed in batch)
    height = application.environment().height + 1
    finalized = application.finalize_block(Block(height, 0, transactions))
    application.commit(finalized, b"head", b"".join(transactions))
    seconds = time.perf_counter() - begin
    into.latencies_s.append(seconds)
    into.rates.append(len(batch) * transfers_each / seconds)
    _require_success([result.code for result in finalized.outcome.results])


def require_conserved(store: Store) -> None:
    """Refuse a state in which any registered invariant does not hold."""
    with store.snapshot() as snapshot:
        broken = broken_invariants(snapshot)
    if broken:
        raise WorkloadBroken("; ".join(broken[:3]))


def cost_row(name: str, authenticated: Rounds, without: Rounds, bar: str, stretch: str) -> Row:
    """Return 1 − (throughput with / without), pair by pair, in per cent."""
    cost = 1 - median_ratio(authenticated.rates, without.rates)
    return Row(name, cost * 100, "%", bar, stretch, notes={"pairs": len(without.rates)})


def _require_success(codes: Sequence[int]) -> None:
    failed = [code for code in codes if code]
    if failed:
        raise WorkloadBroken(f"{len(failed)} transactions were refused, the first with {failed[0]}")
