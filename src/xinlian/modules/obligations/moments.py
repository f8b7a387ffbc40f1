"""When an agreed obligation is due, and when what is short of it is in default.

Rules this file keeps:
 1. Due at the opening of the banking day on or after the due day, which itself never moves.
 2. Days of grace move the cut-off, not the due day: late interest runs from the due day.
 3. Money that moves at banks alone is in default a number of banking days later (policy), when the
    banks' entries have come; by their value day a payment is on time until the last day.
"""

import msgspec

from xinlian.contracts.context import Context
from xinlian.modules.obligations.keeper import due_moments, later_banking_day
from xinlian.modules.obligations.policy import OUTSIDE_BANKING_DAYS
from xinlian.modules.obligations.types import Obligation, Terms
from xinlian.modules.policy.keeper import banking_day_on_or_after, policy_value


def last_day_of(context: Context, terms: Terms, due_day: int) -> int:
    """Return the last banking day on which a payment is on time."""
    return banking_day_on_or_after(context.state, due_day + terms.grace_days)


def with_moments(context: Context, found: Obligation, terms: Terms, due_day: int) -> Obligation:
    """Return an obligation with the moments of a due day."""
    due_at_ms, _ = due_moments(context, due_day)
    cutoff_day = last_day_of(context, terms, due_day)
    if not found.account:
        banking_days = policy_value(context.state, OUTSIDE_BANKING_DAYS, context.time_ms)
        cutoff_day = later_banking_day(context, cutoff_day, banking_days)
    return msgspec.structs.replace(
        found,
        due_day=due_day,
        due_at_ms=due_at_ms,
        cutoff_at_ms=due_moments(context, cutoff_day)[1],
    )
