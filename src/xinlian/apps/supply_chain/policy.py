"""The policy rows that supply-chain finance reads; their values live on the ledger."""

from typing import Final

TERM_MONTHS_MAX: Final = "supply_chain.term_months_max"
EXAMINED_TERM_MONTHS_MAX: Final = "supply_chain.examined_term_months_max"
STRICT_TERM_MONTHS_MAX: Final = "supply_chain.strict_term_months_max"
EARLIER_TERMS_KEPT: Final = "supply_chain.earlier_terms_kept"
DRAFT_DAYS: Final = "supply_chain.draft_days"
ACCEPT_DAYS: Final = "supply_chain.accept_days"
TRANSFER_STOP_DAYS: Final = "supply_chain.transfer_stop_days"
VERDICT_HOURS: Final = "supply_chain.verdict_hours"
LOCK_DAYS_MAX: Final = "supply_chain.lock_days_max"
CALL_DAYS_MAX: Final = "supply_chain.call_days_max"
LATE_RATE_E9_PER_DAY: Final = "supply_chain.late_rate_e9_per_day"
ORDER_BANKING_DAYS: Final = "supply_chain.order_banking_days"
STOP_LIFT_DAYS: Final = "supply_chain.stop_lift_days"
FREEZE_MONTHS_MAX: Final = "supply_chain.freeze_months_max"
DISPUTE_DAYS: Final = "supply_chain.dispute_days"
COURT_DISPUTE_DAYS: Final = "supply_chain.court_dispute_days"
SILENT_DISPUTE_UPHELD: Final = "supply_chain.silent_dispute_upheld"
OVER_OCCUPIED_STOPS_FINANCE: Final = "supply_chain.over_occupied_stops_finance"

REQUIRED_ROWS: Final = (
    TERM_MONTHS_MAX,
    EXAMINED_TERM_MONTHS_MAX,
    STRICT_TERM_MONTHS_MAX,
    EARLIER_TERMS_KEPT,
    DRAFT_DAYS,
    ACCEPT_DAYS,
    TRANSFER_STOP_DAYS,
    VERDICT_HOURS,
    LOCK_DAYS_MAX,
    CALL_DAYS_MAX,
    LATE_RATE_E9_PER_DAY,
    ORDER_BANKING_DAYS,
    STOP_LIFT_DAYS,
    FREEZE_MONTHS_MAX,
    DISPUTE_DAYS,
    COURT_DISPUTE_DAYS,
    SILENT_DISPUTE_UPHELD,
    OVER_OCCUPIED_STOPS_FINANCE,
)
