"""What a node tells those who watch over it: metrics for Prometheus, and its condition as JSON.

::

    DATA/metrics.sock       a local socket, for ``xinlian network doctor``; its owner's alone
    --metrics HOST:PORT     the same over TCP, for Prometheus; only where it is asked for

Rules this file keeps:
 1. Numbers and names of states alone: nothing of a party, an amount or a transaction's content.
 2. Two paths are answered, ``/metrics`` and ``/condition``; nothing is read of a question beyond
    its first line and headers, and the connections are bounded.
 3. What cannot be found out just now is left out; it never holds up the node.

Source: the text exposition format 0.0.4 of Prometheus.
"""

import contextlib
import http.server
import ipaddress
import shutil
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import structlog

from xinlian.bootstrap import RunningNode
from xinlian.engines.cometbft import CometEngine, EngineUnreachable
from xinlian.engines.cometbft.engine import SOCKET_PATH_BYTES_MAX
from xinlian.engines.cometbft.light import address_of_text
from xinlian.engines.connections import BoundedConnections
from xinlian.ledger.header import decode_head
from xinlian.ledger.node import NodeStopped
from xinlian.primitives.time import MS_PER_SECOND

_log = structlog.get_logger(__name__)

SOCKET_NAME: Final = "metrics.sock"
CONNECTIONS_MAX: Final = 8
TIMEOUT_SECONDS: Final = 5.0
LEFT_OUT_SHOWN: Final = 20
_SOCKET_MODE: Final = 0o600
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Metric(NamedTuple):
    """One number, with what it means."""

    name: str
    kind: str
    """``gauge`` or ``counter``."""
    meaning: str
    value: float


class LeftOut(msgspec.Struct, frozen=True):
    """What a block left out, as this node saw it."""

    height: int
    transactions: int
    examples: tuple[str, ...]
    proposer: str
    """Address of the validator that proposed the block; empty where it is not known."""


class Condition(msgspec.Struct, frozen=True):
    """How a running node is, for its doctor."""

    height: int
    projected_height: int
    failure: str
    """Why the engine does not run; empty while it does."""
    app_hash: str
    """Of that height, hexadecimal."""
    waiting: int
    left_out: tuple[LeftOut, ...]


class Watch:
    """Counts blocks and transactions from the start of the node on, and reads the rest."""

    def __init__(self, running: RunningNode, data: Path) -> None:
        """Begin to count."""
        self._running = running
        self._data = data
        self._blocks = self._transactions = 0
        running.engine.on_commit(self._committed)

    def _committed(self, _height: int) -> None:
        head = self._running.engine.application.store.head()
        self._blocks += 1
        if head is not None:
            self._transactions += decode_head(head).header.transaction_count

    def metrics(self) -> Iterator[Metric]:
        """Yield what is known just now."""
        running, failure = self._running, self._failure()
        head = running.node.head().header
        is_ready = not failure and not running.projector.failure
        yield Metric("up", "gauge", "1 while the engine orders and applies", float(not failure))
        yield Metric("ready", "gauge", "1 while the node serves", float(is_ready))
        yield Metric("height", "gauge", "height of the last durable block", head.height)
        yield Metric(
            "projected_height", "gauge", "height of the read model", running.projector.height
        )
        yield Metric(
            "block_time_seconds",
            "gauge",
            "consensus time of the last block",
            head.time_ms / MS_PER_SECOND,
        )
        yield Metric("blocks_total", "counter", "blocks since the start", self._blocks)
        yield Metric("transactions_total", "counter", "ordered since the start", self._transactions)
        with contextlib.suppress(OSError):
            size = (self._data / "chain.lmdb").stat().st_blocks * 512
            yield Metric("store_bytes", "gauge", "the store on disk", size)
            free = shutil.disk_usage(self._data).free
            yield Metric("disk_free_bytes", "gauge", "free for the data folder", free)
        if isinstance(running.engine, CometEngine):
            yield from _engine_metrics(running.engine, is_up=not failure)

    def condition(self) -> Condition:
        """Return how the node is, for its doctor."""
        engine = self._running.engine
        comet = engine if isinstance(engine, CometEngine) else None
        head = self._running.node.head().header
        return Condition(
            height=head.height,
            app_hash=head.app_hash.hex(),
            projected_height=self._running.projector.height,
            failure=self._failure(),
            waiting=0 if comet is None else comet.waiting_count,
            left_out=() if comet is None else tuple(_left_out(comet)),
        )

    def _failure(self) -> str:
        try:
            self._running.engine.require_running()
        except NodeStopped as stopped:
            return str(stopped)
        return ""


def _engine_metrics(engine: CometEngine, *, is_up: bool) -> Iterator[Metric]:
    yield Metric("waiting_transactions", "gauge", "checked, not yet ordered", engine.waiting_count)
    left_out = sum(found.transactions for found in engine.left_out())
    yield Metric(
        "left_out_transactions", "gauge", "left out of the last 500 blocks with room", left_out
    )
    if not is_up:
        return
    with contextlib.suppress(EngineUnreachable):
        status = engine.status()
        yield Metric("engine_height", "gauge", "height of the engine", status.height)
        yield Metric("engine_peers", "gauge", "connected nodes", status.peers)
        yield Metric(
            "engine_catching_up",
            "gauge",
            "1 while it fetches old blocks",
            float(status.is_catching_up),
        )


def _left_out(engine: CometEngine) -> Iterator[LeftOut]:
    for found in engine.left_out()[:LEFT_OUT_SHOWN]:
        proposer = ""
        with contextlib.suppress(EngineUnreachable, NodeStopped):
            engine.require_running()
            proposer = engine.proposer_of(found.height)
        yield LeftOut(
            found.height,
            found.transactions,
            tuple(example.hex() for example in found.examples),
            proposer,
        )


def exposition(metrics: Iterator[Metric]) -> bytes:
    """Return metrics in the text format of Prometheus."""
    lines = []
    for metric in metrics:
        name = f"xinlian_{metric.name}"
        lines += [
            f"# HELP {name} {metric.meaning}",
            f"# TYPE {name} {metric.kind}",
            f"{name} {metric.value:.15g}",
        ]
    return ("\n".join(lines) + "\n").encode()


@contextlib.contextmanager
def watched(running: RunningNode, data: Path, listen: str = "") -> Iterator[Watch]:
    """Tell of a node while it runs.

    Args:
        running: the node.
        data: its folder.
        listen: ``host:port`` for Prometheus; empty for the local socket alone.

    Raises:
        OSError, ValueError: that address cannot be had, or is none.
    """
    watch = Watch(running, data)
    with contextlib.ExitStack() as undo:
        path = data.resolve() / SOCKET_NAME
        if len(bytes(path)) <= SOCKET_PATH_BYTES_MAX:
            path.unlink(missing_ok=True)
            local = _LocalServer(str(path), watch)
            path.chmod(_SOCKET_MODE)
            undo.callback(path.unlink, missing_ok=True)
            undo.enter_context(_serving(local))
        if listen:
            _require_loopback(listen)
            undo.enter_context(_serving(_TcpServer(address_of_text(listen), watch)))
        yield watch


def _require_loopback(listen: str) -> None:
    """Refuse an address beyond this machine: what is told there is not encrypted."""
    host, _ = address_of_text(listen)
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"{host} is not of this machine: give a loopback address")


@contextlib.contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="metrics", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Bounded(BoundedConnections):
    connections_max = CONNECTIONS_MAX
    watch: Watch


class _LocalServer(_Bounded, socketserver.UnixStreamServer):
    def __init__(self, path: str, watch: Watch) -> None:
        self.watch = watch
        super().__init__(path, _Handler)


class _TcpServer(_Bounded, socketserver.TCPServer):
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], watch: Watch) -> None:
        self.watch = watch
        super().__init__(address, _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    timeout = TIMEOUT_SECONDS
    server: _LocalServer | _TcpServer

    def do_GET(self) -> None:
        """Answer one of the two questions."""
        answers: dict[str, Callable[[], tuple[str, bytes]]] = {
            "/metrics": lambda: (CONTENT_TYPE, exposition(self.server.watch.metrics())),
            "/condition": lambda: (
                "application/json",
                msgspec.json.encode(self.server.watch.condition()),
            ),
        }
        answer = answers.get(self.path)
        if answer is None:
            self.send_error(404)
            return
        content_type, content = answer()
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def address_string(self) -> str:
        """Return a name for who asks; a local socket has none."""
        return "local"

    def version_string(self) -> str:
        """Say nothing of what runs here."""
        return "xinlian"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it
        """Write nothing: questions come from outside."""
        del format, args
