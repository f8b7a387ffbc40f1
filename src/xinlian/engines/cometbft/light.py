"""What a node tells everybody of its chain's headers, and asking others for it.

A node that joins, and its engine's light client, need headers, votes and validators of other nodes.
The engine's own interface takes far more than such questions and listens on a local socket alone;
this one answers these few, and is on only where the operator names an address for it.

Rules this file keeps:
 1. Only questions that change nothing are passed on; headers and votes are open to everybody, and
    whoever asks checks them, so nothing here needs a key.
 2. What is read of a question is bounded, and so are the connections and their time.
 3. An answer from outside is bounded and typed; what is no answer is ``EngineUnreachable``.
"""

import datetime as dt
import http.client
import http.server
import json
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec
import structlog

from xinlian.engines.cometbft.rpc import (
    ANSWER_BYTES_MAX,
    EngineClient,
    EngineUnreachable,
)
from xinlian.engines.connections import TIMEOUT_SECONDS, BoundedConnections
from xinlian.ledger.header import Header, SignedHeader, decode_head, encode_head
from xinlian.ledger.replay import UNREADABLE

_log = structlog.get_logger(__name__)

METHODS: Final = frozenset({"status", "commit", "validators", "consensus_params"})
"""What is passed on to the engine."""
LEDGER_HEAD: Final = "ledger_head"
"""What the node answers itself: the ledger's header of a height."""
SET_CHANGE: Final = "set_change"
"""And what it kept of a header that named other validators."""
OWN_METHODS: Final = frozenset({LEDGER_HEAD, SET_CHANGE})
QUESTION_BYTES_MAX: Final = 4_096
CONNECTIONS_MAX: Final = 32
PARAMETERS: Final = frozenset({"height", "page", "per_page"})
_NUMBER_CHARS_MAX: Final = 20

StructT = TypeVar("StructT", bound=msgspec.Struct)


class _Call(msgspec.Struct, frozen=True):
    id: int | str
    method: str
    params: dict[str, str | int | None] = {}


class TrustedBlock(NamedTuple):
    """A block that several members named alike."""

    height: int
    hash: str
    """Of the engine's header, hexadecimal."""


class SyncFrom(NamedTuple):
    """From where a node that has no chain yet begins."""

    servers: tuple[str, ...]
    """``host:port`` of members' light servers, two or more."""
    trusted: TrustedBlock


class LightServer:
    """Answers questions about headers over HTTP."""

    def __init__(
        self,
        listen: str,
        rpc_socket: Path,
        head_of: Callable[[int], SignedHeader | None],
        change_of: Callable[[int], bytes | None],
    ) -> None:
        """Listen; raises OSError where that address cannot be had.

        Args:
            listen: ``host:port``.
            rpc_socket: where the engine answers on this machine.
            head_of: returns the ledger's header of a height.
            change_of: returns what is kept of a height that named other validators.
        """
        self._server = _Server(address_of_text(listen), rpc_socket, head_of, change_of)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="light-server",
            daemon=True,
        )

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(BoundedConnections, http.server.HTTPServer):
    connections_max = CONNECTIONS_MAX

    def __init__(
        self,
        address: tuple[str, int],
        rpc_socket: Path,
        head_of: Callable[[int], SignedHeader | None],
        change_of: Callable[[int], bytes | None],
    ) -> None:
        self.rpc_socket = rpc_socket
        self.head_of = head_of
        self.change_of = change_of
        super().__init__(address, _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT_SECONDS
    server: _Server

    def do_POST(self) -> None:
        """Answer one question."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) <= 5):  # noqa: PLR2004 - digits
            self._refuse(411)
            return
        if int(length) > QUESTION_BYTES_MAX:
            self._refuse(413)
            return
        body = self.rfile.read(int(length))
        try:
            call = msgspec.json.decode(body, type=_Call)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._refuse(400)
            return
        if not _is_allowed(call):
            self._refuse(403)
            return
        self._answer(call)

    def _answer(self, call: _Call) -> None:
        if call.method == LEDGER_HEAD:
            head = self.server.head_of(int(call.params.get("height") or -1))
            self._send(_result(call.id, None if head is None else encode_head(head).hex()))
            return
        if call.method == SET_CHANGE:
            kept = self.server.change_of(int(call.params.get("height") or -1))
            self._send(_result(call.id, None if kept is None else kept.hex()))
            return
        client = EngineClient(self.server.rpc_socket)
        try:
            self._send(client.relay(json.dumps(_plain(call)).encode()))
        except EngineUnreachable:
            self._refuse(503)
        finally:
            client.close()

    def _send(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def version_string(self) -> str:
        """Say nothing of what runs here."""
        return "xinlian"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it
        """Write nothing: questions come from outside."""
        del format, args


def trusted_block(servers: Sequence[str], chain_id: str) -> TrustedBlock:
    """Return the newest block that all of the servers have, once they name it alike.

    Raises:
        EngineUnreachable: one does not answer, is of another chain, or names another block.
    """
    height = min(_height_of(server, chain_id) for server in servers)
    hashes = {server: _hash_at(server, height) for server in servers}
    if len(set(hashes.values())) != 1:
        told = ", ".join(f"{server}: {found[:16]}…" for server, found in hashes.items())
        raise EngineUnreachable(f"they name different blocks of height {height}: {told}")
    return TrustedBlock(height, next(iter(hashes.values())))


def newest_height(servers: Sequence[str], chain_id: str) -> int:
    """Return the highest height that one of the servers has; raises EngineUnreachable."""
    return max(_height_of(server, chain_id) for server in servers) + 1


def ledger_headers(servers: Sequence[str], height: int) -> list[Header]:
    """Return the ledger's header of a height as each server gives it; silent ones are left out."""
    found = []
    for server in servers:
        try:
            told = msgspec.json.decode(_ask(server, LEDGER_HEAD, height), type=str | None)
            if told:
                found.append(decode_head(bytes.fromhex(told)).header)
        except (EngineUnreachable, ValueError, *UNREADABLE) as problem:
            _log.warning("member_gives_no_header", server=server, cause=str(problem)[:200])
    return found


def set_change_proof(server: str, height: int) -> bytes:
    """Return what a server kept of a header that named other validators; it is not checked.

    Raises:
        EngineUnreachable: it kept nothing, or does not answer.
    """
    try:
        told = msgspec.json.decode(_ask(server, SET_CHANGE, height), type=str | None)
        if told:
            return bytes.fromhex(told)
    except (msgspec.DecodeError, ValueError) as error:
        raise EngineUnreachable(f"{server}: an answer that is none: {error}") from None
    raise EngineUnreachable(f"{server}: it kept no change of height {height}")


def clock_ahead_seconds(server: str) -> float | None:
    """Return by how much a server's clock is ahead of this machine's; None where it is silent."""
    try:
        connection = http.client.HTTPConnection(*address_of_text(server), timeout=TIMEOUT_SECONDS)
        try:
            asked = time.time()
            connection.request("POST", "/", b"", {"Content-Length": "0"})
            told = connection.getresponse().headers.get("Date", "")
        finally:
            connection.close()
        moment = dt.datetime.strptime(told, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=dt.UTC)
    except (OSError, http.client.HTTPException, ValueError):
        return None
    return moment.timestamp() - (asked + time.time()) / 2


def address_of_text(text: str) -> tuple[str, int]:
    """Return host and port of ``host:port``; raises ValueError."""
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isdigit() or not 0 <= int(port) < 1 << 16:
        raise ValueError(f"{text!r} is not HOST:PORT")
    return host.strip("[]"), int(port)


class _NodeInfo(msgspec.Struct, frozen=True):
    network: str


class _Sync(msgspec.Struct, frozen=True):
    latest_block_height: str
    catching_up: bool


class _Status(msgspec.Struct, frozen=True):
    node_info: _NodeInfo
    sync_info: _Sync


class _BlockId(msgspec.Struct, frozen=True):
    hash: str


class _Commit(msgspec.Struct, frozen=True):
    block_id: _BlockId


class _SignedHeader(msgspec.Struct, frozen=True):
    commit: _Commit


class _CommitAnswer(msgspec.Struct, frozen=True):
    signed_header: _SignedHeader


class _Reply(msgspec.Struct, frozen=True):
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: msgspec.Raw = msgspec.Raw(b"null")


def _height_of(server: str, chain_id: str) -> int:
    status = _decoded(server, _ask(server, "status"), _Status)
    if status.node_info.network != chain_id:
        raise EngineUnreachable(f"{server} is of the chain {status.node_info.network[:64]!r}")
    # The newest height has no vote of the next one yet; the one below it has.
    return max(int(status.sync_info.latest_block_height) - 1, 1)


def _hash_at(server: str, height: int) -> str:
    answer = _decoded(server, _ask(server, "commit", height), _CommitAnswer)
    return answer.signed_header.commit.block_id.hash.upper()


def _decoded(server: str, content: bytes, kind: type[StructT]) -> StructT:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EngineUnreachable(f"{server}: an answer that is none: {error}") from None


def _ask(server: str, method: str, height: int | None = None) -> bytes:
    """Return the result of a question; raises EngineUnreachable."""
    try:
        host, port = address_of_text(server)
    except ValueError as error:
        raise EngineUnreachable(str(error)) from None
    parameters = {} if height is None else {"height": str(height)}
    body = msgspec.json.encode({"jsonrpc": "2.0", "id": 0, "method": method, "params": parameters})
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", "/", body, {"Content-Type": "application/json"})
        content = connection.getresponse().read(ANSWER_BYTES_MAX)
        reply = msgspec.json.decode(content, type=_Reply)
    except (OSError, http.client.HTTPException, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EngineUnreachable(f"{server}: {str(error) or type(error).__name__}") from None
    finally:
        connection.close()
    if bytes(reply.error) != b"null":
        raise EngineUnreachable(f"{server}: {bytes(reply.error).decode('utf-8', 'replace')[:200]}")
    return bytes(reply.result)


def _is_allowed(call: _Call) -> bool:
    """Return whether a question is one that is answered, with parameters that are numbers."""
    values = [value for value in call.params.values() if value is not None]
    return (
        (call.method in METHODS or call.method in OWN_METHODS)
        and PARAMETERS.issuperset(call.params)
        and all(str(v).isdecimal() and len(str(v)) <= _NUMBER_CHARS_MAX for v in values)
    )


def _plain(call: _Call) -> dict[str, object]:
    parameters = {name: str(v) for name, v in call.params.items() if v is not None}
    return {"jsonrpc": "2.0", "id": call.id, "method": call.method, "params": parameters}


def _result(number: int | str, result: object) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "id": number, "result": result})
