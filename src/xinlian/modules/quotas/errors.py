"""Refusals of the quotas module.

Order of precedence, before a transaction's signatures are checked::

    1 MarkersFull   2 BytesUsedUp   3 WorkUsedUp   4 StateUsedUp

None of these consumes the idempotency key.  ``WorkUsedUp`` and ``StateUsedUp`` are given again,
and then are an outcome, when the transaction's messages took more than was left; ``OpenItemsFull``
refuses the message that would have added due work.
"""

from typing import ClassVar, Final

from xinlian.primitives import Rejected

CODESPACE: Final = "quotas"


class MarkersFull(Rejected):
    """The payer owns as many idempotency markers as it may; they go 24 h after their validity."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "markers_full"
    transient: ClassVar[bool] = True

    def __init__(self, markers_max: int) -> None:
        super().__init__(f"{markers_max} outcomes are kept for this payer; use shorter validities")
        self.markers_max = markers_max


class BytesUsedUp(Rejected):
    """The payer has ordered as many bytes as it may in this window."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "bytes_used_up"
    transient: ClassVar[bool] = True

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"{bytes_max} bytes a window; submit again in the next one")
        self.bytes_max = bytes_max


class WorkUsedUp(Rejected):
    """The payer has caused as much work as it may in this window."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "work_used_up"
    transient: ClassVar[bool] = True

    def __init__(self, work_max: int) -> None:
        super().__init__(f"{work_max} units of work a window; submit again in the next one")
        self.work_max = work_max


class StateUsedUp(Rejected):
    """The payer has added as many bytes to the state as it may in this window."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "state_used_up"
    transient: ClassVar[bool] = True

    def __init__(self, state_bytes_max: int) -> None:
        super().__init__(f"{state_bytes_max} new bytes of state a window; submit again later")
        self.state_bytes_max = state_bytes_max


class OpenItemsFull(Rejected):
    """As much due work is open on account of the party as may be."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "open_items_full"
    transient: ClassVar[bool] = True

    def __init__(self, open_items_max: int) -> None:
        super().__init__(f"{open_items_max} items are open; wait until some are done")
        self.open_items_max = open_items_max


class HeldAfterFault(Rejected):
    """This message met a fault of the software; its sender may send its like some blocks later."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "held_after_fault"
    transient: ClassVar[bool] = True

    def __init__(self, message_no: int, until_height: int) -> None:
        super().__init__(f"message type {message_no} may be sent again after height {until_height}")
        self.message_no = message_no
        self.until_height = until_height
