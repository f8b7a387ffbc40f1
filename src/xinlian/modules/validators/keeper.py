"""Powers on their way: the only code that writes validators.

Rules this file keeps:
 1. A block changes less than a third of the power that was in force before it: the sum of all
    changes, each without its sign.  What is more waits for the next block.
 2. Decisions are carried out one after the other, so that every set in force lies between two that
    were checked; one that a double signature forces goes first.
 3. A key's successor takes its power over in the same steps: its member's share never changes.
 4. What the engine is told at a height is in the record of that height, and nowhere else.

Source: docs/concepts/governance.md (a block changes < 1/3 of power).
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState, integer_part
from xinlian.modules.schedule.keeper import add_item
from xinlian.modules.validators import events
from xinlian.modules.validators.types import (
    FREEZES,
    MODULE_NO,
    ORDERS,
    SET_CHANGES,
    VALIDATORS,
    Freeze,
    Orders,
    PowerChange,
    SetChange,
    Validator,
)
from xinlian.primitives import ID_BYTES

MOVE_HANDLER: Final = MODULE_NO * 256 + 1
FORCED_NO: Final = 1
"""The order of what a double signature forces: before every decision."""
_FIRST: Final = Orders(FORCED_NO + 1, is_queued=False)
_NO_SUBJECT: Final = bytes(ID_BYTES)


def all_validators(state: StateView) -> Iterator[tuple[bytes, Validator]]:
    """Yield every validator that there ever was, by key."""
    for (key,), validator in VALIDATORS.scan(state):
        yield key, validator


def write_genesis(state: WritableState, key: bytes, party: bytes, power: int) -> None:
    """Write a validator of the genesis file; the caller checked it."""
    VALIDATORS.put(state, Validator(party, power, power, 0), key)


def decide_power(context: Context, key: bytes, party: bytes, power: int) -> None:
    """Give a checked validator another power, from the next blocks on; 0 removes it."""
    before = VALIDATORS.get(context.state, key) or Validator(party, 0, 0, 0)
    number = _next_number(context.state)
    decided = Validator(before.party, before.power, power, number, b"", before.double_signed)
    VALIDATORS.put(context.state, decided, key)
    context.emit(events.ValidatorDecided(key, before.party, power))
    move_powers(context)


def decide_key(context: Context, key: bytes, successor: bytes) -> None:
    """Let a new key take a checked validator's power over."""
    before = VALIDATORS.require(context.state, key)
    number = _next_number(context.state)
    leaving = msgspec.structs.replace(before, target=0, order_no=number, successor=successor)
    VALIDATORS.put(context.state, leaving, key)
    VALIDATORS.put(context.state, Validator(before.party, 0, before.target, number), successor)
    context.emit(events.ValidatorKeyDecided(key, successor, before.party, before.target))
    move_powers(context)


def force_out(context: Context, key: bytes) -> None:
    """Take a validator's power, and that of the key it shares a move with, before all else."""
    for each in pair_of(context.state, key):
        found = VALIDATORS.require(context.state, each)
        forced = msgspec.structs.replace(
            found, target=0, order_no=FORCED_NO if found.power else 0, successor=b""
        )
        VALIDATORS.put(context.state, forced, each)
        context.emit(events.ValidatorDecided(each, found.party, 0))
    move_powers(context)


def mark_double_signed(state: WritableState, key: bytes) -> None:
    """Note for good that a key signed two blocks of one height."""
    found = VALIDATORS.require(state, key)
    VALIDATORS.put(state, msgspec.structs.replace(found, double_signed=True), key)


def pair_of(state: StateView, key: bytes) -> tuple[bytes, ...]:
    """Return a validator's key with the one to or from which its power moves at present."""
    for other, validator in all_validators(state):
        if validator.order_no and validator.successor and key in (other, validator.successor):
            return (other, validator.successor)
    return (key,)


def suspend_votes(context: Context, party: bytes, key: bytes) -> None:
    """Suspend a member's votes for as long as a key has power."""
    FREEZES.put(context.state, Freeze(key, context.time_ms), party)
    context.emit(events.VotesSuspended(party, key))


def are_votes_suspended(state: StateView, party: bytes) -> bool:
    """Return whether a member has no vote because its validator signed twice."""
    return FREEZES.get(state, party) is not None


def move_powers_on(context: Context, _: bytes) -> None:
    """Do the next block's step, as the schedule asks for it."""
    orders = ORDERS.get(context.state) or _FIRST
    ORDERS.put(context.state, msgspec.structs.replace(orders, is_queued=False))
    move_powers(context)


def move_powers(context: Context) -> None:
    """Bring the powers in force nearer to what was decided, as far as this block may."""
    moves = _Moves(context)
    moving = {key: v for key, v in all_validators(context.state) if v.order_no}
    followers = {validator.successor for validator in moving.values()}
    leading = [(v.order_no, key) for key, v in moving.items() if key not in followers]
    for _, key in sorted(leading):
        if not moves.carry_out(key):
            break
    moves.write()
    _queue_next(context)


class _Moves:
    """The changes of one block."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._state = context.state
        self._height = integer_part(context.height)
        in_force = sum(validator.power for _, validator in all_validators(self._state))
        before = SET_CHANGES.get(self._state, self._height) or SetChange(in_force, 0, ())
        self._total_before = before.total_before
        self._moved = before.moved
        self._powers = {change.public_key: change.power for change in before.changes}
        self._has_moved = False

    @property
    def _room(self) -> int:
        """By how much this block may still change."""
        return (self._total_before - 1) // 3 - self._moved

    def carry_out(self, key: bytes) -> bool:
        """Move one validator's power; return False when the decision must wait for more room."""
        validator = VALIDATORS.require(self._state, key)
        if validator.successor:
            step = min(validator.power, self._room // 2)
            self._set(key, -step)
            self._set(validator.successor, step)
        else:
            distance = validator.target - validator.power
            step = min(abs(distance), self._room)
            self._set(key, step if distance > 0 else -step)
        return not VALIDATORS.require(self._state, key).order_no

    def _set(self, key: bytes, change: int) -> None:
        before = VALIDATORS.require(self._state, key)
        power = before.power + change
        order_no = 0 if power == before.target else before.order_no
        VALIDATORS.put(
            self._state, msgspec.structs.replace(before, power=power, order_no=order_no), key
        )
        if not change:
            return
        self._moved += abs(change)
        self._powers[key] = power
        self._has_moved = True
        self._context.emit(events.PowerSet(key, power))
        if not power and before.party:
            _restore_votes(self._context, before.party)

    def write(self) -> None:
        """Keep what the engine is told at this height."""
        if self._has_moved:
            told = tuple(PowerChange(key, self._powers[key]) for key in sorted(self._powers))
            SET_CHANGES.put(
                self._state, SetChange(self._total_before, self._moved, told), self._height
            )


def _restore_votes(context: Context, party: bytes) -> None:
    """Let a member vote again once no key of its that signed twice has power."""
    freeze = FREEZES.get(context.state, party)
    if freeze is None:
        return
    for _, validator in all_validators(context.state):
        if validator.party == party and validator.double_signed and validator.power:
            return
    FREEZES.delete(context.state, party)
    context.emit(events.VotesRestored(party, freeze.public_key))


def _next_number(state: WritableState) -> int:
    orders = ORDERS.get(state) or _FIRST
    ORDERS.put(state, msgspec.structs.replace(orders, next_no=orders.next_no + 1))
    return orders.next_no


def _queue_next(context: Context) -> None:
    """Queue a step for the next block while anything is on its way."""
    orders = ORDERS.get(context.state) or _FIRST
    is_moving = any(validator.order_no for _, validator in all_validators(context.state))
    if is_moving and not orders.is_queued:
        add_item(context.state, context.time_ms + 1, MOVE_HANDLER, _NO_SUBJECT)
        ORDERS.put(context.state, msgspec.structs.replace(orders, is_queued=True))
