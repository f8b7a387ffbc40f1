"""Asking a running node of this machine how it is, over the socket in its folder."""

import http.client
import socket
from pathlib import Path
from typing import Final

import msgspec

from xinlian.cli.metrics import SOCKET_NAME, Condition

ANSWER_BYTES_MAX: Final = 1 << 20
TIMEOUT_SECONDS: Final = 10.0


class _Local(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the local socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_SECONDS)
        self.sock.connect(str(self._path))


def condition_of(data: Path) -> Condition | None:
    """Return how the node of a folder is, or None where it does not answer."""
    content = ask_node(data, "/condition")
    try:
        return None if content is None else msgspec.json.decode(content, type=Condition)
    except msgspec.DecodeError:
        return None


def ask_node(data: Path, path: str) -> bytes | None:
    """Return what the node of a folder answers, or None."""
    connection = _Local(data.resolve() / SOCKET_NAME)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        content = response.read(ANSWER_BYTES_MAX)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return content if response.status == http.HTTPStatus.OK else None
