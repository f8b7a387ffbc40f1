"""Messages of the schedule module."""

from typing import ClassVar

from xinlian.contracts.fields import TimeMs
from xinlian.contracts.message import Message
from xinlian.modules.schedule.types import MODULE_NO


class AdvanceClock(Message, frozen=True, tag=MODULE_NO * 256 + 1):
    """An operator sends a simulated clock to a later moment; due work runs on the way."""

    signs: ClassVar[str] = "an operator of the genesis file"
    observes: ClassVar[str] = "everyone"
    remedy: ClassVar[str] = "none: time does not go back"
    creates_obligation: ClassVar[bool] = False

    target_ms: TimeMs
