"""Questions about promises to pay and the orders that pay them."""

from xinlian.readmodels import lists, rows
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.rows import Found, Page


class PaymentQueries(Asking):
    """Questions about promises to pay and the orders that pay them."""

    def payment_orders(
        self,
        reader: bytes,
        *,
        certificate_id: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.PaymentOrderRow]:
        """Return orders to settlement banks."""
        wanted = {"certificate_id": certificate_id, "status": status}
        return self._page(lists.PAYMENT_ORDERS, reader, cursor, limit, wanted)

    def payment_order(self, reader: bytes, order_id: str) -> Found[rows.PaymentOrderRow] | None:
        """Return an order to a settlement bank, or None."""
        return self._find(lists.PAYMENT_ORDERS, reader, order_id)

    def obligations(
        self,
        reader: bytes,
        *,
        debtor: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.ObligationRow]:
        """Return promises to pay."""
        wanted = {"debtor": debtor, "status": status}
        return self._page(lists.OBLIGATIONS, reader, cursor, limit, wanted)

    def obligation(self, reader: bytes, obligation_id: str) -> Found[rows.ObligationRow] | None:
        """Return a promise to pay, or None."""
        return self._find(lists.OBLIGATIONS, reader, obligation_id)

    def late_interest(
        self,
        reader: bytes,
        *,
        certificate_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.LateInterestRow]:
        """Return what obligations of late interest are for."""
        wanted = {"certificate_id": certificate_id}
        return self._page(lists.LATE_INTEREST, reader, cursor, limit, wanted)
