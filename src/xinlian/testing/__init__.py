"""Builders for tests of the ledger and of modules written on it; public, for users too."""

from xinlian.testing.consortium import Consortium

__all__ = ["Consortium"]
