"""Rows of what books rest on besides postings: pending transfers, statements, closings."""

from xinlian.readmodels.rows.base import ChangingRow, Row


class PendingTransferRow(ChangingRow, frozen=True, kw_only=True):
    """A transfer that is ``pending``, or was ``posted``, ``voided`` or ``expired``.

    What is pending is void once consensus time is above ``expires_at_ms``.
    """

    pending_id: str
    from_account: str
    to_account: str
    giver: str
    receiver: str
    settler: str
    amount_minor: int
    posted_minor: int
    expires_at_ms: int
    status: str


class BankStatementRow(ChangingRow, frozen=True, kw_only=True):
    """A closing balance that a bank stated, beside the ledger's for the end of that day."""

    account_id: str
    statement_day: int
    bank: str
    closing_minor: int
    ledger_minor: int
    differs: bool
    """False once the ledger has what the bank stated."""


class PeriodCloseRow(Row, frozen=True, kw_only=True):
    """A party's word on its books of a month."""

    close_id: str
    party_id: str
    period: int
    """Year × 100 + month."""
    as_of_height: int
    trial_balance_hash: str
    transaction_id: str
