"""Registration of the obligations module; it has no messages of its own in this version."""

from xinlian.contracts.registry import Registry
from xinlian.modules.accounts.ports import ONLY, CreditListener
from xinlian.modules.obligations import events
from xinlian.modules.obligations.keeper import (
    CUTOFF_HANDLER,
    DUE_HANDLER,
    RETRY_HANDLER,
    ObligationsRetry,
    fall_due,
    pass_cutoff,
    retry_account,
)
from xinlian.modules.obligations.types import OBLIGATIONS, WAITING


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(OBLIGATIONS, WAITING)
    registry.add_scheduled(DUE_HANDLER, fall_due)
    registry.add_scheduled(CUTOFF_HANDLER, pass_cutoff)
    registry.add_scheduled(RETRY_HANDLER, retry_account)
    registry.ports.provide(CreditListener, ONLY, ObligationsRetry())
    registry.add_events(
        events.ObligationOpened,
        events.ObligationDue,
        events.ObligationPerformed,
        events.ObligationDefaulted,
        events.ObligationEnded,
    )
