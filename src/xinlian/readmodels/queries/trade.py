"""Questions about a trade: documents, facts, verdicts, invoices."""

from xinlian.readmodels import lists, rows
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.rows import Found, Page


class TradeQueries(Asking):
    """Questions about a trade: documents, facts, verdicts, invoices."""

    def documents(
        self,
        reader: bytes,
        *,
        schema: str | None = None,
        owner: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.DocumentRow]:
        """Return registered documents."""
        wanted = {"schema": schema, "owner": owner}
        return self._page(lists.DOCUMENTS, reader, cursor, limit, wanted)

    def document(self, reader: bytes, root: str) -> Found[rows.DocumentRow] | None:
        """Return a registered document, or None."""
        return self._find(lists.DOCUMENTS, reader, root)

    def facts(
        self,
        reader: bytes,
        *,
        subject: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.FactRow]:
        """Return graded facts, about one subject or all."""
        return self._page(lists.FACTS, reader, cursor, limit, {"subject": subject})

    def verdicts(
        self,
        reader: bytes,
        *,
        subject: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.VerdictRow]:
        """Return the latest verdicts, about one subject or all."""
        return self._page(lists.VERDICTS, reader, cursor, limit, {"subject": subject})

    def invoices(
        self,
        reader: bytes,
        *,
        seller: str | None = None,
        buyer: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.InvoiceRow]:
        """Return registered invoices."""
        wanted = {"seller": seller, "buyer": buyer}
        return self._page(lists.INVOICES, reader, cursor, limit, wanted)

    def invoice(self, reader: bytes, root: str) -> Found[rows.InvoiceRow] | None:
        """Return a registered invoice, or None."""
        return self._find(lists.INVOICES, reader, root)
