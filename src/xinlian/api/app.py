"""The application: routes over a node and its read model, with one sign-in before them all.

Rules this file keeps:
 1. Every request passes, in this order: the ceiling of its body, sign-in, the check of its
    parameters' names, the height it asks for, its route.
 2. Nothing is served that a browser would fetch from elsewhere; the document of the API is JSON.
"""

import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection
from typing import Final

from fastapi import Depends, FastAPI
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp

from xinlian.api import openapi, problems
from xinlian.api.authentication import Authenticator, require_reader
from xinlian.api.boundary import Boundary
from xinlian.api.freshness import await_height
from xinlian.api.parameters import refuse_unknown_parameters
from xinlian.api.routes import (
    books,
    countersignatures,
    credit,
    devices,
    directory,
    events,
    governance,
    mandates,
    money,
    portraits,
    public,
    receipts,
    tokens,
    trade,
    transactions,
)
from xinlian.api.services import Projection, Services
from xinlian.api.streams import Streams
from xinlian.ledger.node import Node
from xinlian.readmodels.queries import Queries

API_VERSION: Final = "1.0.0"
"""Of the interface, not of the release: /v1 is only ever added to."""
HttpApp = FastAPI
"""What ``create_app`` returns and ``serve`` takes, for those who need only its name."""
OPENAPI_PATH: Final = "/v1/openapi.json"
BODY_LIMITS_BYTES: Final = {
    "/v1/transactions": transactions.BODY_BYTES_MAX,
    "/v1/transactions/dry-run": transactions.BODY_BYTES_MAX,
    "/v1/receipts/expired": transactions.BODY_BYTES_MAX,
    "/v1/verify": public.VERIFY_BYTES_MAX,
    "/v1/countersignatures": countersignatures.BODY_BYTES_MAX,
}
"""Every other address takes no body."""


def create_app(
    node: Node,
    queries: Queries,
    projection: Projection,
    *,
    public_authorities: Collection[str] = (),
    clock: Callable[[], float] = time.time,
) -> FastAPI:
    """Return the application of a running node.

    Args:
        node: what it serves.
        queries: the read model.
        projection: how far the read model is.
        public_authorities: the names, with port where it is not the default, by which clients
            know this node besides the address of its socket: signatures must be made for one.
        clock: seconds since the Unix epoch; signatures are of its minute.
    """
    streams = Streams(projection)
    services = Services(node, queries, projection, Authenticator(node, clock, public_authorities))

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        streams.release()

    app = FastAPI(
        title="Xinlian 信链",
        version=API_VERSION,
        openapi_url=OPENAPI_PATH,
        default_response_class=Response,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        middleware=[
            Middleware(Boundary, limits_bytes=BODY_LIMITS_BYTES, too_large=_too_large),
        ],
        dependencies=[
            Depends(require_reader(services.authenticator)),
            Depends(refuse_unknown_parameters()),
            Depends(await_height(projection, streams)),
        ],
    )
    app.state.streams = streams
    problems.install(app)
    for routes in (
        public.router(services),
        tokens.router(services),
        transactions.router(services),
        directory.router(services),
        mandates.router(services),
        governance.router(services),
        money.router(services),
        books.router(services),
        trade.router(services),
        portraits.router(services),
        credit.router(services),
        devices.router(services),
        receipts.router(services),
        countersignatures.router(services),
        events.router(services, streams),
    ):
        app.include_router(routes)
    openapi.install(app)
    return app


def _too_large(limit_bytes: int) -> ASGIApp:
    detail = f"at most {limit_bytes} bytes are taken here"
    return problems.problem_response(problems.problem_of_kind(problems.BODY_TOO_LARGE, detail))
