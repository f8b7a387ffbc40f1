"""The policy rows that social credit reads; their values live on the ledger."""

from typing import Final

from xinlian.apps.credit.record_types import PROVIDED_TYPES, role_row

ADVERSE_MONTHS: Final = "credit.adverse_months"
"""How long an adverse record is shown after the end of its event."""
OBJECTION_DAYS: Final = "credit.objection_days"
"""Calendar days within which a provider answers an objection."""
OBJECTION_WORKING_DAYS: Final = "credit.objection_working_days"
"""Working days of the same; the earlier of both counts, 0 is no such rule."""

REQUIRED_ROWS: Final = (
    ADVERSE_MONTHS,
    OBJECTION_DAYS,
    OBJECTION_WORKING_DAYS,
    *map(role_row, PROVIDED_TYPES),
)
