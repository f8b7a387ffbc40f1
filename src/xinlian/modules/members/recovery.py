"""Lost keys are revoked, and one key replaces them.

Rules this file keeps:
 1. A recovered key manages keys and mandates and nothing else; its organisation arranges the rest.
 2. It is held from the moment of its registration, see ``restraint.py``.

Source: docs/concepts/governance.md (lost keys).
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState
from xinlian.modules.members import events
from xinlian.modules.members.errors import LostKeyInvalid
from xinlian.modules.members.keeper import write_key
from xinlian.modules.members.ports import ONLY, MemberLimits
from xinlian.modules.members.restraint import hold_recovered
from xinlian.modules.members.types import (
    KEYS,
    MANDATE_RULES_MAX,
    MANDATES,
    MODULE_NO,
    Key,
    KeyStatus,
    MandateRule,
    Mandates,
    message_type_part,
)
from xinlian.primitives import AMOUNT_MINOR_MAX, KeyId

MANAGING_TYPES: Final = tuple(MODULE_NO * 256 + number for number in (2, 3, 4))
"""RegisterKey, RevokeKey and SetMandate: what a first or a recovered key may send."""


def grant_management(state: WritableState, party: bytes, key_id: KeyId) -> None:
    """Let a key manage the keys and mandates of its party, before all other rules."""
    rule = MandateRule((key_id,), 1, AMOUNT_MINOR_MAX, 0)
    for number in MANAGING_TYPES:
        part = message_type_part(number)
        found = MANDATES.get(state, party, part)
        others = () if found is None else found.rules
        MANDATES.put(state, Mandates((rule, *others)[:MANDATE_RULES_MAX]), party, part)


def require_lost_keys(state: StateView, party: bytes, lost_keys: Sequence[bytes]) -> None:
    """Refuse to recover keys that are not active keys of the party; raises LostKeyInvalid."""
    for key_id in lost_keys:
        key = KEYS.get(state, key_id)
        if key is None or key.party != party or key.status != KeyStatus.ACTIVE:
            raise LostKeyInvalid(key_id.hex())
    if list(lost_keys) != sorted(set(lost_keys)):
        raise LostKeyInvalid("name each lost key once, in ascending order")


def recover_keys(context: Context, key: Key, lost_keys: Sequence[bytes]) -> KeyId:
    """Revoke lost keys, register the key that replaces them, hold its value mandates.

    Raises:
        LostKeyInvalid: a lost key is not an active key of the party.
        KeyInvalid, KeyExists: the new key may not be registered.
    """
    state, party = context.state, key.party
    require_lost_keys(state, party, lost_keys)
    for lost in lost_keys:
        revoked = msgspec.structs.replace(KEYS.require(state, lost), status=KeyStatus.REVOKED)
        KEYS.put(state, revoked, lost)
        context.emit(events.KeyRevoked(party, lost))
    key_id = write_key(state, key)
    grant_management(state, party, key_id)
    hold_ms = context.ports.require(MemberLimits, ONLY).recovery_hold_ms(state, context.time_ms)
    held_until_ms = hold_recovered(state, party, context.time_ms, hold_ms)
    context.emit(
        events.KeyRecovered(party, key_id, key.suite, key.public_key, key.role, held_until_ms),
    )
    return key_id
