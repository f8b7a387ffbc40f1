"""What must hold at every height for due work; each returns what it found broken, in words."""

from collections import Counter
from collections.abc import Iterator

from xinlian.ledger.ports import StateView
from xinlian.modules.quotas.types import OPEN_ITEMS
from xinlian.modules.schedule.types import ITEMS


def open_items_are_counted(state: StateView) -> Iterator[str]:
    """Each party is charged for exactly the open items on its account."""
    charged = Counter(item.charged_to for _, item in ITEMS.scan(state) if item.charged_to)
    counted = {party: items.count for (party,), items in OPEN_ITEMS.scan(state)}
    for party in sorted({*charged, *counted}):
        if charged[party] != counted.get(party, 0):
            yield f"party {party.hex()} is charged for {counted.get(party, 0)} open items"


INVARIANTS = (open_items_are_counted,)
