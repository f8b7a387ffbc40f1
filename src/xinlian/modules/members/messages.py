"""Messages of the members module."""

from typing import ClassVar

from xinlian.contracts.fields import (
    Count,
    DirectoryText,
    Id,
    Name,
    PublicKey,
    Signature,
    Uscc,
)
from xinlian.contracts.message import Message
from xinlian.modules.members.errors import MandateInvalid, WrongCheckDigit
from xinlian.modules.members.types import MESSAGE_TYPE_MAX, MODULE_NO, Rules
from xinlian.modules.members.uscc import is_valid_uscc

_BASE = MODULE_NO * 256


class AdmitParticipant(Message, frozen=True, tag=_BASE + 1):
    """A member admits an organisation that it knows, with its first key."""

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

    signs: ClassVar[str] = "the party"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.RevokeKey"

    suite: Name
    public_key: PublicKey
    role: Name
    possession: Signature


class RevokeKey(Message, frozen=True, tag=_BASE + 3):
    """A party ends one of its keys."""

    is_kept_for: ClassVar[bool] = True
    signs: ClassVar[str] = "the party"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.RegisterKey with a new key"
    creates_obligation: ClassVar[bool] = False

    key_id: Id


class SetMandate(Message, frozen=True, tag=_BASE + 4):
    """A party says which of its keys may send a message type."""

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

    is_kept_for: ClassVar[bool] = True
    signs: ClassVar[str] = "the sponsor"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.ReinstateParticipant"

    party: Id


class ReinstateParticipant(Message, frozen=True, tag=_BASE + 6):
    """A sponsor lets its participant take on obligations again."""

    is_kept_for: ClassVar[bool] = True
    signs: ClassVar[str] = "the sponsor"
    observes: ClassVar[str] = "all members (directory)"
    remedy: ClassVar[str] = "members.SuspendParticipant"

    party: Id
