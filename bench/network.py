"""Validators on this machine: throughput, finality, processor time and disk, beside kvstore.

    python -m bench.network                          four validators at reduced sizes; minutes
    python -m bench.network --validators 4 7 16      these numbers of them, one after the other
    python -m bench.network --save                   also write bench/results/network.json

All nodes share the cores of this machine: a transaction costs each of them the same, so that more
of them carry less here, which says nothing about as many machines.

Rules this file keeps:
 1. Signing is done beforehand; the same client hands in, over the same sockets, to both programs:
    the ledger, and the key-value application that the engine ships, with the same settings.
 2. A round begins with the first transaction that is handed in and ends when the last is in a
    block that a node has; blocks are asked of the engine, in the same way for both.
 3. Light load is one payment at a time through a node's own ``submit``, to its durable outcome.
    The other loads are shares of the rate that was just measured, through every node's ``submit``.
 4. Afterwards every store has the same application hash, every invariant holds and every payment
    succeeded; CPU time is that of the processes, split between applications and engines.
 5. Results are written when every size has finished, never in part; each says how busy the machine
    was.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.figures import percentile
from bench.hardware import describe
from bench.network_nodes import SEED, START_SECONDS, TUNING, Kvstore, Ledger, plan_network
from bench.setting import TransferSource, World, create_store, new_world
from xinlian.engines.cometbft import EngineUnreachable
from xinlian.engines.cometbft.rpc import EngineClient

VAR: Final = Path(__file__).resolve().parent.parent / "var"
RESULTS: Final = Path(__file__).resolve().parent / "results"
HANDED_IN: Final = 50
"""Transactions of one request."""
UNDER_WAY_TRANSFERS: Final = 200_000
UNDER_WAY_MAX: Final = 6_000
LOOK_SECONDS: Final = 0.02
LIGHT_PAYMENTS: Final = 40
SHARES: Final = (0.25, 0.5, 0.75, 1.0)
"""Loads, as shares of the rate at which everything is kept full."""
MILLION: Final = 1_000_000


class Sizes(NamedTuple):
    """How much is handed in."""

    singles: int
    batches: int
    accounts: int
    load_seconds: float

    def of(self, validators: int) -> "Sizes":
        """Return what so many validators are given: four have all of it, more of them less."""
        share = min(1.0, 4 / validators)
        return self._replace(
            singles=round(share * self.singles), batches=round(share * self.batches)
        )


class Load:
    """Hands transactions in to all nodes in turn and counts them in the engine's blocks."""

    def __init__(self, sockets: Sequence[Path]) -> None:
        self._clients = [EngineClient(path) for path in sockets]
        self._height = 0
        self._ordered = 0
        self._wait_until_ready()

    def run(self, transactions: Sequence[bytes], under_way_max: int) -> float:
        """Return the seconds from the first hand-in until all are in blocks."""
        self._count()
        target = self._ordered + len(transactions)
        handed_in = self._ordered
        begin = time.perf_counter()
        for number, batch in enumerate(_batches(transactions)):
            while handed_in - self._ordered >= under_way_max:
                time.sleep(LOOK_SECONDS)
                self._count()
            self._hand_in(self._clients[number % len(self._clients)], batch)
            handed_in += len(batch)
        while self._ordered < target:
            time.sleep(LOOK_SECONDS)
            self._count()
        return time.perf_counter() - begin

    def _hand_in(self, client: EngineClient, batch: list[bytes]) -> None:
        while batch:
            problems = client.broadcast(batch)
            batch = [raw for raw, problem in zip(batch, problems, strict=True) if problem]
            if batch:
                time.sleep(LOOK_SECONDS)
                self._count()

    def _count(self) -> None:
        """Count the transactions of the blocks that are new."""
        client = self._clients[0]
        newest = client.status().height
        while self._height < newest:
            upper = min(self._height + 20, newest)
            asked = {"minHeight": str(self._height + 1), "maxHeight": str(upper)}
            metas = json.loads(client.ask("blockchain", asked))["block_metas"]
            self._ordered += sum(int(meta["num_txs"]) for meta in metas)
            self._height = upper

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        others = len(self._clients) - 1
        while True:
            try:
                if all(client.status().peers == others for client in self._clients):
                    return
            except EngineUnreachable:
                pass
            if time.monotonic() > deadline:
                raise RuntimeError("the engines did not find each other in time")
            time.sleep(0.1)


def _batches(transactions: Sequence[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(transactions), HANDED_IN):
        yield list(transactions[start : start + HANDED_IN])


def key_value(number: int) -> str:
    """Return a transaction of the key-value application of about a payment's size."""
    return f"key{number:09d}={'v' * 240}"


def measure(folder: Path, validators: int, sizes: Sizes) -> dict[str, object]:
    """Run both programs with so many validators and return the figures."""
    load_before = os.getloadavg()[0]
    world = new_world(SEED, sizes.accounts)
    create_store(world, folder / "template")
    figures: dict[str, object] = {"validators": validators, **sizes._asdict()}
    figures |= _measure_ledger(folder, world, validators, sizes)
    figures |= _measure_kvstore(folder, world, validators, 4 * sizes.singles)
    ledger, kvstore = (
        float(str(figures[name])) for name in ("single_tx_per_s", "kvstore_tx_per_s")
    )
    figures["share_of_kvstore"] = ledger / kvstore
    figures["load_average"] = [round(load_before, 2), round(os.getloadavg()[0], 2)]
    return figures


def _measure_kvstore(folder: Path, world: World, validators: int, count: int) -> dict[str, object]:
    kvstore = Kvstore(plan_network(folder / "kvstore", world.genesis_bytes(), validators))
    try:
        load = Load(kvstore.sockets)
        keys = [key_value(number).encode() for number in range(count)]
        before = kvstore.cpu()
        seconds = load.run(keys, UNDER_WAY_MAX)
        cpu_s = kvstore.cpu() - before
    finally:
        kvstore.stop()
    return {
        "kvstore_tx_per_s": count / seconds,
        "kvstore_cpu_us_per_tx": round(MILLION * cpu_s / count),
    }


def _measure_ledger(folder: Path, world: World, validators: int, sizes: Sizes) -> dict[str, object]:
    source = TransferSource(world, sizes.accounts)
    plan = plan_network(folder / "ledger", world.genesis_bytes(), validators)
    ledger = Ledger(plan, folder / "template")
    try:
        figures, count = _rounds(ledger, source, sizes)
        told = ledger.stop()
    finally:
        ledger.kill()
    same = len({entry["app_hash"] for entry in told}) == 1
    is_whole = {entry["ordered"] for entry in told} == {count} and same
    if not is_whole or any(entry["refused"] or entry["broken"] for entry in told):
        raise RuntimeError(f"the ledger is wrong, so nothing was measured: {told}")
    return figures


def _rounds(ledger: Ledger, source: TransferSource, sizes: Sizes) -> tuple[dict[str, object], int]:
    """Return the figures of one network, and how many transactions were handed in."""
    load = Load(ledger.sockets)
    light = _signed(source, LIGHT_PAYMENTS, 1)
    single = _signed(source, sizes.singles, 1)
    many = _signed(source, sizes.batches, 100)
    latencies = ledger.light_load(light)
    cpu, disk = [ledger.cpu()], [ledger.disk()]
    single_seconds = load.run(single, UNDER_WAY_MAX)
    cpu.append(ledger.cpu())
    disk.append(ledger.disk())
    many_seconds = load.run(many, UNDER_WAY_TRANSFERS // 100)
    cpu.append(ledger.cpu())
    disk.append(ledger.disk())
    loads = []
    for share in SHARES:
        rate = share * len(single) / single_seconds
        paced = _signed(source, max(1, round(rate * sizes.load_seconds)), 1)
        loads.append(_load_row(share, rate, ledger.paced(paced, rate)))
    figures: dict[str, object] = {
        "transaction_bytes": len(single[0]),
        "batch_bytes": len(many[0]),
        "light_p50_ms": percentile(latencies, 50) * 1e3,
        "light_p99_ms": percentile(latencies, 99) * 1e3,
        "single_tx_per_s": len(single) / single_seconds,
        "batched_transfers_per_s": 100 * len(many) / many_seconds,
        "single_cpu_us_per_tx": _per_unit(cpu[0], cpu[1], len(single)),
        "batched_cpu_us_per_transfer": _per_unit(cpu[1], cpu[2], 100 * len(many)),
        "single_disk_mb_per_million": _disk(disk[0], disk[1], len(single)),
        "batched_disk_mb_per_million": _disk(disk[1], disk[2], 100 * len(many)),
        "loads": loads,
    }
    count = len(light) + len(single) + len(many)
    return figures, count + sum(int(str(row["transactions"])) for row in loads)


def _signed(source: TransferSource, count: int, transfers_each: int) -> list[bytes]:
    return [signed.raw for signed in source.take(count, transfers_each)]


def _load_row(share: float, rate: float, latencies: list[float]) -> dict[str, object]:
    return {
        "share": share,
        "tx_per_s": round(rate, 1),
        "transactions": len(latencies),
        "p50_ms": round(percentile(latencies, 50) * 1e3, 1),
        "p99_ms": round(percentile(latencies, 99) * 1e3, 1),
        "load_average": round(os.getloadavg()[0], 2),
    }


def _per_unit(
    before: tuple[float, float], after: tuple[float, float], units: int
) -> dict[str, float]:
    """Return the processor time of a unit, over all nodes, in microseconds."""
    applications, engines = (MILLION * (b - a) / units for a, b in zip(before, after, strict=True))
    return {"applications": round(applications), "engines": round(engines)}


def _disk(
    before: tuple[float, float], after: tuple[float, float], transfers: int
) -> dict[str, float]:
    """Return the megabytes of disk that a million transfers take on one node."""
    store, engine = (round((b - a) / transfers, 1) for a, b in zip(before, after, strict=True))
    return {"store": store, "engine": engine}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--validators", type=int, nargs="+", default=[4])
    parser.add_argument("--singles", type=int, default=10_000)
    parser.add_argument("--batches", type=int, default=1_000)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--load-seconds", type=float, default=10)
    arguments = parser.parse_args()
    sizes = Sizes(arguments.singles, arguments.batches, arguments.accounts, arguments.load_seconds)
    found: dict[str, object] = {
        "hardware": describe(),
        "all_nodes_on_these_cores": True,
        "commit_ms": TUNING.commit_ms,
        "seed": SEED,
    }
    found["networks"] = [
        _measured_in_a_folder(count, sizes.of(count)) for count in arguments.validators
    ]
    text = json.dumps(found, indent=2)
    print(text)
    if arguments.save:
        (RESULTS / "network.json").write_text(text + "\n", encoding="utf-8")


def _measured_in_a_folder(validators: int, sizes: Sizes) -> dict[str, object]:
    VAR.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="network-", dir=VAR))
    try:
        return measure(folder, validators, sizes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
