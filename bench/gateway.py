"""How many readings a second the gateway takes: run ``python -m bench.gateway``.

Rules this file keeps:
 1. Processor time is what is compared; the ledger is one that accepts everything at once.
"""

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from xinlian.agents.gateway import (
    EmbeddedBroker,
    Gateway,
    Journal,
    KnownDevice,
    ListenAddress,
)
from xinlian.connectors.devices import Reading, payload_of, sign_reading
from xinlian.contracts.message import Message
from xinlian.crypto.ed25519 import SigningKey
from xinlian.modules.devices.types import DeviceTerms

DEVICES: Final = 100
READINGS: Final = 50
"""Of each device."""
CHAIN: Final = "bench"
START_MS: Final = 1_800_000_000_000
TERMS: Final = DeviceTerms(60_000, 600_000, 2_000, 8_000, 110, 30)
TOPIC: Final = "xinlian/readings"
CHUNK: Final = 1_000


class Accepting:
    """A ledger that accepts every report."""

    def __init__(self, devices: Sequence[KnownDevice]) -> None:
        self._devices = devices
        self.message_count = 0

    def devices(self) -> Iterator[KnownDevice]:
        """Yield the devices."""
        return iter(self._devices)

    def report(self, messages: Sequence[Message]) -> None:
        """Count."""
        self.message_count += len(messages)


def main() -> None:
    """Measure taking readings from memory, and through the embedded broker."""
    keys = [SigningKey(number.to_bytes(32, "big")) for number in range(1, DEVICES + 1)]
    payloads = [
        _payload(place, key, no) for no in range(READINGS) for place, key in enumerate(keys)
    ]
    for name, feed in (("from memory", _from_memory), ("over MQTT, QoS 1", _over_mqtt)):
        with tempfile.TemporaryDirectory() as folder:
            ledger = Accepting([_known(place, key) for place, key in enumerate(keys)])
            journal = Journal(Path(folder))
            gateway = Gateway(CHAIN, ledger, journal, _end_ms)
            gateway.work()
            began, began_cpu = time.monotonic(), time.process_time()
            feed(gateway, payloads)
            seconds, cpu = time.monotonic() - began, time.process_time() - began_cpu
            journal.close()
        taken = gateway.counts["taken"]
        print(f"{name}: {taken} readings of {DEVICES} devices, {taken / cpu:.0f} a CPU second, "
              f"{taken / seconds:.0f} a second, {ledger.message_count} messages")  # fmt: skip


def _end_ms() -> int:
    return START_MS + READINGS * 60_000


def _from_memory(gateway: Gateway, payloads: Sequence[bytes]) -> None:
    for place in range(0, len(payloads), CHUNK):
        for payload in payloads[place : place + CHUNK]:
            gateway.offer(payload)
        gateway.work()


def _over_mqtt(gateway: Gateway, payloads: Sequence[bytes]) -> None:
    connected = threading.Event()
    with EmbeddedBroker(ListenAddress(port=0), gateway.offer) as broker:
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.on_connect = lambda *_: connected.set()
        client.connect("127.0.0.1", broker.port)
        client.loop_start()
        connected.wait()
        for payload in payloads:
            client.publish(TOPIC, payload, qos=1)
        working = threading.Thread(target=gateway.run)
        working.start()
        while gateway.counts["taken"] + gateway.counts["overrun"] < len(payloads):
            working.join(0.05)
        gateway.stop()
        working.join()
        client.disconnect()
        client.loop_stop()


def _payload(place: int, key: SigningKey, no: int) -> bytes:
    taken_at_ms = START_MS + no * 60_000
    value = 5_000 + (no * 7 + place) % 900
    position = 312_304_000 + no * 100, 1_214_737_000
    unsigned = Reading(_device(place), no + 1, taken_at_ms, value, *position, bytes(64))
    return payload_of(sign_reading(key, CHAIN, unsigned))


def _device(place: int) -> bytes:
    return place.to_bytes(20, "big")


def _known(place: int, key: SigningKey) -> KnownDevice:
    return KnownDevice(
        device=_device(place),
        public_key=key.public_key,
        terms=TERMS,
        until_ms=START_MS * 2,
        is_in_use=True,
        last_no=0,
        heard_at_ms=START_MS,
        alert_rules=(),
        alert_until_ms=0,
    )


if __name__ == "__main__":
    main()
