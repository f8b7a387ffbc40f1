"""Reads of credit records, of inquiries about them, and of objections to them.

Rules this file keeps:
 1. Records are listed to provider and subject; an inquirer reads those that answered its inquiry,
    by that inquiry and while its consent is in force.
"""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import whole_response
from xinlian.api.parameters import IdPath, checked_id
from xinlian.api.routes.tables import NAME, Filter, ItemRoute, ListRoute, add_routes
from xinlian.api.schemas import whole
from xinlian.api.services import Services
from xinlian.readmodels import rows
from xinlian.readmodels.queries import Queries

CREDIT: Final = (
    ListRoute(
        "/credit-records",
        Queries.credit_records,
        rows.CreditRecordRow,
        "List the credit records that the reader published, and those about it.",
        (Filter("subject", "party"), Filter("record_type", NAME), Filter("status", NAME)),
    ),
    ItemRoute(
        "/credit-records/{record_id}",
        Queries.credit_record,
        rows.CreditRecordRow,
        "Return a credit record.",
        Filter("record_id", "record"),
    ),
    ListRoute(
        "/credit-inquiries",
        Queries.credit_inquiries,
        rows.CreditInquiryRow,
        "List who asked for the reader's credit records, answered or denied, and what it asked.",
        (Filter("subject", "party"), Filter("inquirer", "party"), Filter("status", NAME)),
    ),
    ListRoute(
        "/credit-objections",
        Queries.credit_objections,
        rows.CreditObjectionRow,
        "List the objections that the reader filed, and those to its records.",
        (Filter("record_id", "record"), Filter("status", NAME)),
    ),
)


def router(services: Services) -> APIRouter:
    """Return the routes of social credit."""
    routes = APIRouter(prefix="/v1", tags=["credit"])
    add_routes(routes, services.queries, CREDIT)
    queries = services.queries

    @routes.get("/credit-reports/{inquiry_id}", responses=whole(rows.CreditReport))
    def credit_report(request: Request, inquiry_id: IdPath, reader: CurrentReader) -> Response:
        """Return the records that answered an inquiry, as they stand now."""
        asked = checked_id("inquiry", inquiry_id)
        found = queries.credit_report(reader.party, asked)
        return whole_response(request, found)

    return routes
