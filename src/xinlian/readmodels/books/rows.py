"""Answers of books: vouchers, balances, ageing."""

import msgspec

from xinlian.readmodels.rows import Row


class VoucherLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a voucher; one of its two amounts is 0."""

    code: str
    name: str
    sub: str
    """What the sub-ledger is of: an account, a certificate; empty where there is none."""
    counterparty: str
    currency: str
    debit_minor: int
    credit_minor: int


class VoucherRow(Row, frozen=True, kw_only=True):
    """A proposed voucher: what one step of the ledger is in the books of one party."""

    voucher_id: str
    position: int
    transaction_id: str
    """Empty for what the schedule did."""
    call_index: int
    message_type: str
    step: str
    business_object: str
    """The leaf, obligation, pending transfer or account that it is for."""
    lines: tuple[VoucherLine, ...]


class BalanceLine(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the books in a period; balances are positive for debit."""

    code: str
    name: str
    sub: str
    """Empty where the line is of a whole account."""
    currency: str
    opening_minor: int
    debit_minor: int
    credit_minor: int
    closing_minor: int


class TrialBalance(msgspec.Struct, frozen=True, kw_only=True):
    """All accounts of a party's books in a period; debits equal credits."""

    chain_id: str
    party_id: str
    period: str
    template: str
    from_height: int
    to_height: int
    """The last height of the period that there is."""
    is_over: bool
    lines: tuple[BalanceLine, ...]
    csv_sha256: str
    """Of this trial balance as it is exported; what a closing commits to."""
    closed_hash: str
    """What the party committed to when it closed the month; empty while it is open."""
    height: int
    time_ms: int


class AgeingLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed on one certificate at the end of a period."""

    certificate_id: str
    side: str
    """``receivable`` or ``payable``."""
    obligor: str
    currency: str
    due_day: int
    days_overdue: int
    bucket: str
    amount_minor: int


class Ageing(msgspec.Struct, frozen=True, kw_only=True):
    """Claims and debts by certificate and by how long they are overdue."""

    party_id: str
    period: str
    as_of_day: int
    to_height: int
    lines: tuple[AgeingLine, ...]
    height: int
    time_ms: int
