"""The embedded broker: a library's MQTT 3.1.1 broker that takes readings and gives nothing back.

Rules this file keeps:
 1. Readings are P data: nobody subscribes here.  A payload on the one topic goes to the gateway;
    whatever else is published goes nowhere and is not retained.
 2. A packet is at most 4 KiB, a client has ten seconds to say who it is, and connections are
    bounded: a stranger costs little.
 3. Without TLS it listens on this machine only.

Source: MQTT 3.1.1 (OASIS, 2014); docs/adr on devices for the choice of the library.
"""

import asyncio
import concurrent.futures
import contextlib
import dataclasses
import ipaddress
import logging
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

from amqtt.adapters import ReaderAdapter, StreamWriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import Action, BaseContext
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import ApplicationMessage, Session

from xinlian.agents.gateway.errors import GatewayError

TOPIC: Final = "xinlian/readings"
PACKET_BYTES_MAX: Final = 4_096
CONNECTIONS_MAX: Final = 1_000
CONNECT_SECONDS_MAX: Final = 10
_LISTENER: Final = "default"
_START_SECONDS: Final = 10
_LIBRARY_LOGGERS: Final = ("amqtt", "transitions")

Deliver = Callable[[bytes], None]


@dataclasses.dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where the broker listens, and its certificate where it is for other machines too."""

    host: str = "127.0.0.1"
    port: int = 1883
    """0 for any free one."""
    certificate: Path | None = None
    key: Path | None = None


class EmbeddedBroker:
    """A broker in a thread of its own; close it, or leave its ``with`` block."""

    def __init__(self, address: ListenAddress, deliver: Deliver) -> None:
        """Start to listen.

        Raises:
            GatewayError: the address is not this machine's and has no certificate, the
                certificate cannot be read, or the port is taken.
        """
        self._context = _tls(address)
        self._address = address
        self._deliver = deliver
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncio.Task[None]] = set()
        for name in _LIBRARY_LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._thread = threading.Thread(target=self._loop.run_forever, name="mqtt-broker")
        self._thread.start()
        try:
            self.port: int = self._in_loop(self._start())
        except OSError as error:
            self._end_loop()
            raise GatewayError(
                "port_taken",
                f"{address.host}:{address.port}: {error.strerror}",
                "choose another port with --listen",
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let every client go and stop listening."""
        self._in_loop(self._stop())
        self._end_loop()

    def _in_loop(self, work: Any) -> Any:  # noqa: ANN401 - a coroutine of this class and its result
        future: concurrent.futures.Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(_START_SECONDS)

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> int:
        plugins = f"{__name__}.Tap"
        config = {
            "listeners": {_LISTENER: {"type": "external", "bind": "external"}},
            "plugins": {plugins: {"deliver": self._deliver}, f"{__name__}.Anybody": {}},
        }
        self._broker = Broker(config)
        await self._broker.start()
        try:
            self._server = await asyncio.start_server(
                self._connected, self._address.host, self._address.port, ssl=self._context
            )
        except OSError:
            await self._broker.shutdown()
            raise
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _stop(self) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._broker.shutdown()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._connections) >= CONNECTIONS_MAX:
            writer.close()
            return
        self._connections.add(task)
        try:
            adapters = BoundedReader(reader), StreamWriterAdapter(writer)
            await self._broker.external_connected(*adapters, _LISTENER)
        except (OSError, EOFError, ValueError, TimeoutError):
            pass  # a stranger that speaks no MQTT is let go
        except asyncio.CancelledError:
            if not self._server.is_serving():
                return
            raise
        finally:
            self._connections.discard(task)
            with contextlib.suppress(OSError):
                writer.close()


class BoundedReader(ReaderAdapter):  # type: ignore[misc]  # the library has no types
    """Reads what is small and comes in time."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._deadline: float | None = None
        self._is_begun = False

    async def read(self, n: int = -1) -> bytes:
        """Return ``n`` bytes; raises IncompleteReadError, ConnectionResetError or TimeoutError."""
        if not 0 <= n <= PACKET_BYTES_MAX:
            raise ConnectionResetError("the packet is too large")
        if self._is_begun:
            return await self._reader.readexactly(n)
        data = await asyncio.wait_for(self._reader.readexactly(n), CONNECT_SECONDS_MAX)
        self._is_begun = True
        return data

    def feed_eof(self) -> None:
        """Say that nothing more comes."""
        self._reader.feed_eof()


class Tap(BaseTopicPlugin):  # type: ignore[misc]  # the library has no types
    """Gives payloads of the one topic to the gateway, and lets nothing through the broker."""

    @dataclasses.dataclass
    class Config:
        """What the broker's configuration says of it."""

        deliver: Any

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._deliver: Deliver = self.config.deliver

    async def on_broker_message_received(
        self, *, client_id: str, message: ApplicationMessage | None
    ) -> None:
        """Take a published payload."""
        del client_id
        if message is not None and message.topic == TOPIC:
            self._deliver(bytes(message.data or b""))

    async def topic_filtering(
        self,
        *,
        session: Session | None = None,
        topic: str | None = None,
        action: Action | None = None,
    ) -> bool:
        """Let nothing through."""
        del session, topic, action
        return False


class Anybody(BaseAuthPlugin):  # type: ignore[misc]  # the library has no types
    """Lets every client in: what counts is the signature of each reading."""

    async def authenticate(self, *, session: Session) -> bool:
        """Let it in, to be forgotten when it goes."""
        session.is_anonymous = True
        session.clean_session = True
        return True


def _tls(address: ListenAddress) -> ssl.SSLContext | None:
    if address.certificate is None or address.key is None:
        if not _is_loopback(address.host):
            raise GatewayError(
                "tls_needed",
                f"{address.host} is seen by other machines",
                "give a certificate with --tls-certificate and --tls-key, or listen on 127.0.0.1",
            )
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(address.certificate, address.key)
    except (OSError, ssl.SSLError):
        raise GatewayError(
            "certificate_unreadable",
            f"{address.certificate}, {address.key}",
            "give a certificate and its key as PEM files",
        ) from None
    return context


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
