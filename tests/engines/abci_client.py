"""The engine's end of the application's socket, spoken by a test: one request, one answer."""

import socket
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from xinlian.engines.cometbft.abci import ResponseException
from xinlian.engines.cometbft.frames import next_frame
from xinlian.engines.cometbft.kinds import REQUEST_NUMBERS, RESPONSE_NUMBERS
from xinlian.engines.cometbft.wire import Message, decode, encode, put_varint, read_varint

_NUMBERS: Final = {kind: number for number, kind in REQUEST_NUMBERS.items()}
_KINDS: Final = {number: kind for kind, number in RESPONSE_NUMBERS.items()}
_LENGTH_DELIMITED: Final = 2
_WAIT_SECONDS: Final = 60

AnswerT = TypeVar("AnswerT", bound=Message)


class AbciClient:
    """One connection to an application."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_WAIT_SECONDS)
        self._socket.connect(str(path))
        self._received = bytearray()

    def ask(self, request: Message, answer_type: type[AnswerT]) -> AnswerT:
        """Return the answer to a request, which must be of a type."""
        self._socket.sendall(_framed(request))
        while (found := next_frame(self._received, 0)) is None:
            chunk = self._socket.recv(64 << 10)
            assert chunk, "the application closed the connection"
            self._received += chunk
        frame, end = found
        del self._received[:end]
        tag, position = read_varint(frame, 0, len(frame))
        size, position = read_varint(frame, position, len(frame))
        assert position + size == len(frame)
        answer = decode(frame[position:], _KINDS[tag >> 3])
        assert not isinstance(answer, ResponseException), answer.error
        assert isinstance(answer, answer_type)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()


def _framed(request: Message) -> bytes:
    content, head, out = encode(request), bytearray(), bytearray()
    put_varint(head, _NUMBERS[type(request)] << 3 | _LENGTH_DELIMITED)
    put_varint(head, len(content))
    put_varint(out, len(head) + len(content))
    return bytes(out + head) + content
