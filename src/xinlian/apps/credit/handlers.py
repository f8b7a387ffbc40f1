"""Registration of social credit."""

from xinlian.apps.credit import events, messages, records, types
from xinlian.apps.credit.invariants import INVARIANTS
from xinlian.apps.credit.policy import REQUIRED_ROWS
from xinlian.contracts.registry import Registry

__all__ = ["INVARIANTS", "REQUIRED_ROWS", "register"]


def register(registry: Registry) -> None:
    """Add the business to the registry."""
    registry.add_collections(types.RECORDS, types.CURRENT, types.SHELVES, types.USED_ROOTS)
    registry.add_message(messages.PublishRecord, records.publish_record)
    registry.add_message(messages.WithdrawRecord, records.withdraw_record)
    registry.add_events(events.RecordPublished, events.RecordEnded)
    registry.add_scheduled(records.EXPIRY_HANDLER, records.expire_record)
