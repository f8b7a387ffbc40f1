"""Recall and false alarms of the fraud signals on labelled trade, in time order.

    python -m bench.fraud             three seeds; prints the table
    python -m bench.fraud --save      also write bench/results/fraud.json

A case counts as found when its own request raised its own typology.  A false alarm is an honest
request that raised any signal.  The cases that evade by design stay in the recall.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Final

from bench.hardware import describe
from xinlian.apps.supply_chain.fraud import Typology, Watch
from xinlian.testing.fraud_cases import CASES_EACH, EVASIVE_SHARE, evaluate, labelled_trade

RESULTS: Final = Path(__file__).resolve().parent / "results"
SEEDS: Final = (1, 2, 3)


def measure(seeds: tuple[int, ...]) -> dict[str, object]:
    """Return the figures of all seeds together."""
    found: Counter[Typology] = Counter()
    evasive_found: Counter[Typology] = Counter()
    false_by: Counter[Typology] = Counter()
    false_asks = honest_asks = facts = 0
    seconds = 0.0
    for seed in seeds:
        trade = labelled_trade(seed)
        begin = time.process_time()
        evaluation = evaluate(trade, Watch())
        seconds += time.process_time() - begin
        found.update(case.typology for case in evaluation.found)
        evasive_found.update(case.typology for case in evaluation.found if case.is_evasive)
        false_by.update(alert.typology for alert in evaluation.false_alarms)
        false_asks += len({alert.ask for alert in evaluation.false_alarms})
        honest_asks += len(trade.honest_asks)
        facts += len(trade.facts)
    cases_each = CASES_EACH * len(seeds)
    return {
        "hardware": describe(),
        "seeds": list(seeds),
        "cases_of_each": cases_each,
        "evasive_share": EVASIVE_SHARE,
        "facts": facts,
        "honest_requests": honest_asks,
        "false_alarms_percent": round(100 * false_asks / honest_asks, 2),
        "recall_percent": {each.value: _percent(found[each], cases_each) for each in Typology},
        "evasive_found": {each.value: evasive_found[each] for each in Typology},
        "false_alarms": {each.value: false_by[each] for each in Typology},
        "processor_us_per_fact": round(seconds / facts * 1e6, 1),
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", action="store_true", help="write bench/results/fraud.json")
    options = parser.parse_args()
    text = json.dumps(measure(SEEDS), indent=1, ensure_ascii=False)
    print(text)
    if options.save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "fraud.json").write_text(text + "\n", encoding="utf-8")


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1)


if __name__ == "__main__":
    main()
