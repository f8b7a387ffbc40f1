"""Refusals of the schedule module, in order of precedence."""

from typing import ClassVar, Final

from xinlian.primitives import Rejected, Unauthorised

CODESPACE: Final = "schedule"


class NotOperator(Unauthorised):
    """Only an operator of the genesis file moves a simulated clock, or votes for it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "not_operator"


class ClockIsLive(Rejected):
    """The clock of this chain is live and cannot be moved."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "clock_is_live"


class TargetPast(Rejected):
    """The target lies in the past, or more than ten years ahead."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "target_out_of_range"


class ClockDiffers(Rejected):
    """The confirmed time is more than an hour from the block's."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "clock_differs"


class AlreadyVoted(Rejected):
    """The organisation named this very moment already; the others have yet to agree."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "already_voted"
