"""A stand-in that answers HTTP on a local socket as it is told: for answers no engine gives."""

import contextlib
import http.server
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Answer = Callable[[list[dict[str, Any]]], bytes]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        calls = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, _Server)
        content = self.server.answer(calls)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def address_string(self) -> str:
        return "local"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it
        del format, args


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path, answer: Answer) -> None:
        super().__init__(str(path), _Handler)
        self.answer = answer


@contextlib.contextmanager
def answering(path: Path, answer: Answer) -> Iterator[None]:
    """Serve on a local socket."""
    with _Server(path, answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def results(calls: list[dict[str, Any]], result: object = None) -> bytes:
    """Return a good answer to every call."""
    return json.dumps(
        [{"jsonrpc": "2.0", "id": call["id"], "result": result or {}} for call in calls]
    ).encode()


def errors(calls: list[dict[str, Any]], data: str) -> bytes:
    """Return the same error to every call."""
    error = {"code": -32603, "message": "Internal error", "data": data}
    return json.dumps(
        [{"jsonrpc": "2.0", "id": call["id"], "error": error} for call in calls]
    ).encode()
