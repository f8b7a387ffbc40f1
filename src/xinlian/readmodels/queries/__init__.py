"""What may be asked: every list and every single row, by a reader.

Rules this file keeps:
 1. Deny by default: every question joins ``readers``; without a right there is no row, and no
    answer tells an unknown object from one that may not be read.
 2. Open to everybody are blocks alone.
 3. An answer is read in one transaction and carries the height it was read at.
 4. Lists are ordered by where their rows arose and go on behind a cursor.
"""

from xinlian.readmodels.books.queries import Books
from xinlian.readmodels.database import Database
from xinlian.readmodels.queries.certificates import CertificateQueries
from xinlian.readmodels.queries.chain import ChainQueries
from xinlian.readmodels.queries.consents import ConsentQueries
from xinlian.readmodels.queries.credit import CreditQueries
from xinlian.readmodels.queries.devices import DeviceQueries
from xinlian.readmodels.queries.directory import DirectoryQueries
from xinlian.readmodels.queries.disputes import DisputeQueries
from xinlian.readmodels.queries.finance_offers import FinanceOfferQueries
from xinlian.readmodels.queries.freezes import FreezeQueries
from xinlian.readmodels.queries.guarantees import GuaranteeQueries
from xinlian.readmodels.queries.money import MoneyQueries
from xinlian.readmodels.queries.payments import PaymentQueries
from xinlian.readmodels.queries.portraits import PortraitQueries
from xinlian.readmodels.queries.trade import TradeQueries

__all__ = ["Queries"]


class Queries(
    ChainQueries,
    DirectoryQueries,
    MoneyQueries,
    TradeQueries,
    CertificateQueries,
    PaymentQueries,
    ConsentQueries,
    CreditQueries,
    PortraitQueries,
    FreezeQueries,
    GuaranteeQueries,
    DisputeQueries,
    FinanceOfferQueries,
    DeviceQueries,
):
    """Every question to a projected database; ``reader`` is the 20-byte id of a party."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.books = Books(database)
