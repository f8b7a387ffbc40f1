"""Questions about headers: a few are passed on, the others refused; answers are compared."""

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from unit.engines.cometbft.local_engine import answering
from unit.engines.cometbft.test_stand import KEY, header
from xinlian.engines.cometbft.light import (
    QUESTION_BYTES_MAX,
    LightServer,
    TrustedBlock,
    address_of_text,
    clock_ahead_seconds,
    ledger_headers,
    set_change_proof,
    trusted_block,
)
from xinlian.engines.cometbft.rpc import EngineUnreachable
from xinlian.engines.sealing import signed_by
from xinlian.ledger.header import SignedHeader

CHAIN = "test-quiet"


def engine(block: str = "AB", chain: str = CHAIN, height: int = 9) -> Any:
    """Return what an engine answers."""

    def answer(call: dict[str, Any]) -> bytes:
        assert isinstance(call, dict)
        result: object = {"signed_header": {"commit": {"block_id": {"hash": block * 32}}}}
        if call["method"] == "status":
            sync = {"latest_block_height": str(height), "catching_up": False}
            result = {"node_info": {"network": chain}, "sync_info": sync}
        return json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}).encode()

    return answer


@contextlib.contextmanager
def served(folder: Path, answer: Any, name: str = "rpc") -> Iterator[str]:
    path = folder / f"{name}.sock"
    with answering(path, answer):
        server = LightServer("127.0.0.1:0", path, head_of, change_of)
        server.start()
        try:
            yield f"127.0.0.1:{server.port}"
        finally:
            server.close()


def head_of(height: int) -> SignedHeader | None:
    return signed_by(KEY, header(height, 10 * height)) if height == 100 else None


def change_of(height: int) -> bytes | None:
    return b"the votes" if height == 100 else None


def post(address: str, body: bytes, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(*address_of_text(address), timeout=10)
    connection.request("POST", "/", body, headers)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, content


def question(method: str, **parameters: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()


def test_what_changes_nothing_is_passed_on_and_everything_else_refused(tmp_path):
    with served(tmp_path, engine()) as address:
        assert post(address, question("commit", height="8"))[0] == 200
        assert post(address, question("validators", height=8, page=1, per_page=100))[0] == 200
        for body in (
            question("broadcast_tx_sync", tx="AA=="),
            question("unsafe_flush_mempool"),
            question("commit", height="8 or 1"),
            question("commit", height="-1"),
            question("commit", height="9" * 40),
            question("status", hash="00"),
        ):
            assert post(address, body)[0] == 403
        for body in (b"", b"\xff\x00garbage", b"[]", b"{}", b"[" * 3_000):
            assert post(address, body)[0] == 400
        assert post(address, b"{" + b" " * QUESTION_BYTES_MAX)[0] == 413
        assert post(address, b"", **{"Content-Length": "many"})[0] == 411


def test_what_is_kept_of_a_change_of_validators_is_told_to_whoever_asks(tmp_path):
    with served(tmp_path, engine()) as address:
        assert set_change_proof(address, 100) == b"the votes"
        with pytest.raises(EngineUnreachable, match="kept no change of height 7"):
            set_change_proof(address, 7)


def test_garbage_on_the_port_ends_its_own_connection_and_nothing_else(tmp_path):
    with served(tmp_path, engine()) as address:
        for noise in (
            b"\x00" * 4_096,
            b"GET / HTTP/1.1\r\n\r\n",
            b"POST",
            b"\xff\xfe\r\n\r\n" * 100,
        ):
            with socket.create_connection(address_of_text(address), timeout=10) as peer:
                peer.sendall(noise)
        assert post(address, question("status"))[0] == 200


def test_an_engine_that_does_not_answer_is_said_to_be_unavailable(tmp_path):
    server = LightServer("127.0.0.1:0", tmp_path / "none.sock", head_of, change_of)
    server.start()
    try:
        assert post(f"127.0.0.1:{server.port}", question("status"))[0] == 503
    finally:
        server.close()


def test_the_newest_block_that_all_have_is_trusted_when_they_name_it_alike(tmp_path):
    with served(tmp_path, engine(height=9), "a") as a, served(tmp_path, engine(height=7), "b") as b:
        assert trusted_block((a, b), CHAIN) == TrustedBlock(6, "AB" * 32)


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (engine(block="CD"), "different blocks"),
        (engine(chain="another"), "another"),
        (lambda _call: b'{"id":0,"error":{"code":1}}', "code"),
        (lambda _call: b"nonsense", "127"),
        (lambda _call: b'{"id":0,"result":{"node_info":{}}}', "none"),
    ],
    ids=["another block", "another chain", "an error", "nonsense", "half an answer"],
)
def test_nothing_is_trusted_when_one_of_them_says_otherwise(tmp_path, other, problem):
    with (
        served(tmp_path, engine(), "a") as a,
        served(tmp_path, other, "b") as b,
        pytest.raises(EngineUnreachable, match=problem),
    ):
        trusted_block((a, b), CHAIN)


def test_a_servers_clock_is_compared_with_this_machines(tmp_path):
    with served(tmp_path, engine()) as address:
        ahead = clock_ahead_seconds(address)
    assert ahead is not None
    assert abs(ahead) < 5
    assert clock_ahead_seconds("127.0.0.1:1") is None
    assert clock_ahead_seconds("no address") is None


def test_the_ledgers_header_comes_from_each_that_has_it(tmp_path):
    with served(tmp_path, engine()) as address:
        silent = "127.0.0.1:1"
        assert ledger_headers((address, silent, "no address"), 100) == [header(100, 1_000)]
        assert ledger_headers((address,), 7) == []


@pytest.mark.parametrize("text", ["", "host", "host:", ":1", "host:port", "host:70000"])
def test_an_address_is_a_host_and_a_port(text):
    with pytest.raises(ValueError, match="HOST:PORT"):
        address_of_text(text)
