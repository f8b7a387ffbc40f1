"""Rows of value: accounts, what moves on them, and what banks said."""

import msgspec

from xinlian.readmodels.rows.base import ChangingRow, Row


class AssetRow(Row, frozen=True, kw_only=True):
    """A unit of value; the issuer of a claim is its certificate."""

    asset_id: str
    kind: str
    issuer: str
    currency: str
    scale: int


class BankAccountRow(Row, frozen=True, kw_only=True):
    """An account at a bank, by its commitment, and the ledger account that mirrors it."""

    bank_account: str
    owner: str
    bank: str
    account_id: str


class AccountRow(ChangingRow, frozen=True, kw_only=True):
    """An account of one owner in one asset, with its balance at the last height."""

    account_id: str
    owner: str
    asset_id: str
    asset_kind: str
    asset_issuer: str
    currency: str
    scale: int
    account_class: str
    number: int
    mirrored: bool
    bank_account: str
    opening_minor: int
    """The balance that it was opened with at genesis."""
    balance_minor: int
    """Negative on an issuer's side alone."""
    reserved_minor: int

    @property
    def available_minor(self) -> int:
        """What may be given."""
        return self.balance_minor - self.reserved_minor


class TransferRow(Row, frozen=True, kw_only=True):
    """A movement of value: the debit account received what the credit account gave."""

    position: int
    transaction_id: str
    asset_id: str
    debit_account: str
    debit_owner: str
    credit_account: str
    credit_owner: str
    amount_minor: int
    purpose: str
    reservation: str

    @property
    def transfer_id(self) -> str:
        """Its id: the position of its event."""
        return f"{self.height}.{self.position}"


class LegRow(Row, frozen=True, kw_only=True):
    """One leg of a transfer as it is kept: what else a posting tells, its transfer knows."""

    account_id: str
    position: int
    is_debit: bool
    amount_minor: int
    balance_minor: int


class PostingRow(Row, frozen=True, kw_only=True):
    """One leg of a transfer, with the balance of its account after it."""

    account_id: str
    position: int
    is_debit: bool
    amount_minor: int
    balance_minor: int
    counter_account: str
    counter_owner: str
    purpose: str
    transaction_id: str


class BalanceRow(Row, frozen=True, kw_only=True):
    """The balance of an account after all blocks up to ``as_of_height``."""

    account_id: str
    owner: str
    asset_id: str
    balance_minor: int
    as_of_height: int


class ReservationRow(ChangingRow, frozen=True, kw_only=True):
    """Value set aside on an account; nothing is left once it was paid out or released."""

    reservation_id: str
    account_id: str
    left_minor: int


class BankEntryRow(Row, frozen=True, kw_only=True):
    """An identified entry of a bank's books."""

    identity: str
    bank: str
    owner: str
    account_id: str
    bank_account: str
    amount_minor: int
    is_credit: bool
    value_day: int
    end_to_end_id: str
    document_root: str
    transaction_id: str


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """The postings of an account in a range of heights, with its balances around them."""

    account: AccountRow
    from_height: int
    to_height: int
    opening_minor: int
    closing_minor: int
    postings: tuple[PostingRow, ...]
    next_cursor: str | None
    height: int
    time_ms: int
    opening_height: int
    """The height after which the opening balance was on the account; 0 is the genesis."""
    since_height: int
    """From which height on this node has history: 0, or where it was restored."""
