"""The application's side of the engine's socket.

The engine opens four connections (consensus, mempool, query, snapshots).  Each has a thread of its
own: so a block that is being applied holds up neither checks nor queries, and answers keep the
order of their requests without any bookkeeping.

Rules this file keeps:
 1. Answers are gathered and sent when the engine asks for it (flush), when nothing more of its
    requests has arrived, or when there are many: few system calls, and nobody waits for company.
 2. What is read and not yet answered is bounded by one frame and one read.
 3. A connection that closes, or speaks nonsense, ends alone.  A failure of the application is told
    to the engine as such, and to the owner of this server: the node stops.
 4. The socket is the owner's alone.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from xinlian.engines.cometbft.abci import RequestFlush, ResponseException, ResponseFlush
from xinlian.engines.cometbft.frames import decode_request, next_frame, put_response
from xinlian.engines.cometbft.wire import Message, WireError

_log = structlog.get_logger(__name__)

READ_BYTES: Final = 256 << 10
SEND_BYTES: Final = 64 << 10
"""With so much to send, it is sent."""
CONNECTIONS_MAX: Final = 16
"""Four of a running engine, four of one that is just ending, and some to look in."""
_SOCKET_MODE: Final = 0o600
_FLUSHED: Final = ResponseFlush()

Handler = Callable[[Message], Message]


class AbciServer:
    """Listens on a local socket and answers every request by a handler."""

    def __init__(
        self,
        path: Path,
        handle: Handler,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        """Prepare to serve.

        Args:
            path: of the socket; whatever is there is replaced.
            handle: answers a request; may be called from several threads at once.
            on_failure: is told once when ``handle`` fails.
        """
        self._path = path
        self._handle = handle
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._closing = False
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def start(self) -> None:
        """Listen; raises OSError when the socket cannot be made."""
        self._path.unlink(missing_ok=True)
        self._listener.bind(str(self._path))
        self._path.chmod(_SOCKET_MODE)
        self._listener.listen(CONNECTIONS_MAX)
        self._spawn(self._accept, "abci-accept")

    def close(self) -> None:
        """End every connection and stop listening."""
        with self._lock:
            self._closing = True
            connections = list(self._connections)
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()
        self._path.unlink(missing_ok=True)

    def _spawn(self, target: Callable[..., None], name: str, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # the listener was closed
            with self._lock:
                is_welcome = not self._closing and len(self._connections) < CONNECTIONS_MAX
                if is_welcome:
                    self._connections.add(connection)
            if is_welcome:
                self._spawn(self._serve, "abci-connection", connection)
            else:
                connection.close()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._answer_all(connection)
        except (OSError, WireError) as error:
            _log.warning("abci_connection_ended", cause=str(error) or type(error).__name__)
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()

    def _answer_all(self, connection: socket.socket) -> None:
        """Answer the requests of a connection until it ends."""
        buffer = bytearray()
        out = bytearray()
        while chunk := connection.recv(READ_BYTES):
            buffer += chunk
            position = 0
            while (found := next_frame(buffer, position)) is not None:
                frame, position = found
                request = decode_request(frame)
                if isinstance(request, RequestFlush):
                    put_response(out, _FLUSHED)
                    _send(connection, out)
                    continue
                put_response(out, self._answer(connection, request, out))
                if len(out) >= SEND_BYTES:
                    _send(connection, out)
            del buffer[:position]
            if out:
                _send(connection, out)

    def _answer(self, connection: socket.socket, request: Message, out: bytearray) -> Message:
        """Return the answer to a request; tell both sides when there can be none."""
        try:
            return self._handle(request)
        except BaseException as failure:
            put_response(out, ResponseException(f"{type(failure).__name__}: {failure}"))
            with contextlib.suppress(OSError):
                _send(connection, out)
            self._on_failure(failure)
            raise ConnectionAbortedError("the application failed") from failure


def _send(connection: socket.socket, out: bytearray) -> None:
    connection.sendall(out)
    out.clear()
