"""The policy rows that obligations reads; their values live on the ledger."""

from typing import Final

OPENING_ROW: Final = "banking.opening_minute"
CUTOFF_ROW: Final = "banking.cutoff_minute"
PROPOSAL_DAYS: Final = "obligations.proposal_days"
LATE_RATE_E9_PER_DAY: Final = "obligations.late_rate_e9_per_day"
OUTSIDE_BANKING_DAYS: Final = "obligations.outside_banking_days"
ORDER_BANKING_DAYS: Final = "obligations.order_banking_days"
ACCEPTED_ORDER_BANKING_DAYS: Final = "obligations.accepted_order_banking_days"
RATE_UNIT: Final = "e9-per-day"
"""The unit of a row that late interest may refer to."""

REQUIRED_ROWS: Final = (
    OPENING_ROW,
    CUTOFF_ROW,
    PROPOSAL_DAYS,
    LATE_RATE_E9_PER_DAY,
    OUTSIDE_BANKING_DAYS,
    ORDER_BANKING_DAYS,
    ACCEPTED_ORDER_BANKING_DAYS,
)
