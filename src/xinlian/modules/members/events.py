"""Events of the members module."""

from xinlian.contracts.fields import Count, Id, Name, OptionalId, PublicKey, TimeMs
from xinlian.contracts.message import Event
from xinlian.modules.members.types import MODULE_NO

_BASE = MODULE_NO * 256


class PartyAdmitted(Event, frozen=True, tag=_BASE + 1):
    """An organisation entered the directory."""

    party: Id
    sponsor: OptionalId
    kind: Count


class KeyRegistered(Event, frozen=True, tag=_BASE + 2):
    """A key may sign from now on."""

    party: Id
    key_id: Id
    role: Name


class KeyRevoked(Event, frozen=True, tag=_BASE + 3):
    """A key may not sign any more."""

    party: Id
    key_id: Id


class MandateSet(Event, frozen=True, tag=_BASE + 4):
    """The mandates of a party for a message type were replaced."""

    party: Id
    message_type: Count


class PartyStatusChanged(Event, frozen=True, tag=_BASE + 5):
    """A party was suspended or reinstated."""

    party: Id
    status: Count


class SponsorAsked(Event, frozen=True, tag=_BASE + 6):
    """A participant asked a member to become its sponsor."""

    party: Id
    sponsor: Id


class SponsorChanged(Event, frozen=True, tag=_BASE + 7):
    """Another member answers for a participant from now on."""

    party: Id
    sponsor: Id


class GroupDeclared(Event, frozen=True, tag=_BASE + 8):
    """A member gave its vote to the head of its group, for good."""

    party: Id
    head: Id


class KeyRecovered(Event, frozen=True, tag=_BASE + 9):
    """A key replaces lost ones; it moves no value before a moment."""

    party: Id
    key_id: Id
    suite: Name
    public_key: PublicKey
    role: Name
    held_until_ms: TimeMs


class RoleGiven(Event, frozen=True, tag=_BASE + 10):
    """An organisation holds an official role from now on."""

    party: Id
    official_role: Count


class RoleWithdrawn(Event, frozen=True, tag=_BASE + 11):
    """An organisation holds an official role no longer."""

    party: Id
    official_role: Count


class RelationAdded(Event, frozen=True, tag=_BASE + 12):
    """Two organisations are related, by somebody's word; the lower id comes first."""

    party: Id
    other: Id
    attester: Id
    relation: Name


class RelationEnded(Event, frozen=True, tag=_BASE + 13):
    """Somebody took back that two organisations are related."""

    party: Id
    other: Id
    attester: Id
