"""What must hold at every height for quotas; each returns what it found broken, in words."""

from collections import Counter
from collections.abc import Iterator

from xinlian.ledger.outcomes import MARKERS
from xinlian.ledger.ports import StateView
from xinlian.modules.quotas.types import USAGE


def markers_are_counted(state: StateView) -> Iterator[str]:
    """Each payer is charged for exactly the markers that it owns."""
    owned = Counter(payer for (payer, _), _ in MARKERS.scan(state))
    counted = {payer: usage.markers for (payer,), usage in USAGE.scan(state)}
    for payer in sorted({*owned, *counted}):
        if owned[payer] != counted.get(payer, 0):
            yield f"payer {payer.hex()} is charged for {counted.get(payer, 0)} markers"


INVARIANTS = (markers_are_counted,)
