"""The gateway's commands with a live ledger: it works until it is ended, and what it kept fits."""

import os
import signal
import threading

import pytest

from support.device import Publisher, Sensor
from support.live import live_ledger
from unit.modules.devices.watching import KEY, OWNER, Watching
from xinlian.cli import gateway
from xinlian.cli.gateway_work import Source, check, work
from xinlian.cli.output import CommandRefused
from xinlian.client.session import Session
from xinlian.engines.embedded.clock import wall_clock_ms
from xinlian.primitives import format_id
from xinlian.testing.trade import Trade

SOURCE = Source(
    "127.0.0.1:0", None, None, "", "xinlian/readings/#", is_version_5=True, ca_file=None
)


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    with live_ledger(tmp_path_factory.mktemp("live")) as (consortium, url):
        case = Watching(consortium, Trade(consortium))
        with Session.connect(consortium[OWNER], [url]) as session:
            yield case, session


def publish_and_end(port: int, sensor: Sensor, is_recorded: threading.Event) -> None:
    """Publish readings as soon as there is a broker, and end the command when they are recorded."""
    with Publisher(port) as device:
        for value in (5_000, 5_100, 9_500):
            device.publish(sensor.payload(wall_clock_ms(), value))
        is_recorded.wait(20)
    os.kill(os.getpid(), signal.SIGTERM)


def test_it_works_until_it_is_ended_and_what_it_kept_gives_the_ledgers_roots(
    case, tmp_path, capsys, monkeypatch
):
    watching, session = case
    device = watching.registered(flat_after=0, interval_ms=60_000)
    sensor = Sensor(KEY, watching.c.chain_id, device)
    is_recorded = threading.Event()
    watching.c.engine.on_commit(
        lambda _: is_recorded.set() if watching.device(device).alert_rules else None
    )
    begun: list[threading.Thread] = []

    def begin(broker, _deliver=None):
        publisher = threading.Thread(
            target=publish_and_end, args=(broker.port, sensor, is_recorded)
        )
        publisher.start()
        begun.append(publisher)

    listened(monkeypatch, begin)
    work(session, "finance-1", tmp_path, SOURCE, 1)
    begun[0].join(20)
    told = capsys.readouterr().err
    assert "taken 3" in told
    assert "above_limit" in told
    found = check(session, format_id("device", device), tmp_path)
    assert (found.reading_count, found.unsigned_count, found.differing) == (3, 0, ())
    (kept,) = tmp_path.glob("*.readings")
    kept.write_bytes(kept.read_bytes().replace(b'"value_e3":5100', b'"value_e3":5200'))
    spoilt = check(session, format_id("device", device), tmp_path)
    assert spoilt.unsigned_count == 1
    assert len(spoilt.differing) == 1


def listened(monkeypatch, begin):
    """Tell when the embedded broker of the command listens."""
    from xinlian.agents.gateway import EmbeddedBroker

    started = EmbeddedBroker.__enter__

    def enter(broker):
        begin(broker)
        return started(broker)

    monkeypatch.setattr(EmbeddedBroker, "__enter__", enter)


@pytest.mark.parametrize("listen", ["1883", ":1883", "127.0.0.1:", "127.0.0.1:99999", "host:port"])
def test_an_address_to_listen_on_has_host_and_port(case, tmp_path, listen):
    _, session = case
    source = Source(listen, None, None, "", "", is_version_5=True, ca_file=None)
    with pytest.raises(CommandRefused) as refusal:
        work(session, "finance-1", tmp_path, source, 1)
    assert refusal.value.reference == "cli/field_refused"


def test_a_role_without_a_key_and_a_device_out_of_sight_are_refused(case, tmp_path):
    _, session = case
    with pytest.raises(CommandRefused) as refusal:
        work(session, "nobody", tmp_path, SOURCE, 1)
    assert refusal.value.reference == "client/no_such_role"
    with pytest.raises(CommandRefused) as refusal:
        check(session, format_id("device", b"?" * 20), tmp_path)
    assert refusal.value.reference == "gateway/no_device"


def test_a_broker_with_a_password_in_its_address_is_refused(case, tmp_path):
    _, session = case
    source = Source("", None, None, "mqtt://u:secret@h", "", is_version_5=True, ca_file=None)
    with pytest.raises(CommandRefused) as refusal:
        work(session, "finance-1", tmp_path, source, 1)
    assert refusal.value.reference == "gateway/password_in_address"
    assert "secret" not in refusal.value.text


def test_without_the_libraries_of_mqtt_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(gateway.__dict__, "importlib", _NoLibraries())
    with pytest.raises(CommandRefused) as refusal:
        gateway._work()
    assert refusal.value.reference == "gateway/libraries_missing"
    assert "xinlian[iot]" in refusal.value.next_step


class _NoLibraries:
    def import_module(self, name):
        raise ModuleNotFoundError(name=f"amqtt of {name}")
