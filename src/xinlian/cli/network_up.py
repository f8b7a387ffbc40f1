"""Running a whole network on one machine: a process per node, and how each is.

Rules this file keeps:
 1. Every node is the process that would run alone on its own machine: ``xinlian node start``.
 2. However this ends, the nodes that it started end too.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple

import httpx
import msgspec
from rich.live import Live
from rich.table import Table

from xinlian.cli.network_places import PASSPHRASE_FILE, homes_of, read_place
from xinlian.cli.output import CommandRefused, error_console, show_list
from xinlian.cli.passphrase import PASSPHRASE_VARIABLE, ask_passphrase
from xinlian.client.wire import ReadyAnswer
from xinlian.engines.cometbft import find_program

LOOK_SECONDS: Final = 1.0
STOP_SECONDS: Final = 30.0
ASK_SECONDS: Final = 3.0
PROGRAM: Final = ("-m", "xinlian.cli")
"""What Python runs as a node."""


class LocalNode(NamedTuple):
    """A node that runs as a process of its own."""

    name: str
    url: str
    process: "subprocess.Popen[bytes]"
    log: Path


class NodeState(NamedTuple):
    """How a node is; ``cause`` says why it is not ready."""

    node: str
    url: str
    height: int
    is_ready: bool
    cause: str


@contextlib.contextmanager
def started(homes: list[Path]) -> Iterator[list[LocalNode]]:
    """Start the node of each home; end them all on leaving."""
    nodes: list[LocalNode] = []
    try:
        for home in homes:
            nodes.append(start_node(home))  # noqa: PERF401 - each that began must be ended
        yield nodes
    finally:
        end_nodes(nodes)


def start_node(home: Path, program: Sequence[str] = PROGRAM) -> LocalNode:
    """Start the node of a home as a process of its own; ``program`` is another release's."""
    place = read_place(home / "node")
    passphrase_file = home / PASSPHRASE_FILE
    passphrase = (
        passphrase_file.read_text("ascii") if passphrase_file.exists() else ask_passphrase()
    )
    log = home / "node" / "node.log"
    command = [sys.executable, *program, "node", "start"]
    command += ["--home", str(home), "--data", str(home / "node"), "--port", str(place.api_port)]
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - this interpreter runs this program
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, PASSPHRASE_VARIABLE: passphrase},
            start_new_session=True,  # Ctrl-C is for this command, which ends them in order
        )
    return LocalNode(home.name, f"http://127.0.0.1:{place.api_port}", process, log)


def end_nodes(nodes: list[LocalNode]) -> None:
    """End nodes and wait for them."""
    for node in nodes:
        node.process.terminate()
    for node in nodes:
        try:
            node.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            node.process.kill()
            node.process.wait()


def state_of(node: LocalNode) -> NodeState:
    """Return how a node is."""
    code = node.process.poll()
    if code is not None:
        return NodeState(node.name, node.url, -1, is_ready=False, cause=f"ended: {code}")
    try:
        response = httpx.get(f"{node.url}/v1/health/ready", timeout=ASK_SECONDS, trust_env=False)
        answer = msgspec.json.decode(response.content, type=ReadyAnswer)
    except (httpx.HTTPError, msgspec.DecodeError):
        return NodeState(node.name, node.url, -1, is_ready=False, cause="starting")
    return NodeState(node.name, node.url, answer.height, answer.ready, answer.cause)


def run_network(network: Path, *, stop_after_seconds: int, as_json: bool) -> None:
    """Run every node of a network until interrupted, or for some seconds.

    Raises:
        CommandRefused: there is no network, or no node ever became ready.
        EngineMissing: the engine's program is not here.
    """
    homes = homes_of(network)
    find_program()
    interrupted = threading.Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        interrupted.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    with started(homes) as nodes:
        states = _watch(nodes, interrupted, stop_after_seconds)
    show_list([state._asdict() for state in states], as_json=as_json)
    if not any(state.is_ready for state in states):
        raise CommandRefused(
            "cli/network_not_ready",
            "no node was ready",
            f"look into {nodes[0].log}",
        )


def _watch(
    nodes: list[LocalNode], interrupted: threading.Event, stop_after_seconds: int
) -> list[NodeState]:
    """Show how the nodes are until it is time to stop; return the last look."""
    deadline = time.monotonic() + stop_after_seconds if stop_after_seconds else None
    states = [state_of(node) for node in nodes]
    with Live(_table(states), console=error_console, auto_refresh=False) as live:
        while not interrupted.wait(LOOK_SECONDS):
            states = [state_of(node) for node in nodes]
            live.update(_table(states), refresh=True)
            if deadline is not None and time.monotonic() > deadline:
                break
    return states


def _table(states: list[NodeState]) -> Table:
    table = Table(box=None, pad_edge=False, caption="Ctrl-C 结束 ends it")
    for heading in ("节点 node", "地址 address", "高度 height", "状态 state"):
        table.add_column(heading)
    for state in states:
        height = str(state.height) if state.height >= 0 else "—"
        table.add_row(
            state.node, state.url, height, "就绪 ready" if state.is_ready else state.cause
        )
    return table
