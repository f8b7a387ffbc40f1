"""Reads of money: accounts, statements, bank entries, payment orders, obligations."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import page_response, whole_response
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    Cursor,
    HeightQuery,
    IdPath,
    Limit,
    OptionalHeight,
    OptionalPeriod,
    checked_id,
)
from xinlian.api.routes.tables import HASH, NAME, Filter, ItemRoute, ListRoute, add_routes
from xinlian.api.schemas import page_of, whole
from xinlian.api.services import Services
from xinlian.readmodels import rows
from xinlian.readmodels.queries import Queries

_STATUS: Final = Filter("status", NAME)
_CERTIFICATE: Final = Filter("certificate_id", "cert")

ACCOUNTS: Final = (
    ListRoute(
        "/accounts",
        Queries.accounts,
        rows.AccountRow,
        "List accounts with their balances.",
        (Filter("owner", "party"), Filter("asset_kind", NAME)),
    ),
    ItemRoute(
        "/accounts/{account_id}",
        Queries.account,
        rows.AccountRow,
        "Return an account with its balance.",
        Filter("account_id", "account"),
    ),
)
PAYMENTS: Final = (
    ListRoute(
        "/bank-entries",
        Queries.bank_entries,
        rows.BankEntryRow,
        "List entries of banks' books.",
        (Filter("bank_account", HASH),),
    ),
    ListRoute(
        "/payment-orders",
        Queries.payment_orders,
        rows.PaymentOrderRow,
        "List orders to settlement banks.",
        (_CERTIFICATE, _STATUS),
    ),
    ListRoute(
        "/obligations",
        Queries.obligations,
        rows.ObligationRow,
        "List promises to pay.",
        (Filter("debtor", "party"), _STATUS),
    ),
    ListRoute(
        "/late-interest",
        Queries.late_interest,
        rows.LateInterestRow,
        "List what obligations of late interest are for.",
        (_CERTIFICATE,),
    ),
)


def router(services: Services) -> APIRouter:
    """Return the routes of money."""
    routes = APIRouter(prefix="/v1", tags=["money"])
    add_routes(routes, services.queries, ACCOUNTS)
    _add_past(routes, services)
    add_routes(routes, services.queries, PAYMENTS)
    return routes


def _add_past(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/accounts/{account_id}/statement", responses=whole(rows.Statement))
    def statement(
        request: Request,
        account_id: IdPath,
        reader: CurrentReader,
        from_height: OptionalHeight = None,
        to_height: OptionalHeight = None,
        period: OptionalPeriod = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """Return the postings of an account in a range of heights, and its balances around it.

        Without heights and period: of all that this node has; `opening_height` says after which
        height the opening balance was on the account.
        """
        found = queries.statement(
            reader.party,
            checked_id("account", account_id),
            from_height=from_height,
            to_height=to_height,
            period=period,
            cursor=cursor,
            limit=limit,
        )
        return whole_response(request, found)

    @routes.get("/balances", responses=page_of(rows.BalanceRow))
    def balances(
        request: Request,
        reader: CurrentReader,
        as_of_height: HeightQuery,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List what was on each account after a past height."""
        page = queries.balances(reader.party, as_of_height, cursor=cursor, limit=limit)
        return page_response(request, page)
