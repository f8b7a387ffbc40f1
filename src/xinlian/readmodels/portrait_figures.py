"""Every figure of a portrait: its words, the kind of data it needs, and how it is computed.

Rules this file keeps:
 1. A figure counts what the ledger saw: promises that bound, payments, defaults, cures, facts about
    invoices.  Nobody's opinion and no name of a counterparty is in it.
 2. A figure names the facts that it was computed from, all of them.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from xinlian.modules.consent.types import DataKind
from xinlian.primitives.time import iso_of_day
from xinlian.readmodels.portrait import (
    CorroboratedInvoice,
    Dealing,
    Dealings,
    Span,
    median,
    share_e4,
)

Fact = Dealing | CorroboratedInvoice
Computed = tuple[int | None, Sequence[Fact]]
"""A value, None where there is too little to say, and the facts behind it."""


class FigureKind(NamedTuple):
    """A figure: its name, what it needs, its words, and how it is computed."""

    name: str
    data_kind: DataKind
    unit: str
    english: str
    chinese: str
    compute: Callable[[Dealings], Computed]


def _active_months(dealings: Dealings) -> Computed:
    new = dealings.new()
    return len({iso_of_day(each.opened_day)[:7] for each in new}), new


def _count(dealings: Dealings) -> Computed:
    return len(dealings.new()), dealings.new()


def _amount(dealings: Dealings) -> Computed:
    return _sum(dealings.new())


def _amount_recent(dealings: Dealings) -> Computed:
    return _sum([each for each in dealings.new() if each.opened_day >= dealings.span.recent_day])


def _amount_before(dealings: Dealings) -> Computed:
    span = dealings.span
    return _sum([d for d in dealings.new() if span.before_day <= d.opened_day < span.recent_day])


def _invoices(dealings: Dealings) -> Computed:
    return len(dealings.invoices), dealings.invoices


def _invoices_amount(dealings: Dealings) -> Computed:
    return sum(each.gross_minor for each in dealings.invoices), dealings.invoices


def _buyers(dealings: Dealings) -> Computed:
    return len({each.other for each in dealings.new()}), dealings.new()


def _largest_share(of: Sequence[Dealing]) -> Computed:
    by_buyer: Counter[str] = Counter()
    for each in of:
        by_buyer[each.other] += each.amount_minor
    return share_e4(max(by_buyer.values(), default=0), by_buyer.total()), of


def _largest(dealings: Dealings) -> Computed:
    return _largest_share(dealings.new())


def _largest_recent(dealings: Dealings) -> Computed:
    recent = [each for each in dealings.new() if each.opened_day >= dealings.span.recent_day]
    return _largest_share(recent)


def _sum(of: Sequence[Dealing]) -> Computed:
    return sum(each.amount_minor for each in of), of


def _median_days(of: Sequence[Dealing]) -> Computed:
    return median(each.days_to_be_paid for each in of), of


def _paid(dealings: Dealings, first: int, end: int | None = None) -> list[Dealing]:
    """Return what was paid to it from a day on, and before another."""
    return [
        each
        for each in dealings.received
        if each.is_paid and first <= each.ended_day and (end is None or each.ended_day < end)
    ]


def _days(dealings: Dealings) -> Computed:
    return _median_days(_paid(dealings, dealings.span.from_day))


def _days_recent(dealings: Dealings) -> Computed:
    return _median_days(_paid(dealings, dealings.span.recent_day))


def _days_before(dealings: Dealings) -> Computed:
    span = dealings.span
    return _median_days(_paid(dealings, span.before_day, span.recent_day))


def _late_share(of: Sequence[Dealing], first: int, end: int | None = None) -> Computed:
    decided = [
        each
        for each in of
        if each.is_decided and first <= each.decided_day and (end is None or each.decided_day < end)
    ]
    return share_e4(sum(each.is_late for each in decided), len(decided)), decided


def _overdue(of: Sequence[Dealing]) -> Computed:
    found = [each for each in of if each.is_late and each.open_minor]
    return sum(each.open_minor for each in found), found


def _days_late_max(of: Sequence[Dealing], span: Span) -> Computed:
    late = [each for each in of if each.is_late and each.decided_day >= span.from_day]
    return max((each.days_late(span.as_of_day) for each in late), default=None), late


def _open(of: Sequence[Dealing]) -> Computed:
    found = [each for each in of if each.open_minor]
    return sum(each.open_minor for each in found), found


def _new_owed(dealings: Dealings) -> Computed:
    found = [each for each in dealings.owed if each.opened_day >= dealings.span.from_day]
    return len(found), found


def _cured(dealings: Dealings) -> Computed:
    first = dealings.span.from_day
    found = [d for d in dealings.owed if d.ended_as == "cured" and d.ended_day >= first]
    return len(found), found


FIGURES: Final[tuple[FigureKind, ...]] = (
    FigureKind(
        "active_months",
        DataKind.ACTIVITY,
        "months",
        "months in which a buyer promised to pay it",
        "有买方付款承诺的月数",
        _active_months,
    ),
    FigureKind(
        "receivables",
        DataKind.ACTIVITY,
        "count",
        "promises of buyers to pay it",
        "买方付款承诺笔数",
        _count,
    ),
    FigureKind(
        "receivables_amount",
        DataKind.ACTIVITY,
        "minor",
        "amount of these promises",
        "买方付款承诺金额",
        _amount,
    ),
    FigureKind(
        "receivables_amount_recent",
        DataKind.ACTIVITY,
        "minor",
        "amount promised in the last six months",
        "近六个月承诺金额",
        _amount_recent,
    ),
    FigureKind(
        "receivables_amount_before",
        DataKind.ACTIVITY,
        "minor",
        "amount promised in the six months before",
        "此前六个月承诺金额",
        _amount_before,
    ),
    FigureKind(
        "corroborated_invoices",
        DataKind.ACTIVITY,
        "count",
        "its invoices that facts of all three flows support",
        "三流相互印证的发票张数",
        _invoices,
    ),
    FigureKind(
        "corroborated_amount",
        DataKind.ACTIVITY,
        "minor",
        "amount of these invoices",
        "三流相互印证的发票金额",
        _invoices_amount,
    ),
    FigureKind(
        "buyers", DataKind.BUYERS, "count", "buyers that promised to pay it", "买方家数", _buyers
    ),
    FigureKind(
        "largest_buyer_share",
        DataKind.BUYERS,
        "e4",
        "share of the largest buyer in the amounts promised",
        "最大买方占承诺金额的比例",
        _largest,
    ),
    FigureKind(
        "largest_buyer_share_recent",
        DataKind.BUYERS,
        "e4",
        "the same in the last six months",
        "近六个月最大买方占比",
        _largest_recent,
    ),
    FigureKind(
        "days_to_be_paid",
        DataKind.BEING_PAID,
        "days",
        "days from promise to payment, median",
        "自承诺至付清的天数(中位数)",
        _days,
    ),
    FigureKind(
        "days_to_be_paid_recent",
        DataKind.BEING_PAID,
        "days",
        "the same for what was paid in the last six months",
        "近六个月付清者的天数(中位数)",
        _days_recent,
    ),
    FigureKind(
        "days_to_be_paid_before",
        DataKind.BEING_PAID,
        "days",
        "the same for the six months before",
        "此前六个月付清者的天数(中位数)",
        _days_before,
    ),
    FigureKind(
        "late_share",
        DataKind.BEING_PAID,
        "e4",
        "share of promises to it that were kept late or not at all",
        "买方逾期占比(按笔数)",
        lambda d: _late_share(d.received, d.span.from_day),
    ),
    FigureKind(
        "late_share_recent",
        DataKind.BEING_PAID,
        "e4",
        "the same in the last six months",
        "近六个月买方逾期占比",
        lambda d: _late_share(d.received, d.span.recent_day),
    ),
    FigureKind(
        "late_share_before",
        DataKind.BEING_PAID,
        "e4",
        "the same in the six months before",
        "此前六个月买方逾期占比",
        lambda d: _late_share(d.received, d.span.before_day, d.span.recent_day),
    ),
    FigureKind(
        "days_late_max",
        DataKind.BEING_PAID,
        "days",
        "longest delay of a buyer",
        "买方最长逾期天数",
        lambda d: _days_late_max(d.received, d.span),
    ),
    FigureKind(
        "overdue_amount",
        DataKind.BEING_PAID,
        "minor",
        "amount that buyers owe it in default",
        "买方逾期未付金额",
        lambda d: _overdue(d.received),
    ),
    FigureKind(
        "own_promises",
        DataKind.OWN_PROMISES,
        "count",
        "its own promises to pay",
        "自身付款承诺笔数",
        _new_owed,
    ),
    FigureKind(
        "own_open_amount",
        DataKind.OWN_PROMISES,
        "minor",
        "what it owes now",
        "自身未付金额",
        lambda d: _open(d.owed),
    ),
    FigureKind(
        "own_overdue_amount",
        DataKind.OWN_PROMISES,
        "minor",
        "what of that is in default",
        "自身逾期未付金额",
        lambda d: _overdue(d.owed),
    ),
    FigureKind(
        "own_late_share",
        DataKind.OWN_PROMISES,
        "e4",
        "share of its promises that it kept late or not at all",
        "自身逾期占比(按笔数)",
        lambda d: _late_share(d.owed, d.span.from_day),
    ),
    FigureKind(
        "own_late_share_recent",
        DataKind.OWN_PROMISES,
        "e4",
        "the same in the last six months",
        "近六个月自身逾期占比",
        lambda d: _late_share(d.owed, d.span.recent_day),
    ),
    FigureKind(
        "own_late_share_before",
        DataKind.OWN_PROMISES,
        "e4",
        "the same in the six months before",
        "此前六个月自身逾期占比",
        lambda d: _late_share(d.owed, d.span.before_day, d.span.recent_day),
    ),
    FigureKind(
        "own_cured",
        DataKind.OWN_PROMISES,
        "count",
        "defaults of its own that it cured",
        "自身违约后补足笔数",
        _cured,
    ),
    FigureKind(
        "own_days_late_max",
        DataKind.OWN_PROMISES,
        "days",
        "its longest delay",
        "自身最长逾期天数",
        lambda d: _days_late_max(d.owed, d.span),
    ),
)
"""Every figure, in the order in which they are shown."""
FIGURE_OF: Final[Mapping[str, FigureKind]] = {kind.name: kind for kind in FIGURES}
