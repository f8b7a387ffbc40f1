"""Reads of the chain and of who is on it: blocks, transactions, parties, keys, policy."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import page_response
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    Cursor,
    IdQuery,
    Limit,
    optional_id,
)
from xinlian.api.routes.tables import NAME, Filter, ItemRoute, ListRoute, add_routes
from xinlian.api.schemas import page_of
from xinlian.api.services import Services
from xinlian.readmodels import rows
from xinlian.readmodels.queries import Queries

NewestFirst = Annotated[bool, Query(description="turns the order around")]


_PARTY: Final = Filter("party_id", "party")

DIRECTORY: Final = (
    ListRoute(
        "/parties",
        Queries.parties,
        rows.PartyRow,
        "List the entries of the directory that the reader may see.",
    ),
    ItemRoute(
        "/parties/{party_id}",
        Queries.party,
        rows.PartyRow,
        "Return an entry of the directory.",
        _PARTY,
    ),
    ListRoute(
        "/keys",
        Queries.keys,
        rows.KeyRow,
        "List role keys of parties that the reader may see.",
        (_PARTY,),
    ),
    ListRoute(
        "/official-roles",
        Queries.official_roles,
        rows.OfficialRoleRow,
        "List who is or was what for the consortium: courts, registers, regulators.",
        (_PARTY,),
    ),
    ListRoute(
        "/validators",
        Queries.validators,
        rows.ValidatorRow,
        "List who votes on blocks, with what power, and which member answers for it.",
        (_PARTY,),
    ),
    ListRoute(
        "/policy",
        Queries.policy,
        rows.PolicyVersionRow,
        "List the dated values of the policy, to members.",
        (Filter("name", NAME),),
    ),
)


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

    add_routes(routes, queries, DIRECTORY)
    return routes
