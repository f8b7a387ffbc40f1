"""Reads of a trade: documents, facts and verdicts, invoices, certificates, leaves.

Rules this file keeps:
 1. What is asked about one object is 404 to whoever may not read that object.
"""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import page_response, versioned_response, whole_response
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    LIMIT_MAX,
    Cursor,
    HashPath,
    IdPath,
    Limit,
    checked_hash,
    checked_id,
)
from xinlian.api.problems import not_found
from xinlian.api.routes.corroboration import corroboration_answer
from xinlian.api.routes.tables import HASH, NAME, Filter, ItemRoute, ListRoute, add_routes
from xinlian.api.schemas import page_of, whole
from xinlian.api.services import Services
from xinlian.client.wire import CorroborationAnswer
from xinlian.readmodels import rows
from xinlian.readmodels.queries import Queries

_ROOT: Final = Filter("root", HASH)
_LEAF: Final = Filter("leaf_id", "leaf")
_CALL: Final = Filter("call_id", "call")
_CERTIFICATE: Final = Filter("certificate_id", "cert")
_LIFE: Final = Filter("life", NAME)

DOCUMENTS: Final = (
    ListRoute(
        "/documents",
        Queries.documents,
        rows.DocumentRow,
        "List registered documents: commitments, never contents.",
        (Filter("schema", NAME), Filter("owner", "party")),
    ),
    ItemRoute(
        "/documents/{root}",
        Queries.document,
        rows.DocumentRow,
        "Return a registered document.",
        _ROOT,
    ),
    ListRoute(
        "/invoices",
        Queries.invoices,
        rows.InvoiceRow,
        "List registered invoices and how much of them is spoken for.",
        (Filter("seller", "party"), Filter("buyer", "party")),
    ),
    ItemRoute(
        "/invoices/{root}",
        Queries.invoice,
        rows.InvoiceRow,
        "Return a registered invoice.",
        _ROOT,
    ),
)
CERTIFICATES: Final = (
    ListRoute(
        "/certificates",
        Queries.certificates,
        rows.CertificateRow,
        "List certificates; ``role``: obligor, first_holder, holder or financier.",
        (_LIFE, Filter("role", NAME), Filter("invoice_root", HASH)),
    ),
    ItemRoute(
        "/certificates/{certificate_id}",
        Queries.certificate,
        rows.CertificateRow,
        "Return a certificate.",
        _CERTIFICATE,
    ),
)
LEAVES: Final = (
    ListRoute(
        "/issue-lines",
        Queries.issue_lines,
        rows.IssueLineRow,
        "List issue lines with their stop flags, to their obligors.",
    ),
    ListRoute(
        "/leaves",
        Queries.leaves,
        rows.LeafRow,
        "List leaves of all certificates.",
        (Filter("holder", "party"), _LIFE),
    ),
    ItemRoute("/leaves/{leaf_id}", Queries.leaf, rows.LeafRow, "Return a leaf.", _LEAF),
)
OFFERS: Final = (
    ListRoute(
        "/transfer-offers",
        Queries.transfer_offers,
        rows.OfferRow,
        "List offers to transfer leaves, made by the reader or to it.",
        (_LEAF, Filter("status", NAME)),
    ),
    ListRoute(
        "/freezes",
        Queries.freezes,
        rows.FreezeRow,
        "List freeze orders that concern the reader.",
        (_CERTIFICATE, _LEAF, Filter("status", NAME)),
    ),
    ListRoute(
        "/guarantees",
        Queries.guarantees,
        rows.GuaranteeRow,
        "List guarantees of certificates that concern the reader.",
        (_CERTIFICATE, Filter("status", NAME)),
    ),
    ListRoute(
        "/disputes",
        Queries.disputes,
        rows.DisputeRow,
        "List disputes of leaves that concern the reader.",
        (_CERTIFICATE, _LEAF, Filter("status", NAME)),
    ),
    ListRoute(
        "/finance-calls",
        Queries.finance_calls,
        rows.FinanceCallRow,
        "List calls for offers of banks, made by the reader or inviting it.",
        (_CALL, _LEAF, Filter("status", NAME)),
    ),
    ListRoute(
        "/finance-offers",
        Queries.finance_offers,
        rows.FinanceOfferRow,
        "List what banks offer under calls: the reader's own, and all that were opened.",
        (_CALL, Filter("status", NAME)),
    ),
    ListRoute(
        "/encumbrances",
        Queries.encumbrances,
        rows.EncumbranceRow,
        "List assignments of leaves to financiers.",
        (_CERTIFICATE,),
    ),
)


def router(services: Services) -> APIRouter:
    """Return the routes of trade."""
    routes = APIRouter(prefix="/v1", tags=["trade"])
    add_routes(routes, services.queries, DOCUMENTS)
    _add_subjects(routes, services)
    add_routes(routes, services.queries, CERTIFICATES)
    _add_branches(routes, services)
    add_routes(routes, services.queries, LEAVES)
    _add_paths(routes, services)
    add_routes(routes, services.queries, OFFERS)
    return routes


def _add_subjects(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/subjects/{root}/facts", responses=page_of(rows.FactRow))
    def facts(
        request: Request,
        root: HashPath,
        reader: CurrentReader,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List the graded facts about a subject."""
        subject = checked_hash(root)
        page = queries.facts(reader.party, subject=subject, cursor=cursor, limit=limit)
        if not page.rows and queries.invoice(reader.party, subject) is None:
            raise not_found()
        return page_response(request, page)

    @routes.get("/subjects/{root}/verdicts", responses=page_of(rows.VerdictRow))
    def verdicts(
        request: Request,
        root: HashPath,
        reader: CurrentReader,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List the latest verdicts about a subject."""
        subject = checked_hash(root)
        page = queries.verdicts(reader.party, subject=subject, cursor=cursor, limit=limit)
        if not page.rows and queries.invoice(reader.party, subject) is None:
            raise not_found()
        return page_response(request, page)

    @routes.get("/subjects/{root}/corroboration", responses=whole(CorroborationAnswer))
    def corroboration(request: Request, root: HashPath, reader: CurrentReader) -> Response:
        """Say what facts and verdicts about a subject come to, and what would cure it."""
        subject = checked_hash(root)
        if queries.invoice(reader.party, subject) is None:
            raise not_found()
        facts = queries.facts(reader.party, subject=subject, limit=LIMIT_MAX)
        verdicts = queries.verdicts(reader.party, subject=subject, limit=LIMIT_MAX)
        at_ms = max(facts.time_ms, verdicts.time_ms)
        watching = queries.watching(reader.party, subject, at_ms)
        answer = corroboration_answer(subject, facts, verdicts, watching)
        return versioned_response(request, answer, answer.height)


def _add_branches(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/certificates/{certificate_id}/leaves", responses=page_of(rows.LeafRow))
    def leaves_of(
        request: Request,
        certificate_id: IdPath,
        reader: CurrentReader,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List the leaves of a certificate that the reader may see."""
        wanted = checked_id("cert", certificate_id)
        if queries.certificate(reader.party, wanted) is None:
            raise not_found()
        page = queries.leaves(reader.party, certificate_id=wanted, cursor=cursor, limit=limit)
        return page_response(request, page)


def _add_paths(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/leaves/{leaf_id}/path", responses=whole(rows.LeafPath))
    def leaf_path(request: Request, leaf_id: IdPath, reader: CurrentReader) -> Response:
        """Return a leaf with its ancestors up to the first, and the certificate it is of."""
        return whole_response(request, queries.leaf_path(reader.party, checked_id("leaf", leaf_id)))
