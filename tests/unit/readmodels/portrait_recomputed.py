"""The figures of a portrait drawn another way: from states and raw blocks, without SQL or rows.

What is late, and when it ended, is taken from the credit facts of the state at the height, which
another module wrote; when a promise began to bind, from the blocks; who was first owed, from the
certificates and terms of the state; which invoices are corroborated, from the state's own function.
"""

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from unit.readmodels.books.recomputed import events_until
from unit.readmodels.portrait_story import Story
from unit.readmodels.stories import Told
from xinlian.apps.supply_chain.types import CERTIFICATES, INVOICES
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.ports import StateView
from xinlian.modules.evidence.corroboration import corroboration_of
from xinlian.modules.evidence.types import VERDICTS, VerdictOutcome
from xinlian.modules.obligations.events import ObligationOpened
from xinlian.modules.obligations.types import OBLIGATIONS, TERMS, SourceKind
from xinlian.modules.standing.types import CREDIT_FACTS, CreditFactKind
from xinlian.primitives import format_id

CHINA = dt.timezone(dt.timedelta(hours=8))
K = CreditFactKind
BLOCK = VerdictOutcome.BLOCK


class Promise(NamedTuple):
    """A promise, as state and blocks tell it."""

    fact_id: str
    debtor: bytes
    creditor: bytes
    amount: int
    open: int
    began: dt.date
    ended: dt.date | None
    late_since: dt.date | None
    due: dt.date
    is_cured: bool
    source: int


def figures(story: Story, party: bytes, height: int) -> dict[str, tuple[str, list[str]]]:
    """Return (value, fact ids) of every figure of a party's portrait, by name."""
    with story.store.snapshot_at(height) as state:
        now = date_of(chain_meta(state).time_ms)
        promises = promises_of(story, state)
        invoices = invoices_of(story, state, party)
    trade = (SourceKind.CERTIFICATE, SourceKind.AGREED)
    received = [p for p in promises if p.creditor == party and p.source in trade]
    owed = [p for p in promises if p.debtor == party]
    month = now.year * 12 + now.month - 1
    first, before, recent = (date_of_month(month - back) for back in (23, 11, 5))
    new = [p for p in received if p.began >= first]
    found: dict[str, tuple[int | None, list[str]]] = {
        "active_months": (len({(p.began.year, p.began.month) for p in new}), ids(new)),
        "receivables": (len(new), ids(new)),
        "receivables_amount": (sum(p.amount for p in new), ids(new)),
        "corroborated_invoices": (len(invoices), sorted(invoices)),
        "corroborated_amount": (sum(invoices.values()), sorted(invoices)),
        "buyers": (len({p.debtor for p in new}), ids(new)),
        "largest_buyer_share": (largest(new), ids(new)),
        "own_promises": (len(began_since(owed, first)), ids(began_since(owed, first))),
        "own_open_amount": (sum(p.open for p in owed), ids([p for p in owed if p.open])),
        "own_cured": (sum(p.is_cured for p in owed), ids([p for p in owed if p.is_cured])),
        "overdue_amount": overdue(received),
        "own_overdue_amount": overdue(owed),
        "days_late_max": longest(received, now),
        "own_days_late_max": longest(owed, now),
    }
    newest = began_since(new, recent)
    older = [p for p in began_since(new, before) if p.began < recent]
    found["receivables_amount_recent"] = (sum(p.amount for p in newest), ids(newest))
    found["receivables_amount_before"] = (sum(p.amount for p in older), ids(older))
    found["largest_buyer_share_recent"] = (largest(newest), ids(newest))
    for name, begin, end in (
        ("", first, None),
        ("_recent", recent, None),
        ("_before", before, recent),
    ):
        found[f"days_to_be_paid{name}"] = days(received, begin, end)
        found[f"late_share{name}"] = late_share(received, begin, end)
        found[f"own_late_share{name}"] = late_share(owed, begin, end)
    return {name: ("" if v is None else str(v), facts) for name, (v, facts) in found.items()}


def promises_of(story: Story, state: StateView) -> list[Promise]:
    """Return every promise that bound by the state's height."""
    began = {
        event.obligation: at_ms
        for at_ms, event in events_until(Told(story.c), chain_meta(state).time_ms + 1)
        if isinstance(event, ObligationOpened)
    }
    facts: dict[bytes, dict[int, int]] = defaultdict(dict)
    for _, fact in CREDIT_FACTS.scan(state):
        facts[fact.obligation][fact.kind] = fact.recorded_at_ms
    return [
        promise_of(state, obligation_id, at_ms, facts[obligation_id])
        for obligation_id, at_ms in began.items()
    ]


def promise_of(state: StateView, one: bytes, at_ms: int, facts: dict[int, int]) -> Promise:
    """Return a promise with what the credit facts say became of it."""
    found = OBLIGATIONS.require(state, one)
    is_late = K.DEFAULTED in facts and K.UNDONE not in facts
    paid = [facts[kind] for kind in (K.ON_TIME, K.CURED, K.UNDONE) if kind in facts]
    terms = TERMS.get(state, one)
    certificate = CERTIFICATES.get(state, one)
    creditor = certificate.first_holder if certificate else (terms.creditor if terms else b"")
    return Promise(
        fact_id=format_id("obligation", one),
        debtor=found.debtor,
        creditor=creditor,
        amount=found.amount_minor,
        open=found.open_minor,
        began=date_of(at_ms),
        ended=date_of(paid[0]) if paid else None,
        late_since=date_of(facts[K.DEFAULTED]) if is_late else None,
        due=dt.date(1970, 1, 1) + dt.timedelta(days=found.due_day),
        is_cured=K.CURED in facts,
        source=found.source_kind,
    )


def invoices_of(story: Story, state: StateView, party: bytes) -> dict[str, int]:
    """Return the corroborated invoices of a party, with their amounts."""
    at_ms = chain_meta(state).time_ms
    return {
        root.hex(): invoice.gross_minor
        for (root,), invoice in INVOICES.scan(state)
        if invoice.seller == party
        and corroboration_of(state, root, at_ms).is_complete
        and all(verdict.outcome != BLOCK for _, verdict in VERDICTS.scan(state, root))
    }


def days(
    of: Sequence[Promise], begin: dt.date, end: dt.date | None
) -> tuple[int | None, list[str]]:
    """Return the median of days from promise to payment."""
    paid = [p for p in of if p.ended and begin <= p.ended and (end is None or p.ended < end)]
    spans = [(p.ended - p.began).days for p in paid if p.ended]
    return (statistics.median_low(spans) if spans else None), ids(paid)


def late_share(
    of: Sequence[Promise], begin: dt.date, end: dt.date | None
) -> tuple[int | None, list[str]]:
    """Return how many of those that are decided were late."""
    known = [(p, p.late_since or p.ended) for p in of]
    decided = [p for p, at in known if at and begin <= at and (end is None or at < end)]
    late = len([p for p in decided if p.late_since])
    return (10_000 * late // len(decided) if decided else None), ids(decided)


def overdue(of: Sequence[Promise]) -> tuple[int, list[str]]:
    """Return what is open of what is late."""
    found = [p for p in of if p.late_since and p.open]
    return sum(p.open for p in found), ids(found)


def longest(of: Sequence[Promise], now: dt.date) -> tuple[int | None, list[str]]:
    """Return the longest delay."""
    late = [p for p in of if p.late_since]
    return max((((p.ended or now) - p.due).days for p in late), default=None), ids(late)


def largest(of: Sequence[Promise]) -> int | None:
    """Return the share of the largest debtor."""
    sums: dict[bytes, int] = defaultdict(int)
    for promise in of:
        sums[promise.debtor] += promise.amount
    return 10_000 * max(sums.values()) // sum(sums.values()) if sums else None


def began_since(of: Iterable[Promise], first: dt.date) -> list[Promise]:
    """Return the promises that bound from a day on."""
    return [p for p in of if p.began >= first]


def ids(of: Iterable[Promise]) -> list[str]:
    """Return the ids of promises, ascending."""
    return sorted(p.fact_id for p in of)


def date_of(at_ms: int) -> dt.date:
    """Return the date in China of a moment."""
    return dt.datetime.fromtimestamp(at_ms / 1_000, CHINA).date()


def date_of_month(month: int) -> dt.date:
    """Return the first day of a month, counted from year 0."""
    return dt.date(month // 12, month % 12 + 1, 1)
