"""Reads of governance: proposals and the votes on them, to members.

Rules this file keeps:
 1. What is asked about one proposal is 404 to whoever may not read it.
"""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import page_response
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    Cursor,
    IdPath,
    Limit,
    checked_id,
)
from xinlian.api.problems import not_found
from xinlian.api.routes.tables import NAME, Filter, ItemRoute, ListRoute, add_routes
from xinlian.api.schemas import page_of
from xinlian.api.services import Services
from xinlian.readmodels import rows
from xinlian.readmodels.queries import Queries

PROPOSALS: Final = (
    ListRoute(
        "/proposals",
        Queries.proposals,
        rows.ProposalRow,
        "List proposals, to members and to whom they are about.",
        (Filter("status", NAME),),
    ),
    ItemRoute(
        "/proposals/{proposal_id}",
        Queries.proposal,
        rows.ProposalRow,
        "Return a proposal and what it asks for.",
        Filter("proposal_id", "proposal"),
    ),
)


def router(services: Services) -> APIRouter:
    """Return the routes of governance."""
    routes = APIRouter(prefix="/v1", tags=["governance"])
    queries = services.queries

    add_routes(routes, queries, PROPOSALS)

    @routes.get("/proposals/{proposal_id}/votes", responses=page_of(rows.VoteRow))
    def votes(
        request: Request,
        proposal_id: IdPath,
        reader: CurrentReader,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List the votes on a proposal, of all its rounds."""
        asked = checked_id("proposal", proposal_id)
        page = queries.votes(reader.party, asked, cursor=cursor, limit=limit)
        if not page.rows and queries.proposal(reader.party, asked) is None:
            raise not_found()
        return page_response(request, page)

    return routes
