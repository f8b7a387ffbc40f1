"""``xinlian demo``: one real trade, from a real invoice to a financed and settled claim."""

from xinlian.cli.demo.command import demo
from xinlian.cli.demo.story import DemoReport, tell

__all__ = ["DemoReport", "demo", "tell"]
