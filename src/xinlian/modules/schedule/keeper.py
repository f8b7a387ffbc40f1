"""The queue of due work; the only code that writes it.

Rules this file keeps:
 1. Items are taken in (due, sequence) order; ``≥`` is due.
 2. A failed item is parked under its sequence number and never retried by itself; guards compare
    time themselves, so no deadline depends on it.
 3. An open item counts towards the quota of the party whose message added it, or added the item
    that added it; it is given back when the item is taken, cancelled or parked.
"""

from typing import Final, NamedTuple

from xinlian.contracts.runtime import DueItem, Position
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState, integer_part
from xinlian.modules.quotas.keeper import move_items, take_items
from xinlian.modules.schedule.types import ITEMS, PARKED, SEQUENCE, ScheduledItem, Sequence
from xinlian.primitives import PartyId

_SEQUENCE_KEY: Final = SEQUENCE.key()


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


class ScheduleQueue:
    """The queue as the contract runtime sees it."""

    def next_due_at_ms(self, state: StateView) -> int | None:
        """Return when the earliest item is due, or None."""
        for (due, _), _ in ITEMS.scan(state):
            return int.from_bytes(due, "big")
        return None

    def take_due(self, state: Overlay, time_ms: int) -> DueItem | None:
        """Remove and return the earliest due item, or None."""
        for (due, sequence_no), item in ITEMS.scan(state):
            if int.from_bytes(due, "big") > time_ms:
                return None
            ITEMS.delete(state, due, sequence_no)
            if item.charged_to:
                move_items(state, item.charged_to, -1)
            return item
        return None

    def position(self, state: Overlay) -> Position:
        """Return a point after which added items can be charged."""
        return Position(state.position(), state.get(_SEQUENCE_KEY))

    def charge_added(self, state: Overlay, since: Position, party: PartyId, time_ms: int) -> None:
        """Charge a party for the items that its message added; raises OpenItemsFull."""
        added = _assign_added(state, since, party)
        if added:
            take_items(state, party, added, time_ms)

    def inherit_added(self, state: Overlay, since: Position, item: DueItem) -> None:
        """Charge what a due item added to whom the item itself was charged."""
        added = _assign_added(state, since, item.charged_to) if item.charged_to else 0
        if added:
            move_items(state, item.charged_to, added)

    def park(self, state: Overlay, item: DueItem) -> None:
        """Keep a failed item for an upgrade or a governance message."""
        parked = ScheduledItem(item.handler_no, item.subject)
        PARKED.put(state, parked, integer_part(_next_number(state)))


def _assign_added(state: Overlay, since: Position, party: bytes) -> int:
    """Write a party on the items that were added since a point; return how many they are."""
    added = 0
    if state.get(_SEQUENCE_KEY) == since.sequence:  # every item takes a number: none was added
        return added
    for key in state.keys_written_since(since.journal):
        value = state.get(key) if key.startswith(ITEMS.prefix) else None
        item = None if value is None else ITEMS.decode(value)
        if item is not None and not item.charged_to:
            charged = ScheduledItem(item.handler_no, item.subject, party)
            ITEMS.put(state, charged, *ITEMS.parts_of(key))
            added += 1
    return added


_FIRST: Final = Sequence(1)


def _next_number(state: WritableState) -> int:
    sequence = SEQUENCE.get(state) or _FIRST
    SEQUENCE.put(state, Sequence(sequence.next_no + 1))
    return sequence.next_no
