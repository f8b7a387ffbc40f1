"""The policy rows that social credit reads; their values live on the ledger."""

from typing import Final

from xinlian.apps.credit.record_types import PROVIDED_TYPES, role_row

ADVERSE_MONTHS: Final = "credit.adverse_months"
"""How long an adverse record is shown after the end of its event."""

REQUIRED_ROWS: Final = (
    ADVERSE_MONTHS,
    *map(role_row, PROVIDED_TYPES),
)
