"""A line to a broker elsewhere: MQTT 5 by default, 3.1.1 where it knows no other.

Rules this file keeps:
 1. A password is never in an address, an error or a log.
 2. A line that breaks is taken up again by the library; what was published meanwhile is the
    broker's to keep: the session is kept for a day, and readings come with quality of service 1.
 3. A payload that is larger than a reading is cut: it is refused and counted, and never kept.
"""

import dataclasses
import ssl
import threading
import urllib.parse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Self

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from xinlian.agents.gateway.errors import GatewayError
from xinlian.connectors.devices import PAYLOAD_BYTES_MAX

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_PACKET_BYTES_MAX: Final = 4_096
_SESSION_SECONDS: Final = 86_400
_QOS: Final = 1
TOPIC_DEFAULT: Final = "xinlian/readings/#"

Deliver = Callable[[bytes], None]


@dataclasses.dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is, and how it is spoken to."""

    host: str
    port: int
    is_tls: bool
    user: str = ""
    password: str = dataclasses.field(default="", repr=False)
    topic: str = TOPIC_DEFAULT
    is_version_5: bool = True
    ca_file: Path | None = None
    client_id: str = "xinlian-gateway"


def read_address(text: str) -> tuple[str, int, bool, str]:
    """Return (host, port, whether TLS, user) of an address such as ``mqtts://user@host:8883``.

    Raises:
        GatewayError: it is no such address, or it holds a password.
    """
    parts = urllib.parse.urlsplit(text)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if parts.password is not None:
        raise GatewayError(
            "password_in_address",
            "the address of the broker holds a password",
            "give it in XINLIAN_MQTT_PASSWORD, and the user in the address",
        )
    if not parts.hostname or not port or parts.path not in ("", "/") or parts.query:
        raise GatewayError(
            "address_invalid",
            "no address of a broker",
            "write mqtt://HOST:PORT or mqtts://USER@HOST:PORT",
        )
    return parts.hostname, port, parts.scheme == "mqtts", parts.username or ""


class Line:
    """A subscription to a broker in a thread of its own; close it, or leave its ``with`` block."""

    def __init__(self, address: BrokerAddress, deliver: Deliver) -> None:
        """Begin to connect; a broker that is away is tried again until ``close``."""
        self._address = address
        self._deliver = deliver
        self.subscribed = threading.Event()
        """Set while the broker has granted the subscription."""
        is_5 = address.is_version_5
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=address.client_id,
            clean_session=None if is_5 else False,
            protocol=MQTTProtocolVersion.MQTTv5 if is_5 else MQTTProtocolVersion.MQTTv311,
        )
        if address.user:
            self._client.username_pw_set(address.user, address.password or None)
        if address.is_tls:
            self._client.tls_set_context(_tls(address.ca_file))
        self._client.reconnect_delay_set(min_delay=1, max_delay=30)
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._granted
        self._client.on_disconnect = self._gone
        self._client.on_message = self._heard
        self._client.connect_async(address.host, address.port, **self._session())
        self._client.loop_start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Say good-bye and stop."""
        self._client.disconnect()
        self._client.loop_stop()

    def _session(self) -> dict[str, Any]:
        if not self._address.is_version_5:
            return {}
        wanted = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # the library's
        wanted.SessionExpiryInterval = _SESSION_SECONDS
        wanted.MaximumPacketSize = _PACKET_BYTES_MAX
        return {"clean_start": False, "properties": wanted}

    def _connected(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe(self._address.topic, _QOS)

    def _granted(
        self,
        _client: mqtt.Client,
        _data: object,
        _id: int,
        codes: Sequence[ReasonCode],
        *_: object,
    ) -> None:
        if all(not code.is_failure for code in codes):
            self.subscribed.set()

    def _gone(self, *_: object) -> None:
        self.subscribed.clear()

    def _heard(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        self._deliver(bytes(message.payload[: PAYLOAD_BYTES_MAX + 1]))


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError):
        raise GatewayError(
            "certificate_unreadable", str(ca_file), "give the authority's certificate as a PEM file"
        ) from None
