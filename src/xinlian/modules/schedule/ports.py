"""What the schedule asks of the modules whose work it holds."""

from typing import Protocol

from xinlian.contracts.context import Context


class FollowsCalendar(Protocol):
    """Work whose moment is on a banking day; provided under the number of its handler."""

    def date_anew(self, context: Context, subject: bytes, due_at_ms: int) -> int:
        """Bring a subject's moments up to the present calendar.

        Args:
            context: of the due work that goes through the queue.
            subject: of an item that is open.
            due_at_ms: when that item is due so far.

        Returns:
            When it is due; ``due_at_ms`` itself where nothing changes.
        """
