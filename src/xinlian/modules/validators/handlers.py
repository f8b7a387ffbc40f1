"""Registration of the validators module; it has no messages: members decide, the engine shows."""

from xinlian.contracts.registry import Registry
from xinlian.modules.validators import events
from xinlian.modules.validators.keeper import MOVE_HANDLER, move_powers_on
from xinlian.modules.validators.misbehaviour import report_misbehaviour
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
        events.MisbehaviourShown,
    )
    registry.add_misbehaviour(report_misbehaviour)
    registry.add_scheduled(MOVE_HANDLER, move_powers_on)
