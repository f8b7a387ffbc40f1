"""What a projector remembers between the blocks it projects.

Rules this file keeps:
 1. Everything here can be read again from the database: forgetting costs time, never rows.
 2. It is valid for one height alone; whoever finds another one forgets everything.
 3. It is bounded: beyond so many entries all is forgotten, after a commit.
"""

import dataclasses
from collections import defaultdict
from typing import Any, Final

from xinlian.readmodels.rows import Row

ENTRIES_MAX: Final = 400_000

Key = tuple[int | str, ...]
Object = tuple[str, str]
"""A kind and an id."""


@dataclasses.dataclass(slots=True)
class Memory:
    """Rows by key, groups of rows by the value they share, readers and events by object."""

    height: int = -1
    rows: defaultdict[type[Row], dict[Key, Any]] = dataclasses.field(
        default_factory=lambda: defaultdict(dict),
    )
    groups: dict[type[Row], dict[int | str, dict[Key, None]]] = dataclasses.field(
        default_factory=dict,
    )
    readers: dict[Object, dict[str, None]] = dataclasses.field(default_factory=dict)
    events: dict[Object, list[tuple[int, int]]] = dataclasses.field(default_factory=dict)
    dealings: set[tuple[str, str]] = dataclasses.field(default_factory=set)
    """Pairs of parties that are known to read each other's entry."""

    def stand_at(self, height: int) -> None:
        """Keep what is valid at a height; forget everything at another one."""
        if height != self.height:
            self.forget()
            self.height = height

    def forget(self) -> None:
        """Forget everything."""
        self.height = -1
        for part in (self.rows, self.groups, self.readers, self.events, self.dealings):
            part.clear()

    def forget_when_full(self) -> None:
        """Forget everything, but the height, once there is too much."""
        entries = len(self.readers) + len(self.events) + len(self.dealings)
        entries += sum(map(len, self.rows.values())) + sum(map(len, self.groups.values()))
        if entries > ENTRIES_MAX:
            height = self.height
            self.forget()
            self.height = height
