"""Four validators on this machine: throughput and finality, beside the engine's own kvstore.

    python -m bench.network             reduced sizes, a few minutes
    python -m bench.network --save      also write bench/results/network.json

Rules this file keeps:
 1. Signing is done beforehand; the same client hands in, over the same sockets, to both programs:
    the ledger, and the key-value application that the engine ships, with the same settings.
 2. A round begins with the first transaction that is handed in and ends when the last is in a
    block that a node has; blocks are asked of the engine, in the same way for both.
 3. Light load is one payment at a time through a node's own ``submit``, to its durable outcome.
 4. Afterwards every store has the same application hash, every invariant holds and every payment
    succeeded; CPU time is that of the processes, split between applications and engines.
"""

import argparse
import dataclasses
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.figures import percentile
from bench.hardware import describe
from bench.setting import TransferSource, World, copy_store, create_store, new_world
from xinlian.bootstrap import broken_invariants, open_cometbft
from xinlian.cli.network_init import free_ports
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.engines.cometbft import (
    EngineSettings,
    EngineUnreachable,
    GenesisValidator,
    Tuning,
    ValidatorsSection,
    create_keys,
    find_program,
)
from xinlian.engines.cometbft.home import EngineKeys, write_config, write_genesis
from xinlian.engines.cometbft.rpc import EngineClient
from xinlian.ledger.application import decode_outcome
from xinlian.ledger.genesis import Operator, encode_genesis, parse_genesis
from xinlian.ledger.kept import header_at
from xinlian.storage import LmdbStore

VALIDATORS: Final = 4
SEED: Final = 20_261_125
VAR: Final = Path(__file__).resolve().parent.parent / "var"
RESULTS: Final = Path(__file__).resolve().parent / "results"
TUNING: Final = Tuning(commit_ms=50, propose_ms=3_000, quiet_seconds=30, is_loopback=True)
HANDED_IN: Final = 50
"""Transactions of one request."""
UNDER_WAY_TRANSFERS: Final = 200_000
UNDER_WAY_MAX: Final = 6_000
LOOK_SECONDS: Final = 0.02
START_SECONDS: Final = 120


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """The folders and files of one network."""

    folder: Path
    genesis_bytes: bytes
    keys: list[EngineKeys]
    ports: list[int]

    def home(self, number: int) -> Path:
        """Return a validator's folder of its engine."""
        return self.folder / f"v{number}" / "engine"

    def peers(self, number: int) -> tuple[str, ...]:
        """Return how a validator's engine reaches the others."""
        return tuple(
            f"{key.node_id}@127.0.0.1:{port}"
            for other, (key, port) in enumerate(zip(self.keys, self.ports, strict=True))
            if other != number
        )

    def settings(self, number: int) -> EngineSettings:
        """Return how a validator's engine runs."""
        listen = f"127.0.0.1:{self.ports[number]}"
        home = self.home(number)
        return EngineSettings(find_program(), home, listen, self.peers(number), TUNING)


def operator(number: int) -> SigningKey:
    """Return a validator's operator key."""
    return SigningKey(random.Random(f"{SEED} operator {number}").randbytes(32))


def plan_network(folder: Path, genesis_bytes: bytes) -> Plan:
    """Write keys; return the plan over a genesis to which validators were added."""
    draw = random.Random(f"{SEED} {folder.name}")
    keys = [
        create_keys(folder / f"v{number}" / "engine", draw.randbytes(32), draw.randbytes(32))
        for number in range(VALIDATORS)
    ]
    genesis = parse_genesis(genesis_bytes)
    operators = [operator(number).public_key.hex() for number in range(VALIDATORS)]
    section = ValidatorsSection(
        begins_at_ms=time.time_ns() // 1_000_000,
        validators=tuple(
            GenesisValidator(public_key, key.consensus_key.hex(), 10)
            for public_key, key in zip(operators, keys, strict=True)
        ),
    )
    joined = msgspec.structs.replace(
        genesis,
        operators=tuple(Operator(SUITE_ED25519, public_key) for public_key in operators),
        sections={**genesis.sections, "validators": msgspec.Raw(msgspec.json.encode(section))},
    )
    return Plan(folder, encode_genesis(joined), keys, free_ports(VALIDATORS))


def run_worker(folder: Path, number: int) -> None:
    """Be a validator: run its node, answer light-load requests, tell CPU times at the end."""
    saved = json.loads((folder / "plan.json").read_text("utf-8"))
    keys = [EngineKeys(node_id, bytes.fromhex(key)) for node_id, key in saved["keys"]]
    plan = Plan(folder, (folder / "genesis.json").read_bytes(), keys, saved["ports"])
    store = LmdbStore(folder / f"v{number}" / "chain")
    engine = open_cometbft(store, plan.genesis_bytes, operator(number), plan.settings(number))
    say("ready")
    compared = 0
    for line in sys.stdin:
        if line.startswith("stop "):
            compared = int(line.split()[1])
            engine.wait_above(compared - 1, START_SECONDS)
            break
        if line.strip() == "cpu":
            say(json.dumps([cpu_of(os.getpid()), cpu_of(engine.process_id or os.getpid())]))
            continue
        transactions = Path(line.strip()).read_bytes()
        latencies = []
        for raw in msgspec.msgpack.decode(transactions, type=list[bytes]):
            begin = time.perf_counter()
            engine.submit(raw).result(60)
            latencies.append(time.perf_counter() - begin)
            time.sleep(random.Random(raw).random() * 0.1)  # not in step with the blocks
        say(json.dumps(latencies))
    engine.close()
    head = header_at(store, compared)
    codes = [
        code for height in range(1, store_height(store) + 1) for code in codes_of(store, height)
    ]
    with store.snapshot() as snapshot:
        broken = broken_invariants(snapshot)
    say(
        json.dumps(
            {
                "app_hash": head.header.app_hash.hex() if head else "",
                "ordered": len(codes),
                "refused": sum(code != 0 for code in codes),
                "broken": broken,
            },
        ),
    )
    store.close()


def cpu_of(process_id: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process_id}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def store_height(store: LmdbStore) -> int:
    """Return the height of a store's head."""
    with store.snapshot() as snapshot:
        return snapshot.height


def codes_of(store: LmdbStore, height: int) -> list[int]:
    """Return the codes of a height's results."""
    raw = store.outcome(height)
    return [] if raw is None else [result.code for result in decode_outcome(raw).results]


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Ledger:
    """Four validators of the ledger as processes."""

    def __init__(self, plan: Plan, template: Path) -> None:
        self.plan = plan
        (plan.folder / "genesis.json").write_bytes(plan.genesis_bytes)
        keys = [(key.node_id, key.consensus_key.hex()) for key in plan.keys]
        (plan.folder / "plan.json").write_text(json.dumps({"keys": keys, "ports": plan.ports}))
        for number in range(VALIDATORS):
            copy_store(template, plan.folder / f"v{number}" / "chain")
        self.workers = [
            subprocess.Popen(  # noqa: S603 - this interpreter, this file
                [sys.executable, __file__, "--worker", str(plan.folder), str(number)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=(plan.folder / f"worker{number}.log").open("wb"),
                text=True,
            )
            for number in range(VALIDATORS)
        ]
        for worker in self.workers:
            self._line(worker)
        self.sockets = [plan.home(number) / "rpc.sock" for number in range(VALIDATORS)]

    def light_load(self, transactions: Sequence[bytes]) -> list[float]:
        """Return the seconds from submission to durable outcome, one payment at a time."""
        path = self.plan.folder / "light"
        path.write_bytes(msgspec.msgpack.encode(list(transactions)))
        self._tell(self.workers[0], str(path))
        latencies: list[float] = json.loads(self._line(self.workers[0]))
        return latencies

    def cpu(self) -> tuple[float, float]:
        """Return the processor time of all applications and of all engines so far."""
        for worker in self.workers:
            self._tell(worker, "cpu")
        told = [json.loads(self._line(worker)) for worker in self.workers]
        return sum(own for own, _ in told), sum(engine for _, engine in told)

    def stop(self) -> list[dict[str, object]]:
        """End the nodes at the first one's height; return what each says of itself."""
        client = EngineClient(self.sockets[0])
        height = client.status().height
        client.close()
        for worker in self.workers:
            self._tell(worker, f"stop {height}")
        told = [json.loads(self._line(worker)) for worker in self.workers]
        for worker in self.workers:
            worker.wait(60)
        return told

    def _tell(self, worker: "subprocess.Popen[str]", line: str) -> None:
        if worker.stdin is None:
            raise RuntimeError("the worker takes no input")
        worker.stdin.write(line + "\n")
        worker.stdin.flush()

    def _line(self, worker: "subprocess.Popen[str]") -> str:
        line = worker.stdout.readline() if worker.stdout else ""
        if not line:
            raise RuntimeError(f"a worker ended: see {self.plan.folder}/worker*.log")
        return line


class Kvstore:
    """Four validators of the engine's own key-value application, with the same settings."""

    def __init__(self, plan: Plan) -> None:
        self.sockets = [plan.home(number) / "rpc.sock" for number in range(VALIDATORS)]
        self.processes = []
        for number in range(VALIDATORS):
            home = plan.home(number)
            write_genesis(home, plan.genesis_bytes)
            settings = plan.settings(number)
            write_config(
                home,
                socket=home / "app.sock",
                rpc_socket=self.sockets[number],
                listen=settings.listen,
                peers=settings.peers,
                tuning=TUNING,
            )
            genesis = home / "config" / "genesis.json"
            document = json.loads(genesis.read_text("utf-8"))
            del document["app_state"]  # the key-value application takes none
            genesis.write_text(json.dumps(document))
            self.processes.append(
                subprocess.Popen(  # noqa: S603 - the engine's own program
                    [settings.program, "start", "--home", home, "--proxy_app", "kvstore"],
                    stdout=(home / "engine.log").open("wb"),
                    stderr=subprocess.STDOUT,
                ),
            )

    def stop(self) -> None:
        """End the processes."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(60)


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
        while True:
            try:
                if all(client.status().peers == VALIDATORS - 1 for client in self._clients):
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


def measure(folder: Path, *, singles: int, batches: int, accounts: int) -> dict[str, object]:
    """Run both programs and return the figures."""
    world = new_world(SEED, accounts)
    template = folder / "template"
    create_store(world, template)
    source = TransferSource(world, accounts)
    single = [signed.raw for signed in source.take(singles, 1)]
    many = [signed.raw for signed in source.take(batches, 100)]
    light = [signed.raw for signed in source.take(40, 1)]
    figures: dict[str, object] = {"transaction_bytes": len(single[0]), "batch_bytes": len(many[0])}
    figures |= _measure_ledger(folder, world, template, single, many, light)
    kvstore = Kvstore(plan_network(folder / "kvstore", world.genesis_bytes()))
    try:
        load = Load(kvstore.sockets)
        keys = [key_value(number).encode() for number in range(4 * singles)]
        before = sum(cpu_of(process.pid) for process in kvstore.processes)
        seconds = load.run(keys, UNDER_WAY_MAX)
        cpu_s = sum(cpu_of(process.pid) for process in kvstore.processes) - before
    finally:
        kvstore.stop()
    figures["kvstore_tx_per_s"] = len(keys) / seconds
    figures["kvstore_cpu_us_per_tx"] = round(1e6 * cpu_s / len(keys))
    figures["share_of_kvstore"] = float(str(figures["single_tx_per_s"])) / (len(keys) / seconds)
    return figures


def _measure_ledger(
    folder: Path,
    world: World,
    template: Path,
    single: list[bytes],
    many: list[bytes],
    light: list[bytes],
) -> dict[str, object]:
    ledger = Ledger(plan_network(folder / "ledger", world.genesis_bytes()), template)
    try:
        load = Load(ledger.sockets)
        latencies = ledger.light_load(light)
        cpu = [ledger.cpu()]
        single_seconds = load.run(single, UNDER_WAY_MAX)
        cpu.append(ledger.cpu())
        many_seconds = load.run(many, UNDER_WAY_TRANSFERS // 100)
        cpu.append(ledger.cpu())
    finally:
        told = ledger.stop()
    same = len({entry["app_hash"] for entry in told}) == 1
    ordered = {entry["ordered"] for entry in told}
    is_whole = ordered == {len(single) + len(many) + len(light)} and same
    if not is_whole or any(entry["refused"] or entry["broken"] for entry in told):
        raise RuntimeError(f"the ledger is wrong, so nothing was measured: {told}")
    return {
        "light_p50_ms": percentile(latencies, 50) * 1e3,
        "light_p99_ms": percentile(latencies, 99) * 1e3,
        "single_tx_per_s": len(single) / single_seconds,
        "batched_transfers_per_s": 100 * len(many) / many_seconds,
        "single_cpu_us_per_tx": _per_unit(cpu[0], cpu[1], len(single)),
        "batched_cpu_us_per_transfer": _per_unit(cpu[1], cpu[2], 100 * len(many)),
    }


def _per_unit(
    before: tuple[float, float], after: tuple[float, float], units: int
) -> dict[str, float]:
    """Return the processor time of a unit, over all nodes, in microseconds."""
    applications, engines = (1e6 * (b - a) / units for a, b in zip(before, after, strict=True))
    return {"applications": round(applications), "engines": round(engines)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", nargs=2, metavar=("FOLDER", "NUMBER"))
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--singles", type=int, default=10_000)
    parser.add_argument("--batches", type=int, default=1_000)
    parser.add_argument("--accounts", type=int, default=10_000)
    arguments = parser.parse_args()
    if arguments.worker:
        run_worker(Path(arguments.worker[0]), int(arguments.worker[1]))
        return
    VAR.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="network-", dir=VAR))
    try:
        found = {
            "hardware": describe(),
            "validators": VALIDATORS,
            "commit_ms": TUNING.commit_ms,
            "seed": SEED,
            "accounts": arguments.accounts,
            **measure(
                folder,
                singles=arguments.singles,
                batches=arguments.batches,
                accounts=arguments.accounts,
            ),
            "load_average_at_end": round(os.getloadavg()[0], 2),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    text = json.dumps(found, indent=2)
    print(text)
    if arguments.save:
        (RESULTS / "network.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
