"""Reads of a trade: documents, facts and verdicts, invoices, certificates, leaves.

Rules this file keeps:
 1. What is asked about one object is 404 to whoever may not read that object.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from xinlian.api.authentication import CurrentReader
from xinlian.api.encoding import (
    item_response,
    page_response,
    versioned_response,
    whole_response,
)
from xinlian.api.parameters import (
    LIMIT_DEFAULT,
    LIMIT_MAX,
    Cursor,
    HashPath,
    IdPath,
    IdQuery,
    Limit,
    NameQuery,
    checked_hash,
    checked_id,
    optional_hash,
    optional_id,
)
from xinlian.api.problems import not_found
from xinlian.api.schemas import item_of, page_of, whole
from xinlian.api.services import Services
from xinlian.client.wire import CorroborationAnswer
from xinlian.modules.evidence.corroboration import corroborate
from xinlian.modules.evidence.types import Fact
from xinlian.readmodels import rows


def router(services: Services) -> APIRouter:
    """Return the routes of trade."""
    routes = APIRouter(prefix="/v1", tags=["trade"])
    _add_documents(routes, services)
    _add_subjects(routes, services)
    _add_certificates(routes, services)
    _add_leaves(routes, services)
    return routes


def _add_documents(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/documents", responses=page_of(rows.DocumentRow))
    def documents(
        request: Request,
        reader: CurrentReader,
        schema: NameQuery = None,
        owner: IdQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List registered documents: commitments, never contents."""
        page = queries.documents(
            reader.party,
            schema=schema,
            owner=optional_id("party", owner),
            cursor=cursor,
            limit=limit,
        )
        return page_response(request, page)

    @routes.get("/documents/{root}", responses=item_of(rows.DocumentRow))
    def document(request: Request, root: HashPath, reader: CurrentReader) -> Response:
        """Return a registered document."""
        return item_response(request, queries.document(reader.party, checked_hash(root)))

    @routes.get("/invoices", responses=page_of(rows.InvoiceRow))
    def invoices(
        request: Request,
        reader: CurrentReader,
        seller: IdQuery = None,
        buyer: IdQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List registered invoices and how much of them is spoken for."""
        page = queries.invoices(
            reader.party,
            seller=optional_id("party", seller),
            buyer=optional_id("party", buyer),
            cursor=cursor,
            limit=limit,
        )
        return page_response(request, page)

    @routes.get("/invoices/{root}", responses=item_of(rows.InvoiceRow))
    def invoice(request: Request, root: HashPath, reader: CurrentReader) -> Response:
        """Return a registered invoice."""
        return item_response(request, queries.invoice(reader.party, checked_hash(root)))


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
        """Say which flows the facts about a subject corroborate, and which are missing."""
        subject = checked_hash(root)
        if queries.invoice(reader.party, subject) is None:
            raise not_found()
        page = queries.facts(reader.party, subject=subject, limit=LIMIT_MAX)
        found = corroborate(
            Fact(row.kind, row.flow, row.grade, b"", row.time_ms) for row in page.rows
        )
        answer = CorroborationAnswer(
            height=page.height,
            subject=subject,
            corroborated=tuple(flow.value for flow in found.corroborated),
            missing=tuple(flow.value for flow in found.missing),
            complete=found.is_complete,
        )
        return versioned_response(request, answer, page.height)


def _add_certificates(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/certificates", responses=page_of(rows.CertificateRow))
    def certificates(
        request: Request,
        reader: CurrentReader,
        life: NameQuery = None,
        role: NameQuery = None,
        invoice_root: IdQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List certificates; ``role``: obligor, first_holder, holder or financier."""
        page = queries.certificates(
            reader.party,
            life=life,
            role=role,
            invoice_root=optional_hash(invoice_root),
            cursor=cursor,
            limit=limit,
        )
        return page_response(request, page)

    @routes.get("/certificates/{certificate_id}", responses=item_of(rows.CertificateRow))
    def certificate(request: Request, certificate_id: IdPath, reader: CurrentReader) -> Response:
        """Return a certificate."""
        found = queries.certificate(reader.party, checked_id("cert", certificate_id))
        return item_response(request, found)

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

    @routes.get("/issue-lines", responses=page_of(rows.IssueLineRow))
    def issue_lines(
        request: Request,
        reader: CurrentReader,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List issue lines with their stop flags, to their obligors."""
        page = queries.issue_lines(reader.party, cursor=cursor, limit=limit)
        return page_response(request, page)


def _add_leaves(routes: APIRouter, services: Services) -> None:
    queries = services.queries

    @routes.get("/leaves", responses=page_of(rows.LeafRow))
    def leaves(
        request: Request,
        reader: CurrentReader,
        holder: IdQuery = None,
        life: NameQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List leaves of all certificates."""
        page = queries.leaves(
            reader.party,
            holder=optional_id("party", holder),
            life=life,
            cursor=cursor,
            limit=limit,
        )
        return page_response(request, page)

    @routes.get("/leaves/{leaf_id}", responses=item_of(rows.LeafRow))
    def leaf(request: Request, leaf_id: IdPath, reader: CurrentReader) -> Response:
        """Return a leaf."""
        return item_response(request, queries.leaf(reader.party, checked_id("leaf", leaf_id)))

    @routes.get("/leaves/{leaf_id}/path", responses=whole(rows.LeafPath))
    def leaf_path(request: Request, leaf_id: IdPath, reader: CurrentReader) -> Response:
        """Return a leaf with its ancestors up to the first, and the certificate it is of."""
        return whole_response(request, queries.leaf_path(reader.party, checked_id("leaf", leaf_id)))

    @routes.get("/transfer-offers", responses=page_of(rows.OfferRow))
    def transfer_offers(
        request: Request,
        reader: CurrentReader,
        leaf_id: IdQuery = None,
        status: NameQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List offers to transfer leaves, made by the reader or to it."""
        page = queries.transfer_offers(
            reader.party,
            leaf_id=optional_id("leaf", leaf_id),
            status=status,
            cursor=cursor,
            limit=limit,
        )
        return page_response(request, page)

    @routes.get("/encumbrances", responses=page_of(rows.EncumbranceRow))
    def encumbrances(
        request: Request,
        reader: CurrentReader,
        certificate_id: IdQuery = None,
        cursor: Cursor = None,
        limit: Limit = LIMIT_DEFAULT,
    ) -> Response:
        """List assignments of leaves to financiers."""
        wanted = optional_id("cert", certificate_id)
        page = queries.encumbrances(reader.party, certificate_id=wanted, cursor=cursor, limit=limit)
        return page_response(request, page)
