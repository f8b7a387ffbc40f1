"""The embedded engine: the default, in one process."""

from xinlian.engines.embedded.clock import ClockNotConfirmed, WatchedClock
from xinlian.engines.embedded.engine import BLOCK_INTERVAL_SECONDS, EmbeddedEngine
from xinlian.engines.embedded.node import EmbeddedNode
from xinlian.engines.embedded.receipts import build_receipt

__all__ = [
    "BLOCK_INTERVAL_SECONDS",
    "ClockNotConfirmed",
    "EmbeddedEngine",
    "EmbeddedNode",
    "WatchedClock",
    "build_receipt",
]
