"""Timing and tables of the comparisons behind the decision records."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

ROUNDS: Final = 9


def alternating_us(
    actions: Mapping[str, Callable[[], object]],
    repeats: int,
    rounds: int = ROUNDS,
) -> dict[str, float]:
    """Return each action's median microseconds; the actions take turns, round by round."""
    found: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            begin = time.perf_counter()
            for _ in range(repeats):
                action()
            found[name].append((time.perf_counter() - begin) / repeats * 1e6)
    return {name: statistics.median(values) for name, values in found.items()}


def print_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table in Markdown."""
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(_text(cell) for cell in row) + " |")


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell >= 100 else f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
