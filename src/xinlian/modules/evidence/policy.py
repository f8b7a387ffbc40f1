"""The policy row that evidence reads; its value lives on the ledger."""

from typing import Final

VERDICT_ROLES: Final = "evidence.verdict_roles"
"""Which official roles give verdicts about any claim: the sum of 2 to the power of each number."""

REQUIRED_ROWS: Final = (VERDICT_ROLES,)
