"""Parties, keys and mandates.

Rules this file keeps:
 1. A member has a vote, a participant has keys and claims but no vote and a sponsor that answers
    for knowing it, a person has no directory entry.
 2. A key belongs to one party for ever; its role names a function, never a human being.
 3. A mandate says which keys may send a message type, how many of them, up to what amount a
    message and a China day, until when.
 4. What was moved under a rule is kept for the present day only, one record for a party and a
    message type: a new day, or a rule that is no more, is written over.
"""

import enum
from typing import Annotated, Final

import msgspec

from xinlian.contracts.fields import (
    CLASS_KEY,
    AmountMinor,
    Count,
    Day,
    DirectoryText,
    Flag,
    Id,
    Name,
    OptionalId,
    PublicKey,
    TimeMs,
    Uscc,
)
from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.ledger.records import Collection, Record
from xinlian.primitives import ID_BYTES, KeyId, PartyId

MODULE_NO: Final = 1
MANDATE_KEYS_MAX: Final = 16
MANDATE_RULES_MAX: Final = 8
MESSAGE_TYPE_BYTES: Final = 4
MESSAGE_TYPE_MAX: Final = (1 << (8 * MESSAGE_TYPE_BYTES)) - 1


class PartyKind(enum.IntEnum):
    """What a party is to the consortium."""

    MEMBER = 1
    PARTICIPANT = 2
    PERSON = 3


class PartyStatus(enum.IntEnum):
    """Whether a party may take on new obligations."""

    ACTIVE = 1
    SUSPENDED = 2


class KeyStatus(enum.IntEnum):
    """Whether a key may sign."""

    ACTIVE = 1
    REVOKED = 2


class Party(Record, frozen=True):
    """An entry of the directory."""

    kind: Count
    status: Count
    sponsor: OptionalId
    admitted_at_ms: TimeMs
    uscc: Uscc
    name: DirectoryText
    is_restrained: Flag = False
    """True once a recovery of its keys was held or disputed: its restraint is looked at."""

    @property
    def is_suspended(self) -> bool:
        """True when it may not take on new obligations."""
        return self.status == PartyStatus.SUSPENDED


class Key(Record, frozen=True):
    """A role key of a party."""

    party: Id
    suite: Name
    public_key: PublicKey
    role: Name
    status: Count
    registered_at_ms: TimeMs


RuleKeys = Annotated[
    tuple[Id, ...],
    msgspec.Meta(min_length=1, max_length=MANDATE_KEYS_MAX, extra={CLASS_KEY: "L"}),
]


LostKeys = Annotated[
    tuple[Id, ...],
    msgspec.Meta(min_length=1, max_length=MANDATE_KEYS_MAX, extra={CLASS_KEY: "L"}),
]
"""Keys that are revoked when another replaces them, ascending."""


class MandateRule(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Any ``threshold`` of ``keys`` may send, up to ``cap_minor`` a message."""

    keys: RuleKeys
    threshold: Count
    cap_minor: AmountMinor
    expires_at_ms: TimeMs
    """0 where it does not expire."""
    daily_cap_minor: AmountMinor = 0
    """At most this a China day of consensus time, over all messages applied; 0 is no daily cap."""


Rules = Annotated[
    tuple[MandateRule, ...],
    msgspec.Meta(max_length=MANDATE_RULES_MAX, extra={CLASS_KEY: "L"}),
]


class Mandates(Record, frozen=True):
    """All mandates of a party for one message type."""

    rules: Rules


class RuleUse(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What the signers of a rule moved on a day; rules of the same signers share it."""

    keys: RuleKeys
    threshold: Count
    moved_minor: AmountMinor


RuleUses = Annotated[
    tuple[RuleUse, ...],
    msgspec.Meta(max_length=MANDATE_RULES_MAX, extra={CLASS_KEY: "L"}),
]


class DailyUse(Record, frozen=True):
    """What was moved under the rules of a party for a message type on its last day of use."""

    day: Day
    uses: RuleUses


PARTIES: Final = Collection(MODULE_NO, 1, Party, (ID_BYTES,))
KEYS: Final = Collection(MODULE_NO, 2, Key, (ID_BYTES,))
MANDATES: Final = Collection(MODULE_NO, 3, Mandates, (ID_BYTES, MESSAGE_TYPE_BYTES))
DAILY_USE: Final = Collection(MODULE_NO, 4, DailyUse, (ID_BYTES, MESSAGE_TYPE_BYTES))


def organisation_id(chain_id: str, uscc: str) -> PartyId:
    """Return the id of an organisation on a chain: one code, one entry."""
    return PartyId(
        tagged_hash(Domain.PARTY_ID, chain_id.encode("utf-8"), uscc.encode("utf-8"))[:ID_BYTES],
    )


def key_id_of(suite: str, public_key: bytes) -> KeyId:
    """Return the id of a public key."""
    return KeyId(tagged_hash(Domain.KEY_ID, suite.encode("ascii"), public_key)[:ID_BYTES])


def possession_bytes(chain_id: str, party: bytes, role: str) -> bytes:
    """Return what a new key signs to prove that its holder asks for it."""
    return tagged_hash(
        Domain.POSSESSION,
        chain_id.encode("utf-8"),
        party,
        role.encode("utf-8"),
    )


def message_type_part(number: int) -> bytes:
    """Return the key part of a message type number."""
    return number.to_bytes(MESSAGE_TYPE_BYTES, "big")


class RelationKind(enum.StrEnum):
    """How two organisations are related; a closed list, version 1."""

    OWNERSHIP = "ownership"
    CONTROL = "control"
    FAMILY = "family"
    """Of those who control them."""
    ADDRESS = "address"
    ACCOUNT = "account"
