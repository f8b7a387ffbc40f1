"""A small past that the tests of the signals add to."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from xinlian.apps.supply_chain.fraud import (
    Advance,
    Delivery,
    Fact,
    FinanceAsk,
    Invoice,
    Typology,
    Watch,
)

_INVOICE = Invoice("ours", 100, "seller", "buyer", "0042", 50_000_00, 60, ("lot",))


def invoice(**changes: Any) -> Invoice:
    return dataclasses.replace(_INVOICE, **changes)


def received(of: Invoice, day: int) -> Delivery:
    return Delivery(
        f"goods of {of.name}", day, of.seller, of.buyer, of.gross_minor, of.name, of.lots
    )


def advanced(of: Invoice, day: int, amount_minor: int) -> Advance:
    return Advance(f"advance on {of.name}", day, of.name, "bank", amount_minor)


def judged(
    past: Sequence[Fact], day: int, amount_minor: int = 1_00
) -> dict[Typology, tuple[str, ...]]:
    """Tell a watch a past, ask for finance of the invoice named "ours", return its signals."""
    watch = Watch()
    for fact in sorted(past, key=lambda fact: fact.day):
        watch.tell(fact)
    alerts = watch.tell(FinanceAsk("ask", day, "ours", amount_minor))
    return {alert.typology: alert.evidence for alert in alerts}
