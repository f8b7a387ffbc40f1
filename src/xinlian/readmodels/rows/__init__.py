"""The rows that readers get; each type is also the definition of its table.

Rules this file keeps:
 1. Ids are in their text form (``cert_…``), commitments in hexadecimal, enumerations by their
    lower-case names; an empty text says that there is none.
 2. Amounts are integers of minor units, times milliseconds of consensus time, days days since
    1970-01-01.
 3. ``height`` and ``time_ms`` say where a row arose, ``changed_height`` when it last changed.
"""

from xinlian.readmodels.rows.base import ChangingRow, Found, Page, Row, RowT
from xinlian.readmodels.rows.books import (
    BankStatementRow,
    PendingTransferRow,
    PeriodCloseRow,
)
from xinlian.readmodels.rows.certificates import (
    CertificateRow,
    EncumbranceRow,
    IssueLineRow,
    LeafPath,
    LeafRow,
    OfferRow,
)
from xinlian.readmodels.rows.chain import (
    BlockRow,
    EntryReaderRow,
    EventRow,
    MessageRow,
    ReaderRow,
    TransactionRow,
)
from xinlian.readmodels.rows.consents import ConsentReadRow, ConsentRow
from xinlian.readmodels.rows.credit import (
    CreditInquiryRow,
    CreditObjectionRow,
    CreditRecordRow,
    CreditReport,
)
from xinlian.readmodels.rows.devices import DeviceRow, WatchRow
from xinlian.readmodels.rows.directory import (
    KeyRow,
    OfficialRoleRow,
    PartyRow,
    PolicyVersionRow,
    ProposalRow,
    VoteRow,
)
from xinlian.readmodels.rows.disputes import DisputeRow
from xinlian.readmodels.rows.finance_offers import FinanceCallRow, FinanceOfferRow
from xinlian.readmodels.rows.freezes import FreezeRow
from xinlian.readmodels.rows.guarantees import GuaranteeRow
from xinlian.readmodels.rows.money import (
    AccountRow,
    AssetRow,
    BalanceRow,
    BankAccountRow,
    BankEntryRow,
    LegRow,
    PostingRow,
    ReservationRow,
    Statement,
    TransferRow,
)
from xinlian.readmodels.rows.payments import (
    LateInterestRow,
    ObligationRow,
    PaymentOrderRow,
)
from xinlian.readmodels.rows.portraits import Figure, Portrait, PortraitFactRow
from xinlian.readmodels.rows.trade import (
    DocumentRow,
    FactRow,
    InvoiceRow,
    VerdictRow,
)
from xinlian.readmodels.rows.validators import ValidatorRow

__all__ = [
    "AccountRow",
    "AssetRow",
    "BalanceRow",
    "BankAccountRow",
    "BankEntryRow",
    "BankStatementRow",
    "BlockRow",
    "CertificateRow",
    "ChangingRow",
    "ConsentReadRow",
    "ConsentRow",
    "CreditInquiryRow",
    "CreditObjectionRow",
    "CreditRecordRow",
    "CreditReport",
    "DeviceRow",
    "DisputeRow",
    "DocumentRow",
    "EncumbranceRow",
    "EntryReaderRow",
    "EventRow",
    "FactRow",
    "Figure",
    "FinanceCallRow",
    "FinanceOfferRow",
    "Found",
    "FreezeRow",
    "GuaranteeRow",
    "InvoiceRow",
    "IssueLineRow",
    "KeyRow",
    "LateInterestRow",
    "LeafPath",
    "LeafRow",
    "LegRow",
    "MessageRow",
    "ObligationRow",
    "OfferRow",
    "OfficialRoleRow",
    "Page",
    "PartyRow",
    "PaymentOrderRow",
    "PendingTransferRow",
    "PeriodCloseRow",
    "PolicyVersionRow",
    "Portrait",
    "PortraitFactRow",
    "PostingRow",
    "ProposalRow",
    "ReaderRow",
    "ReservationRow",
    "Row",
    "RowT",
    "Statement",
    "TransactionRow",
    "TransferRow",
    "ValidatorRow",
    "VerdictRow",
    "VoteRow",
    "WatchRow",
]
