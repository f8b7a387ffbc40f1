"""Telling that a disputed amount was not owed: the debtor was right to withhold it.

Source: docs/concepts/obligations.md (disputed and upheld).
"""

from xinlian.contracts.context import Context
from xinlian.modules.obligations.ports import ONLY, ObligationListener
from xinlian.modules.obligations.types import OBLIGATIONS


def record_upheld(context: Context, obligation_id: bytes, amount_minor: int) -> None:
    """Let the debtor's credit facts say that a disputed amount was not owed."""
    found = OBLIGATIONS.require(context.state, obligation_id)
    listener = context.ports.require(ObligationListener, ONLY)
    listener.dispute_upheld(context, obligation_id, found, amount_minor)
