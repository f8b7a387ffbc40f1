"""The lists that may be read: their order, and the right each needs.

Rules this file keeps:
 1. A list names what opens it (``Access``); a list that names nothing does not exist, and only
    blocks are open to everybody.
 2. The order of a list is total and never changes, so a cursor never skips or repeats a row.
 3. What a party may read of a list is a range of ``readers`` in the order of that list.
"""

import dataclasses
import enum
from typing import Final, Generic

import sqlalchemy as sa

from xinlian.readmodels import rows
from xinlian.readmodels.cursors import CursorKey
from xinlian.readmodels.kinds import Kind
from xinlian.readmodels.rows import RowT
from xinlian.readmodels.tables import TABLE_OF

DAY_DIGITS: Final = 5


class Access(enum.Enum):
    """What opens a list to a reader."""

    OPEN = "everybody reads it"
    RIGHT = "a right to each of its objects"
    ENTRY = "a right to each event or transfer, at its position"
    MEMBERS = "being a member"
    OWN = "being the party whose rows they are"
    WITHIN = "a right to the one object that all its rows are about, looked up before"


@dataclasses.dataclass(frozen=True, slots=True)
class RowList(Generic[RowT]):
    """One list: its rows, their order, and what opens it."""

    row_type: type[RowT]
    order: tuple[str, ...]
    access: Access
    kind: Kind | None = None
    """Of the objects that the rows describe, where a right to each is needed."""
    owner: str = ""
    """The field that names the party whose rows they are."""

    @property
    def table(self) -> sa.Table:
        """The table of its rows."""
        return TABLE_OF[self.row_type]

    @property
    def is_placed(self) -> bool:
        """Whether rows of one height are ordered by a number rather than by their id."""
        return self.access is Access.ENTRY or self.kind is Kind.TRANSACTION

    @property
    def id_fields(self) -> tuple[str, ...]:
        """The fields that make the id of the object that a row describes."""
        if self.kind is Kind.TRANSACTION:
            return ("transaction_id",)
        return self.order[1:]

    def object_id(self) -> sa.ColumnElement[str]:
        """Return the id of the object of a row, as it stands in ``readers``."""
        first, *others = (self.table.c[field] for field in self.id_fields)
        text: sa.ColumnElement[str] = first
        for column in others:
            is_text = isinstance(column.type, sa.Text)
            text = text + "." + (column if is_text else sa.cast(column, sa.Text()))
        return text

    def right_key(self, key: CursorKey) -> tuple[int | str, ...]:
        """Return where in ``readers`` the row with a key of this list stands."""
        height, *others = key
        if self.is_placed:
            return (height, *others)
        return (height, 0, ".".join(map(str, others)))


def _list(row_type: type[RowT], order: str, kind: Kind) -> RowList[RowT]:
    return RowList(row_type, ("height", *order.split()), Access.RIGHT, kind)


BLOCKS: Final = RowList(rows.BlockRow, ("height",), Access.OPEN)
TRANSACTIONS: Final = _list(rows.TransactionRow, "transaction_index", Kind.TRANSACTION)
MESSAGES: Final = RowList(rows.MessageRow, ("transaction_id", "call_index"), Access.WITHIN)
EVENTS: Final = RowList(rows.EventRow, ("height", "position"), Access.ENTRY)
PARTIES: Final = _list(rows.PartyRow, "party_id", Kind.PARTY)
KEYS: Final = _list(rows.KeyRow, "key_id", Kind.KEY)
OFFICIAL_ROLES: Final = _list(rows.OfficialRoleRow, "official_role party_id", Kind.OFFICIAL_ROLE)
VALIDATORS: Final = _list(rows.ValidatorRow, "public_key", Kind.VALIDATOR)
PROPOSALS: Final = _list(rows.ProposalRow, "proposal_id", Kind.PROPOSAL)
VOTES: Final = RowList(rows.VoteRow, ("height", "round_no", "member"), Access.WITHIN)
POLICY: Final = RowList(rows.PolicyVersionRow, ("name", "effective_from_ms"), Access.MEMBERS)
ACCOUNTS: Final = _list(rows.AccountRow, "account_id", Kind.ACCOUNT)
TRANSFERS: Final = RowList(rows.TransferRow, ("height", "position"), Access.ENTRY, Kind.TRANSFER)
RESERVATIONS: Final = _list(rows.ReservationRow, "reservation_id", Kind.RESERVATION)
BANK_ACCOUNTS: Final = _list(rows.BankAccountRow, "bank_account", Kind.BANK_ACCOUNT)
BANK_ENTRIES: Final = _list(rows.BankEntryRow, "bank identity", Kind.BANK_ENTRY)
PENDING_TRANSFERS: Final = _list(rows.PendingTransferRow, "pending_id", Kind.PENDING)
BANK_STATEMENTS: Final = _list(
    rows.BankStatementRow, "account_id statement_day", Kind.BANK_STATEMENT
)
PERIOD_CLOSES: Final = RowList(
    rows.PeriodCloseRow, ("party_id", "period"), Access.OWN, owner="party_id"
)
DOCUMENTS: Final = _list(rows.DocumentRow, "root", Kind.DOCUMENT)
FACTS: Final = _list(rows.FactRow, "fact_id", Kind.FACT)
VERDICTS: Final = _list(rows.VerdictRow, "verdict_id", Kind.VERDICT)
INVOICES: Final = _list(rows.InvoiceRow, "root", Kind.INVOICE)
CERTIFICATES: Final = _list(rows.CertificateRow, "certificate_id", Kind.CERTIFICATE)
LEAVES: Final = _list(rows.LeafRow, "leaf_id", Kind.LEAF)
ENCUMBRANCES: Final = _list(rows.EncumbranceRow, "leaf_id", Kind.ENCUMBRANCE)
OFFERS: Final = _list(rows.OfferRow, "offer_id", Kind.OFFER)
GUARANTEES: Final = _list(rows.GuaranteeRow, "guarantee_id", Kind.GUARANTEE)
FREEZES: Final = _list(rows.FreezeRow, "freeze_id", Kind.FREEZE)
DISPUTES: Final = _list(rows.DisputeRow, "dispute_id", Kind.DISPUTE)
FINANCE_CALLS: Final = _list(rows.FinanceCallRow, "call_id", Kind.CALL)
FINANCE_OFFERS: Final = _list(rows.FinanceOfferRow, "finance_offer_id", Kind.FINANCE_OFFER)
PAYMENT_ORDERS: Final = _list(rows.PaymentOrderRow, "order_id", Kind.PAYMENT_ORDER)
OBLIGATIONS: Final = _list(rows.ObligationRow, "obligation_id", Kind.OBLIGATION)
LATE_INTEREST: Final = _list(rows.LateInterestRow, "obligation_id", Kind.LATE_INTEREST)
ISSUE_LINES: Final = _list(rows.IssueLineRow, "obligor", Kind.ISSUE_LINE)
DEVICES: Final = _list(rows.DeviceRow, "device_id", Kind.DEVICE)
WATCHES: Final = _list(rows.WatchRow, "watch_id", Kind.WATCH)
CREDIT_RECORDS: Final = _list(rows.CreditRecordRow, "record_id", Kind.CREDIT_RECORD)
CREDIT_INQUIRIES: Final = _list(rows.CreditInquiryRow, "inquiry_id", Kind.CREDIT_INQUIRY)
CREDIT_OBJECTIONS: Final = _list(rows.CreditObjectionRow, "objection_id", Kind.CREDIT_OBJECTION)
CONSENTS: Final = _list(rows.ConsentRow, "consent_id", Kind.CONSENT)
CONSENT_READS: Final = _list(rows.ConsentReadRow, "consent_id read_no", Kind.CONSENT_READ)
