"""Events of the schedule module."""

from xinlian.contracts.fields import Count, Id, TimeMs
from xinlian.contracts.message import Event
from xinlian.modules.schedule.types import MODULE_NO


class ClockAdvancing(Event, frozen=True, tag=MODULE_NO * 256 + 1):
    """A simulated clock is on its way to a target."""

    target_ms: TimeMs


class ClockConfirmed(Event, frozen=True, tag=MODULE_NO * 256 + 2):
    """An operator confirmed the clock of an embedded node."""

    clock_ms: TimeMs


class ClockVoted(Event, frozen=True, tag=MODULE_NO * 256 + 3):
    """One of several that operate the chain would send its simulated clock to a moment."""

    party: Id
    target_ms: TimeMs
    votes: Count
    """Of organisations that named this moment or a later one."""
    needed: Count
    """Before the clock moves."""
