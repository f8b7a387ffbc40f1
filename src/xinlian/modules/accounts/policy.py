"""The policy rows that accounts read; their values live on the ledger."""

from typing import Final

DEPOSIT_CIRCULATES: Final = "accounts.deposit_circulates"
"""1 while holders may transfer deposit; at 0 only obligations and the bank move it."""
PENDING_DAYS_MAX: Final = "accounts.pending_days_max"
"""For how many days a transfer may be pending."""
PENDING_DAYS_CEILING: Final = 366
"""What no value of the row goes beyond."""

REQUIRED_ROWS: Final = (DEPOSIT_CIRCULATES, PENDING_DAYS_MAX)
