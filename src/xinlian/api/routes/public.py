"""What everybody may ask: health, genesis, headers, verification of a receipt.

Rules this file keeps:
 1. Nothing here depends on who asks, or tells of any party.
 2. A receipt is verified against this node's own genesis; a stranger runs the verifier instead.
"""

import dataclasses
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from xinlian.api import problems
from xinlian.api.encoding import json_response, versioned_response
from xinlian.api.parameters import HeightQuery, Limit
from xinlian.api.problems import ApiProblem, not_found
from xinlian.api.schemas import OCTETS, answers, binary_body, file_answer
from xinlian.api.services import Services
from xinlian.client.wire import (
    HeaderAnswer,
    HeadersAnswer,
    LiveAnswer,
    ReadyAnswer,
    ReportAnswer,
    SignatureAnswer,
)
from xinlian.crypto.receipt_format import RECEIPT_BYTES_MAX
from xinlian.ledger.clock import CLOCK_SIMULATED
from xinlian.ledger.genesis import genesis_hash
from xinlian.ledger.header import SignedHeader, header_hash
from xinlian.ledger.node import NodeStopped
from xinlian.primitives.time import iso_of_ms
from xinlian.verifier import VerificationFailed, verify_receipt

HEAD: Final = "head"
SIMULATED_LABEL: Final = "simulated clock: a rehearsal / 模拟时钟:演练环境,非真实业务"
VERIFY_BYTES_MAX: Final = RECEIPT_BYTES_MAX + 4_096
HEADERS_MAX: Final = 50
"""A header is read from its block, which may be large."""
_IMMUTABLE: Final = "public, max-age=31536000, immutable"


def router(services: Services) -> APIRouter:
    """Return the open routes."""
    routes = APIRouter(prefix="/v1", tags=["open"])
    genesis_bytes = services.node.genesis_bytes
    genesis_etag = f'"{genesis_hash(genesis_bytes).hex()}"'

    @routes.get("/health/live", responses=answers(LiveAnswer))
    async def live() -> Response:
        """Say that the process answers."""
        return json_response(LiveAnswer(live=True))

    @routes.get("/health/ready", responses=answers(ReadyAnswer, 200, 503))
    def ready() -> Response:
        """Say whether the node serves: its head, how far the read model is, which clock."""
        answer = _readiness(services)
        return json_response(answer, status=200 if answer.ready else 503)

    @routes.get("/genesis", responses=file_answer("application/json", "the genesis file"))
    async def genesis(request: Request) -> Response:
        """Return the genesis file, byte for byte."""
        headers = {"ETag": genesis_etag, "Cache-Control": _IMMUTABLE}
        if request.headers.get("if-none-match") == genesis_etag:
            return Response(status_code=304, headers=headers)
        return Response(genesis_bytes, media_type="application/json", headers=headers)

    @routes.get("/headers", responses=answers(HeadersAnswer))
    def headers(
        from_height: HeightQuery = 0,
        cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$")] = None,
        limit: Limit = HEADERS_MAX,
    ) -> Response:
        """Return headers in ascending order, fifty at most."""
        first = from_height if cursor is None else int(cursor) + 1
        return json_response(_header_page(services, first, min(limit, HEADERS_MAX)))

    @routes.get("/headers/{height}", responses=answers(HeaderAnswer))
    def header(
        request: Request,
        height: Annotated[str, Path(pattern=r"^(head|0|[1-9][0-9]{0,17})$")],
    ) -> Response:
        """Return the header of a height, or of ``head``."""
        node = services.node
        signed = node.head() if height == HEAD else node.header(int(height))
        if signed is None:
            raise not_found()
        answer = header_answer(signed)
        return versioned_response(request, answer, answer.height)

    @routes.post(
        "/verify",
        responses=answers(ReportAnswer),
        openapi_extra=binary_body("a receipt file"),
    )
    async def verify(
        request: Request,
        allow_simulated: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
    ) -> Response:
        """Say what a receipt file proves against this node's genesis."""
        require_octets(request)
        data = await request.body()
        answer = await run_in_threadpool(_verified, data, genesis_bytes, allow_simulated)
        return json_response(answer)

    return routes


def require_octets(request: Request) -> None:
    """Refuse a body of another media type; raises ApiProblem."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != OCTETS:
        raise ApiProblem(problems.MEDIA_TYPE, f"send {OCTETS}")


def header_answer(signed: SignedHeader) -> HeaderAnswer:
    """Return a header for the wire."""
    header = signed.header
    return HeaderAnswer(
        version=header.version,
        chain_id=header.chain_id,
        height=header.height,
        time_ms=header.time_ms,
        time=iso_of_ms(header.time_ms),
        simulated=header.simulated,
        previous_hash=header.previous_hash.hex(),
        transactions_root=header.transactions_root.hex(),
        transaction_count=header.transaction_count,
        state_root=header.state_root.hex(),
        results_root=header.results_root.hex(),
        events_root=header.events_root.hex(),
        app_version=header.app_version,
        app_hash=header.app_hash.hex(),
        hash=header_hash(header).hex(),
        signatures=tuple(
            SignatureAnswer(key.hex(), signature.hex()) for key, signature in signed.signatures
        ),
    )


def _readiness(services: Services) -> ReadyAnswer:
    genesis = services.node.genesis
    is_simulated = genesis.clock == CLOCK_SIMULATED
    cause = services.projection.failure
    try:
        services.node.require_running()
        height = services.node.head().header.height
    except NodeStopped:
        cause, height = f"{problems.CODESPACE}/{problems.NODE_STOPPED.name}", -1
    return ReadyAnswer(
        ready=not cause,
        chain_id=genesis.chain_id,
        clock=genesis.clock,
        simulated=is_simulated,
        label=SIMULATED_LABEL if is_simulated else "",
        height=height,
        projected_height=services.projection.height,
        cause=cause,
    )


def _header_page(services: Services, first: int, limit: int) -> HeadersAnswer:
    head = services.node.head().header.height
    last = min(head, first + limit - 1)
    found = [services.node.header(height) for height in range(first, last + 1)]
    items = tuple(header_answer(signed) for signed in found if signed is not None)
    return HeadersAnswer(head, items, str(last) if last < head else None)


def _verified(data: bytes, genesis_bytes: bytes, allow_simulated: bool) -> ReportAnswer:  # noqa: FBT001 - see verify
    try:
        report = verify_receipt(data, genesis_bytes, allow_simulated=allow_simulated)
    except VerificationFailed as failure:
        raise ApiProblem(problems.NOT_VERIFIED, str(failure)) from None
    fields = {**dataclasses.asdict(report), "time": iso_of_ms(report.time_ms)}
    return msgspec.convert(fields, ReportAnswer)
