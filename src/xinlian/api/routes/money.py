"""Reads of money: accounts, statements, bank entries, payment orders, obligations."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import item_response, page_response, whole_response
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    Cursor,
    HeightQuery,
    IdPath,
    IdQuery,
    Limit,
    NameQuery,
    OptionalHeight,
    checked_id,
    optional_hash,
    optional_id,
)
from xinlian.api.schemas import item_of, page_of, whole
from xinlian.api.services import Services
from xinlian.readmodels import rows


def router(services: Services) -> APIRouter:
    """Return the routes of money."""
    routes = APIRouter(prefix="/v1", tags=["money"])
    _add_accounts(routes, services)
    _add_payments(routes, services)
    return routes


def _add_accounts(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/accounts", responses=page_of(rows.AccountRow))
    def accounts(
        request: Request,
        reader: CurrentReader,
        owner: IdQuery = None,
        asset_kind: NameQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List accounts with their balances."""
        page = queries.accounts(
            reader.party,
            owner=optional_id("party", owner),
            asset_kind=asset_kind,
            cursor=cursor,
            limit=limit,
        )
        return page_response(request, page)

    @routes.get("/accounts/{account_id}", responses=item_of(rows.AccountRow))
    def account(request: Request, account_id: IdPath, reader: CurrentReader) -> Response:
        """Return an account with its balance."""
        found = queries.account(reader.party, checked_id("account", account_id))
        return item_response(request, found)

    @routes.get("/accounts/{account_id}/statement", responses=whole(rows.Statement))
    def statement(
        request: Request,
        account_id: IdPath,
        reader: CurrentReader,
        from_height: HeightQuery = 0,
        to_height: OptionalHeight = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """Return the postings of an account in a range of heights, and its balances around it."""
        found = queries.statement(
            reader.party,
            checked_id("account", account_id),
            from_height=from_height,
            to_height=to_height,
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


def _add_payments(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/bank-entries", responses=page_of(rows.BankEntryRow))
    def bank_entries(
        request: Request,
        reader: CurrentReader,
        bank_account: IdQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List entries of banks' books."""
        wanted = optional_hash(bank_account)
        page = queries.bank_entries(reader.party, bank_account=wanted, cursor=cursor, limit=limit)
        return page_response(request, page)

    @routes.get("/payment-orders", responses=page_of(rows.PaymentOrderRow))
    def payment_orders(
        request: Request,
        reader: CurrentReader,
        certificate_id: IdQuery = None,
        status: NameQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List orders to settlement banks."""
        page = queries.payment_orders(
            reader.party,
            certificate_id=optional_id("cert", certificate_id),
            status=status,
            cursor=cursor,
            limit=limit,
        )
        return page_response(request, page)

    @routes.get("/obligations", responses=page_of(rows.ObligationRow))
    def obligations(
        request: Request,
        reader: CurrentReader,
        debtor: IdQuery = None,
        status: NameQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List promises to pay."""
        page = queries.obligations(
            reader.party,
            debtor=optional_id("party", debtor),
            status=status,
            cursor=cursor,
            limit=limit,
        )
        return page_response(request, page)

    @routes.get("/late-interest", responses=page_of(rows.LateInterestRow))
    def late_interest(
        request: Request,
        reader: CurrentReader,
        certificate_id: IdQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List what obligations of late interest are for."""
        wanted = optional_id("cert", certificate_id)
        page = queries.late_interest(
            reader.party, certificate_id=wanted, cursor=cursor, limit=limit
        )
        return page_response(request, page)
