"""Messages of the members module."""

from typing import ClassVar

from xinlian.contracts.fields import (
    Count,
    DirectoryText,
    Id,
    Name,
    OptionalHash,
    PublicKey,
    Signature,
    Uscc,
)
from xinlian.contracts.message import Message
from xinlian.modules.members.errors import MandateInvalid, RelationInvalid, WrongCheckDigit
from xinlian.modules.members.types import (
    MESSAGE_TYPE_MAX,
    MODULE_NO,
    LostKeys,
    RelationKind,
    Rules,
)
from xinlian.modules.members.uscc import is_valid_uscc

_BASE = MODULE_NO * 256


class AdmitParticipant(Message, frozen=True, tag=_BASE + 1):
    """A member admits an organisation that it knows, with its first key."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the sponsor, a member"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.SuspendParticipant"

    uscc: Uscc
    name: DirectoryText
    suite: Name
    public_key: PublicKey
    role: Name
    possession: Signature

    def validate_basic(self) -> None:
        """Refuse a code with a wrong check digit."""
        if not is_valid_uscc(self.uscc):
            raise WrongCheckDigit(self.uscc)


class RegisterKey(Message, frozen=True, tag=_BASE + 2):
    """A party adds a role key; the key proves possession."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the party"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.RevokeKey"

    suite: Name
    public_key: PublicKey
    role: Name
    possession: Signature


class RevokeKey(Message, frozen=True, tag=_BASE + 3):
    """A party ends one of its keys."""

    moves_value: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True
    signs: ClassVar[str] = "the party"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.RegisterKey with a new key"
    creates_obligation: ClassVar[bool] = False

    key_id: Id


class SetMandate(Message, frozen=True, tag=_BASE + 4):
    """A party says which of its keys may send a message type."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the party"
    observes: ClassVar[str] = "the party"
    remedy: ClassVar[str] = "members.SetMandate again"

    message_type: Count
    rules: Rules

    def validate_basic(self) -> None:
        """Refuse a number that is no message type, and a threshold that can never be met."""
        if self.message_type > MESSAGE_TYPE_MAX:
            raise MandateInvalid(f"message types are numbered up to {MESSAGE_TYPE_MAX}")
        for rule in self.rules:
            if not 0 < rule.threshold <= len(set(rule.keys)) or len(set(rule.keys)) != len(
                rule.keys,
            ):
                raise MandateInvalid("threshold lies within 1 and the number of distinct keys")


class SuspendParticipant(Message, frozen=True, tag=_BASE + 5):
    """A sponsor stops new obligations of its participant."""

    moves_value: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True
    signs: ClassVar[str] = "the sponsor"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.ReinstateParticipant"

    party: Id


class ReinstateParticipant(Message, frozen=True, tag=_BASE + 6):
    """A sponsor lets its participant take on obligations again."""

    moves_value: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True
    signs: ClassVar[str] = "the sponsor"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.SuspendParticipant"

    party: Id


class AskSponsor(Message, frozen=True, tag=_BASE + 7):
    """A participant asks another member to become its sponsor."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the participant"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.AskSponsor of another member"
    creates_obligation: ClassVar[bool] = False

    sponsor: Id


class AcceptParticipant(Message, frozen=True, tag=_BASE + 8):
    """A member becomes the sponsor of a participant that asked it."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the new sponsor, a member"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.AskSponsor of another member"

    party: Id


class DeclareGroup(Message, frozen=True, tag=_BASE + 9):
    """A member declares that it belongs to the group of another, which votes for both."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "the member that gives up its own vote"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "none: a vote that was given up does not come back by itself"
    creates_obligation: ClassVar[bool] = False

    head: Id


class RecoverOwnKeys(Message, frozen=True, tag=_BASE + 10):
    """A party replaces lost keys, signed by keys that it registered for that beforehand."""

    moves_value: ClassVar[bool] = False
    is_kept_for: ClassVar[bool] = True
    signs: ClassVar[str] = "the party, by the keys that its mandate for this message names"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.RevokeKey of the new key"
    creates_obligation: ClassVar[bool] = False

    lost_keys: LostKeys
    suite: Name
    public_key: PublicKey
    role: Name
    possession: Signature


class RecordRelation(Message, frozen=True, tag=_BASE + 11):
    """An organisation says that it is related to another one, or an official party of two others.

    Who is related to another does not count as a second, independent signer beside it.
    """

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "one of the two, or a register, regulator or credit authority"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.EndRelation by whoever recorded it"
    creates_obligation: ClassVar[bool] = False

    party: Id
    other: Id
    relation: Name
    document_root: OptionalHash

    def validate_basic(self) -> None:
        """Refuse a relation to itself and a kind that is not of the list."""
        if self.party == self.other:
            raise RelationInvalid("two organisations")
        if self.relation not in tuple(RelationKind):
            raise RelationInvalid(f"one of {', '.join(RelationKind)}")


class EndRelation(Message, frozen=True, tag=_BASE + 12):
    """Whoever recorded a relation takes it back."""

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "whoever recorded it"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.RecordRelation"
    creates_obligation: ClassVar[bool] = False

    party: Id
    other: Id
