"""Events of the standing module."""

from typing import Final

from xinlian.contracts.fields import AmountMinor, Count, Day, Id
from xinlian.contracts.message import Event
from xinlian.modules.standing.types import MODULE_NO

_BASE: Final = MODULE_NO * 256


class CreditFactRecorded(Event, frozen=True, tag=_BASE + 1):
    """The ledger wrote down what became of a promise."""

    party: Id
    sequence_no: Count
    kind: Count
    obligation: Id
    source_kind: Count
    amount_minor: AmountMinor
    due_day: Day
    days_late: Count


class DutyMissed(Event, frozen=True, tag=_BASE + 2):
    """The ledger wrote down that a duty was not done in time."""

    party: Id
    sequence_no: Count
    duty_source: Id
    due_day: Day
