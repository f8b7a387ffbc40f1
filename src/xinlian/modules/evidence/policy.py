"""The policy rows that evidence reads; their values live on the ledger."""

from typing import Final

VERDICT_ROLES: Final = "evidence.verdict_roles"
"""Which official roles give verdicts about any claim: the sum of 2 to the power of each number."""
VERDICT_DAYS_MAX: Final = "evidence.verdict_days_max"
"""For how many days a verdict may last: so long at most it can contradict another."""

REQUIRED_ROWS: Final = (VERDICT_ROLES, VERDICT_DAYS_MAX)
