"""Small HTTP interfaces of a node: a bounded number of connections, and asking a local socket.

Rules this file keeps:
 1. A server of a thread a connection has so many places; who finds none is closed at once.
 2. Whatever is sent on a connection ends that connection and nothing else.
"""

import http.client
import ipaddress
import socket
import socketserver
import threading
from pathlib import Path
from typing import Any, Final

import structlog

_log = structlog.get_logger(__name__)

TIMEOUT_SECONDS: Final = 10.0
"""For how long an answer is waited for on a local socket."""


class BoundedConnections(socketserver.ThreadingMixIn):
    """Gives a server a thread for each of a bounded number of connections."""

    daemon_threads = True
    block_on_close = False
    connections_max: int

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - the base's
        """Prepare as the server does."""
        self._places = threading.BoundedSemaphore(self.connections_max)
        super().__init__(*arguments, **named)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base's
        """Serve a connection where there is a place for it, else close it."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)  # type: ignore[attr-defined]  # the server's own

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base's
        """Serve a connection and give its place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base's
        """Note that a connection ended, whatever was sent on it."""
        del request, client_address
        _log.debug("connection_ended", server=type(self).__name__)


class LocalConnection(http.client.HTTPConnection):
    """HTTP over a local socket."""

    def __init__(self, path: Path) -> None:
        """Prepare; nothing is opened before the first question."""
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the local socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_SECONDS)
        self.sock.connect(str(self._path))


def is_loopback(host: str) -> bool:
    """Return whether a host to listen on is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
