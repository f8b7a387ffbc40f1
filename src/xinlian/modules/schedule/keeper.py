"""The queue of due work; the only code that writes it.

Rules this file keeps:
 1. Items are taken in (due, sequence) order; ``≥`` is due.
 2. A failed item is parked under its sequence number and never retried by itself, but by a vote of
    members or an upgrade; guards compare time themselves, so no deadline depends on it.
 3. An open item counts towards the quota of the party whose message added it, or added the item
    that added it; it is given back when the item is taken, cancelled or parked.
"""

from typing import Final, NamedTuple

from xinlian.contracts.runtime import DueItem, DueWork, Position
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState, integer_part
from xinlian.modules.quotas.keeper import move_items, take_items
from xinlian.modules.schedule.types import ITEMS, PARKED, SEQUENCE, ScheduledItem, Sequence
from xinlian.primitives import PartyId

_SEQUENCE_KEY: Final = SEQUENCE.key()
_Parts = tuple[bytes, ...]


class Slot(NamedTuple):
    """Where an item stands in the queue; keep it to cancel the item."""

    due_at_ms: int
    sequence_no: int


def add_item(state: WritableState, due_at_ms: int, handler_no: int, subject: bytes) -> Slot:
    """Queue work for a moment; return its place."""
    number = _next_number(state)
    slot = Slot(due_at_ms, number)
    item = ScheduledItem(handler_no, subject)
    ITEMS.put(state, item, integer_part(slot.due_at_ms), integer_part(slot.sequence_no))
    return slot


def cancel_item(state: WritableState, slot: Slot) -> None:
    """Take work out of the queue; nothing happens if it ran already."""
    item = ITEMS.get(state, integer_part(slot.due_at_ms), integer_part(slot.sequence_no))
    if item is not None and item.charged_to:
        move_items(state, item.charged_to, -1)
    ITEMS.delete(state, integer_part(slot.due_at_ms), integer_part(slot.sequence_no))


def move_item(state: WritableState, slot: Slot, due_at_ms: int) -> None:
    """Give open work another moment; whose quota it counts towards stays as it is."""
    item = ITEMS.require(state, integer_part(slot.due_at_ms), integer_part(slot.sequence_no))
    ITEMS.delete(state, integer_part(slot.due_at_ms), integer_part(slot.sequence_no))
    ITEMS.put(state, item, integer_part(due_at_ms), integer_part(_next_number(state)))


def retry_parked(state: WritableState, number: int, time_ms: int) -> ScheduledItem | None:
    """Queue parked work again, due now; return it, or None where nothing is parked there."""
    item = PARKED.get(state, integer_part(number))
    if item is not None:
        PARKED.delete(state, integer_part(number))
        add_item(state, time_ms, item.handler_no, item.subject)
    return item


class ScheduleQueue:
    """The queue as the contract runtime sees it."""

    def next_due_at_ms(self, state: StateView) -> int | None:
        """Return when the earliest item is due, or None."""
        for (due, _), _ in ITEMS.scan(state):
            return int.from_bytes(due, "big")
        return None

    def due_work(self, state: Overlay, time_ms: int) -> DueWork:
        """Return what is due in a block."""
        return _DueWork(state, time_ms)

    def position(self, state: Overlay) -> Position:
        """Return a point after which added items can be charged."""
        return Position(state.mark(), state.get(_SEQUENCE_KEY))

    def charge_added(
        self,
        state: Overlay,
        since: Position,
        party: PartyId,
        time_ms: int,
    ) -> Position:
        """Charge a party for the items that its message added; raises OpenItemsFull."""
        if state.get(_SEQUENCE_KEY) == since.sequence:  # every item takes a number: none was added
            return since
        added = _assign(state, _added_since(state, since), party)
        if added:
            take_items(state, party, added, time_ms)
        return self.position(state)

    def park(self, state: Overlay, item: DueItem) -> None:
        """Keep a failed item for an upgrade or a governance message."""
        parked = ScheduledItem(item.handler_no, item.subject)
        PARKED.put(state, parked, integer_part(_next_number(state)))


class _DueWork:
    """A cursor over the queue: however many items are taken, each entry is walked once."""

    def __init__(self, state: Overlay, time_ms: int) -> None:
        self._state = state
        self._time_ms = time_ms
        self._entries = ITEMS.scan(state)
        self._last: _Parts = ()
        """The place of the item that was taken last."""

    def take(self) -> DueItem | None:
        """Remove and return the earliest item, or None when none is due any more."""
        for parts, item in self._entries:
            if int.from_bytes(parts[0], "big") > self._time_ms:
                return None
            self._last = parts
            ITEMS.delete(self._state, *parts)
            if item.charged_to:
                move_items(self._state, item.charged_to, -1)
            return item
        return None

    def inherit_added(self, since: Position, item: DueItem) -> None:
        """Charge what a due item added to whom the item itself was charged."""
        state = self._state
        if state.get(_SEQUENCE_KEY) == since.sequence:
            return
        added = _added_since(state, since)
        if item.charged_to and (count := _assign(state, added, item.charged_to)):
            move_items(state, item.charged_to, count)
        if added and min(added) < self._last:  # behind the cursor: go back to it
            due, number = min(added)
            before = integer_part(int.from_bytes(number, "big") - 1)
            self._entries = ITEMS.scan(state, after=(due, before))


def _added_since(state: Overlay, since: Position) -> dict[_Parts, ScheduledItem]:
    """Return the open items that were added since a point."""
    added: dict[_Parts, ScheduledItem] = {}
    for key in state.keys_written_since(since.journal):
        value = state.get(key) if key.startswith(ITEMS.prefix) else None
        if value is not None:
            added[ITEMS.parts_of(key)] = ITEMS.decode(value)
    return added


def _assign(state: Overlay, added: dict[_Parts, ScheduledItem], party: bytes) -> int:
    """Write a party on those items that are nobody's; return how many they are."""
    count = 0
    for parts, item in added.items():
        if not item.charged_to:
            ITEMS.put(state, ScheduledItem(item.handler_no, item.subject, party), *parts)
            count += 1
    return count


_FIRST: Final = Sequence(1)


def _next_number(state: WritableState) -> int:
    sequence = SEQUENCE.get(state) or _FIRST
    SEQUENCE.put(state, Sequence(sequence.next_no + 1))
    return sequence.next_no
