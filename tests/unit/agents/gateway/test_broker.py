"""The embedded broker takes readings, gives nothing back, and strangers cost it little."""

import queue
import socket

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from support.device import Publisher
from xinlian.agents.gateway import EmbeddedBroker, GatewayError, ListenAddress
from xinlian.agents.gateway.broker import PACKET_BYTES_MAX


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
    ],
)
def test_bytes_that_are_no_mqtt_or_too_large_end_only_their_own_line(broker, delivered, data):
    send_raw(broker.port, data)
    with Publisher(broker.port) as device:
        device.publish(b"still here")
    assert delivered.get(timeout=10) == b"still here"


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
