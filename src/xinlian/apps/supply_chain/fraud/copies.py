"""The same claim twice: an equal or nearly equal invoice, or its goods again under another number.

Rules this file keeps:
 1. An invoice that was taken back by a credit note before it was financed may be issued anew.
 2. Consecutive numbers at like amounts are ordinary trade: a near number counts only together with
    the same goods.
 3. The first of a pair cannot be seen: there is nothing yet that it repeats.
"""

from xinlian.apps.supply_chain.checks.canonical import within_one_character
from xinlian.apps.supply_chain.fraud.facts import Fact, FinanceAsk, Invoice
from xinlian.apps.supply_chain.fraud.history import (
    History,
    canonical_number,
    names,
    numbered,
    within_percent,
)
from xinlian.apps.supply_chain.fraud.thresholds import Thresholds


def duplicate(history: History, ask: FinanceAsk, thresholds: Thresholds) -> tuple[str, ...]:
    """Return the earlier invoices that the asked one repeats, and the asked one."""
    invoice = history.invoices[ask.invoice]
    since = history.day - thresholds.memory_days
    same_number = [
        other
        for other in history.by_number.of(numbered(invoice), since)
        if _is_earlier(history, other, invoice)
    ]
    same_goods = [
        other
        for lot in invoice.lots
        for other in history.by_lot.of(lot, since)
        if _is_earlier(history, other, invoice) and _repeats(invoice, other, thresholds)
    ]
    found: list[Fact] = [*same_number, *same_goods]
    return names([*found, invoice]) if found else ()


def _is_earlier(history: History, other: Invoice, invoice: Invoice) -> bool:
    """Return whether an invoice came first and still stands, or was financed before it fell."""
    if other.name == invoice.name or (other.day, other.name) > (invoice.day, invoice.name):
        return False
    credit = history.credited.get(other.name)
    if credit is None:
        return True
    advances = history.advances.of(other.name, other.day)
    return any(advance.day <= credit.day for advance in advances)


def _repeats(invoice: Invoice, other: Invoice, thresholds: Thresholds) -> bool:
    """Return whether an invoice for the same goods is the same sale, not the next one of them."""
    if invoice.seller != other.seller:
        return False
    is_near_amount = within_percent(
        invoice.gross_minor, other.gross_minor, thresholds.near_amount_percent
    )
    return is_near_amount or within_one_character(
        canonical_number(invoice.number), canonical_number(other.number)
    )
