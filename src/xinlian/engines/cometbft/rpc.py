"""Speaking to the engine over its local socket: handing in transactions, asking how it is.

Rules this file keeps:
 1. Answers are bounded; what is no answer is an ``EngineUnreachable``, never guessed at.
 2. A connection is one thread's; it is opened again after a failure, and at once where the engine
    had only closed an idle one.
"""

import http.client
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from xinlian.engines.connections import LocalConnection

ANSWER_BYTES_MAX: Final = 8 << 20
ALREADY_THERE: Final = "already exists in cache"


class EngineUnreachable(Exception):  # noqa: N818 - names the state of the engine
    """The engine does not answer: it is starting, stopping or gone."""


class _Error(msgspec.Struct, frozen=True):
    code: int
    message: str = ""
    data: str = ""


class _Answer(msgspec.Struct, frozen=True):
    id: int
    error: _Error | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")


class _SyncInfo(msgspec.Struct, frozen=True):
    latest_block_height: str
    catching_up: bool


class _Status(msgspec.Struct, frozen=True):
    sync_info: _SyncInfo


class _NetInfo(msgspec.Struct, frozen=True):
    n_peers: str


class _Header(msgspec.Struct, frozen=True):
    proposer_address: str


class _HeaderAnswer(msgspec.Struct, frozen=True):
    header: _Header


class EngineStatus(NamedTuple):
    """How an engine is."""

    height: int
    is_catching_up: bool
    peers: int


class EngineClient:
    """One connection to an engine."""

    def __init__(self, path: Path) -> None:
        self._connection = LocalConnection(path)

    def broadcast(self, transactions: Sequence[bytes]) -> list[str]:
        """Hand transactions in; return what the engine says against each, empty where nothing.

        Raises:
            EngineUnreachable: nothing is known of any of them.
        """
        answers = self._ask(
            [
                ("broadcast_tx_async", {"tx": b64encode(transaction).decode()})
                for transaction in transactions
            ],
        )
        return [_problem(answer) for answer in answers]

    def status(self) -> EngineStatus:
        """Return how the engine is; raises EngineUnreachable."""
        status, peers = self._ask([("status", {}), ("net_info", {})])
        try:
            sync = msgspec.json.decode(status.result, type=_Status).sync_info
            count = int(msgspec.json.decode(peers.result, type=_NetInfo).n_peers)
            return EngineStatus(int(sync.latest_block_height), sync.catching_up, count)
        except (msgspec.DecodeError, ValueError) as error:
            raise EngineUnreachable(f"an answer that is none: {error}") from None

    def proposer(self, height: int) -> str:
        """Return the address of who proposed a block, hexadecimal; raises EngineUnreachable."""
        answer = self.ask("header", {"height": str(height)})
        try:
            return msgspec.json.decode(answer, type=_HeaderAnswer).header.proposer_address
        except msgspec.DecodeError as error:
            raise EngineUnreachable(f"an answer that is none: {error}") from None

    def ask(self, method: str, parameters: dict[str, str]) -> bytes:
        """Return the JSON of one answer; raises EngineUnreachable, also when it is an error."""
        (answer,) = self._ask([(method, parameters)])
        if answer.error is not None:
            raise EngineUnreachable(f"{method}: {_problem(answer)}")
        return bytes(answer.result)

    def relay(self, question: bytes) -> bytes:
        """Return the answer to a question that was checked, as it is; raises EngineUnreachable."""
        _, content = self._exchange(question)
        if len(content) > ANSWER_BYTES_MAX:
            raise EngineUnreachable("an answer that is too long")
        return content

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _ask(self, calls: Sequence[tuple[str, dict[str, str]]]) -> list[_Answer]:
        body = msgspec.json.encode(
            [
                {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
                for number, (method, parameters) in enumerate(calls)
            ],
        )
        status, content = self._exchange(body)
        answers = _answers(content)
        if sorted(answers) != list(range(len(calls))):
            self._connection.close()
            raise EngineUnreachable(f"status {status}, {len(answers)} answers")
        return [answers[number] for number in range(len(calls))]

    def _exchange(self, body: bytes) -> tuple[int, bytes]:
        """Return the status and the content of an answer.

        The engine closes connections that were idle: one that was open before is tried twice.
        Asking twice changes nothing, since the engine knows a transaction that it has.
        """
        was_open = self._connection.sock is not None
        try:
            return self._exchange_once(body)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            if not was_open or isinstance(error, TimeoutError):
                raise EngineUnreachable(str(error) or type(error).__name__) from None
        try:
            return self._exchange_once(body)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise EngineUnreachable(str(error) or type(error).__name__) from None

    def _exchange_once(self, body: bytes) -> tuple[int, bytes]:
        self._connection.request("POST", "/", body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        return response.status, response.read(ANSWER_BYTES_MAX + 1)


def _answers(content: bytes) -> dict[int, _Answer]:
    try:
        # The engine answers a list of one with an object alone.
        found = msgspec.json.decode(content, type=_Answer | list[_Answer])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return {answer.id: answer for answer in (found if isinstance(found, list) else [found])}


def _problem(answer: _Answer) -> str:
    error = answer.error
    if error is None or ALREADY_THERE in error.data:
        return ""
    return f"{error.message} {error.data}".strip()
