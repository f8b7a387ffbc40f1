"""Registration of the standing module; it has no messages: nobody reports, nobody leaves out."""

from xinlian.contracts.registry import Registry
from xinlian.modules.obligations.ports import ONLY, ObligationListener
from xinlian.modules.standing import events
from xinlian.modules.standing.keeper import KeepsStanding
from xinlian.modules.standing.types import CREDIT_FACTS, OPEN_DEFAULTS, STANDINGS


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(CREDIT_FACTS, STANDINGS, OPEN_DEFAULTS)
    registry.add_events(events.CreditFactRecorded, events.DutyMissed)
    registry.ports.provide(ObligationListener, ONLY, KeepsStanding())
