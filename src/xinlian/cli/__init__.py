"""The command ``xinlian``: everything a member does by hand."""

from xinlian.cli.app import main

__all__ = ["main"]
