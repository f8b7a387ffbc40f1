"""Questions about guarantees of certificates."""

from xinlian.readmodels import lists, rows
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.rows import Found, Page


class GuaranteeQueries(Asking):
    """Questions about guarantees; guarantor, obligor, first supplier and holders see them."""

    def guarantees(
        self,
        reader: bytes,
        *,
        certificate_id: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.GuaranteeRow]:
        """Return the guarantees that concern the reader."""
        wanted = {"certificate_id": certificate_id, "status": status}
        return self._page(lists.GUARANTEES, reader, cursor, limit, wanted)

    def guarantee(self, reader: bytes, guarantee_id: str) -> Found[rows.GuaranteeRow] | None:
        """Return a guarantee, or None."""
        return self._find(lists.GUARANTEES, reader, guarantee_id)
