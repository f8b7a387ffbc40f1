"""Serving the application: loopback by default, TLS for anything else, a clean stop.

Rules this file keeps:
 1. An address beyond this machine is served over TLS or not at all.
 2. The access log names method, path and status: no query, no header, no token.
 3. Stopping ends event streams at once and lets other requests finish within seconds.
"""

import dataclasses
import socket
import ssl
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xinlian.api.protocol import HttpProtocol
from xinlian.engines.connections import is_loopback

_log = structlog.get_logger(__name__)

LOOPBACK: Final = "127.0.0.1"
START_SECONDS_MAX: Final = 20.0
STOP_SECONDS_MAX: Final = 10
KEEP_ALIVE_SECONDS: Final = 15
CONNECTIONS_MAX: Final = 512
HEADER_BYTES_MAX: Final = 16 << 10


class ServerRefused(Exception):  # noqa: N818 - names what happened
    """The server does not start like this; the text says what to do."""


@dataclasses.dataclass(frozen=True, slots=True)
class Tls:
    """The certificate chain and the private key of a node, as PEM files."""

    certificate_file: Path
    key_file: Path


def serve(app: FastAPI, *, host: str = LOOPBACK, port: int = 8080, tls: Tls | None = None) -> None:
    """Serve until interrupted.

    Raises:
        ServerRefused: the address needs TLS, is in use, or the TLS files cannot be read.
    """
    listener = _listen(host, port, tls)
    with listener:
        _Server(_config(app, tls), app).run(sockets=[listener])


class BackgroundServer:
    """A server on a thread of its own, for tests and demonstrations; port 0 takes a free one.

    ::

        with BackgroundServer(app) as server:
            client = NodeClient(server.url, party=party, key=key)
    """

    def __init__(
        self,
        app: FastAPI,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        tls: Tls | None = None,
    ) -> None:
        self._listener = _listen(host, port, tls)
        address: tuple[str, int] = self._listener.getsockname()[:2]
        name = f"[{address[0]}]" if ":" in address[0] else address[0]
        self.port: Final = address[1]
        self.url: Final = f"{'http' if tls is None else 'https'}://{name}:{self.port}"
        self._server = _Server(_config(app, tls), app)
        self._thread = threading.Thread(target=self._run, name="http-server", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start and return once requests are answered; raises ServerRefused."""
        self._thread.start()
        self._server.answers.wait(START_SECONDS_MAX)
        if not self._server.started:
            self.stop()
            raise ServerRefused("the server did not start; its log says why")

    def stop(self) -> None:
        """End streams, let other requests finish, and release the port."""
        self._server.should_exit = True
        self._server.end_streams()
        self._thread.join()
        self._listener.close()

    def wait(self) -> None:
        """Block until the server ends by itself."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        except Exception as failure:  # noqa: BLE001 - told to who starts it, then the thread ends
            _log.critical("http_server_failed", cause=str(failure), kind=type(failure).__name__)
        finally:
            self._server.answers.set()


class _Server(uvicorn.Server):
    """Says when it answers, and ends event streams when it stops."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app
        self.answers = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.end_streams()
        await super().shutdown(sockets)

    def end_streams(self) -> None:
        """End every event stream."""
        self._app.state.streams.close()


class _AccessLog:
    """Logs each request by method, path and status."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def logged(message: Message) -> None:
            if message["type"] == "http.response.start":
                _log.info(
                    "http_request",
                    method=scope["method"],
                    path=scope["path"],
                    status=message["status"],
                )
            await send(message)

        await self._app(scope, receive, logged)


def _config(app: FastAPI, tls: Tls | None) -> uvicorn.Config:
    return uvicorn.Config(
        _AccessLog(app),
        http=HttpProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS_MAX,
        h11_max_incomplete_event_size=HEADER_BYTES_MAX,
        ssl_certfile=None if tls is None else tls.certificate_file,
        ssl_keyfile=None if tls is None else tls.key_file,
    )


def _listen(host: str, port: int, tls: Tls | None) -> socket.socket:
    """Return a listening socket; raises ServerRefused."""
    if tls is None and not is_loopback(host):
        raise ServerRefused(
            f"{host} is reached from other machines: give a certificate and key file, "
            f"or serve {LOOPBACK} / 非本机地址必须启用 TLS:请提供证书和私钥文件",
        )
    if tls is not None:
        _check_tls(tls)
    try:
        return _bound(host, port)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ServerRefused(f"cannot listen on {host} port {port}: {reason}") from None


def _bound(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    # The protocol is named: asyncio turns delayed sending off only on sockets that name it, and
    # an answer in two parts would otherwise wait 40 ms for the client's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _check_tls(tls: Tls) -> None:
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate_file, tls.key_file)
    except (OSError, ssl.SSLError) as error:
        raise ServerRefused(f"the certificate or key file cannot be used: {error}") from None
