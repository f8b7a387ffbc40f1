"""Speaking to the engine: what is no answer is never taken for one."""

import base64
import json
import socket

import pytest

from unit.engines.cometbft.local_engine import answering, errors, results
from xinlian.engines.cometbft.rpc import EngineClient, EngineStatus, EngineUnreachable


def test_transactions_are_handed_in_as_they_are(tmp_path):
    seen: list[bytes] = []

    def answer(calls):
        seen.extend(base64.b64decode(call["params"]["tx"]) for call in calls)
        return results(calls)

    with answering(tmp_path / "s", answer):
        client = EngineClient(tmp_path / "s")
        assert client.broadcast([b"one", b"two"]) == ["", ""]
        assert client.broadcast([b"three"]) == [""]
        client.close()
    assert seen == [b"one", b"two", b"three"]


def test_the_answer_to_one_call_may_stand_alone(tmp_path):
    with answering(
        tmp_path / "s", lambda calls: json.dumps(json.loads(results(calls))[0]).encode()
    ):
        client = EngineClient(tmp_path / "s")
        assert client.broadcast([b"one"]) == [""]
        client.close()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("mempool is full: 20000 of 20000", "Internal error mempool is full: 20000 of 20000"),
        ("tx already exists in cache", ""),
    ],
)
def test_a_refusal_is_told_and_a_transaction_that_is_there_is_none(tmp_path, data, expected):
    with answering(tmp_path / "s", lambda calls: errors(calls, data)):
        client = EngineClient(tmp_path / "s")
        assert client.broadcast([b"one"]) == [expected]
        client.close()


@pytest.mark.parametrize(
    "content",
    [b"", b"not JSON", b"[]", b'[{"id": 7}]', b'{"id": "0"}', b"\xff", b'[{"id":0},{"id":0}]'],
)
def test_what_is_no_answer_is_an_engine_that_cannot_be_reached(tmp_path, content):
    with answering(tmp_path / "s", lambda _: content):
        client = EngineClient(tmp_path / "s")
        with pytest.raises(EngineUnreachable):
            client.broadcast([b"one", b"two"])
        client.close()


def test_an_engine_that_is_not_there_cannot_be_reached_until_it_is(tmp_path):
    client = EngineClient(tmp_path / "s")
    with pytest.raises(EngineUnreachable):
        client.status()
    with answering(tmp_path / "s", results):
        assert client.broadcast([b"one"]) == [""]
        client.close()


def test_a_connection_that_the_engine_closed_while_it_was_idle_is_opened_again_at_once(tmp_path):
    client = EngineClient(tmp_path / "s")
    with answering(tmp_path / "s", results):
        assert client.broadcast([b"one"]) == [""]
    (tmp_path / "s").unlink()
    with answering(tmp_path / "s", results):  # the old connection leads nowhere now
        client._connection.sock.shutdown(socket.SHUT_RDWR)
        assert client.broadcast([b"two"]) == [""]
        client.close()


def test_the_status_is_read_and_a_wrong_one_refused(tmp_path):
    good = {
        "sync_info": {"latest_block_height": "12", "catching_up": True},
        "n_peers": "3",
    }
    with answering(tmp_path / "s", lambda calls: results(calls, good)):
        client = EngineClient(tmp_path / "s")
        assert client.status() == EngineStatus(12, is_catching_up=True, peers=3)
        client.close()
    (tmp_path / "s").unlink()
    with answering(tmp_path / "s", results):
        client = EngineClient(tmp_path / "s")
        with pytest.raises(EngineUnreachable):
            client.status()
        client.close()


def test_one_answer_is_given_as_it_came_and_an_error_is_raised(tmp_path):
    with answering(tmp_path / "s", lambda calls: results(calls, {"a": 1})):
        client = EngineClient(tmp_path / "s")
        assert json.loads(client.ask("commit", {"height": "1"})) == {"a": 1}
        client.close()
    (tmp_path / "s").unlink()
    with answering(tmp_path / "s", lambda calls: errors(calls, "no such height")):
        client = EngineClient(tmp_path / "s")
        with pytest.raises(EngineUnreachable, match="no such height"):
            client.ask("commit", {"height": "1"})
        client.close()
