"""The embedded broker: a library's MQTT 3.1.1 broker that takes readings and gives nothing back.

Rules this file keeps:
 1. Readings are P data: nobody subscribes here.  A payload on the one topic goes to the gateway;
    whatever else is published goes nowhere and is not retained.
 2. A packet is at most 4 KiB.  A client has ten seconds to say who it is, ten for each packet that
    it begins, and is let go after a silence of one and a half times the longest keep-alive, five
    minutes, whichever it asked for.  Connections are bounded: a stranger costs little.
 3. Nothing is taken at QoS 2: the library would keep such a payload until its sender releases it.
 4. Without TLS it listens on this machine only.

Source: MQTT 3.1.1 (OASIS, 2014); docs/adr on devices for the choice of the library.
"""

import asyncio
import concurrent.futures
import contextlib
import dataclasses
import logging
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

from amqtt.adapters import ReaderAdapter, StreamWriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import Action, BaseContext
from amqtt.mqtt.packet import PUBLISH
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import ApplicationMessage, Session

from xinlian.agents.gateway.errors import GatewayError
from xinlian.engines.connections import is_loopback

TOPIC: Final = "xinlian/readings"
PACKET_BYTES_MAX: Final = 4_096
CONNECTIONS_MAX: Final = 1_000
CONNECT_SECONDS_MAX: Final = 10
PACKET_SECONDS_MAX: Final = 10
IDLE_SECONDS_MAX: Final = 450
_LISTENER: Final = "default"
_START_SECONDS: Final = 10
_QOS_2: Final = 0x04
_MORE: Final = 0x80
_LENGTH_BYTES_MAX: Final = 2
"""So many bytes tell every length up to 16383."""
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
    """Reads packets whole, each small and in time, and hands their bytes out."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._head = bytearray()
        """Of the packet that is being read: kept, since the library may interrupt a read."""
        self._packet = memoryview(b"")
        """What is still to be handed out."""
        self._deadline = _now_seconds() + CONNECT_SECONDS_MAX
        self._is_connected = False
        self._is_over = False

    async def read(self, n: int = -1) -> bytes:
        """Return ``n`` bytes; raises IncompleteReadError or ConnectionResetError."""
        if self._is_over:
            raise ConnectionResetError("the line is over")
        try:
            if n and not self._packet:
                self._packet = memoryview(await self._next_packet())
            if not 0 <= n <= len(self._packet):
                raise ConnectionResetError("more is asked for than the packet has")
        except (OSError, EOFError) as error:  # of which TimeoutError is one
            self._is_over = True
            raise ConnectionResetError(str(error)) from None
        data, self._packet = bytes(self._packet[:n]), self._packet[n:]
        return data

    def feed_eof(self) -> None:
        """Say that nothing more comes."""
        self._reader.feed_eof()

    async def _next_packet(self) -> bytes:
        """Read a packet; the first has its time from the line's beginning, others from theirs."""
        if not self._head:
            self._head += await self._in_time(1)
            if self._is_connected:
                self._deadline = _now_seconds() + PACKET_SECONDS_MAX
        if self._head[0] >> 4 == PUBLISH and self._head[0] & _QOS_2:
            raise ConnectionResetError("nothing is taken at QoS 2")
        while len(self._head) == 1 or self._head[-1] & _MORE:
            if len(self._head) > _LENGTH_BYTES_MAX:
                raise ConnectionResetError("the packet is too large")
            self._head += await self._in_time(1)
        length = sum((byte & ~_MORE) << 7 * place for place, byte in enumerate(self._head[1:]))
        if length > PACKET_BYTES_MAX:
            raise ConnectionResetError("the packet is too large")
        packet = bytes(self._head) + await self._in_time(length)
        self._head.clear()
        self._is_connected = True
        self._deadline = _now_seconds() + IDLE_SECONDS_MAX
        return packet

    async def _in_time(self, count: int) -> bytes:
        async with asyncio.timeout_at(self._deadline):
            return await self._reader.readexactly(count)


def _now_seconds() -> float:
    return asyncio.get_running_loop().time()


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
        if not is_loopback(address.host):
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
