"""The embedded engine: the default, in one process."""

from xinlian.engines.embedded.engine import Committed, EmbeddedEngine, EngineStopped

__all__ = ["Committed", "EmbeddedEngine", "EngineStopped"]
