"""What never becomes a request is refused as a problem with a stable name, like everything else."""

import json
import socket

import pytest

from unit.api.callers import send
from xinlian.api import BackgroundServer, create_app
from xinlian.api import server as serving


@pytest.fixture
def app(served):
    """Another application over the same ledger."""
    return create_app(served.consortium.node, served.model, served.projector, clock=served.clock)


def answer_to(port, raw):
    """Send bytes; return the status line and headers, and the body of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(raw)
        data = b""
        while part := connection.recv(65_536):
            data += part
    head, _, body = data.partition(b"\r\n\r\n")
    return head.decode(), json.loads(body)


@pytest.mark.parametrize("raw", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nx: " + b"y" * 20_000])
def test_bytes_that_are_no_http_are_answered_as_a_problem_and_the_connection_ends(app, raw):
    with BackgroundServer(app) as server:
        head, problem = answer_to(server.port, raw)
    assert head.startswith("HTTP/1.1 400 Bad Request")
    assert "content-type: application/problem+json" in head.lower()
    assert "x-content-type-options: nosniff" in head.lower()
    assert problem["type"] == "urn:xinlian:error:api/bad_request"
    assert "nonsense" not in json.dumps(problem)


def test_beyond_the_limit_of_connections_a_request_is_refused_as_a_passing_problem(
    app, monkeypatch
):
    monkeypatch.setattr(serving, "CONNECTIONS_MAX", 2)
    with BackgroundServer(app) as server:
        assert send(server.url, "GET", "/v1/health/live").status_code == 200
        with socket.create_connection(("127.0.0.1", server.port), timeout=10):
            response = send(server.url, "GET", "/v1/health/live")
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    problem = response.json()
    assert (problem["name"], problem["transient"]) == ("too_many_connections", True)
