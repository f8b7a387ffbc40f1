"""The embedded engine: the default, in one process."""

from xinlian.engines.embedded.engine import (
    BLOCK_INTERVAL_SECONDS,
    Committed,
    EmbeddedEngine,
    EngineStopped,
)

__all__ = ["BLOCK_INTERVAL_SECONDS", "Committed", "EmbeddedEngine", "EngineStopped"]
