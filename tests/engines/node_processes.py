"""Validators as real processes for tests: what ``xinlian node start`` runs, four times over.

Each node is the API, the read model, the application and the engine's own process.
"""

import contextlib
import dataclasses
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from typer.testing import CliRunner

from engines.cometbft_network import seed
from engines.replay import check_whole, stored_block
from xinlian.bootstrap import open_store
from xinlian.cli.app import build_app
from xinlian.cli.network_init import free_ports, write_places
from xinlian.cli.network_places import PASSPHRASE_FILE, engine_home
from xinlian.cli.network_up import PROGRAM, LocalNode, end_nodes, start_node, state_of
from xinlian.client.files import write_private
from xinlian.client.http import NodeClient
from xinlian.client.keyring import create_keys
from xinlian.client.profile import create_profile
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import GenesisValidator, ValidatorsSection
from xinlian.engines.cometbft import create_keys as create_engine_keys
from xinlian.ledger.genesis import Operator, encode_genesis, parse_genesis
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.testing import Consortium

COUNT = 4
PASSPHRASE = "a passphrase for tests"
READY_SECONDS = 120


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Look again and again until a condition of another process holds."""
    deadline = time.monotonic() + READY_SECONDS
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"waited too long: {what}"
        pause.wait(0.2)


class Parties(Consortium):
    """A consortium whose parties act on a network elsewhere, and sign for its time."""

    elsewhere_ms = 0
    """The network's time, once its clock was moved."""

    def now_ms(self) -> int:
        """Return consensus time of the network."""
        return self.elsewhere_ms or super().now_ms()


@dataclasses.dataclass
class Four:
    """The network, its parties, and what they were told."""

    c: Parties
    homes: list[Path]
    genesis_bytes: bytes
    nodes: list[LocalNode] = dataclasses.field(default_factory=list)
    paid: dict[bytes, int] = dataclasses.field(default_factory=dict)
    """Amounts of acknowledged payments by transaction."""

    def start(self, *numbers: int, program: Sequence[str] = PROGRAM) -> None:
        """Start nodes and wait until each answers."""
        for number in numbers:
            node = start_node(self.homes[number], program)
            if number < len(self.nodes):
                self.nodes[number] = node
            else:
                self.nodes.append(node)
        for number in numbers:
            wait_for(lambda n=number: self.is_ready(n), f"node {number} is ready")  # type: ignore[misc] # bound at once

    def is_ready(self, number: int) -> bool:
        """Return whether a node serves; fail at once when its process has ended."""
        node = self.nodes[number]
        assert node.process.poll() is None, node.log.read_text("utf-8")[-3000:]
        return state_of(node).is_ready

    def kill(self, number: int) -> None:
        """Kill a node's Python process; its engine ends by itself, or is ended by the next one."""
        process = self.nodes[number].process
        process.kill()
        process.wait()

    def client(self, *numbers: int) -> NodeClient:
        """Return a client of core that speaks to these nodes."""
        core = self.c["core"]
        urls = [self.nodes[number].url for number in numbers]
        return NodeClient(urls, party=core.party, key=core.keys["finance-1"])

    def height(self, number: int) -> int:
        """Return the height of a node's head."""
        return state_of(self.nodes[number]).height

    def wait_for_height(self, number: int, height: int) -> None:
        """Wait until a node has a height."""
        wait_for(lambda: self.height(number) >= height, f"node {number} has height {height}")

    def pay(self, number: int, amounts: range) -> list[bytes]:
        """Submit payments to a node without waiting; return what was signed."""
        sent = []
        with self.client(number) as client:
            for amount in amounts:
                raw = self.signed(amount)
                client.submit(raw)
                sent.append(raw)
        return sent

    def signed(self, amount: int) -> bytes:
        """Return a signed payment."""
        transfer = Transfer(self.c.account("core"), self.c.account("bank"), amount)
        return self.c.sign("core", transfer).raw

    def settle(self, number: int, sent: list[bytes]) -> list[int]:
        """Wait for the outcome of each payment at a node; all must have succeeded.

        Returns their heights.
        """
        heights = []
        with self.client(number) as client:
            for raw in sent:
                transaction = decode_transaction(raw)
                answer = client.submit(raw, wait_seconds=30)
                assert answer.committed is not None, answer
                assert answer.committed.succeeded, answer
                amount = msgspec.msgpack.decode(transaction.body.calls[0].message)[3]
                self.paid[bytes(transaction.transaction_id)] = amount
                heights.append(answer.committed.height)
        return heights


def end_orphan(home: Path) -> None:
    """End an engine that outlived a node that was killed."""
    with contextlib.suppress(OSError, ValueError):
        number = int((home / "engine.pid").read_text("ascii"))
        if bytes(home) in Path(f"/proc/{number}/cmdline").read_bytes():
            os.kill(number, signal.SIGKILL)


def diagnosis(home: Path) -> dict[str, Any]:
    """Return what ``xinlian network doctor`` says of a node."""
    command = ["network", "doctor", "--home", str(home), "--data", str(home / "node"), "--json"]
    done = CliRunner().invoke(build_app(), command, catch_exceptions=False)
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == (0 if found["well"] else 1)
    return found


def engine_of(process_id: int) -> int:
    """Return the engine's process of a node's."""
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text("ascii").split()
    found = [
        int(child)
        for task in Path(f"/proc/{process_id}/task").iterdir()
        for child in (task / "children").read_text("ascii").split()
    ] or [int(child) for child in children]
    assert len(found) == 1
    return found[0]


@contextlib.contextmanager
def four_in(folder: Path) -> Iterator[Four]:
    """Run four nodes; end whatever of them is left."""
    with running(made(folder)) as found:
        yield found


@contextlib.contextmanager
def running(found: Four) -> Iterator[Four]:
    """Run the nodes of homes that were written; end whatever of them is left."""
    try:
        found.start(*range(COUNT))
        yield found
    finally:
        end_nodes([node for node in found.nodes if node.process.poll() is None])
        for home in found.homes:
            end_orphan(engine_home(home / "node"))
        found.c.close()


def made(folder: Path) -> Four:
    """Write four homes over the genesis of a consortium."""
    c = Parties()
    homes = [folder / f"v{number}" for number in range(COUNT)]
    operators: list[SigningKey] = []
    for home in homes:
        write_private(home / PASSPHRASE_FILE, PASSPHRASE.encode())
        operators.append(create_keys(home / "keyring.json", ("operator",), PASSPHRASE)["operator"])
    engine_keys = [
        create_engine_keys(engine_home(home / "node"), seed(f"p{n}"), seed(f"q{n}"))
        for n, home in enumerate(homes)
    ]
    genesis = parse_genesis(c.genesis_bytes)
    section = ValidatorsSection(
        begins_at_ms=time.time_ns() // 1_000_000,
        validators=tuple(
            GenesisValidator(operator.public_key.hex(), engine.consensus_key.hex(), 10)
            for operator, engine in zip(operators, engine_keys, strict=True)
        ),
    )
    keys = tuple(Operator(operator.suite, operator.public_key.hex()) for operator in operators)
    operators_of_all = (*genesis.operators, *keys)  # core's moves the clock
    sections = {**genesis.sections, "validators": msgspec.Raw(msgspec.json.encode(section))}
    genesis_bytes = encode_genesis(
        msgspec.structs.replace(genesis, operators=operators_of_all, sections=sections)
    )
    write_places(homes, engine_keys, free_ports(2 * COUNT), commit_ms=100, quiet_seconds=5)
    for home in homes:
        create_profile(home, genesis_bytes, c["core"].uscc, "core", ("http://127.0.0.1:1",))
    return Four(c, homes, genesis_bytes)


def end_and_compare(four: Four) -> None:
    """End all nodes; check that every store is whole and tells the same, and money is conserved."""
    wait_for(lambda: len({four.height(number) for number in range(COUNT)}) == 1, "equal heights")
    end_nodes(four.nodes)
    stores = [open_store(home / "node") for home in four.homes]
    try:
        heights = [check_whole(store) for store in stores]  # invariants hold: sums are conserved
        for height in range(min(heights) + 1):
            blocks = [stored_block(store, height) for store in stores]
            assert len({block.signed_header.header for block in blocks}) == 1
            assert len({block.transactions for block in blocks}) == 1
        ordered = [
            decode_transaction(raw).transaction_id
            for height in range(heights[0] + 1)
            for raw in stored_block(stores[0], height).transactions
        ]
        assert len(set(ordered)) == len(ordered), "a transaction was ordered twice"
        for store in stores:
            assert all(store.locate(transaction_id) for transaction_id in four.paid)
            with store.snapshot() as snapshot:
                balance = ACCOUNTS.require(snapshot, four.c.account("bank")).balance_minor
            assert balance == 5_000_000_00 + sum(four.paid.values())
    finally:
        for store in stores:
            store.close()
