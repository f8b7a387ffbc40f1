"""From committed blocks to rows: one handler a type of event."""

from xinlian.readmodels.projection.blocks import BlockProjection
from xinlian.readmodels.projection.genesis import project_genesis

__all__ = ["BlockProjection", "project_genesis"]
