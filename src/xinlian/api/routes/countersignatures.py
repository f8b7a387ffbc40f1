"""Countersignatures of heads: taken from members, given to whoever is signed in.

Rules this file keeps:
 1. A countersignature is taken from a member, by an active key of its own that is no operator's,
    over the header that this node has at the height.
 2. What is kept is what receipts carry; nothing here changes the ledger.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from xinlian.api import problems
from xinlian.api.authentication import CurrentReader, Reader
from xinlian.api.encoding import json_response
from xinlian.api.problems import ApiProblem, not_found
from xinlian.api.routes.public import HEAD, require_octets
from xinlian.api.schemas import OCTETS, answers, binary_body, file_answer
from xinlian.api.services import Services
from xinlian.client.wire import CountersignedAnswer
from xinlian.crypto.ed25519 import SUITE_ED25519, verify_signature
from xinlian.ledger.countersignature import (
    COUNTERSIGNATURE_BYTES_MAX,
    Countersignature,
    CountersignatureMalformed,
    countersigning_bytes,
    decode_countersignature,
)
from xinlian.ledger.header import SignedHeader, header_hash
from xinlian.ledger.node import Node, NoReceipt
from xinlian.modules.members.types import KEYS, PARTIES, Key, KeyStatus, PartyKind, key_id_of

BODY_BYTES_MAX: Final = COUNTERSIGNATURE_BYTES_MAX
_NOT_PROVABLE: Final = (
    "the validators' votes do not prove this height, or not yet: "
    "ask for an earlier one that did something"
)


def router(services: Services) -> APIRouter:
    """Return the routes of countersignatures."""
    routes = APIRouter(prefix="/v1", tags=["proofs"])

    @routes.post(
        "/countersignatures",
        responses=answers(CountersignedAnswer),
        openapi_extra=binary_body("the encoding of [height, public key, signature]"),
    )
    async def countersign(request: Request, reader: CurrentReader) -> Response:
        """Keep a member's countersignature of a head; a second one of a height changes nothing."""
        require_octets(request)
        raw = await request.body()
        answer = await run_in_threadpool(_keep, services.node, reader, raw)
        return json_response(answer)

    @routes.get(
        "/attested-headers/{height}",
        responses=file_answer(OCTETS, "the encoding of an attested header"),
    )
    def attested(
        reader: CurrentReader,
        height: Annotated[str, Path(pattern=r"^(head|0|[1-9][0-9]{0,17})$")],
    ) -> Response:
        """Return a header as receipts carry it: with later ones, and who countersigned them."""
        del reader  # anybody who is signed in
        node = services.node
        signed = node.head() if height == HEAD else node.header(int(height))
        if signed is None:
            raise not_found()
        try:
            return Response(node.attested_header(signed), media_type=OCTETS)
        except NoReceipt:
            raise ApiProblem(problems.NOT_FOUND, _NOT_PROVABLE) from None

    return routes


def _keep(node: Node, reader: Reader, raw: bytes) -> CountersignedAnswer:
    """Check and keep a countersignature; raises ApiProblem."""
    try:
        entry = decode_countersignature(raw)
    except CountersignatureMalformed as error:
        raise _refused(str(error)) from None
    _require_member(node, reader, entry)
    signed = node.header(entry.height)
    if signed is None:
        raise _refused("there is no such height here")
    _require_signature(entry, signed)
    node.countersignatures.add(entry)
    return CountersignedAnswer(entry.height, header_hash(signed.header).hex())


def _require_member(node: Node, reader: Reader, entry: Countersignature) -> None:
    operators = {operator.public_key for operator in node.genesis.operators}
    if entry.public_key.hex() in operators:
        raise _refused("an operator's key countersigns nothing; use another key")
    with node.store.snapshot() as snapshot:
        key: Key | None = KEYS.get(snapshot, key_id_of(SUITE_ED25519, entry.public_key))
        party = PARTIES.get(snapshot, reader.party)
    is_own = key is not None and key.party == reader.party and key.status == KeyStatus.ACTIVE
    if not is_own:
        raise _refused("it is by no active key of yours")
    if party is None or party.kind != PartyKind.MEMBER:
        raise _refused("members countersign heads, a participant does not: ask a member to do it")


def _require_signature(entry: Countersignature, signed: SignedHeader) -> None:
    message = countersigning_bytes(header_hash(signed.header))
    if not verify_signature(SUITE_ED25519, entry.public_key, message, entry.signature):
        raise _refused("it is not of the header that this node has at the height")


def _refused(detail: str) -> ApiProblem:
    return ApiProblem(problems.COUNTERSIGNATURE, detail)
