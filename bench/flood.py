"""One flooding payer beside ten quiet ones: by how much do the others wait longer?

    python -m bench.flood [--seconds 5] [--rounds 3]

Each quiet payer sends one transaction every tenth of a second; the flooder submits as fast as it is
let, and is told to wait when its half of the queue is full.  All of them submit in the node's own
process, so that the flood also costs the node its admission.  Prints JSON; the bar is a ratio of 2.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Final

from bench.figures import percentile
from bench.hardware import describe
from xinlian.engines.collector import settle_collector
from xinlian.engines.embedded import EmbeddedEngine
from xinlian.ledger.errors import Overloaded
from xinlian.ledger.node import Committed
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.storage import LmdbStore
from xinlian.testing import Consortium

VAR: Final = Path(__file__).resolve().parent.parent / "var"
QUIET: Final = tuple(f"quiet{number}" for number in range(10))
FLOODER: Final = "core"
PERIOD_SECONDS: Final = 0.1
FLOOD_PER_SECOND: Final = 6_000
"""More than a node of two cores orders; what is signed is at hand before the clock starts."""
PAUSE_SECONDS: Final = 0.005
"""How long the flooder waits when it is told to."""


class Flood(threading.Thread):
    """Submits as fast as it is let, until it is told to stop."""

    def __init__(self, engine: EmbeddedEngine, raws: Sequence[bytes]) -> None:
        super().__init__(daemon=True)
        self._engine = engine
        self._raws = raws
        self.stopped = threading.Event()
        self.ordered: list[Future[Committed]] = []
        self.refused = 0

    def run(self) -> None:
        """Submit everything, again and again where there was no room."""
        for raw in self._raws:
            while not self.stopped.is_set():
                try:
                    self.ordered.append(self._engine.submit(raw))
                except Overloaded:
                    self.refused += 1
                    self.stopped.wait(PAUSE_SECONDS)
                else:
                    break

    def stop(self) -> None:
        """End it, and wait until what it queued is ordered."""
        self.stopped.set()
        self.join()
        for outcome in self.ordered:
            outcome.result()


def quiet_waits(engine: EmbeddedEngine, raws: Sequence[bytes]) -> list[float]:
    """Send one transaction after the other, evenly in time; return what each waited, in seconds."""
    waits: list[float] = []
    outcomes: list[Future[Committed]] = []
    begin = time.perf_counter()
    for number, raw in enumerate(raws):
        time.sleep(max(0.0, begin + number * PERIOD_SECONDS / len(QUIET) - time.perf_counter()))
        outcomes.append(_timed(engine, raw, waits))
    for outcome in outcomes:
        if not outcome.result().result.succeeded:
            raise RuntimeError("a quiet payer was refused")
    return waits


def _timed(engine: EmbeddedEngine, raw: bytes, waits: list[float]) -> Future[Committed]:
    submitted = time.perf_counter()
    outcome = engine.submit(raw)
    outcome.add_done_callback(lambda _: waits.append(time.perf_counter() - submitted))
    return outcome


def measure(consortium: Consortium, seconds: float, rounds: int) -> dict[str, object]:
    """Return the waits of the quiet payers alone and beside the flood."""
    numbers = iter(range(1 << 62))
    per_round = int(seconds / PERIOD_SECONDS) * len(QUIET)
    alone: list[float] = []
    beside: list[float] = []
    flooded = refused = 0
    for _ in range(rounds):
        alone += quiet_waits(consortium.engine, _signed(consortium, QUIET, per_round, numbers))
        quiet = _signed(consortium, QUIET, per_round, numbers)
        count = int(FLOOD_PER_SECOND * seconds)
        flood = Flood(consortium.engine, _signed(consortium, (FLOODER,), count, numbers))
        flood.start()
        beside += quiet_waits(consortium.engine, quiet)
        flood.stop()
        flooded, refused = flooded + len(flood.ordered), refused + flood.refused
    return {
        "quiet_alone_ms": _figures(alone),
        "quiet_beside_flood_ms": _figures(beside),
        "p99_ratio": round(percentile(beside, 99) / percentile(alone, 99), 2),
        "flood_ordered": flooded,
        "flood_told_to_wait": refused,
    }


def _signed(
    consortium: Consortium,
    names: Sequence[str],
    count: int,
    numbers: Iterator[int],
) -> list[bytes]:
    """Return transactions of payers in turn, each with a document of its own."""
    return [
        consortium.sign(
            names[number % len(names)],
            RegisterDocument(next(numbers).to_bytes(32, "big"), "contract", 1),
            roles=("finance-1",),
        ).raw
        for number in range(count)
    ]


def _figures(waits: Sequence[float]) -> dict[str, float]:
    return {
        "count": len(waits),
        "p50": round(statistics.median(waits) * 1e3, 1),
        "p99": round(percentile(waits, 99) * 1e3, 1),
        "max": round(max(waits) * 1e3, 1),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    VAR.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=VAR))
    try:
        consortium = Consortium(LmdbStore(folder), more_members=QUIET, block_interval_seconds=0.02)
        settle_collector()  # as the command that runs a node does
        found = measure(consortium, arguments.seconds, arguments.rounds)
        consortium.close()
    finally:
        shutil.rmtree(folder)
    print(json.dumps({"hardware": describe(), "flood": found}, indent=1))


if __name__ == "__main__":
    main()
