"""Questions about freeze orders."""

from xinlian.readmodels import lists, rows
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.rows import Found, Page


class FreezeQueries(Asking):
    """Questions about freeze orders; the parties of the claim see those that were confirmed."""

    def freezes(
        self,
        reader: bytes,
        *,
        certificate_id: str | None = None,
        leaf_id: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.FreezeRow]:
        """Return the freeze orders that concern the reader."""
        wanted = {"certificate_id": certificate_id, "leaf_id": leaf_id, "status": status}
        return self._page(lists.FREEZES, reader, cursor, limit, wanted)

    def freeze(self, reader: bytes, freeze_id: str) -> Found[rows.FreezeRow] | None:
        """Return a freeze order, or None."""
        return self._find(lists.FREEZES, reader, freeze_id)
