"""More finance than trade: sums beyond the goods, amounts below a limit, goods that are not there.

Rules this file keeps:
 1. An advance is measured against what the buyer took in, not against what the seller invoiced.
 2. Goods count as missing only when they are overdue, so that advances on the road stay possible.
 3. A lot is free again once its pledge was released.
"""

from collections.abc import Iterable

from xinlian.apps.supply_chain.fraud.facts import Fact, FinanceAsk, Pledge
from xinlian.apps.supply_chain.fraud.history import History, names, pair
from xinlian.apps.supply_chain.fraud.thresholds import Thresholds


def over_financing(history: History, ask: FinanceAsk, thresholds: Thresholds) -> tuple[str, ...]:
    """Return the advances that, with the one asked for, exceed what they stand on."""
    invoice = history.invoices[ask.invoice]
    own = history.advances.of(invoice.name, invoice.day)
    if sum(advance.amount_minor for advance in own) + ask.amount_minor > invoice.gross_minor:
        return names([invoice, *own])
    since = history.day - thresholds.financed_days
    between = pair(invoice.seller, invoice.buyer)
    advances = history.advanced_between.of(between, since)
    if not advances:
        return ()
    advanced = sum(advance.amount_minor for advance in advances) + ask.amount_minor
    deliveries = history.delivered_between.of(between, since - thresholds.delivery_days_max)
    received = sum(delivery.value_minor for delivery in deliveries)
    if advanced * 100 <= received * thresholds.financed_percent_max:
        return ()
    return names([invoice, *advances])


def splitting(history: History, ask: FinanceAsk, thresholds: Thresholds) -> tuple[str, ...]:
    """Return invoices of the same two parties that gather just below the examined amount."""
    invoice = history.invoices[ask.invoice]
    above = thresholds.examined_from_minor * (100 - thresholds.below_percent) // 100
    near = [
        other
        for other in history.by_pair.of(
            pair(invoice.seller, invoice.buyer), history.day - thresholds.below_days
        )
        if above <= other.gross_minor < thresholds.examined_from_minor
    ]
    is_one_of_them = any(other.name == invoice.name for other in near)
    return names(near) if is_one_of_them and len(near) >= thresholds.below_count_min else ()


def phantom_goods(history: History, ask: FinanceAsk, thresholds: Thresholds) -> tuple[str, ...]:
    """Return what shows that the goods are pledged elsewhere, or were never taken in."""
    invoice = history.invoices[ask.invoice]
    pledged: list[Fact] = []
    for lot in invoice.lots:
        live = _live_pledges(history.pledges.get(lot, ()))
        if live and (len(live) > 1 or live[0].day < invoice.day):
            pledged += live
    if pledged:
        return names([*pledged, invoice])
    is_overdue = invoice.day <= history.day - thresholds.delivery_days_max
    if is_overdue and not history.deliveries.of(invoice.name, invoice.day):
        return names([invoice])
    return ()


def _live_pledges(pledges: Iterable[Pledge]) -> list[Pledge]:
    """Return the pledges of a lot that were not released."""
    live: dict[str, Pledge] = {}
    for pledge in pledges:
        if pledge.is_release:
            live.pop(pledge.receipt, None)
        else:
            live.setdefault(pledge.receipt, pledge)
    return list(live.values())
