"""What comes back from a node is bounded and decoded, or counts as no answer."""

import httpx
import pytest

from xinlian.client import connection as connection_module
from xinlian.client.connection import Connection, Seen, parse_events
from xinlian.client.errors import ApiError, NodeUnreachable
from xinlian.client.wire import HeaderAnswer
from xinlian.crypto.ed25519 import SigningKey


def connect(response: httpx.Response) -> Connection:
    """Return a connection to a node that always answers the same."""
    transport = httpx.MockTransport(lambda _: response)
    return Connection("http://node", SigningKey(bytes(32)), transport, lambda: 0.0, Seen())


def test_an_answer_above_the_ceiling_counts_as_none(monkeypatch):
    monkeypatch.setattr(connection_module, "ANSWER_BYTES_MAX", 100)
    assert connect(httpx.Response(200, content=bytes(100))).get_bytes("/v1/genesis", {})
    with pytest.raises(NodeUnreachable, match="above 100 bytes"):
        connect(httpx.Response(200, content=bytes(101))).get_bytes("/v1/genesis", {})


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"height": "x"}', b"\xff"])
def test_what_is_not_the_answer_counts_as_none(content):
    with pytest.raises(NodeUnreachable, match="not an answer of a node"):
        connect(httpx.Response(200, content=content)).get_as(HeaderAnswer, "/v1/headers/head", {})


@pytest.mark.parametrize(("status", "transient"), [(302, False), (404, False), (502, True)])
def test_an_error_without_problem_details_is_named_by_its_status(status, transient):
    response = httpx.Response(status, content=b"<html>", headers={"Location": "http://other"})
    with pytest.raises(ApiError) as caught:
        connect(response).get_bytes("/v1/genesis", {})
    assert caught.value.reference == f"http/status_{status}"
    assert caught.value.transient is transient


def parsed(text: str) -> list[tuple[str, str, bytes]]:
    return [(e.id, e.type, bytes(e.data)) for e in parse_events(iter(text.split("\n")))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id: 1.0\nevent: a.B\ndata: {}\n\n", [("1.0", "a.B", b"{}")]),
        ("id:1.0\ndata:{}\n\n", [("1.0", "message", b"{}")]),
        (": comment\n\nid: 1.0\ndata: {\ndata: }\n\n", [("1.0", "message", b"{\n}")]),
        ("data: without an id\n\n", []),
        ("id: 1.0\n\n", []),
        ("id: 1.0\ndata: cut off", []),
        ("retry: 5\nunknown\nid: 2.1\ndata: 1\n\n", [("2.1", "message", b"1")]),
    ],
)
def test_the_stream_is_read_as_the_standard_says(text, expected):
    assert parsed(text) == expected
