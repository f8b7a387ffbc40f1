"""What a node tells those who watch over it: numbers that are true, and nothing of anybody."""

import http.client
import re
import socket

import msgspec
import pytest

from xinlian.bootstrap import run_node
from xinlian.cli.metrics import CONNECTIONS_MAX, SOCKET_NAME, Condition, watched
from xinlian.cli.network_questions import ask_node, condition_of
from xinlian.modules.accounts.messages import Transfer
from xinlian.testing import Consortium

LINE = re.compile(r"xinlian_[a-z_]+ [0-9.e+-]+")


@pytest.fixture
def running(tmp_path):
    c = Consortium()
    c.close()
    operator = c["core"].keys["operator"]
    with run_node(tmp_path, c.genesis_bytes, operator, block_interval_seconds=0) as node:
        c.engine, c.node = node.engine, node.node  # type: ignore[assignment] # its parties act here
        yield c, node


def asked(data):
    content = ask_node(data, "/metrics")
    assert content is not None
    return content.decode()


def numbers(text):
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(LINE.fullmatch(line) for line in lines), lines
    return {name: float(value) for name, value in (line.split() for line in lines)}


def test_numbers_follow_what_is_committed_and_each_is_explained(running, tmp_path):
    c, node = running
    with watched(node, tmp_path):
        before = numbers(asked(tmp_path))
        for _ in range(3):
            c.send("core", Transfer(c.account("core"), c.account("bank"), 1))
        while numbers(asked(tmp_path))["xinlian_blocks_total"] < 3:
            node.engine.wait_above(node.engine.height(), 0.05)  # it is told just after the outcome
        text = asked(tmp_path)
        after = numbers(text)
        assert after["xinlian_up"] == after["xinlian_ready"] == 1
        assert after["xinlian_height"] == before["xinlian_height"] + 3 == node.engine.height()
        assert after["xinlian_blocks_total"] == after["xinlian_transactions_total"] == 3
        assert after["xinlian_store_bytes"] > 0
        for name in after:
            assert f"# HELP {name} " in text
            assert re.search(f"# TYPE {name} (gauge|counter)\n", text)
        for secret in (c["core"].uscc, c["core"].party.hex()):
            assert secret not in text


def test_a_stopped_engine_is_down_and_says_why(running, tmp_path):
    _, node = running
    with watched(node, tmp_path):
        before = condition_of(tmp_path)
        assert before is not None
        assert before.failure == ""
        node.engine.close()
        found = condition_of(tmp_path)
        assert isinstance(found, Condition)
        assert found.failure
        assert found.app_hash == node.node.head().header.app_hash.hex()
        metrics = numbers(asked(tmp_path))
        assert metrics["xinlian_up"] == metrics["xinlian_ready"] == 0
    assert condition_of(tmp_path) is None


def test_only_two_questions_are_answered_on_a_socket_of_the_owner_alone(running, tmp_path):
    _, node = running
    with watched(node, tmp_path):
        path = tmp_path / SOCKET_NAME
        assert path.stat().st_mode & 0o777 == 0o600
        for other in ("/", "/v1/genesis", "/../chain.lmdb"):
            assert ask_node(tmp_path, other) is None
        idle = [socket.socket(socket.AF_UNIX) for _ in range(CONNECTIONS_MAX + 4)]
        for one in idle:
            one.connect(str(path))
            one.sendall(b"\xff\x00garbage\r\n\r\n")
        for one in idle:
            one.close()
        while ask_node(tmp_path, "/condition") is None:
            pass
    assert not path.exists()


def test_prometheus_asks_over_loopback_and_never_over_the_network(running, tmp_path):
    _, node = running
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with watched(node, tmp_path, f"127.0.0.1:{port}"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert answer.getheader("Content-Type", "").startswith("text/plain; version=0.0.4")
        assert numbers(answer.read().decode())["xinlian_up"] == 1
        connection.close()
    for address in ("0.0.0.0:1", "nonsense", "example.org:80"):
        with pytest.raises(ValueError, match=r"."), watched(node, tmp_path, address):
            raise AssertionError


def test_what_is_no_condition_is_none(tmp_path):
    assert condition_of(tmp_path) is None
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b"{}", type=Condition)
