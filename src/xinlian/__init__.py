"""Xinlian 信链: an open-source ledger for financial consortia and the businesses on it."""

from typing import Final

__version__: Final = "0.1.0"
