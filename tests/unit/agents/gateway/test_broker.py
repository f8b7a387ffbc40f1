"""The embedded broker takes readings, gives nothing back, and strangers cost it little."""

import asyncio
import queue
import socket

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from support.device import Publisher
from xinlian.agents.gateway import EmbeddedBroker, GatewayError, ListenAddress
from xinlian.agents.gateway.broker import PACKET_BYTES_MAX, BoundedReader

BROKER = "xinlian.agents.gateway.broker"


@pytest.fixture(scope="module")
def delivered():
    return queue.Queue()


@pytest.fixture(scope="module")
def broker(delivered):
    with EmbeddedBroker(ListenAddress(port=0), delivered.put) as broker:
        yield broker


def test_a_payload_on_the_topic_of_readings_is_delivered_in_order(broker, delivered):
    with Publisher(broker.port) as device:
        for number in range(50):
            device.publish(b"%d" % number)
    assert [delivered.get(timeout=10) for _ in range(50)] == [b"%d" % n for n in range(50)]


def test_other_topics_go_nowhere_and_nobody_subscribes(broker, delivered):
    with Publisher(broker.port) as device:
        assert device.subscribe("#") == [False]
        assert device.subscribe("xinlian/readings") == [False]
        device.publish(b"elsewhere", "xinlian/other")
        device.publish(b"kept?", "xinlian/readings/x", retain=True)
        device.publish(b"last")
    assert delivered.get(timeout=10) == b"last"
    assert delivered.empty()


def send_raw(port: int, data: bytes) -> bytes:
    """Send bytes and return what comes back until the broker lets go."""
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        told = b""
        try:
            while part := line.recv(4_096):
                told += part
        except ConnectionResetError:
            pass
        return told


CONNECT = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a"


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" * 64,
        b"\x10\xff\xff\xff\x7f" + b"x" * 64,
        b"\x10\x02\x00\x04",
        CONNECT + b"\x30\xff\xff\xff\x7f\x00\x01t" + b"x" * (2 * PACKET_BYTES_MAX),
        CONNECT + b"\x32\x04\x00\x09ab",
        CONNECT + b"\x82\x02\x00\x01",
        CONNECT + CONNECT,
        CONNECT + b"\x34\x06\x00\x01t\x00\x01x",
        CONNECT + b"\x36\x06\x00\x01t\x00\x01x",
    ],
)
def test_bytes_that_are_no_mqtt_or_too_large_end_only_their_own_line(broker, delivered, data):
    send_raw(broker.port, data)
    with Publisher(broker.port) as device:
        device.publish(b"still here")
    assert delivered.get(timeout=10) == b"still here"


def told_until_let_go(port: int, data: bytes) -> bytes:
    """Send bytes, say nothing more, and return what comes back until the broker lets go."""
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(data)
        told = b""
        try:
            while part := line.recv(4_096):
                told += part
        except ConnectionResetError:
            pass
        return told


CONNACK = b"\x20\x02\x00\x00"
SOON = 0.05


@pytest.mark.parametrize("begun", [b"", b"\x10", CONNECT[:-1]])
def test_who_does_not_say_in_time_who_it_is_is_let_go(broker, monkeypatch, begun):
    monkeypatch.setattr(f"{BROKER}.CONNECT_SECONDS_MAX", SOON)
    assert told_until_let_go(broker.port, begun) == b""


@pytest.mark.parametrize("begun", [b"\x30", b"\x30\x85", b"\x30\x05\x00\x01t"])
def test_a_packet_that_is_begun_and_not_ended_in_time_ends_the_line(broker, monkeypatch, begun):
    monkeypatch.setattr(f"{BROKER}.PACKET_SECONDS_MAX", SOON)
    assert told_until_let_go(broker.port, CONNECT + begun) == CONNACK


@pytest.mark.parametrize("keep_alive", [b"\x00\x00", b"\x00\x3c", b"\xff\xff"])
def test_a_long_silence_ends_the_line_whatever_keep_alive_was_asked_for(
    broker, monkeypatch, keep_alive
):
    monkeypatch.setattr(f"{BROKER}.IDLE_SECONDS_MAX", SOON)
    asked = CONNECT.replace(b"\x00\x3c", keep_alive)
    assert told_until_let_go(broker.port, asked) == CONNACK


def test_a_read_that_is_interrupted_loses_no_byte():
    packet = b"\x30\x16\x00\x10xinlian/readingsslow"

    async def reading():
        stream = asyncio.StreamReader()
        reader = BoundedReader(stream)
        for place in range(len(packet)):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.001)
            stream.feed_data(packet[place : place + 1])
        return [await reader.read(count) for count in (1, 1, 22)]

    assert b"".join(asyncio.run(reading())) == packet


def test_a_payload_at_qos_2_is_not_taken(broker, delivered):
    packet = b"\x34\x18\x00\x10xinlian/readings\x00\x01once"
    assert told_until_let_go(broker.port, CONNECT + packet) == CONNACK
    assert delivered.empty()


def test_a_client_of_mqtt_5_is_told_that_it_is_not_spoken_here(broker):
    with Publisher(broker.port, MQTTProtocolVersion.MQTTv5) as device:
        assert device.refused.wait(10) or not device.granted


def test_a_port_that_is_taken_and_an_address_for_others_without_tls_are_refused(broker):
    with pytest.raises(GatewayError) as refusal:
        EmbeddedBroker(ListenAddress(port=broker.port), print)
    assert refusal.value.reference == "gateway/port_taken"
    with pytest.raises(GatewayError) as refusal:
        EmbeddedBroker(ListenAddress("198.51.100.1", 0), print)
    assert refusal.value.reference == "gateway/tls_needed"


def test_a_certificate_that_cannot_be_read_is_named(tmp_path):
    missing = tmp_path / "none.pem"
    with pytest.raises(GatewayError) as refusal:
        EmbeddedBroker(ListenAddress("198.51.100.1", 0, missing, missing), print)
    assert refusal.value.reference == "gateway/certificate_unreadable"
