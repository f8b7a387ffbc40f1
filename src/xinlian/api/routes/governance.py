"""Reads of governance: proposals and the votes on them, to members.

Rules this file keeps:
 1. What is asked about one proposal is 404 to whoever may not read it.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import item_response, page_response
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    Cursor,
    IdPath,
    Limit,
    NameQuery,
    checked_id,
)
from xinlian.api.problems import not_found
from xinlian.api.schemas import item_of, page_of
from xinlian.api.services import Services
from xinlian.readmodels import rows


def router(services: Services) -> APIRouter:
    """Return the routes of governance."""
    routes = APIRouter(prefix="/v1", tags=["governance"])
    queries = services.queries

    @routes.get("/proposals", responses=page_of(rows.ProposalRow))
    def proposals(
        request: Request,
        reader: CurrentReader,
        status: NameQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List proposals, to members and to whom they are about."""
        page = queries.proposals(reader.party, status=status, cursor=cursor, limit=limit)
        return page_response(request, page)

    @routes.get("/proposals/{proposal_id}", responses=item_of(rows.ProposalRow))
    def proposal(request: Request, proposal_id: IdPath, reader: CurrentReader) -> Response:
        """Return a proposal and what it asks for."""
        found = queries.proposal(reader.party, checked_id("proposal", proposal_id))
        return item_response(request, found)

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
