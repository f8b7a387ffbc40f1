"""Three-flow verification of opened documents: pure, deterministic, run by agents and the client.

Never run in a block: what it reads is party data.  Its report becomes a signed verdict.
"""

from xinlian.apps.supply_chain.checks.candidates import EarlierInvoices
from xinlian.apps.supply_chain.checks.codes import Check
from xinlian.apps.supply_chain.checks.copies import CopyFound, find_copies
from xinlian.apps.supply_chain.checks.report import (
    CheckFailure,
    CheckReport,
    MissingFact,
    Severity,
    VerdictFields,
)
from xinlian.apps.supply_chain.checks.tolerances import DEFAULT_TOLERANCES, Tolerances
from xinlian.apps.supply_chain.checks.trade_file import (
    LedgerParties,
    OpenedDocument,
    Purpose,
    RegisteredInvoice,
    TradeFile,
    TradeFileInvalid,
)
from xinlian.apps.supply_chain.checks.verify import CHECKS_VERSION, check_trade

__all__ = [
    "CHECKS_VERSION",
    "DEFAULT_TOLERANCES",
    "Check",
    "CheckFailure",
    "CheckReport",
    "CopyFound",
    "EarlierInvoices",
    "LedgerParties",
    "MissingFact",
    "OpenedDocument",
    "Purpose",
    "RegisteredInvoice",
    "Severity",
    "Tolerances",
    "TradeFile",
    "TradeFileInvalid",
    "VerdictFields",
    "check_trade",
    "find_copies",
]
