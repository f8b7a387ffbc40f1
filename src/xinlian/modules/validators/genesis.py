"""The validators of the genesis file, and who answers for them.

Rules this file keeps:
 1. The member whose key the operator's key is answers for the validator.  A live chain has no
    validator of nobody; a network for trial may.
 2. With four validators or more no member has a third of the power.
"""

from collections.abc import Sequence
from typing import NamedTuple

from xinlian.crypto.ed25519 import SUITE_ED25519
from xinlian.ledger.genesis import GenesisInvalid
from xinlian.ledger.records import WritableState
from xinlian.modules.members.types import KEYS, PARTIES, PartyKind, key_id_of
from xinlian.modules.validators.keeper import write_genesis
from xinlian.modules.validators.types import FOUR


class FirstValidator(NamedTuple):
    """A validator of the genesis file."""

    operator: bytes
    """The operator's public key."""
    public_key: bytes
    power: int


def load(state: WritableState, validators: Sequence[FirstValidator], *, is_live: bool) -> None:
    """Write the validators; raises GenesisInvalid."""
    powers: dict[bytes, int] = {}
    for entry in validators:
        party = _member_of(state, entry.operator)
        if is_live and not party:
            raise GenesisInvalid(
                f"validator {entry.public_key.hex()}: its operator's key is no member's: register "
                "it with the member that answers for it",
            )
        powers[party] = powers.get(party, 0) + entry.power
        write_genesis(state, entry.public_key, party, entry.power)
    powers.pop(b"", None)
    total = sum(entry.power for entry in validators)
    largest = max(powers.values(), default=0)
    if len(validators) >= FOUR and 3 * largest >= total:
        raise GenesisInvalid("one member answers for a third of the validators' power or more")


def _member_of(state: WritableState, operator: bytes) -> bytes:
    key = KEYS.get(state, key_id_of(SUITE_ED25519, operator))
    if key is None or PARTIES.require(state, key.party).kind != PartyKind.MEMBER:
        return b""
    return key.party
