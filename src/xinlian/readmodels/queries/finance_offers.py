"""Questions about calls for offers."""

from xinlian.readmodels import lists, rows
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.rows import Page


class FinanceOfferQueries(Asking):
    """Questions about calls; a bank sees its own offer, and all of them once they are opened."""

    def finance_calls(
        self,
        reader: bytes,
        *,
        call_id: str | None = None,
        leaf_id: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.FinanceCallRow]:
        """Return the calls for offers that the reader made or is invited to."""
        wanted = {"call_id": call_id, "leaf_id": leaf_id, "status": status}
        return self._page(lists.FINANCE_CALLS, reader, cursor, limit, wanted)

    def finance_offers(
        self,
        reader: bytes,
        *,
        call_id: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.FinanceOfferRow]:
        """Return the offers that the reader may see."""
        wanted = {"call_id": call_id, "status": status}
        return self._page(lists.FINANCE_OFFERS, reader, cursor, limit, wanted)
