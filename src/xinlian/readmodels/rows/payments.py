"""Rows of promises to pay and of the orders that pay them."""

from xinlian.readmodels.rows.base import ChangingRow, Row


class PaymentOrderRow(ChangingRow, frozen=True, kw_only=True):
    """An order to the settlement bank; its id is the EndToEndId."""

    order_id: str
    certificate_id: str
    leaf_id: str
    obligor: str
    payee: str
    bank: str
    account_id: str
    amount_minor: int
    expires_at_ms: int
    status: str


class ObligationRow(ChangingRow, frozen=True, kw_only=True):
    """A binding promise to pay; one that was never accepted has no row."""

    obligation_id: str
    debtor: str
    creditor: str
    """Empty for a certificate: its holders of record are its creditors."""
    asset_id: str
    amount_minor: int
    performed_minor: int
    released_minor: int
    open_minor: int
    awaiting_minor: int
    disputed_minor: int
    due_day: int
    due_at_ms: int
    cutoff_at_ms: int
    status: str
    source_kind: str
    account_id: str
    authority_cap_minor: int
    authority_until_ms: int
    enforced_minor: int
    """What of the performed amount orders of courts brought."""
    enforced_by: str
    """The court whose order executes it; empty while none does."""
    enforceable_minor: int
    """What that order may still move; 0 while none is in force."""


class LateInterestRow(Row, frozen=True, kw_only=True):
    """What an obligation of late interest is for."""

    obligation_id: str
    certificate_id: str
    leaf_id: str
    debtor: str
    creditor: str
    base_minor: int
    days: int
    amount_minor: int
