"""Reads of books: each party's own vouchers, balances and ageing; closings and statements."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import page_response, whole_response
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    Cursor,
    IdQuery,
    Limit,
    NameQuery,
    optional_id,
)
from xinlian.api.schemas import page_of, whole
from xinlian.api.services import Services
from xinlian.readmodels import book_rows
from xinlian.readmodels.books import rows

PeriodQuery = Annotated[str, Query(max_length=7, description="YYYY-MM or YYYY-Qn")]
BySubQuery = Annotated[bool, Query(description="one line a sub-ledger")]


def router(services: Services) -> APIRouter:
    """Return the routes of books."""
    routes = APIRouter(prefix="/v1", tags=["books"])
    _add_books(routes, services)
    _add_money(routes, services)
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

    @routes.get("/books/closes", responses=page_of(book_rows.PeriodCloseRow))
    def closes(
        request: Request,
        reader: CurrentReader,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List the months that the reader closed."""
        return page_response(
            request, queries.books.closes(reader.party, cursor=cursor, limit=limit)
        )


def _add_money(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/pending-transfers", responses=page_of(book_rows.PendingTransferRow))
    def pending_transfers(
        request: Request,
        reader: CurrentReader,
        status: NameQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List pending transfers."""
        found = queries.books.pending_transfers(
            reader.party, status=status, cursor=cursor, limit=limit
        )
        return page_response(request, found)

    @routes.get("/bank-statements", responses=page_of(book_rows.BankStatementRow))
    def bank_statements(
        request: Request,
        reader: CurrentReader,
        account_id: IdQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List closing balances that banks stated, beside those of the ledger."""
        wanted = optional_id("account", account_id)
        found = queries.books.bank_statements(
            reader.party, account_id=wanted, cursor=cursor, limit=limit
        )
        return page_response(request, found)
