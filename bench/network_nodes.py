"""Validators on this machine as processes: the ledger's, and the engine's own kvstore.

``python network_nodes.py FOLDER NUMBER`` is one validator of the ledger.  It reads commands, one a
line: ``cpu``, ``disk``, ``light PATH``, ``paced PATH RATE``, ``stop HEIGHT``; each is answered.

Rules this file keeps:
 1. Both programs run with the same settings of the engine, and stop in order.
 2. A payment that is handed in at a rate is timed from when it was due, not from when there was
    time for it; one that a full node turned away is handed in again, and its clock goes on.
"""

import dataclasses
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.setting import copy_store
from xinlian.bootstrap import broken_invariants, open_cometbft
from xinlian.cli.network_init import free_ports
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.engines.cometbft import (
    CometEngine,
    EngineSettings,
    GenesisValidator,
    Tuning,
    ValidatorsSection,
    create_keys,
    find_program,
)
from xinlian.engines.cometbft.home import EngineKeys, write_config, write_genesis
from xinlian.engines.cometbft.rpc import EngineClient
from xinlian.ledger.application import decode_outcome
from xinlian.ledger.errors import Overloaded
from xinlian.ledger.genesis import Operator, encode_genesis, parse_genesis
from xinlian.ledger.kept import header_at
from xinlian.ledger.node import Committed
from xinlian.storage import LmdbStore

SEED: Final = 20_261_125
TUNING: Final = Tuning(commit_ms=50, propose_ms=3_000, quiet_seconds=30, is_loopback=True)
START_SECONDS: Final = 300
OUTCOME_SECONDS: Final = 120
BLOCK_OF_DISK_BYTES: Final = 512


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

    @property
    def numbers(self) -> range:
        """The numbers of the validators."""
        return range(len(self.keys))

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


def plan_network(folder: Path, genesis_bytes: bytes, count: int) -> Plan:
    """Write keys; return the plan over a genesis to which so many validators were added."""
    draw = random.Random(f"{SEED} {folder.name}")
    keys = [
        create_keys(folder / f"v{number}" / "engine", draw.randbytes(32), draw.randbytes(32))
        for number in range(count)
    ]
    genesis = parse_genesis(genesis_bytes)
    operators = [operator(number).public_key.hex() for number in range(count)]
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
    return Plan(folder, encode_genesis(joined), keys, free_ports(count))


class _Told(NamedTuple):
    """What a validator says of itself at its end."""

    app_hash: str
    ordered: int
    refused: int
    broken: list[str]


def run_worker(folder: Path, number: int) -> None:
    """Be a validator: run its node and do what is asked of it."""
    saved = json.loads((folder / "plan.json").read_text("utf-8"))
    keys = [EngineKeys(node_id, bytes.fromhex(key)) for node_id, key in saved["keys"]]
    plan = Plan(folder, (folder / "genesis.json").read_bytes(), keys, saved["ports"])
    store = LmdbStore(folder / f"v{number}" / "chain")
    engine = open_cometbft(store, plan.genesis_bytes, operator(number), plan.settings(number))
    say("ready")
    compared = 0
    for line in sys.stdin:
        command, *rest = line.split()
        match command:
            case "stop":
                compared = int(rest[0])
                engine.wait_above(compared - 1, START_SECONDS)
                break
            case "cpu":
                say(json.dumps([cpu_of(os.getpid()), cpu_of(engine.process_id or os.getpid())]))
            case "disk":
                folders = (folder / f"v{number}" / "chain", plan.home(number) / "data")
                say(json.dumps([disk_bytes(used) for used in folders]))
            case "light":
                say(json.dumps(_one_by_one(engine, _transactions(rest[0]))))
            case "paced":
                say(json.dumps(_at_a_rate(engine, _transactions(rest[0]), float(rest[1]))))
            case _:
                raise ValueError(line)
    engine.close()
    say(json.dumps(_told(store, compared)._asdict()))
    store.close()


def _transactions(path: str) -> list[bytes]:
    return msgspec.msgpack.decode(Path(path).read_bytes(), type=list[bytes])


def _one_by_one(engine: CometEngine, transactions: list[bytes]) -> list[float]:
    """Return the seconds of each to its durable outcome, one at a time."""
    latencies = []
    for raw in transactions:
        begin = time.perf_counter()
        engine.submit(raw).result(OUTCOME_SECONDS)
        latencies.append(time.perf_counter() - begin)
        time.sleep(random.Random(raw).random() * 0.1)  # not in step with the blocks
    return latencies


def _at_a_rate(engine: CometEngine, transactions: list[bytes], rate: float) -> list[float]:
    """Return the seconds of each from when it was due to its durable outcome."""
    latencies: list[float] = []

    def keep(due: float) -> None:
        latencies.append(time.perf_counter() - due)

    waiting: list[Future[Committed]] = []
    begin = time.perf_counter()
    for number, raw in enumerate(transactions):
        due = begin + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        outcome = _submit(engine, raw)
        outcome.add_done_callback(lambda _, due=due: keep(due))  # type: ignore[misc] # bound at once
        waiting.append(outcome)
    for outcome in waiting:
        outcome.result(OUTCOME_SECONDS)
    while len(latencies) < len(waiting):  # whoever waits is told before the callback is called
        time.sleep(0.001)
    return latencies


def _submit(engine: CometEngine, raw: bytes) -> "Future[Committed]":
    while True:
        try:
            return engine.submit(raw)
        except Overloaded:
            time.sleep(0.02)


def _told(store: LmdbStore, compared: int) -> _Told:
    head = header_at(store, compared)
    with store.snapshot() as snapshot:
        heights = range(1, snapshot.height + 1)
        broken = broken_invariants(snapshot)
    codes = [code for height in heights for code in codes_of(store, height)]
    refused = sum(code != 0 for code in codes)
    return _Told(head.header.app_hash.hex() if head else "", len(codes), refused, broken)


def cpu_of(process_id: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process_id}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def disk_bytes(folder: Path) -> int:
    """Return the bytes of disk that the files of a folder take."""
    files = (path.stat() for path in folder.rglob("*") if path.is_file())
    return sum(BLOCK_OF_DISK_BYTES * file.st_blocks for file in files)


def codes_of(store: LmdbStore, height: int) -> list[int]:
    """Return the codes of a height's results."""
    raw = store.outcome(height)
    return [] if raw is None else [result.code for result in decode_outcome(raw).results]


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Ledger:
    """Validators of the ledger as processes."""

    def __init__(self, plan: Plan, template: Path) -> None:
        self.plan = plan
        (plan.folder / "genesis.json").write_bytes(plan.genesis_bytes)
        keys = [(key.node_id, key.consensus_key.hex()) for key in plan.keys]
        (plan.folder / "plan.json").write_text(json.dumps({"keys": keys, "ports": plan.ports}))
        for number in plan.numbers:
            copy_store(template, plan.folder / f"v{number}" / "chain")
        self.workers = [
            subprocess.Popen(  # noqa: S603 - this interpreter, this file
                [sys.executable, __file__, str(plan.folder), str(number)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=(plan.folder / f"worker{number}.log").open("wb"),
                text=True,
            )
            for number in plan.numbers
        ]
        for worker in self.workers:
            self._line(worker)
        self.sockets = [plan.home(number) / "rpc.sock" for number in plan.numbers]

    def light_load(self, transactions: Sequence[bytes]) -> list[float]:
        """Return the seconds from submission to durable outcome, one payment at a time."""
        self._tell(self.workers[0], f"light {self._file('light', transactions)}")
        latencies: list[float] = json.loads(self._line(self.workers[0]))
        return latencies

    def paced(self, transactions: Sequence[bytes], rate: float) -> list[float]:
        """Return the seconds from due to durable outcome, at a rate spread over all nodes."""
        count = len(self.workers)
        for number, worker in enumerate(self.workers):
            path = self._file(f"paced{number}", transactions[number::count])
            self._tell(worker, f"paced {path} {rate / count}")
        return [seconds for worker in self.workers for seconds in json.loads(self._line(worker))]

    def cpu(self) -> tuple[float, float]:
        """Return the processor time of all applications and of all engines so far."""
        for worker in self.workers:
            self._tell(worker, "cpu")
        told = [json.loads(self._line(worker)) for worker in self.workers]
        return sum(own for own, _ in told), sum(engine for _, engine in told)

    def disk(self) -> tuple[float, float]:
        """Return the bytes of disk of a node's store and of its engine, on average."""
        for worker in self.workers:
            self._tell(worker, "disk")
        told = [json.loads(self._line(worker)) for worker in self.workers]
        store, engine = (sum(column) / len(told) for column in zip(*told, strict=True))
        return store, engine

    def kill(self) -> None:
        """End whatever still runs, after a failure."""
        for worker in self.workers:
            worker.kill()
            worker.wait()

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

    def _file(self, name: str, transactions: Sequence[bytes]) -> Path:
        path = self.plan.folder / name
        path.write_bytes(msgspec.msgpack.encode(list(transactions)))
        return path

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
    """Validators of the engine's own key-value application, with the same settings."""

    def __init__(self, plan: Plan) -> None:
        self.sockets = [plan.home(number) / "rpc.sock" for number in plan.numbers]
        self.processes = []
        for number in plan.numbers:
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

    def cpu(self) -> float:
        """Return the processor time of all processes so far."""
        return sum(cpu_of(process.pid) for process in self.processes)


if __name__ == "__main__":
    run_worker(Path(sys.argv[1]), int(sys.argv[2]))
