"""Receipt files: proof of a transaction, and of state entries that the reader may read.

Rules this file keeps:
 1. A receipt is given to the parties of its transaction, a state proof to the readers of its
    object; all else is 404.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from xinlian.api import problems
from xinlian.api.authentication import CurrentReader, Reader
from xinlian.api.parameters import HashPath, hash_bytes, id_bytes
from xinlian.api.problems import ApiProblem, not_found
from xinlian.api.routes.public import require_octets
from xinlian.api.routes.transactions import require_party, require_party_of
from xinlian.api.schemas import OCTETS, binary_body, file_answer
from xinlian.api.services import Services
from xinlian.apps.supply_chain.holds import FREEZES
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES
from xinlian.crypto.receipt_format import STATE_PROOFS_MAX
from xinlian.ledger.node import BodyPruned, NoReceipt
from xinlian.ledger.ports import StateNotKept
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.modules.obligations.types import OBLIGATIONS
from xinlian.modules.standing.types import STANDINGS
from xinlian.primitives import format_id
from xinlian.readmodels.queries import Queries

_ENTRY_CHARS_MAX: Final = 64


class _Provable(NamedTuple):
    """A kind of object whose state entry may be proven."""

    id_kind: str
    key: Callable[[bytes], bytes]
    find: Callable[[Queries, bytes, str], object]
    """What tells whether a party may read it; None when it may not."""


def _own_standing(queries: Queries, reader: bytes, party_id: str) -> object:
    """Return whether a party asks about its own standing; nobody else's is told."""
    del queries  # it follows from who asks
    return party_id if party_id == format_id("party", reader) else None


_PROVABLE: Final[Mapping[str, _Provable]] = {
    "leaf": _Provable("leaf", LEAVES.key, Queries.leaf),
    "certificate": _Provable("cert", CERTIFICATES.key, Queries.certificate),
    "freeze": _Provable("freeze", FREEZES.key, Queries.freeze),
    "account": _Provable("account", ACCOUNTS.key, Queries.account),
    "obligation": _Provable("obligation", OBLIGATIONS.key, Queries.obligation),
    "standing": _Provable("party", STANDINGS.key, _own_standing),
}

State = Annotated[
    list[Annotated[str, Query(max_length=_ENTRY_CHARS_MAX)]] | None,
    Query(
        max_length=STATE_PROOFS_MAX,
        description="`leaf:<id>`, `certificate:<id>`, `freeze:<id>`, `account:<id>`, "
        "`obligation:<id>` or `standing:<own party>`: proven as of `at_height`",
    ),
]
AtHeight = Annotated[
    int | None,
    Query(ge=0, lt=1 << 53, description="as of which height entries are proven; default the head"),
]


def router(services: Services) -> APIRouter:
    """Return the route of receipts."""
    routes = APIRouter(prefix="/v1", tags=["proofs"])

    @routes.get(
        "/receipts/{transaction_id}",
        responses=file_answer(OCTETS, "a receipt file"),
    )
    def receipt(
        transaction_id: HashPath,
        reader: CurrentReader,
        state: State = None,
        at_height: AtHeight = None,
    ) -> Response:
        """Return the receipt file of a transaction, with proofs of state entries if asked for.

        ``at_height`` says as of which height the entries are proven: the head's, or an older one
        that this node still keeps; beyond, the answer names the heights that can be proven.
        """
        wanted = hash_bytes(transaction_id)
        keys = [_state_key(services, reader, entry) for entry in state or ()]
        committed = services.node.outcome(wanted).committed
        if committed is None:
            raise not_found()
        require_party_of(services, reader, transaction_id, committed)
        try:
            data = services.node.receipt(wanted, keys, at_height)
        except StateNotKept as refused:
            raise ApiProblem(problems.STATE_NOT_KEPT, str(refused)) from None
        except BodyPruned as refused:
            raise ApiProblem(problems.PRUNED, str(refused)) from None
        except NoReceipt:
            raise not_found() from None
        name = f'attachment; filename="{transaction_id[:16]}.receipt"'
        return Response(data, media_type=OCTETS, headers={"Content-Disposition": name})

    @routes.post(
        "/receipts/expired",
        responses=file_answer(OCTETS, "a receipt file"),
        openapi_extra=binary_body("the canonical bytes of a signed transaction"),
    )
    async def expired(request: Request, reader: CurrentReader) -> Response:
        """Return a file that proves that a transaction of the reader has expired for ever.

        It exists while consensus time lies in (valid_until, valid_until + 24 h].
        """
        require_octets(request)
        raw = await request.body()
        data = await run_in_threadpool(_expiry_proof, services, reader, raw)
        return Response(data, media_type=OCTETS)

    return routes


def _expiry_proof(services: Services, reader: Reader, raw: bytes) -> bytes:
    """Return the proof that a transaction of the reader has expired; raises ApiProblem."""
    require_party(reader, raw)
    try:
        return services.node.expiry_proof(raw)
    except NoReceipt:
        raise not_found() from None


def _state_key(services: Services, reader: Reader, entry: str) -> bytes:
    """Return the key of a state entry that the reader may read; raises ApiProblem."""
    kind, _, text = entry.partition(":")
    provable = _PROVABLE.get(kind)
    if provable is None:
        known: Sequence[str] = list(_PROVABLE)
        raise ApiProblem(problems.PARAMETERS, f"state: one of {', '.join(known)}, then : and an id")
    raw = id_bytes(provable.id_kind, text)
    if provable.find(services.queries, reader.party, text) is None:
        raise not_found()
    return provable.key(raw)
