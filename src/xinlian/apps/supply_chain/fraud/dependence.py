"""Seller and buyer that are not strangers, and a debtor that may not have spoken.

Rules this file keeps:
 1. Control and shared officers are strong; an address, a telephone or an account in common is weak,
    and two kinds of weak links between the same two parties are as good as a strong one.
 2. Dependence alone is ordinary for a small supplier: it counts beside a weak link only.
 3. A jump of the term counts only where the debtor's own key confirmed nothing.
"""

from collections import defaultdict

from xinlian.apps.supply_chain.fraud.facts import FinanceAsk, Invoice, Link
from xinlian.apps.supply_chain.fraud.history import History, names, pair
from xinlian.apps.supply_chain.fraud.thresholds import Thresholds


def related_parties(history: History, ask: FinanceAsk, thresholds: Thresholds) -> tuple[str, ...]:
    """Return the links that lead from the seller to the buyer."""
    invoice = history.invoices[ask.invoice]
    way = _way(history, invoice.seller, invoice.buyer, thresholds)
    if way:
        return names([*way, invoice])
    weak = [link for link in history.links.get(invoice.seller, ()) if _joins(link, invoice)]
    if weak and _depends(history, invoice, thresholds):
        return names([*weak, invoice])
    return ()


def _joins(link: Link, invoice: Invoice) -> bool:
    return {link.one, link.other} == {invoice.seller, invoice.buyer}


def _way(history: History, begin: str, end: str, thresholds: Thresholds) -> tuple[Link, ...]:
    """Return the shortest way over strong links, breadth first."""
    ways: dict[str, tuple[Link, ...]] = {begin: ()}
    reached = [begin]
    for _ in range(thresholds.link_hops_max):
        following: list[str] = []
        for party in reached:
            for other, links in _strongly_linked(history, party, thresholds).items():
                if other not in ways and len(ways) < thresholds.steps_max:
                    ways[other] = ways[party] + links
                    following.append(other)
        reached = following
    return ways.get(end, ()) if begin != end else ()


def _strongly_linked(
    history: History,
    party: str,
    thresholds: Thresholds,
) -> dict[str, tuple[Link, ...]]:
    """Return who is under one control with a party, and by which links."""
    by_other: dict[str, list[Link]] = defaultdict(list)
    for link in history.links.get(party, ()):
        by_other[link.other if link.one == party else link.one].append(link)
    found: dict[str, tuple[Link, ...]] = {}
    for other, links in by_other.items():
        kinds = {link.kind for link in links}
        if any(link.kind.is_strong for link in links) or len(kinds) >= thresholds.weak_kinds_min:
            found[other] = tuple(links)
    return found


def _depends(history: History, invoice: Invoice, thresholds: Thresholds) -> bool:
    """Return whether nearly all that the seller sells goes to this buyer."""
    since = history.day - thresholds.dependency_days
    sales = history.sold_by.of(invoice.seller, since)
    to_buyer = sum(sale.gross_minor for sale in sales if sale.buyer == invoice.buyer)
    in_all = sum(sale.gross_minor for sale in sales)
    is_enough = len(sales) >= thresholds.dependency_invoices_min
    return is_enough and to_buyer * 100 > in_all * thresholds.dependency_percent


def false_confirmation(
    history: History,
    ask: FinanceAsk,
    thresholds: Thresholds,
) -> tuple[str, ...]:
    """Return the invoice, where its term jumped and its debtor's key confirmed nothing."""
    invoice = history.invoices[ask.invoice]
    confirmations = history.confirmations.of(invoice.name, invoice.day)
    if any(confirmation.by_own_key for confirmation in confirmations):
        return ()
    since = invoice.day - thresholds.memory_days
    terms = sorted(
        other.term_days
        for other in history.by_pair.of(pair(invoice.seller, invoice.buyer), since)
        if other.name != invoice.name and other.day < invoice.day
    )
    if len(terms) < thresholds.term_invoices_min:
        return ()
    usual_days = max(terms[len(terms) // 2], 1)
    if invoice.term_days < usual_days * thresholds.term_factor_min:
        return ()
    return names([invoice, *confirmations])
