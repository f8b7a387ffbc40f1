"""Questions about certificates, their leaves, and what happens to these."""

from typing import Final

import sqlalchemy as sa

from xinlian.readmodels import lists, rows
from xinlian.readmodels.paging import NOTHING, Filter, equal, find, page
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.reading import Reading, open_reading
from xinlian.readmodels.rows import Found, Page

CERTIFICATE_ROLES: Final = ("obligor", "first_holder", "holder", "financier")
"""What a reader may be to a certificate: it owes, was first owed, holds, or was asked for money."""


class CertificateQueries(Asking):
    """Questions about certificates, their leaves, and what happens to these."""

    def certificates(
        self,
        reader: bytes,
        *,
        life: str | None = None,
        role: str | None = None,
        invoice_root: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.CertificateRow]:
        """Return certificates; ``role`` is what the reader is to them: see CERTIFICATE_ROLES."""
        wanted = {"life": life, "invoice_root": invoice_root}
        with open_reading(self._database, reader) as reading:
            roles = _in_role(reading, role)
            return page(reading, lists.CERTIFICATES, cursor, limit, wanted, *roles)

    def certificate(self, reader: bytes, certificate_id: str) -> Found[rows.CertificateRow] | None:
        """Return a certificate, or None."""
        return self._find(lists.CERTIFICATES, reader, certificate_id)

    def leaves(
        self,
        reader: bytes,
        *,
        certificate_id: str | None = None,
        holder: str | None = None,
        life: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.LeafRow]:
        """Return leaves, of one certificate or of all."""
        wanted = {"certificate_id": certificate_id, "holder": holder, "life": life}
        return self._page(lists.LEAVES, reader, cursor, limit, wanted)

    def leaf(self, reader: bytes, leaf_id: str) -> Found[rows.LeafRow] | None:
        """Return a leaf, or None."""
        return self._find(lists.LEAVES, reader, leaf_id)

    def leaf_path(self, reader: bytes, leaf_id: str) -> rows.LeafPath | None:
        """Return a leaf with all its ancestors and its certificate, or None."""
        with open_reading(self._database, reader) as reading:
            leaf = find(reading, lists.LEAVES, leaf_id)
            if leaf is None:
                return None
            certificate = find(reading, lists.CERTIFICATES, leaf.certificate_id)
            if certificate is None:
                return None
            return rows.LeafPath(
                leaves=_ancestry(reading, leaf),
                certificate=certificate,
                contract_root=certificate.contract_root,
                invoice_root=certificate.invoice_root,
                height=reading.height,
                time_ms=reading.time_ms,
            )

    def encumbrances(
        self,
        reader: bytes,
        *,
        certificate_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.EncumbranceRow]:
        """Return assignments to financiers."""
        wanted = {"certificate_id": certificate_id}
        return self._page(lists.ENCUMBRANCES, reader, cursor, limit, wanted)

    def encumbrance(self, reader: bytes, leaf_id: str) -> Found[rows.EncumbranceRow] | None:
        """Return the assignment of a leaf, or None."""
        return self._find(lists.ENCUMBRANCES, reader, leaf_id)

    def transfer_offers(
        self,
        reader: bytes,
        *,
        leaf_id: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.OfferRow]:
        """Return offers to transfer leaves."""
        return self._page(
            lists.OFFERS, reader, cursor, limit, {"leaf_id": leaf_id, "status": status}
        )

    def issue_lines(
        self,
        reader: bytes,
        *,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.IssueLineRow]:
        """Return issue lines with their stop flags, to their obligors."""
        return self._page(lists.ISSUE_LINES, reader, cursor, limit, {})


def _ancestry(reading: Reading, leaf: rows.LeafRow) -> tuple[rows.LeafRow, ...]:
    """Return a leaf and its ancestors that the reader may read, the leaf first."""
    path = [leaf]
    while path[-1].parent:
        parent = find(reading, lists.LEAVES, path[-1].parent)
        if parent is None:
            break
        path.append(parent)
    return tuple(path)


def _in_role(reading: Reading, role: str | None) -> list[Filter]:
    """Return the filters that the reader has a role in a certificate."""
    if role is None:
        return []
    if role not in CERTIFICATE_ROLES or not reading.names:
        return [NOTHING]
    party_id = reading.names[0]
    if role in ("obligor", "first_holder"):
        return [equal(lists.CERTIFICATES, role, party_id)]
    leaves = lists.LEAVES.table
    ids = sa.select(leaves.c.certificate_id).where(leaves.c[role] == party_id)
    here = leaves.c.certificate_id == lists.CERTIFICATES.table.c.certificate_id
    return [Filter(sa.exists(ids.where(here)), ids=ids)]
