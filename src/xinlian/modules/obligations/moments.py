"""When an obligation is due, until when it is paid in time, and what a new calendar makes of that.

Rules this file keeps:
 1. Due at the opening of the banking day on or after the due day, which itself never moves.
 2. Days of grace move the cut-off, not the due day: late interest runs from the due day.
 3. Money that moves at banks alone is in default a number of banking days later (policy), when the
    banks' entries have come; by their value day a payment is on time until the last day.
 4. What is written of an obligation are days of the plain calendar, and the moments that follow
    from them under the banking calendar of that hour. ``current`` gives the moments under the
    present one: guards ask it, so no published day is missed and no withdrawn one is kept.
 5. Only the day of a moment ever moves; its hour is that of the policy in force when it was fixed,
    by the date of the obligation that the policy row applies by.
 6. An authority that covers the due banking day covers it wherever the calendar puts it.

Source: docs/concepts/time.md (provisional dates); docs/concepts/obligations.md (moment of default).
"""

from collections.abc import Collection
from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.obligations.policy import CUTOFF_ROW, OPENING_ROW, OUTSIDE_BANKING_DAYS
from xinlian.modules.obligations.types import (
    Obligation,
    ObligationStatus,
    SourceKind,
    Terms,
)
from xinlian.modules.policy.dates import PolicyDates, dates_of
from xinlian.modules.policy.keeper import (
    banking_day_on_or_after,
    later_banking_day,
    policy_value,
)
from xinlian.primitives.time import (
    MS_PER_DAY,
    MS_PER_MINUTE,
    china_day,
    china_midnight_ms,
)

_NOT_DUE: Final[Collection[int]] = (ObligationStatus.PROPOSED, ObligationStatus.OPEN)
_PROMISED: Final[Collection[int]] = (SourceKind.CERTIFICATE, SourceKind.AGREED)
"""Their authorities were given for the due banking day, not for a period alone."""


def obligation_dates(found: Obligation, at_ms: int) -> PolicyDates:
    """Return the dates by which policy applies to an obligation, of something that happens now."""
    return dates_of(at_ms, issue_ms=found.issued_at_ms, contract_ms=found.contract_at_ms)


def due_moments(context: Context, due_day: int, dates: PolicyDates) -> tuple[int, int]:
    """Return (opening, cut-off) of the banking day on which a legal due date is paid.

    Args:
        context: the call.
        due_day: the legal due date.
        dates: of what is paid then.
    """
    banking_day = banking_day_on_or_after(context.state, due_day)
    midnight_ms = china_midnight_ms(banking_day)
    opening = policy_value(context.state, OPENING_ROW, dates)
    cutoff = policy_value(context.state, CUTOFF_ROW, dates)
    return midnight_ms + opening * MS_PER_MINUTE, midnight_ms + cutoff * MS_PER_MINUTE


def next_due_day(context: Context, dates: PolicyDates) -> int:
    """Return the day as from which something that is due at once is due: today, or tomorrow.

    It is a day of the plain calendar, so that no later calendar changes it.
    """
    today = china_day(context.time_ms)
    cutoff = policy_value(context.state, CUTOFF_ROW, dates)
    return today + (context.time_ms >= china_midnight_ms(today) + cutoff * MS_PER_MINUTE)


def next_due_moments(context: Context, dates: PolicyDates) -> tuple[int, int]:
    """Return (opening, cut-off) of the first banking day whose cut-off has not passed."""
    return due_moments(context, next_due_day(context, dates), dates)


def with_moments(context: Context, found: Obligation, terms: Terms, due_day: int) -> Obligation:
    """Return an agreed obligation with the moments of a due day."""
    dates = obligation_dates(found, context.time_ms)
    due_at_ms, _ = due_moments(context, due_day, dates)
    cutoff_from_day = due_day + terms.grace_days
    banking_days = 0
    if not found.account:
        banking_days = policy_value(context.state, OUTSIDE_BANKING_DAYS, dates)
    dated = msgspec.structs.replace(
        found,
        due_day=due_day,
        due_at_ms=due_at_ms,
        cutoff_at_ms=due_moments(context, cutoff_from_day, dates)[1],
        cutoff_from_day=cutoff_from_day,
        outside_banking_days=banking_days,
    )
    return msgspec.structs.replace(dated, cutoff_at_ms=terms_cutoff_at_ms(context.state, dated))


def current(state: StateView, found: Obligation) -> Obligation:
    """Return an obligation with its moments under the present banking calendar."""
    if not found.cutoff_from_day:
        return found
    cutoff_at_ms = terms_cutoff_at_ms(state, found)
    if found.owed_again_from_day:
        again_day = banking_day_on_or_after(state, found.owed_again_from_day)
        cutoff_at_ms = max(cutoff_at_ms, _on_day(found.cutoff_at_ms, again_day))
    due_at_ms = found.due_at_ms
    if found.status in _NOT_DUE:
        due_at_ms = _on_day(due_at_ms, banking_day_on_or_after(state, found.due_day))
    if (due_at_ms, cutoff_at_ms) == (found.due_at_ms, found.cutoff_at_ms):
        return found
    return msgspec.structs.replace(found, due_at_ms=due_at_ms, cutoff_at_ms=cutoff_at_ms)


def terms_cutoff_at_ms(state: StateView, found: Obligation) -> int:
    """Return the cut-off that the terms give, whatever was disputed since."""
    day = later_banking_day(state, last_day(state, found), found.outside_banking_days)
    return _on_day(found.cutoff_at_ms, day)


def last_day(state: StateView, found: Obligation) -> int:
    """Return the last banking day on which a payment is on time; 0 where there is none."""
    if not found.cutoff_from_day:
        return 0
    return banking_day_on_or_after(state, found.cutoff_from_day)


def authority_ends_at_ms(state: StateView, found: Obligation) -> int:
    """Return the last moment of a standing authority; a moment in the past when it was let go."""
    is_let_go = not found.authority_until_ms
    if is_let_go or not found.cutoff_from_day or found.source_kind not in _PROMISED:
        return found.authority_until_ms
    return max(found.authority_until_ms, terms_cutoff_at_ms(state, found))


def order_ends_at_ms(state: StateView, expires_at_ms: int, day: int, banking_days: int) -> int:
    """Return when an order of a day ends that holds for a number of banking days."""
    return _on_day(expires_at_ms, later_banking_day(state, day, banking_days))


def _on_day(moment_ms: int, day: int) -> int:
    """Return the same hour on another day."""
    return moment_ms + (day - china_day(moment_ms)) * MS_PER_DAY
