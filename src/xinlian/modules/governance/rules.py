"""The row of each kind of proposal, and the numbers of governance: policy with floors in code.

Rules this file keeps:
 1. Every kind has a row: electorate, quorum, threshold, delay, veto.  Shares are in twelfths, so
    that two thirds (8) and three quarters (9) are exact.
 2. The rows are policy: their names begin with ``governance.``; without a row the default of this
    file is in force.
 3. No vote moves a value beyond the bounds of this file: suspension, policy, validators and
    recovery never below two thirds; admission, official roles, upgrade and change of rows never
    below three quarters and 7 days.
 4. A proposal is judged by the rows in force when it was published.

Source: docs/concepts/governance.md (rows and their defaults).
"""

from typing import Final, NamedTuple

from xinlian.ledger.ports import StateView
from xinlian.modules.governance.types import ProposalKind
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value_or
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR

PREFIX: Final = "governance."
TWELFTHS: Final = 12
HALF: Final = 6
TWO_THIRDS: Final = 8
THREE_QUARTERS: Final = 9
NOTICE_DAYS: Final = 7
DELAY_DAYS_MAX: Final = 365
ALL_MEMBERS: Final = 1
"""The one electorate there is: members, a declared group as one, newcomers not yet."""
UNANIMOUS_UP_TO: Final = 2
"""With so few electors every one of them must agree."""


class Number(NamedTuple):
    """A number of policy: its unit, its default, and its bounds in code."""

    unit: str
    default: int
    low: int
    high: int


class Row(NamedTuple):
    """The row of a kind, in force at a moment."""

    electorate: int
    quorum_twelfths: int
    threshold_twelfths: int
    delay_ms: int
    has_veto: bool


def _row(threshold: int, floor: int, delay_days: int, *, has_veto: bool = False) -> list[Number]:
    """Return the numbers of a row, in the order of ``_FIELDS``."""
    veto = int(has_veto)
    return [
        Number("code", ALL_MEMBERS, ALL_MEMBERS, ALL_MEMBERS),
        Number("twelfth", HALF, 0, TWELFTHS),
        Number("twelfth", threshold, floor, TWELFTHS),
        Number("day", delay_days, delay_days, DELAY_DAYS_MAX),
        Number("flag", veto, veto, veto),
    ]


_FIELDS: Final = ("electorate", "quorum_twelfths", "threshold_twelfths", "delay_days", "veto")
_ROWS: Final = {
    ProposalKind.SUSPEND: _row(TWO_THIRDS, TWO_THIRDS, 0),
    ProposalKind.REINSTATE: _row(TWO_THIRDS, HALF, 0),
    ProposalKind.POLICY: _row(TWO_THIRDS, TWO_THIRDS, 0),
    ProposalKind.CALENDAR: _row(TWO_THIRDS, HALF, 0),
    ProposalKind.ADMIT: _row(THREE_QUARTERS, THREE_QUARTERS, NOTICE_DAYS),
    ProposalKind.ROWS: _row(THREE_QUARTERS, THREE_QUARTERS, NOTICE_DAYS),
    ProposalKind.UPGRADE: _row(THREE_QUARTERS, THREE_QUARTERS, NOTICE_DAYS),
    ProposalKind.CANCEL_UPGRADE: _row(TWO_THIRDS, HALF, 0),
    ProposalKind.RETRY: _row(TWO_THIRDS, HALF, 0),
    ProposalKind.GIVE_ROLE: _row(THREE_QUARTERS, THREE_QUARTERS, NOTICE_DAYS),
    ProposalKind.WITHDRAW_ROLE: _row(TWO_THIRDS, HALF, 0),
    ProposalKind.SET_VALIDATOR: _row(TWO_THIRDS, TWO_THIRDS, 0),
    ProposalKind.ROTATE_VALIDATOR: _row(TWO_THIRDS, TWO_THIRDS, 0),
    ProposalKind.RECOVER: _row(TWO_THIRDS, TWO_THIRDS, NOTICE_DAYS, has_veto=True),
}
SEASONING_DAYS: Final = f"{PREFIX}seasoning_days"
VOTING_DAYS: Final = f"{PREFIX}voting_days"
OPEN_PROPOSALS_MAX: Final = f"{PREFIX}open_proposals_max"
POLICY_NOTICE_DAYS: Final = f"{PREFIX}policy_notice_days"
RECOVERY_HOLD_HOURS: Final = f"{PREFIX}recovery_hold_hours"
PARTICIPANTS_PER_SPONSOR_MAX: Final = f"{PREFIX}participants_per_sponsor_max"

NUMBERS: Final = {
    **{
        f"{PREFIX}{kind.name.lower()}.{field}": number
        for kind, numbers in _ROWS.items()
        for field, number in zip(_FIELDS, numbers, strict=True)
    },
    SEASONING_DAYS: Number("day", 180, 180, 730),
    VOTING_DAYS: Number("day", 30, 7, 90),
    OPEN_PROPOSALS_MAX: Number("count", 8, 1, 64),
    POLICY_NOTICE_DAYS: Number("day", 7, 1, 365),
    RECOVERY_HOLD_HOURS: Number("hour", 72, 72, 720),
    PARTICIPANTS_PER_SPONSOR_MAX: Number("count", 10_000, 1, 1_000_000),
}
"""Every number of governance by the name of its policy row."""


def number_in_force(state: StateView, name: str, at_ms: int) -> int:
    """Return a number of governance in force at a moment, within its bounds."""
    number = NUMBERS[name]
    value = policy_value_or(state, name, happening(at_ms), number.default)
    return max(number.low, min(value, number.high))


def row_in_force(state: StateView, kind: ProposalKind, at_ms: int) -> Row:
    """Return the row of a kind in force at a moment."""
    electorate, quorum, threshold, delay_days, veto = (
        number_in_force(state, f"{PREFIX}{kind.name.lower()}.{field}", at_ms) for field in _FIELDS
    )
    return Row(electorate, quorum, threshold, delay_days * MS_PER_DAY, veto == 1)


class GovernedLimits:
    """The limits of members, as policy has them: the port of the members module."""

    def participants_max(self, state: StateView, at_ms: int) -> int:
        """Return how many participants one sponsor may answer for."""
        return number_in_force(state, PARTICIPANTS_PER_SPONSOR_MAX, at_ms)

    def recovery_hold_ms(self, state: StateView, at_ms: int) -> int:
        """Return for how long a recovered key may not move value."""
        return number_in_force(state, RECOVERY_HOLD_HOURS, at_ms) * MS_PER_HOUR
