"""Events of the schedule module."""

from xinlian.contracts.fields import TimeMs
from xinlian.contracts.message import Event
from xinlian.modules.schedule.types import MODULE_NO


class ClockAdvancing(Event, frozen=True, tag=MODULE_NO * 256 + 1):
    """A simulated clock is on its way to a target."""

    target_ms: TimeMs


class ClockConfirmed(Event, frozen=True, tag=MODULE_NO * 256 + 2):
    """An operator confirmed the clock of an embedded node."""

    clock_ms: TimeMs
