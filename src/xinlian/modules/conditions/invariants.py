"""What holds of rule packs at every height."""

from collections.abc import Callable, Iterator
from typing import Final

from xinlian.ledger.ports import StateView
from xinlian.modules.conditions.types import PACK_USES, PACKS


def use_within_limits(state: StateView) -> Iterator[str]:
    """What was performed under the present version of a pack is within its limits."""
    for parts, use in PACK_USES.scan(state):
        pack = PACKS.require(state, *parts)
        if use.version > pack.version:
            yield f"rule pack {parts[0].hex()}: a version that does not exist was used"
        if use.version == pack.version and (
            use.total_minor > pack.total_max_minor or use.day_minor > pack.day_max_minor
        ):
            yield f"rule pack {parts[0].hex()}: more was performed than its limits allow"


INVARIANTS: Final[tuple[Callable[[StateView], Iterator[str]], ...]] = (use_within_limits,)
