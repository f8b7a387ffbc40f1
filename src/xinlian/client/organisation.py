"""An organisation's side: its identity on a chain and its role keys."""

import dataclasses

from xinlian.client.builder import Intent
from xinlian.contracts.message import Message
from xinlian.crypto.ed25519 import SigningKey
from xinlian.modules.members.types import organisation_id
from xinlian.primitives import PartyId


@dataclasses.dataclass(frozen=True, slots=True)
class Organisation:
    """A member or participant as it knows itself; ``keys`` by role, never printed."""

    chain_id: str
    uscc: str
    name: str
    keys: dict[str, SigningKey] = dataclasses.field(repr=False)

    @property
    def party(self) -> PartyId:
        """Its id on the chain."""
        return organisation_id(self.chain_id, self.uscc)

    def intend(self, *messages: Message, valid_until_ms: int) -> Intent:
        """Return the intent to send messages in its own name."""
        calls = tuple((self.party, message) for message in messages)
        return Intent(self.chain_id, self.party, calls, valid_until_ms)

    def keys_of(self, *roles: str) -> list[SigningKey]:
        """Return the keys of named roles."""
        return [self.keys[role] for role in roles]
