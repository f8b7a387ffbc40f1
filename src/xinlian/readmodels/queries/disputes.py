"""Questions about disputes of leaves."""

from xinlian.readmodels import lists, rows
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.rows import Found, Page


class DisputeQueries(Asking):
    """Questions about disputes; obligor, holder, financier, who disputes and the court see them."""

    def disputes(
        self,
        reader: bytes,
        *,
        certificate_id: str | None = None,
        leaf_id: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.DisputeRow]:
        """Return the disputes that concern the reader."""
        wanted = {"certificate_id": certificate_id, "leaf_id": leaf_id, "status": status}
        return self._page(lists.DISPUTES, reader, cursor, limit, wanted)

    def dispute(self, reader: bytes, dispute_id: str) -> Found[rows.DisputeRow] | None:
        """Return a dispute, or None."""
        return self._find(lists.DISPUTES, reader, dispute_id)
