"""Registration of the validators module; it has no messages of its own, members decide."""

from xinlian.contracts.registry import Registry
from xinlian.modules.validators import events
from xinlian.modules.validators.keeper import MOVE_HANDLER, move_powers_on
from xinlian.modules.validators.types import FREEZES, ORDERS, SET_CHANGES, VALIDATORS


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(VALIDATORS, SET_CHANGES, ORDERS, FREEZES)
    registry.add_events(
        events.ValidatorDecided,
        events.ValidatorKeyDecided,
        events.PowerSet,
        events.DoubleSigned,
        events.VotesSuspended,
        events.VotesRestored,
    )
    registry.add_scheduled(MOVE_HANDLER, move_powers_on)
