"""What holds of credit facts at every height."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from xinlian.ledger.ports import StateView
from xinlian.modules.obligations.types import OBLIGATIONS, ObligationStatus
from xinlian.modules.standing.types import (
    CREDIT_FACTS,
    OPEN_DEFAULTS,
    STANDINGS,
    CreditFactKind,
    Standing,
)

_IN_DEFAULT: Final = (ObligationStatus.DEFAULTED, ObligationStatus.CALLED)
_Counts = Counter[tuple[bytes, int]]


def standing_adds_up(state: StateView) -> Iterator[str]:
    """A party's standing is the sum of its facts."""
    counts: _Counts = Counter()
    for parts, fact in CREDIT_FACTS.scan(state):
        counts[parts[0], fact.kind] += 1
        counts[parts[0], 0] += 1
    for (party,), standing in STANDINGS.scan(state):
        if _sums(standing) != _counted(counts, party):
            yield f"standing of {party.hex()} is not the sum of its facts"


def open_defaults_are_open(state: StateView) -> Iterator[str]:
    """Every obligation in default is an open default of its debtor, and no ended one is."""
    counts = Counter(default.debtor for _, default in OPEN_DEFAULTS.scan(state))
    for (party,), standing in STANDINGS.scan(state):
        if standing.open_defaults != counts[party]:
            yield f"standing of {party.hex()} miscounts its open defaults"
    for (obligation_id,), obligation in OBLIGATIONS.scan(state):
        is_listed = OPEN_DEFAULTS.get(state, obligation_id) is not None
        if obligation.status in _IN_DEFAULT and not is_listed:
            yield f"default of {obligation_id.hex()} left no fact"
        if is_listed and not obligation.open_minor:
            yield f"default of {obligation_id.hex()} is open though nothing is owed"


def _sums(standing: Standing) -> tuple[int, ...]:
    return (
        standing.fact_count,
        standing.on_time,
        standing.defaulted,
        standing.cured,
        standing.released,
        standing.open_defaults,
        standing.duties_missed,
        standing.enforced,
    )


def _counted(counts: _Counts, party: bytes) -> tuple[int, ...]:
    on_time, defaulted, cured, released, undone, _, missed, enforced = (
        counts[party, kind] for kind in CreditFactKind
    )
    return (
        counts[party, 0],
        on_time + undone,
        defaulted - undone,
        cured,
        released,
        defaulted - undone - cured - released - enforced,
        missed,
        enforced,
    )


INVARIANTS: Final[tuple[Callable[[StateView], Iterator[str]], ...]] = (
    standing_adds_up,
    open_defaults_are_open,
)
