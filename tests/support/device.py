"""A device that signs readings and publishes them over MQTT, for the tests of the gateway."""

import threading

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from xinlian.connectors.devices import Reading, payload_of, sign_reading
from xinlian.crypto.ed25519 import SigningKey

TOPIC = "xinlian/readings"


class Sensor:
    """A device with its key; it numbers its readings."""

    def __init__(self, key: SigningKey, chain_id: str, device: bytes) -> None:
        self._key = key
        self._chain_id = chain_id
        self._device = device
        self.no = 0

    def reading(self, taken_at_ms: int, value_e3: int) -> Reading:
        """Return the next reading."""
        self.no += 1
        unsigned = Reading(self._device, self.no, taken_at_ms, value_e3, None, None, bytes(64))
        return sign_reading(self._key, self._chain_id, unsigned)

    def payload(self, taken_at_ms: int, value_e3: int) -> bytes:
        """Return the payload of the next reading."""
        return payload_of(self.reading(taken_at_ms, value_e3))


class Publisher:
    """A client of a broker; close it, or leave its ``with`` block."""

    def __init__(
        self, port: int, version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311
    ) -> None:
        self.refused = threading.Event()
        self.granted: list[bool] = []
        self._connected = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=version)
        self._client.on_connect = self._answered
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def __enter__(self):
        return self

    def __exit__(self, *raised: object):
        self.close()

    def close(self) -> None:
        """Say good-bye."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, payload: bytes, topic: str = TOPIC, *, retain: bool = False) -> None:
        """Publish, and wait until the broker has it."""
        assert self._connected.wait(10)
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def subscribe(self, topic: str) -> list[bool]:
        """Ask for a topic; return whether it was granted."""
        assert self._connected.wait(10)
        answered = threading.Event()

        def told(_client, _data, _id, codes, *_):
            self.granted = [not code.is_failure for code in codes]
            answered.set()

        self._client.on_subscribe = told
        self._client.subscribe(topic, 1)
        assert answered.wait(10)
        return self.granted

    def _answered(self, _client, _data, _flags, code, *_):
        (self.refused if code.is_failure else self._connected).set()
