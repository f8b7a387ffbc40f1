"""Reads of the chain and of who is on it: blocks, transactions, parties, keys, policy."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import item_response, page_response
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    Cursor,
    IdPath,
    IdQuery,
    Limit,
    NameQuery,
    checked_id,
    optional_id,
)
from xinlian.api.schemas import item_of, page_of
from xinlian.api.services import Services
from xinlian.readmodels import rows

NewestFirst = Annotated[bool, Query(description="turns the order around")]


def router(services: Services) -> APIRouter:
    """Return the routes of the chain and the directory."""
    routes = APIRouter(prefix="/v1", tags=["directory"])
    queries = services.queries

    @routes.get("/blocks", responses=page_of(rows.BlockRow))
    def blocks(
        request: Request,
        newest_first: NewestFirst = False,  # noqa: FBT002 - a query parameter
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List blocks as the read model has them."""
        page = queries.blocks(newest_first=newest_first, cursor=cursor, limit=limit)
        return page_response(request, page)

    @routes.get("/transactions", responses=page_of(rows.TransactionRow))
    def transactions(
        request: Request,
        reader: CurrentReader,
        payer: IdQuery = None,
        newest_first: NewestFirst = False,  # noqa: FBT002 - a query parameter
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List transactions that the reader paid for, or in which it was acted for."""
        page = queries.transactions(
            reader.party,
            payer=optional_id("party", payer),
            newest_first=newest_first,
            cursor=cursor,
            limit=limit,
        )
        return page_response(request, page)

    @routes.get("/parties", responses=page_of(rows.PartyRow))
    def parties(
        request: Request,
        reader: CurrentReader,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List the entries of the directory that the reader may see."""
        return page_response(request, queries.parties(reader.party, cursor=cursor, limit=limit))

    @routes.get("/parties/{party_id}", responses=item_of(rows.PartyRow))
    def party(request: Request, party_id: IdPath, reader: CurrentReader) -> Response:
        """Return an entry of the directory."""
        return item_response(request, queries.party(reader.party, checked_id("party", party_id)))

    @routes.get("/keys", responses=page_of(rows.KeyRow))
    def keys(
        request: Request,
        reader: CurrentReader,
        party_id: IdQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List role keys of parties that the reader may see."""
        wanted = optional_id("party", party_id)
        page = queries.keys(reader.party, party_id=wanted, cursor=cursor, limit=limit)
        return page_response(request, page)

    @routes.get("/policy", responses=page_of(rows.PolicyVersionRow))
    def policy(
        request: Request,
        reader: CurrentReader,
        name: NameQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List the dated values of the policy, to members."""
        page = queries.policy(reader.party, name=name, cursor=cursor, limit=limit)
        return page_response(request, page)

    return routes
