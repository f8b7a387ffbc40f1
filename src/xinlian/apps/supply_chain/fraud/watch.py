"""The watch: it learns facts in their order and judges each request for finance.

Rules this file keeps:
 1. A request is judged by what was known when it was made; the watch never looks ahead.
 2. A signal is a warning with its evidence: it refuses nothing by itself.
 3. A request for an invoice that is not known, or is forgotten, is refused to whoever feeds the
    watch: no silence that reads like innocence.
"""

from collections.abc import Callable
from typing import Final

from xinlian.apps.supply_chain.fraud.copies import duplicate
from xinlian.apps.supply_chain.fraud.dependence import false_confirmation, related_parties
from xinlian.apps.supply_chain.fraud.facts import Fact, FinanceAsk
from xinlian.apps.supply_chain.fraud.history import History
from xinlian.apps.supply_chain.fraud.rounds import circular_trade, round_trip_money
from xinlian.apps.supply_chain.fraud.signals import Alert, Typology
from xinlian.apps.supply_chain.fraud.thresholds import Thresholds
from xinlian.apps.supply_chain.fraud.volume import over_financing, phantom_goods, splitting

Detector = Callable[[History, FinanceAsk, Thresholds], tuple[str, ...]]
"""Returns the facts that it rests on; none where there is no signal."""

DETECTORS: Final[dict[Typology, Detector]] = {
    Typology.DUPLICATE: duplicate,
    Typology.CIRCULAR_TRADE: circular_trade,
    Typology.RELATED_PARTIES: related_parties,
    Typology.OVER_FINANCING: over_financing,
    Typology.ROUND_TRIP_MONEY: round_trip_money,
    Typology.SPLITTING: splitting,
    Typology.PHANTOM_GOODS: phantom_goods,
    Typology.FALSE_CONFIRMATION: false_confirmation,
}


class UnknownInvoice(ValueError):  # noqa: N818 - names what happened
    """Finance is asked for an invoice that the watch was not told of."""


class Watch:
    """One organisation's watch over the trade that it is entitled to read."""

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        """Begin with nothing known."""
        self._thresholds = thresholds or Thresholds()
        self._history = History(self._thresholds.memory_days)

    def tell(self, fact: Fact) -> tuple[Alert, ...]:
        """Learn a fact; a request for finance is judged.

        Raises:
            OutOfOrder: it became known before one that was told already.
            UnknownInvoice: a request names an invoice that was not told.
        """
        self._history.learn(fact)
        return self._judge(fact) if isinstance(fact, FinanceAsk) else ()

    def _judge(self, ask: FinanceAsk) -> tuple[Alert, ...]:
        if ask.invoice not in self._history.invoices:
            message = f"{ask.name} asks for finance of {ask.invoice}, which is not known"
            raise UnknownInvoice(message)
        alerts: list[Alert] = []
        for typology, detect in DETECTORS.items():
            evidence = detect(self._history, ask, self._thresholds)
            if evidence:
                alerts.append(Alert(typology, ask.name, ask.day, evidence))
        return tuple(alerts)
