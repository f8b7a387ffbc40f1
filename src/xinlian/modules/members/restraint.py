"""What the keys of a party may not do for a time, after lost keys were replaced or disputed.

Rules this file keeps:
 1. For a time after a recovery neither the recovered key, nor any key that was registered since,
    moves value; keys from before go on as they were.
 2. While a recovery is disputed no key of the organisation moves value.
 3. Being paid, reading, managing keys and defending itself go on in both cases.
 4. Guards compare time themselves; nothing needs to run for a hold to end.

Source: docs/concepts/governance.md (lost keys).
"""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.contracts.fields import OptionalId, TimeMs
from xinlian.ledger.records import Collection, Record, WritableState
from xinlian.modules.members.errors import RecoveredKeyHeld, ValueFrozen
from xinlian.modules.members.types import KEYS, MODULE_NO, PARTIES
from xinlian.primitives import ID_BYTES


class Restraint(Record, frozen=True):
    """What a party's keys may not do at present."""

    frozen_by: OptionalId
    """The disputed recovery that freezes all value mandates; empty without one."""
    held_since_ms: TimeMs
    held_until_ms: TimeMs
    """Keys registered since ``held_since_ms`` move no value before this."""


RESTRAINTS: Final = Collection(MODULE_NO, 11, Restraint, (ID_BYTES,))
_NONE: Final = Restraint(b"", 0, 0)


def hold_recovered(state: WritableState, party: bytes, now_ms: int, hold_ms: int) -> int:
    """Hold the keys that a party registers from now on; return until when they move no value."""
    before = RESTRAINTS.get(state, party) or _NONE
    is_held = now_ms < before.held_until_ms
    since_ms = before.held_since_ms if is_held else now_ms
    held = Restraint(before.frozen_by, since_ms, now_ms + hold_ms)
    _restrain(state, party, held)
    return held.held_until_ms


def freeze_value(state: WritableState, party: bytes, case: bytes) -> None:
    """Stop every key of a party from moving value while a recovery is disputed."""
    before = RESTRAINTS.get(state, party) or _NONE
    _restrain(state, party, msgspec.structs.replace(before, frozen_by=case))


def lift_freeze(state: WritableState, party: bytes, case: bytes) -> None:
    """End the freeze of a case; a freeze of another one stays."""
    before = RESTRAINTS.get(state, party)
    if before is not None and before.frozen_by == case:
        _restrain(state, party, msgspec.structs.replace(before, frozen_by=b""))


def check_value_may_move(context: Context) -> None:
    """Refuse a message of a restrained party that moves value.

    Raises:
        ValueFrozen: a recovery of its keys is disputed.
        RecoveredKeyHeld: a key signs that was recovered, or registered since, not long ago.
    """
    party = context.acting_for
    restraint = RESTRAINTS.get(context.state, party) or _NONE
    if restraint.frozen_by:
        raise ValueFrozen(restraint.frozen_by.hex())
    if context.time_ms >= restraint.held_until_ms:
        return
    for key_id in context.signers:
        key = KEYS.require(context.state, key_id)
        if key.party == party and key.registered_at_ms >= restraint.held_since_ms:
            raise RecoveredKeyHeld(restraint.held_until_ms)


def _restrain(state: WritableState, party: bytes, restraint: Restraint) -> None:
    RESTRAINTS.put(state, restraint, party)
    found = PARTIES.require(state, party)
    if not found.is_restrained:
        PARTIES.put(state, msgspec.structs.replace(found, is_restrained=True), party)
