"""The server on a real socket: order, flushes, and connections that do not disturb each other."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xinlian.engines.cometbft.abci import (
    RequestCheckTx,
    RequestEcho,
    RequestFinalizeBlock,
    RequestInfo,
    ResponseCheckTx,
    ResponseEcho,
    ResponseInfo,
)
from xinlian.engines.cometbft.frames import FRAME_BYTES_MAX
from xinlian.engines.cometbft.server import CONNECTIONS_MAX, READ_BYTES, SEND_BYTES, AbciServer
from xinlian.engines.cometbft.wire import Message, encode, put_varint

FLUSH = bytes((2, 0x12, 0))
FLUSHED = bytes((2, 0x1A, 0))
NUMBERS = {RequestEcho: 1, RequestInfo: 3, RequestCheckTx: 8, RequestFinalizeBlock: 20}


def framed(request: Message) -> bytes:
    content, head, out = encode(request), bytearray(), bytearray()
    put_varint(head, NUMBERS[type(request)] << 3 | 2)
    put_varint(head, len(content))
    put_varint(out, len(head) + len(content))
    return bytes(out + head) + content


class Answering:
    """Echoes, counts checks, and fails when asked for a block of height 13."""

    def __init__(self) -> None:
        self.checked: list[bytes] = []
        self.release = threading.Event()
        self.entered = threading.Event()

    def __call__(self, request: Message) -> Message:
        if isinstance(request, RequestEcho):
            return ResponseEcho(request.message)
        if isinstance(request, RequestCheckTx):
            self.checked.append(request.tx)
            return ResponseCheckTx(len(self.checked))
        if isinstance(request, RequestFinalizeBlock):
            if request.height == 13:
                raise ArithmeticError("a fault of ours")
            self.entered.set()
            self.release.wait(30)
        return ResponseInfo("here")


@pytest.fixture
def failures() -> list[BaseException]:
    return []


@pytest.fixture
def handler() -> Answering:
    return Answering()


@pytest.fixture
def connect(
    tmp_path: Path, handler: Answering, failures: list[BaseException]
) -> Iterator[Callable[[], socket.socket]]:
    server = AbciServer(tmp_path / "s", handler, failures.append)
    server.start()
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600
    with contextlib.ExitStack() as stack:
        stack.callback(server.close)
        stack.callback(handler.release.set)

        def opened() -> socket.socket:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(30)
            connection.connect(str(tmp_path / "s"))
            return stack.enter_context(connection)

        yield opened


def receive(connection: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size and (chunk := connection.recv(size - len(found))):
        found += chunk
    return bytes(found)


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_answers_keep_the_order_of_requests_and_a_flush_is_answered(connect):
    connection = connect()
    sent = b"".join(framed(RequestEcho(f"number {number}")) for number in range(300)) + FLUSH
    for start in range(0, len(sent), 7):  # cut anywhere
        connection.sendall(sent[start : start + 7])
    # An echo's request is field 1, its answer field 2: but for that the bytes are the same.
    expected = b"".join(
        framed(RequestEcho(f"number {number}")).replace(b"\x0a", b"\x12", 1)
        for number in range(300)
    )
    assert receive(connection, len(expected) + len(FLUSHED)) == expected + FLUSHED


def test_a_request_is_answered_without_a_flush(connect, handler):
    connection = connect()
    connection.sendall(framed(RequestCheckTx(b"t")))
    assert receive(connection, 5) == bytes((4, 0x4A, 2, 0x08, 1))
    assert handler.checked == [b"t"]


def test_more_than_one_read_of_requests_is_answered_while_the_engine_still_sends(connect):
    connection = connect()
    request = framed(RequestEcho("x" * 1_000))
    count = 3 * (READ_BYTES + SEND_BYTES) // len(request)
    sender = threading.Thread(target=connection.sendall, args=(request * count,))
    sender.start()
    assert len(receive(connection, len(request) * count)) == len(request) * count
    sender.join()


def test_a_block_being_applied_holds_up_no_other_connection(connect, handler):
    consensus, mempool = connect(), connect()
    consensus.sendall(framed(RequestFinalizeBlock(height=1)))
    assert handler.entered.wait(30)
    mempool.sendall(framed(RequestEcho("still here")))
    assert receive(mempool, 15).endswith(b"still here")
    handler.release.set()
    assert receive(consensus, 9).endswith(b"here")


def test_one_connection_that_closes_ends_alone(connect):
    first, second = connect(), connect()
    first.close()
    second.sendall(framed(RequestEcho("a")))
    assert receive(second, 6).endswith(b"a")


@pytest.mark.parametrize("nonsense", [b"\xff" * 20, b"\x03\x77\x01\x01", b"\x02\x0a\x07"])
def test_one_connection_that_speaks_nonsense_ends_alone(connect, failures, nonsense):
    good, bad = connect(), connect()
    bad.sendall(nonsense)
    assert is_closed(bad)
    good.sendall(framed(RequestEcho("a")))
    assert receive(good, 6).endswith(b"a")
    assert failures == []


def test_a_frame_that_is_too_long_is_not_waited_for(connect):
    connection = connect()
    head = bytearray()
    put_varint(head, FRAME_BYTES_MAX + 1)
    connection.sendall(head)
    assert is_closed(connection)


def test_a_failure_is_told_to_the_engine_and_to_the_owner(connect, failures):
    connection = connect()
    connection.sendall(framed(RequestFinalizeBlock(height=13)))
    told = receive(connection, 200)
    assert b"ArithmeticError: a fault of ours" in told
    assert [type(failure) for failure in failures] == [ArithmeticError]


def test_one_connection_too_many_is_turned_away(connect):
    connections = [connect() for _ in range(CONNECTIONS_MAX)]
    for connection in connections:  # all are being served
        connection.sendall(framed(RequestEcho("a")))
        receive(connection, 6)
    assert is_closed(connect())


def test_close_ends_every_connection(tmp_path, failures):
    server = AbciServer(tmp_path / "c", Answering(), failures.append)
    server.start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(tmp_path / "c"))
        connection.sendall(framed(RequestEcho("a")))
        receive(connection, 6)
        server.close()
        assert is_closed(connection)
    assert not (tmp_path / "c").exists()
