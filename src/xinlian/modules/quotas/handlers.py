"""The quotas module has no messages: policy sets its rows, the state machine keeps its book."""

from xinlian.contracts.registry import Registry
from xinlian.modules.quotas.types import HOLDS, OPEN_ITEMS, USAGE


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(USAGE, OPEN_ITEMS, HOLDS)
