"""What goes round: goods that are sold back to where they came from, money that returns.

Rules this file keeps:
 1. A round runs forward in time: each step is no earlier than the one before it.
 2. A circle of sales is a signal only where its goods are the same again, or were not delivered:
    industries do buy from their customers.
 3. A search is bounded in length, in days and in steps; what it does not find in them is no signal.

Source: cycles in time-respecting directed multigraphs, after P. Mehta et al., DATA ANALYTICS 2017.
"""

from collections.abc import Iterable, Iterator

from xinlian.apps.supply_chain.fraud.facts import FinanceAsk, Invoice, Payment
from xinlian.apps.supply_chain.fraud.history import History, names, pair, within_percent
from xinlian.apps.supply_chain.fraud.thresholds import Thresholds


def circular_trade(history: History, ask: FinanceAsk, thresholds: Thresholds) -> tuple[str, ...]:
    """Return the sales of a circle that the asked one belongs to."""
    last = history.invoices[ask.invoice]
    steps_left = thresholds.steps_max
    paths: list[tuple[Invoice, ...]] = [(last,)]
    while paths and steps_left > 0:
        steps_left -= 1
        path = paths.pop()
        if path[0].seller == last.buyer and len(path) > 1:
            if _is_empty_trade(history, path, thresholds):
                return names(path)
            continue
        if len(path) < thresholds.cycle_hops_max:
            paths += [(before, *path) for before in _sales_before(history, path, thresholds)]
    return ()


def _sales_before(
    history: History,
    path: tuple[Invoice, ...],
    thresholds: Thresholds,
) -> Iterator[Invoice]:
    """Yield the sales to the first seller of a path that may come before it."""
    first, last = path[0], path[-1]
    since = last.day - thresholds.cycle_days_max
    known = {sale.seller for sale in path}
    for before in history.bought_by.of(first.seller, since):
        is_like = within_percent(
            before.gross_minor, last.gross_minor, thresholds.cycle_value_percent
        )
        if before.day <= first.day and is_like and before.seller not in known:
            yield before


def _is_empty_trade(
    history: History,
    path: tuple[Invoice, ...],
    thresholds: Thresholds,
) -> bool:
    """Return whether the goods of a circle are the same again, or overdue somewhere in it."""
    lots = [frozenset(sale.lots) for sale in path]
    if frozenset.intersection(*lots):
        return True
    late_day = history.day - thresholds.delivery_days_max
    return any(
        sale.day <= late_day and not history.deliveries.of(sale.name, sale.day) for sale in path
    )


def round_trip_money(history: History, ask: FinanceAsk, thresholds: Thresholds) -> tuple[str, ...]:
    """Return payments of the buyer that came back to it within days, through others."""
    invoice = history.invoices[ask.invoice]
    since = history.day - 2 * thresholds.money_days_max
    between = history.paid_between.of(pair(invoice.buyer, invoice.seller), since)
    for first in reversed(between):
        found = _way_back(history, first, thresholds)
        if found:
            return names(found)
    return ()


def _way_back(
    history: History,
    first: Payment,
    thresholds: Thresholds,
) -> tuple[Payment, ...]:
    """Return the payments by which most of a payment returned to its payer."""
    least_minor = first.amount_minor * thresholds.money_percent_min // 100
    last_day = first.day + thresholds.money_days_max
    steps_left = thresholds.steps_max
    paths: list[tuple[Payment, ...]] = [(first,)]
    while paths and steps_left > 0:
        steps_left -= 1
        path = paths.pop()
        if len(path) >= thresholds.money_hops_max:
            continue
        payee = path[-1].payee
        onward = _within(history.paid_by.of(payee, path[-1].day), last_day, least_minor, first)
        for payment in onward:
            if payment.payee == first.payer:
                return (*path, payment)
            if payment.payee not in {known.payer for known in path}:
                paths.append((*path, payment))
    return ()


def _within(
    payments: Iterable[Payment],
    last_day: int,
    least_minor: int,
    first: Payment,
) -> Iterator[Payment]:
    """Yield the payments that may carry the first one's money on."""
    for payment in payments:
        is_like = least_minor <= payment.amount_minor <= first.amount_minor
        if payment.day <= last_day and is_like:
            yield payment
