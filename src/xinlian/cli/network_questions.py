"""Asking a running node of this machine how it is, over the socket in its folder."""

import http.client
from pathlib import Path
from typing import Final

import msgspec

from xinlian.cli.metrics import SOCKET_NAME, Condition
from xinlian.engines.connections import LocalConnection

ANSWER_BYTES_MAX: Final = 1 << 20


def condition_of(data: Path) -> Condition | None:
    """Return how the node of a folder is, or None where it does not answer."""
    content = ask_node(data, "/condition")
    try:
        return None if content is None else msgspec.json.decode(content, type=Condition)
    except msgspec.DecodeError:
        return None


def ask_node(data: Path, path: str) -> bytes | None:
    """Return what the node of a folder answers, or None."""
    connection = LocalConnection(data.resolve() / SOCKET_NAME)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        content = response.read(ANSWER_BYTES_MAX)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return content if response.status == http.HTTPStatus.OK else None
