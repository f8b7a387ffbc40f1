"""A node's HTTP API from Python: submit, wait, read, follow; every request signed or under a token.

::

    with NodeClient("http://127.0.0.1:8080", party=me, key=key) as node:
        outcome = node.wait_for_outcome(signed)
        for leaf in node.iterate(f"/v1/certificates/{certificate}/leaves", LeafRow):
            ...

Rules this file keeps:
 1. A lost answer is never guessed: the same bytes are submitted again, to the next node if there
    are several, until the outcome is known or the time is up.
 2. The private key stays here; a request carries a signature or a short token got with one.
 3. Every wait is bounded; every error is an ``ApiError`` with a stable code or ``NodeUnreachable``.
 4. Neither keys nor tokens are in a repr, an error or a URL.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx
import msgspec

from xinlian.client.builder import SignedTransaction
from xinlian.client.connection import WAIT_SECONDS_MAX, Connection, Parameters, Seen
from xinlian.client.errors import ApiError, NodeUnreachable
from xinlian.client.wire import (
    CountersignedAnswer,
    DryRunAnswer,
    HeaderAnswer,
    HeadersAnswer,
    LedgerEvent,
    OutcomeAnswer,
    ReadyAnswer,
    ReportAnswer,
)
from xinlian.crypto.ed25519 import SigningKey
from xinlian.modules.members.types import key_id_of
from xinlian.primitives import PartyId, format_id

__all__ = ["ApiError", "NodeClient", "NodeUnreachable"]

OUTCOME_TIMEOUT_SECONDS: Final = 120.0
PAGE_LIMIT: Final = 200
_RETRY_SECONDS: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)

AnswerT = TypeVar("AnswerT")


class NodeClient:
    """One party's connection to a node, or to several nodes of one chain; thread-safe."""

    def __init__(
        self,
        base_url: str | Sequence[str],
        *,
        party: PartyId,
        key: SigningKey,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        urls = (base_url,) if isinstance(base_url, str) else tuple(base_url)
        if not urls:
            raise ValueError("at least one node's address is needed")
        self.party = party
        seen = Seen()
        self._connections = [
            Connection(url.rstrip("/"), key, transport, clock, seen) for url in urls
        ]
        self._key_id = format_id("key", key_id_of(key.suite, key.public_key))
        self._closed = threading.Event()

    def __repr__(self) -> str:
        urls = ", ".join(connection.base_url for connection in self._connections)
        return f"NodeClient({urls}, party={format_id('party', self.party)}, key={self._key_id})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; retries and event streams end."""
        self._closed.set()
        for connection in self._connections:
            connection.close()

    # Submitting

    def submit(self, raw: bytes, wait_seconds: float = 0) -> OutcomeAnswer:
        """Submit signed bytes and wait a while for the outcome.

        Args:
            raw: the bytes of a signed transaction.
            wait_seconds: 0 to 30; then ``pending`` is answered.

        Raises:
            ApiError: not admitted (``not_admitted``), which is advice and no outcome.
            NodeUnreachable: no answer; submit the same bytes again, or ask for the outcome.
        """
        return self._in_turn(lambda node: node.submit(raw, wait_seconds))

    def wait_for_outcome(
        self,
        signed: SignedTransaction,
        *,
        valid_until_ms: int | None = None,
        timeout_seconds: float = OUTCOME_TIMEOUT_SECONDS,
    ) -> OutcomeAnswer:
        """Submit until the outcome is known; lost answers and passing refusals are retried.

        Args:
            signed: the transaction.
            valid_until_ms: until when it is valid, so that ``expired`` can be told from
                ``unknown``.
            timeout_seconds: how long to try.

        Returns:
            The outcome: ``committed`` or ``expired``.

        Raises:
            ApiError: a node refused it for good.
            NodeUnreachable: the time is up without an outcome.
        """
        deadline = time.monotonic() + timeout_seconds
        attempt = 0
        while True:
            left_seconds = deadline - time.monotonic()
            outcome = self._attempt(signed, valid_until_ms, attempt, left_seconds)
            if outcome is not None and outcome.status in ("committed", "expired"):
                return outcome
            attempt += 1
            pause_seconds = _RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS)) - 1]
            if deadline - time.monotonic() <= pause_seconds or self._closed.wait(pause_seconds):
                raise NodeUnreachable(
                    f"no outcome of {signed.transaction_id.hex()} within {timeout_seconds:g} s; "
                    "ask again later: the same bytes give the same outcome",
                )

    def dry_run(self, raw: bytes) -> DryRunAnswer:
        """Return what a signed transaction would do now; raises ApiError."""
        path = "/v1/transactions/dry-run"
        return self._in_turn(lambda node: node.post_as(DryRunAnswer, path, raw))

    def outcome(self, transaction_id: bytes, valid_until_ms: int | None = None) -> OutcomeAnswer:
        """Return what is known of a submission; ``expired`` needs its ``valid_until_ms``."""
        parameters = {} if valid_until_ms is None else {"valid_until_ms": valid_until_ms}
        return self.get_as(OutcomeAnswer, f"/v1/transactions/{transaction_id.hex()}", parameters)

    # Proofs

    def genesis(self) -> bytes:
        """Return the genesis file; compare its hash with one you trust."""
        return self.get_bytes("/v1/genesis")

    def ready(self) -> ReadyAnswer:
        """Return whether the node serves, its head and how far its read model is."""
        return self._in_turn(
            lambda node: node.get_as(ReadyAnswer, "/v1/health/ready", {}, also=503)
        )

    def head(self) -> HeaderAnswer:
        """Return the last committed header."""
        return self.get_as(HeaderAnswer, "/v1/headers/head")

    def wait_for_time(self, moment_ms: int, timeout_seconds: float) -> HeaderAnswer:
        """Return a head of that time of the ledger or later, or the last one before the time is up.

        For simulated clocks, which move by a message and the blocks behind it.
        """
        deadline = time.monotonic() + timeout_seconds
        head = self.head()
        while head.time_ms < moment_ms and time.monotonic() < deadline:
            if self._closed.wait(_RETRY_SECONDS[0]):
                break
            head = self.head()
        return head

    def header(self, height: int) -> HeaderAnswer:
        """Return the header of a height; raises ApiError where there is none."""
        return self.get_as(HeaderAnswer, f"/v1/headers/{height}")

    def headers(self, first: int, limit: int) -> HeadersAnswer:
        """Return a page of headers from a height on, ascending."""
        return self.get_as(HeadersAnswer, "/v1/headers", {"from_height": first, "limit": limit})

    def receipt(
        self,
        transaction_id: bytes,
        state: Sequence[str] = (),
        at_height: int | None = None,
    ) -> bytes:
        """Return a receipt file of a transaction.

        Args:
            transaction_id: 32 bytes.
            state: entries to prove: ``leaf:<id>``, ``certificate:<id>``, ``account:<id>`` with
                ids in text form.
            at_height: as of which height they are proven; the head's by default.

        Raises:
            ApiError: ``api/state_not_kept`` names the heights that can be proven, ``api/pruned``
                who still has the transaction.
        """
        parameters: dict[str, Any] = {"state": list(state)} if state else {}
        if at_height is not None:
            parameters["at_height"] = at_height
        return self.get_bytes(f"/v1/receipts/{transaction_id.hex()}", parameters)

    def attested_header(self, height: int | None = None) -> bytes:
        """Return a header, by default the last, with who countersigned it or a later one."""
        at = "head" if height is None else height
        return self.get_bytes(f"/v1/attested-headers/{at}")

    def countersign(self, countersignature: bytes) -> CountersignedAnswer:
        """Hand in a countersignature of a head; raises ApiError where it is not taken."""
        path = "/v1/countersignatures"
        return self._in_turn(lambda node: node.post_as(CountersignedAnswer, path, countersignature))

    def expiry_proof(self, raw: bytes) -> bytes:
        """Return a file that proves that an own transaction has expired, within 24 h of it."""
        return self._in_turn(lambda node: node.post_bytes("/v1/receipts/expired", raw))

    def verify(self, receipt: bytes, *, allow_simulated: bool = False) -> ReportAnswer:
        """Ask the node what a receipt proves; a stranger runs ``xinlian verify`` instead."""
        query = {"allow_simulated": "true"} if allow_simulated else {}
        return self._in_turn(lambda node: node.post_as(ReportAnswer, "/v1/verify", receipt, query))

    # Reading

    def get(self, path: str, parameters: Parameters | None = None) -> dict[str, Any]:
        """Return a JSON answer as it is; raises ApiError or NodeUnreachable."""
        return self.get_as(dict[str, Any], path, parameters)

    def get_as(
        self,
        answer_type: type[AnswerT],
        path: str,
        parameters: Parameters | None = None,
    ) -> AnswerT:
        """Return a JSON answer of a type; raises ApiError or NodeUnreachable."""
        return self._in_turn(lambda node: node.get_as(answer_type, path, parameters or {}))

    def get_bytes(self, path: str, parameters: Parameters | None = None) -> bytes:
        """Return a binary answer; raises ApiError or NodeUnreachable."""
        return self._in_turn(lambda node: node.get_bytes(path, parameters or {}))

    def iterate(
        self,
        path: str,
        item_type: type[AnswerT],
        parameters: Parameters | None = None,
    ) -> Iterator[AnswerT]:
        """Yield all items of a list, page by page."""
        asked: dict[str, Any] = {"limit": PAGE_LIMIT, **(parameters or {})}
        while True:
            page = self.get(path, asked)
            for item in page["items"]:
                yield msgspec.convert(item, item_type)
            if page.get("next_cursor") is None:
                return
            asked["cursor"] = page["next_cursor"]

    def events(self, after: str | None = None) -> Generator[LedgerEvent, None, None]:
        """Yield the events that this party may see, each once, across reconnects; until closed.

        Args:
            after: the id of the last event seen; without it from the beginning.
        """
        attempt = 0
        while not self._closed.is_set():
            node = self._connections[attempt % len(self._connections)]
            try:
                for event in node.stream(after):
                    after, attempt = event.id, 0
                    yield event
            except (NodeUnreachable, ApiError) as error:
                if isinstance(error, ApiError) and not error.transient:
                    raise
                self._closed.wait(_RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)])
                attempt += 1

    def _attempt(
        self,
        signed: SignedTransaction,
        valid_until_ms: int | None,
        attempt: int,
        left_seconds: float,
    ) -> OutcomeAnswer | None:
        """Try one node; None when nothing is known and trying again may help."""
        node = self._connections[attempt % len(self._connections)]
        wait_seconds = max(0.0, min(float(WAIT_SECONDS_MAX), left_seconds))
        try:
            return node.submit(signed.raw, wait_seconds)
        except NodeUnreachable:
            return None
        except ApiError as error:
            is_over = error.reference == "ledger/expired" and valid_until_ms is not None
            if not is_over and not error.transient:
                raise
        return self._last_word(signed, valid_until_ms) if is_over else None

    def _last_word(
        self, signed: SignedTransaction, valid_until_ms: int | None
    ) -> OutcomeAnswer | None:
        try:
            return self.outcome(signed.transaction_id, valid_until_ms)
        except NodeUnreachable:
            return None

    def _in_turn(self, ask: Callable[[Connection], AnswerT]) -> AnswerT:
        """Ask the nodes in turn until one answers."""
        lost: NodeUnreachable | None = None
        for connection in self._connections:
            try:
                return ask(connection)
            except NodeUnreachable as error:
                lost = error
        raise lost or NodeUnreachable("no node to ask")
