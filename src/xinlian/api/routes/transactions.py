"""Submitting, trying and following transactions; they are signed before they come here.

Rules this file keeps:
 1. Submission needs no sign-in and is idempotent: the same bytes give the same outcome, however
    often they come and however long ago the first time was.
 2. A refusal before ordering says ``not_admitted``: it is advice, never an outcome.
 3. An outcome is told to the parties of its transaction alone, a dry run to those of its body.
 4. Waiting never cancels what the engine will complete, and holds no thread.
"""

import asyncio
from concurrent.futures import Future
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from xinlian.api import problems
from xinlian.api.authentication import CurrentReader, Reader
from xinlian.api.encoding import json_response
from xinlian.api.parameters import HashPath, hash_bytes
from xinlian.api.problems import ApiProblem, not_found, refusal_named
from xinlian.api.routes.public import require_octets
from xinlian.api.schemas import answers, binary_body
from xinlian.api.services import Services
from xinlian.client.wire import CommittedAnswer, DryRunAnswer, DryRunEvent, OutcomeAnswer
from xinlian.ledger.block import EventRecord, TransactionResult
from xinlian.ledger.header import decode_block
from xinlian.ledger.limits import TRANSACTION_BYTES_MAX
from xinlian.ledger.node import Committed, Node, Outcome, OutcomeStatus
from xinlian.ledger.transaction import Transaction, decode_transaction
from xinlian.primitives import LedgerError
from xinlian.primitives.time import TIME_MS_MAX, iso_of_ms

WAIT_SECONDS_MAX: Final = 30.0
BODY_BYTES_MAX: Final = TRANSACTION_BYTES_MAX + 4_096
"""A little more than a transaction may have, so that the ledger itself names what is too large."""
_ACCEPTED: Final = 202

WaitSeconds = Annotated[float, Query(ge=0, le=WAIT_SECONDS_MAX, allow_inf_nan=False)]
ValidUntil = Annotated[
    int | None,
    Query(ge=0, lt=TIME_MS_MAX, description="lets `expired` be told from `unknown`"),
]


def router(services: Services) -> APIRouter:
    """Return the routes of transactions but their list."""
    routes = APIRouter(prefix="/v1", tags=["transactions"])
    node = services.node

    @routes.post(
        "/transactions",
        responses=answers(OutcomeAnswer, 200, _ACCEPTED),
        openapi_extra=binary_body("the canonical bytes of a signed transaction"),
    )
    async def submit(request: Request, wait_seconds: WaitSeconds = 0) -> Response:
        """Submit a signed transaction, and wait for its outcome if asked to."""
        require_octets(request)
        raw = await request.body()
        outcome = await run_in_threadpool(_submitted, node, raw)
        if isinstance(outcome, Future):
            await _settled(outcome, wait_seconds)
            outcome = await run_in_threadpool(_outcome_now, node, raw, outcome)
        is_committed = outcome.status == OutcomeStatus.COMMITTED
        answer = outcome_answer(decode_transaction(raw).transaction_id, outcome)
        response = json_response(answer, status=200 if is_committed else _ACCEPTED)
        if not is_committed:
            response.headers["Location"] = f"/v1/transactions/{answer.transaction_id}"
        return response

    @routes.post(
        "/transactions/dry-run",
        responses=answers(DryRunAnswer),
        openapi_extra=binary_body("the canonical bytes of a signed transaction"),
    )
    async def dry_run(request: Request, reader: CurrentReader) -> Response:
        """Say what a signed transaction would do if it were ordered alone now."""
        require_octets(request)
        raw = await request.body()
        return json_response(await run_in_threadpool(_tried, node, raw, reader))

    @routes.get("/transactions/{transaction_id}", responses=answers(OutcomeAnswer))
    def outcome(
        transaction_id: HashPath,
        reader: CurrentReader,
        valid_until_ms: ValidUntil = None,
    ) -> Response:
        """Say what is known of a submission, to the parties of the transaction."""
        wanted = hash_bytes(transaction_id)
        found = node.outcome(wanted, valid_until_ms)
        if found.committed is not None:
            require_party_of(services, reader, transaction_id, found.committed)
        return json_response(outcome_answer(wanted, found))

    return routes


def require_party(reader: Reader, raw: bytes | None) -> None:
    """Refuse, as not found, an ordered transaction of others; raises ApiProblem."""
    if raw is None or not _is_party(reader, decode_transaction(raw)):
        raise not_found()


def require_party_of(
    services: Services,
    reader: Reader,
    transaction_id: str,
    committed: Committed,
) -> None:
    """Refuse, as not found, a committed transaction of others; raises ApiProblem.

    Of a pruned one the bytes are gone: the read model still knows whose it was.
    """
    raw = ordered_bytes(services.node, committed)
    if raw is not None:
        require_party(reader, raw)
    elif services.queries.transaction(reader.party, transaction_id) is None:
        raise not_found()


def ordered_bytes(node: Node, committed: Committed) -> bytes | None:
    """Return the bytes with which a transaction was ordered, or None once they are pruned."""
    block = node.store.block(committed.height)
    return None if block is None else decode_block(block).transactions[committed.index]


def outcome_answer(transaction_id: bytes, outcome: Outcome) -> OutcomeAnswer:
    """Return an outcome for the wire."""
    committed = outcome.committed
    return OutcomeAnswer(
        status=outcome.status.value,
        transaction_id=transaction_id.hex(),
        height=outcome.at_height,
        committed=None if committed is None else _committed_answer(committed),
        since_height=outcome.since_height,
    )


def _committed_answer(committed: Committed) -> CommittedAnswer:
    result = committed.result
    error, title = _error_of(result)
    return CommittedAnswer(
        height=committed.height,
        index=committed.index,
        time_ms=committed.time_ms,
        time=iso_of_ms(committed.time_ms),
        codespace=result.codespace,
        code=result.code,
        error=error,
        title=title,
        failed_call=result.failed_call,
        work=result.work,
    )


def _error_of(result: TransactionResult) -> tuple[str, str]:
    return ("", "") if result.succeeded else refusal_named(result.codespace, result.code)


def _submitted(node: Node, raw: bytes) -> "Future[Committed] | Outcome":
    """Queue a transaction; what these very bytes already came to is their outcome still.

    Raises:
        LedgerError: not admitted.
    """
    try:
        return node.submit(raw)
    except LedgerError:
        known = _known_outcome(node, raw)
        if known is None:
            raise
        return known


def _known_outcome(node: Node, raw: bytes) -> Outcome | None:
    """Return the outcome of a transaction that was ordered with exactly these bytes."""
    try:
        transaction = decode_transaction(raw)
    except LedgerError:
        return None
    found = node.outcome(transaction.transaction_id)
    if found.committed is None or ordered_bytes(node, found.committed) != raw:
        return None
    return found


def _outcome_now(node: Node, raw: bytes, submitted: "Future[Committed]") -> Outcome:
    """Return what became of a queued transaction so far; raises NodeStopped."""
    if submitted.done():
        committed = submitted.result()
        return Outcome(OutcomeStatus.COMMITTED, committed.height, committed)
    return node.outcome(decode_transaction(raw).transaction_id)


def _is_party(reader: Reader, transaction: Transaction) -> bool:
    """Return whether a reader pays for a transaction or is acted for in it."""
    acted_for = {call.acting_for for call in transaction.body.calls}
    return reader.party == transaction.payer or reader.party in acted_for


async def _settled(submitted: "Future[Committed]", wait_seconds: float) -> None:
    """Wait until a future is done or time is up, without ever cancelling it."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def wake(_: "Future[Committed]") -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(done.set)

    submitted.add_done_callback(wake)
    if not wait_seconds:
        return
    try:
        async with asyncio.timeout(wait_seconds):
            await done.wait()
    except TimeoutError:
        return


def _tried(node: Node, raw: bytes, reader: Reader) -> DryRunAnswer:
    """Dry-run a transaction of the reader's; raises LedgerError or ApiProblem."""
    if not _is_party(reader, decode_transaction(raw)):
        raise ApiProblem(problems.NOT_YOURS, "a dry run is told to the parties of the transaction")
    found = node.dry_run(raw)
    error, title = _error_of(found.result)
    return DryRunAnswer(
        height=found.at_height,
        codespace=found.result.codespace,
        code=found.result.code,
        error=error,
        title=title,
        failed_call=found.result.failed_call,
        work=found.result.work,
        events=tuple(_dry_run_event(record) for record in found.events),
    )


def _dry_run_event(record: EventRecord) -> DryRunEvent:
    encoded = bytes(record.event)
    fields = msgspec.msgpack.decode(encoded)
    return DryRunEvent(record.call_index, int(fields[0]), encoded.hex())
