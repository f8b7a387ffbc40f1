"""Serving: loopback by default, TLS for anything else, a log without secrets, a clean stop."""

import datetime as dt
import ipaddress
import socket
import ssl
import time
from pathlib import Path

import httpx
import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from unit.api.callers import Caller, send
from xinlian.api import BackgroundServer, ServerRefused, Tls, create_app, serve


@pytest.fixture
def tls(tmp_path) -> Tls:
    """A certificate of 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node.example")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    found = Tls(tmp_path / "certificate.pem", tmp_path / "key.pem")
    found.certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    found.key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    return found


@pytest.fixture
def app(served):
    """Another application over the same ledger."""
    return create_app(
        served.consortium.node,
        served.model,
        served.projector,
        clock=served.clock,
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "node.example"])  # noqa: S104 - must be refused
def test_an_address_beyond_this_machine_needs_tls(app, host):
    with pytest.raises(ServerRefused) as caught:
        serve(app, host=host)
    assert "certificate" in str(caught.value)
    assert "TLS" in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_is_served_without(app, host):
    with BackgroundServer(app, host=host) as server:
        assert send(server.url, "GET", "/v1/health/live").json() == {"live": True}


def test_tls_files_that_cannot_be_used_are_refused_before_anything_starts(app, tmp_path):
    missing = Tls(tmp_path / "none.pem", tmp_path / "none.key")
    with pytest.raises(ServerRefused, match="cannot be used"):
        BackgroundServer(app, tls=missing)
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("garbage")
    with pytest.raises(ServerRefused, match="cannot be used"):
        BackgroundServer(app, tls=Tls(garbage, garbage))


def test_over_tls_the_strict_transport_header_is_set_and_signatures_work(app, served, tls):
    context = ssl.create_default_context(cafile=str(tls.certificate_file))
    core = served.caller("core")
    with BackgroundServer(app, tls=tls) as server:
        caller = Caller(server.url, core.party, core.key, served.clock)
        headers = caller.signed_headers("GET", "/v1/leaves")
        with httpx.Client(verify=context, trust_env=False) as client:
            response = client.get(f"{server.url}/v1/leaves", headers=headers)
    assert server.url.startswith("https://")
    assert response.status_code == 200
    assert response.headers["strict-transport-security"].startswith("max-age=")


def test_without_tls_there_is_no_strict_transport_header(served):
    response = send(served.server.url, "GET", "/v1/health/live")
    assert "strict-transport-security" not in response.headers


def test_a_port_in_use_is_refused_in_words(app):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ServerRefused, match="in use"):
            BackgroundServer(app, port=taken.getsockname()[1])


def test_the_port_is_free_after_the_stop(app):
    with BackgroundServer(app) as server:
        port = server.port
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))


def test_an_answer_does_not_wait_for_the_clients_acknowledgement(served):
    """Delayed sending and delayed acknowledgement together cost 40 ms a request."""
    with httpx.Client(base_url=served.server.url, trust_env=False) as client:
        seconds = []
        for _ in range(30):
            started = time.perf_counter()
            client.get("/v1/health/live")
            seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.03


def test_the_log_has_method_path_and_status_alone(served):
    caller = served.caller("core")
    token = caller.token()
    structlog.reset_defaults()  # whatever another test set up
    with structlog.testing.capture_logs() as logged:
        headers = {"Authorization": f"Bearer {token}"}
        send(served.server.url, "GET", "/v1/leaves?limit=3", headers=headers)
    assert logged == [
        {
            "event": "http_request",
            "log_level": "info",
            "method": "GET",
            "path": "/v1/leaves",
            "status": 200,
        },
    ]


TWO_LENGTHS = (
    b"POST /v1/transactions HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
)


@pytest.mark.parametrize(
    "raw",
    [
        b"garbage\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /v1/leaves HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"POST /v1/transactions HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        TWO_LENGTHS,
    ],
    ids=["garbage", "no host", "long header", "negative length", "two lengths"],
)
def test_what_is_not_http_is_refused_without_a_traceback(served, raw):
    with socket.create_connection(("127.0.0.1", served.server.port), timeout=30) as connection:
        connection.sendall(raw)
        answer = b""
        while chunk := connection.recv(1 << 16):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 4")
    assert b"Traceback" not in answer
    assert send(served.server.url, "GET", "/v1/health/live").status_code == 200


def test_a_server_that_does_not_start_says_so(app, monkeypatch):
    from xinlian.api import server as server_module

    async def broken(*_: object, **__: object) -> None:
        raise OSError("for the test")

    monkeypatch.setattr(server_module._Server, "startup", broken)
    with pytest.raises(ServerRefused, match="did not start"):
        BackgroundServer(app).start()


def test_the_key_file_is_not_repeated_in_an_error(app, tmp_path):
    secret = tmp_path / "key.pem"
    secret.write_text("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    with pytest.raises(ServerRefused) as caught:
        BackgroundServer(app, tls=Tls(Path(secret), Path(secret)))
    assert "c2VjcmV0" not in str(caught.value)
