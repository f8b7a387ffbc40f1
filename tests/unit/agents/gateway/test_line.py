"""A line to a broker elsewhere, in MQTT 5 and 3.1.1, and addresses that are refused."""

import queue
import shutil
import socket
import subprocess

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from support.device import TOPIC, Publisher
from xinlian.agents.gateway import BrokerAddress, GatewayError, Line, read_address
from xinlian.connectors.devices import PAYLOAD_BYTES_MAX

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mqtt://broker.example", ("broker.example", 1883, False, "")),
        ("mqtts://gateway@broker.example", ("broker.example", 8883, True, "gateway")),
        ("mqtt://127.0.0.1:11883/", ("127.0.0.1", 11883, False, "")),
    ],
)
def test_an_address_names_host_port_tls_and_user(text, expected):
    assert read_address(text) == expected


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("mqtt://u:secret@broker.example", "gateway/password_in_address"),
        ("http://broker.example", "gateway/address_invalid"),
        ("broker.example:1883", "gateway/address_invalid"),
        ("mqtt://:1883", "gateway/address_invalid"),
        ("mqtt://broker.example:99999", "gateway/address_invalid"),
        ("mqtt://broker.example/path", "gateway/address_invalid"),
        ("", "gateway/address_invalid"),
    ],
)
def test_other_addresses_are_refused_and_a_password_is_never_told(text, reference):
    with pytest.raises(GatewayError) as refusal:
        read_address(text)
    assert refusal.value.reference == reference
    assert "secret" not in str(refusal.value) + repr(refusal.value)


def test_a_password_is_not_in_the_representation_of_an_address():
    address = BrokerAddress("broker.example", 1883, is_tls=False, user="u", password="secret")
    assert "secret" not in repr(address)


def test_an_authority_that_cannot_be_read_is_named(tmp_path):
    missing = tmp_path / "none.pem"
    with pytest.raises(GatewayError) as refusal:
        Line(BrokerAddress("127.0.0.1", 1, is_tls=True, ca_file=missing), print)
    assert refusal.value.reference == "gateway/certificate_unreadable"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """The port of a Mosquitto of this test's own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    config = tmp_path_factory.mktemp("mosquitto") / "mosquitto.conf"
    config.write_text(f"listener {number} 127.0.0.1\nallow_anonymous true\n")
    with subprocess.Popen([str(MOSQUITTO), "-c", str(config)], stderr=subprocess.DEVNULL) as broker:
        yield number
        broker.terminate()


@pytest.mark.skipif(MOSQUITTO is None, reason="no mosquitto on this machine")
@pytest.mark.parametrize("is_version_5", [True, False])
def test_readings_come_from_any_broker_in_either_version(port, is_version_5):
    heard: queue.Queue[bytes] = queue.Queue()
    address = BrokerAddress(
        "127.0.0.1",
        port,
        is_tls=False,
        is_version_5=is_version_5,
        client_id=f"gateway-{is_version_5}",
    )
    version = MQTTProtocolVersion.MQTTv5 if is_version_5 else MQTTProtocolVersion.MQTTv311
    with Line(address, heard.put) as line:
        assert line.subscribed.wait(20)
        with Publisher(port, version) as device:
            device.publish(b"one")
            device.publish(b"two", f"{TOPIC}/warehouse-7")
            device.publish(b"x" * 3_000)
            device.publish(b"elsewhere", "other/topic")
            device.publish(b"three")
        assert heard.get(timeout=10) == b"one"
        assert heard.get(timeout=10) == b"two"
        assert len(heard.get(timeout=10)) == PAYLOAD_BYTES_MAX + 1
        assert heard.get(timeout=10) == b"three"


@pytest.mark.skipif(MOSQUITTO is None, reason="no mosquitto on this machine")
def test_what_was_published_while_the_gateway_was_away_comes_when_it_is_back(port):
    heard: queue.Queue[bytes] = queue.Queue()
    address = BrokerAddress("127.0.0.1", port, is_tls=False, client_id="gateway-away")
    with Line(address, heard.put) as line:
        assert line.subscribed.wait(20)
    with Publisher(port) as device:
        device.publish(b"meanwhile")
    with Line(address, heard.put):
        assert heard.get(timeout=20) == b"meanwhile"
