"""Figures: a row of the table, medians and percentiles.

Rules this file keeps:
 1. A rate is the median over rounds; its rounds and their spread are kept beside it.
 2. Two variants are compared pair by pair within one round, then the median of the ratios is taken,
    so that a machine whose speed drifts does not favour either.
"""

import dataclasses
import statistics
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; ``bar`` and ``stretch`` are as in the specification, for people."""

    name: str
    value: float
    unit: str
    bar: str = ""
    stretch: str = ""
    rounds: tuple[float, ...] = ()
    p50_ms: float | None = None
    p99_ms: float | None = None
    notes: dict[str, object] = dataclasses.field(default_factory=dict)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value below which ``percent`` of the values lie (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, len(ranked) * percent // 100)]


def rate_row(
    name: str,
    unit: str,
    rates: Sequence[float],
    latencies_s: Sequence[float],
    **notes: object,
) -> Row:
    """Return the row of a rate measured in rounds, with the latencies seen meanwhile."""
    return Row(
        name=name,
        value=statistics.median(rates),
        unit=unit,
        rounds=tuple(round(rate, 1) for rate in rates),
        p50_ms=percentile(latencies_s, 50) * 1e3,
        p99_ms=percentile(latencies_s, 99) * 1e3,
        notes=notes,
    )


def median_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> float:
    """Return the median of the ratios, pair by pair."""
    return statistics.median(a / b for a, b in zip(numerators, denominators, strict=True))
