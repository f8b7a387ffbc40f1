"""Fraud signals: what a watcher may see in the trade that it is entitled to read.

A pure package over opened documents, run by an organisation's own watcher and never in a block: it
warns a person or a rule pack, it decides nothing.
"""

from xinlian.apps.supply_chain.fraud.facts import (
    Advance,
    Confirmation,
    Credit,
    Delivery,
    Fact,
    FinanceAsk,
    Invoice,
    Link,
    LinkKind,
    Payment,
    Pledge,
)
from xinlian.apps.supply_chain.fraud.history import History, OutOfOrder
from xinlian.apps.supply_chain.fraud.signals import Alert, Typology
from xinlian.apps.supply_chain.fraud.thresholds import Thresholds
from xinlian.apps.supply_chain.fraud.watch import DETECTORS, UnknownInvoice, Watch

__all__ = [
    "DETECTORS",
    "Advance",
    "Alert",
    "Confirmation",
    "Credit",
    "Delivery",
    "Fact",
    "FinanceAsk",
    "History",
    "Invoice",
    "Link",
    "LinkKind",
    "OutOfOrder",
    "Payment",
    "Pledge",
    "Thresholds",
    "Typology",
    "UnknownInvoice",
    "Watch",
]
