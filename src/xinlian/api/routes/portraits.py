"""Reads of consents, of the reads under them, and of portraits that they open.

Rules this file keeps:
 1. Who has no consent of an organisation gets 404 for its portrait, as for what does not exist.
 2. Who has one learns what is missing: a recorded read, or a consent in force.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import page_response, whole_response
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    Cursor,
    IdPath,
    Limit,
    OptionalHeight,
    checked_id,
)
from xinlian.api.problems import not_found
from xinlian.api.routes.tables import NAME, Filter, ItemRoute, ListRoute, add_routes
from xinlian.api.schemas import page_of, whole
from xinlian.api.services import Services
from xinlian.readmodels import rows
from xinlian.readmodels.queries import Queries

FigureQuery = Annotated[
    str, Query(max_length=48, pattern=r"^[a-z0-9_]+$", description="a figure's name")
]
FIGURE_DEFAULT: Final = "receivables"
_SIDES: Final = (Filter("subject", "party"), Filter("consent_reader", "party"))

CONSENTS: Final = (
    ListRoute(
        "/consents",
        Queries.consents,
        rows.ConsentRow,
        "List the consents that the reader gave or received.",
        (*_SIDES, Filter("status", NAME)),
    ),
    ItemRoute(
        "/consents/{consent_id}",
        Queries.consent,
        rows.ConsentRow,
        "Return a consent.",
        Filter("consent_id", "consent"),
    ),
    ListRoute(
        "/consent-reads",
        Queries.consent_reads,
        rows.ConsentReadRow,
        "List the recorded reads of the reader's data, and those that the reader made.",
        (*_SIDES, Filter("consent_id", "consent")),
    ),
)


def router(services: Services) -> APIRouter:
    """Return the routes of consents and portraits."""
    routes = APIRouter(prefix="/v1", tags=["consent"])
    add_routes(routes, services.queries, CONSENTS)
    _add_portraits(routes, services)
    return routes


def _add_portraits(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/portraits/{party_id}", responses=whole(rows.Portrait))
    def portrait(
        request: Request,
        party_id: IdPath,
        reader: CurrentReader,
        as_of_height: OptionalHeight = None,
    ) -> Response:
        """Return the portrait of the reader, or of whom it has recorded a read of."""
        subject = checked_id("party", party_id)
        found = queries.portrait(reader.party, subject, as_of_height=as_of_height)
        return whole_response(request, found)

    @routes.get("/portraits/{party_id}/facts", responses=page_of(rows.PortraitFactRow))
    def portrait_facts(
        request: Request,
        party_id: IdPath,
        reader: CurrentReader,
        figure: FigureQuery = FIGURE_DEFAULT,
        as_of_height: OptionalHeight = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List all facts that a figure of a portrait was computed from."""
        page = queries.portrait_facts(
            reader.party,
            checked_id("party", party_id),
            figure,
            as_of_height=as_of_height,
            cursor=cursor,
            limit=limit,
        )
        if page is None:
            raise not_found()
        return page_response(request, page)
