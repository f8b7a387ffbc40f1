"""Messages of the schedule module."""

from typing import ClassVar

from xinlian.contracts.fields import TimeMs
from xinlian.contracts.message import Message
from xinlian.modules.schedule.types import MODULE_NO


class AdvanceClock(Message, frozen=True, tag=MODULE_NO * 256 + 1):
    """An operator sends a simulated clock to a later moment; due work runs on the way.

    Where several organisations operate the chain it is a vote: the clock goes to the latest moment
    that more than two thirds of them have named.
    """

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "an operator of the genesis file"
    observes: ClassVar[str] = "everyone"
    remedy: ClassVar[str] = "none: time does not go back"
    creates_obligation: ClassVar[bool] = False

    target_ms: TimeMs


class ConfirmClock(Message, frozen=True, tag=MODULE_NO * 256 + 2):
    """The operator of an embedded node confirms its clock after a jump or a long downtime."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "an operator of the genesis file"
    observes: ClassVar[str] = "everyone"
    remedy: ClassVar[str] = "none: what fell due at the confirmed time has happened"
    creates_obligation: ClassVar[bool] = False

    clock_ms: TimeMs
    """What the operator read on the clock; at most an hour from the block's time."""
