"""What a handler may do: read rows, add and change them; rights follow by themselves.

Rules this file keeps:
 1. Every row that is added, or changed in a field that may give a right, goes through ``rights``.
 2. A handler knows the event and what stands around it, never the store or the state.
"""

from collections.abc import Sequence
from typing import NamedTuple

from xinlian.contracts.message import Message
from xinlian.readmodels.rights import RIGHTS_FIELDS, grant_for
from xinlian.readmodels.rows import Row
from xinlian.readmodels.text import Kinds
from xinlian.readmodels.working_set import ChangingT, WorkingSet


class Cause(NamedTuple):
    """What stands around an event."""

    position: int
    """Among the events of the block."""
    transaction_id: str
    """Empty for the schedule."""
    call_index: int
    messages: Sequence[Message | None]
    """Of all calls of the transaction, none for the schedule."""
    kinds: Kinds
    """Of which kind the ids are that stand in the events of the same source."""

    @property
    def message(self) -> Message | None:
        """The message whose handler emitted the event, None for the schedule."""
        return self.messages[self.call_index] if self.messages else None


class Writer(WorkingSet):
    """A working set that gives rights with its rows."""

    def add(self, row: Row) -> None:
        """Write a new row and the rights that follow from it."""
        super().add(row)
        grant_for(self, row)

    def change(self, row: ChangingT, **fields: object) -> ChangingT:
        """Write a row with other values in some fields, and the rights that follow."""
        changed = super().change(row, **fields)
        if not RIGHTS_FIELDS.isdisjoint(fields):
            grant_for(self, changed)
        return changed

    def born(self) -> dict[str, int]:
        """Return where a row arises now."""
        return {"height": self.height, "time_ms": self.time_ms}

    def born_changing(self) -> dict[str, int]:
        """Return where a row arises now that later blocks may change."""
        return {**self.born(), "changed_height": self.height}
