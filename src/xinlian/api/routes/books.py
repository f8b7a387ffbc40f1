"""Reads of books: each party's own vouchers, balances and ageing; closings and statements."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import page_response, whole_response
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    Cursor,
    Limit,
)
from xinlian.api.routes.tables import NAME, Filter, ListRoute, add_routes
from xinlian.api.schemas import page_of, whole
from xinlian.api.services import Services
from xinlian.readmodels.books import rows
from xinlian.readmodels.books.queries import Books
from xinlian.readmodels.rows import BankStatementRow, PendingTransferRow, PeriodCloseRow

PeriodQuery = Annotated[str, Query(max_length=7, description="YYYY-MM or YYYY-Qn")]
BySubQuery = Annotated[bool, Query(description="one line a sub-ledger")]


LISTS: Final = (
    ListRoute(
        "/books/closes",
        Books.closes,
        PeriodCloseRow,
        "List the months that the reader closed.",
    ),
    ListRoute(
        "/pending-transfers",
        Books.pending_transfers,
        PendingTransferRow,
        "List pending transfers.",
        (Filter("status", NAME),),
    ),
    ListRoute(
        "/bank-statements",
        Books.bank_statements,
        BankStatementRow,
        "List closing balances that banks stated, beside those of the ledger.",
        (Filter("account_id", "account"),),
    ),
)


def router(services: Services) -> APIRouter:
    """Return the routes of books."""
    routes = APIRouter(prefix="/v1", tags=["books"])
    _add_books(routes, services)
    add_routes(routes, services.queries.books, LISTS)
    return routes


def _add_books(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/books/trial-balance", responses=whole(rows.TrialBalance))
    def trial_balance(
        request: Request,
        reader: CurrentReader,
        period: PeriodQuery,
        *,
        by_sub: BySubQuery = False,
    ) -> Response:
        """Return all accounts of the reader's books in a period."""
        found = queries.books.trial_balance(reader.party, period, by_sub=by_sub)
        return whole_response(request, found)

    @routes.get("/books/vouchers", responses=page_of(rows.VoucherRow))
    def vouchers(
        request: Request,
        reader: CurrentReader,
        period: PeriodQuery,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List the proposed vouchers of the reader's books in a period."""
        found = queries.books.vouchers(reader.party, period, cursor=cursor, limit=limit)
        return page_response(request, found)

    @routes.get("/books/ageing", responses=whole(rows.Ageing))
    def ageing(request: Request, reader: CurrentReader, period: PeriodQuery) -> Response:
        """Return the reader's claims and debts at the end of a period, by days overdue."""
        return whole_response(request, queries.books.ageing(reader.party, period))
