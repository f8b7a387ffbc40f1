"""The policy rows that social credit reads; their values live on the ledger."""

from typing import Final

from xinlian.apps.credit.record_types import PROVIDED_TYPES, role_row

ADVERSE_MONTHS: Final = "credit.adverse_months"
"""How long an adverse record is shown after the end of its event."""
OBJECTION_DAYS: Final = "credit.objection_days"
"""Calendar days within which a provider answers an objection."""
OBJECTION_WORKING_DAYS: Final = "credit.objection_working_days"
"""Working days of the same; the earlier of both counts, 0 is no such rule."""
SCORE_HOURS: Final = "credit.score_hours"
"""Hours after an inquiry within which its score is given."""

REQUIRED_ROWS: Final = (
    ADVERSE_MONTHS,
    OBJECTION_DAYS,
    OBJECTION_WORKING_DAYS,
    SCORE_HOURS,
    *map(role_row, PROVIDED_TYPES),
)
