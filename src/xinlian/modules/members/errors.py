"""Refusals of the members module.

Order of precedence when a message is authorised::

    1 UnknownParty   2 Suspended   3 NoMandate   4 MandateExpired   5 CapExceeded
    6 ThresholdNotMet   7 DailyCapExceeded

8 ValueFrozen and 9 RecoveredKeyHeld stand between 2 and 3, for messages that move value.
Codes 10 and above belong to the module's own messages.
"""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction, Rejected, Unauthorised

CODESPACE: Final = "members"


class UnknownParty(Unauthorised):
    """The party is not in the directory."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "unknown_party"


class Suspended(Unauthorised):
    """A suspended party may not take on new obligations."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "suspended"


class NoMandate(Unauthorised):
    """No mandate of the party names a signing key for this message type."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "no_mandate"


class MandateExpired(Unauthorised):
    """The mandate of the signing keys has expired."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "mandate_expired"


class CapExceeded(Unauthorised):
    """The amount is above the cap of the signing keys' mandate."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "cap_exceeded"

    def __init__(self, amount_minor: int, cap_minor: int) -> None:
        super().__init__(f"{amount_minor} is above the mandate's cap of {cap_minor}")
        self.amount_minor = amount_minor
        self.cap_minor = cap_minor


class ThresholdNotMet(Unauthorised):
    """Fewer keys signed than the mandate or the message asks for."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "threshold_not_met"

    def __init__(self, signed: int, required: int) -> None:
        super().__init__(f"{signed} of {required} required keys signed")
        self.signed = signed
        self.required = required


class DailyCapExceeded(Unauthorised):
    """The amount is above what is left today of the daily cap of the signing keys' mandate."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "daily_cap_exceeded"

    def __init__(self, amount_minor: int, left_minor: int) -> None:
        super().__init__(f"{amount_minor} is above the {left_minor} left of today's cap")
        self.amount_minor = amount_minor
        self.left_minor = left_minor


class ValueFrozen(Unauthorised):
    """A recovery of the party's keys is disputed: none of its keys moves value meanwhile."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 8
    name: ClassVar[str] = "value_frozen"


class RecoveredKeyHeld(Unauthorised):
    """A recovered key, or one registered since, may not move value yet."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 9
    name: ClassVar[str] = "recovered_key_held"

    def __init__(self, held_until_ms: int) -> None:
        super().__init__(f"from {held_until_ms} on it may; sign with a key from before meanwhile")
        self.held_until_ms = held_until_ms


class PartyExists(Rejected):
    """The organisation is in the directory already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 10
    name: ClassVar[str] = "party_exists"


class NotItsSponsor(Unauthorised):
    """Only a participant's sponsor may do this."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 11
    name: ClassVar[str] = "not_its_sponsor"


class SponsorNotMember(Rejected):
    """Only a member admits participants."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 12
    name: ClassVar[str] = "sponsor_not_member"


class WrongCheckDigit(InvalidTransaction):
    """The unified social credit code has a wrong check digit."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 13
    name: ClassVar[str] = "wrong_check_digit"


class KeyInvalid(InvalidTransaction):
    """The public key may not be registered, or its possession is not proven."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 14
    name: ClassVar[str] = "key_invalid"


class KeyExists(Rejected):
    """The key belongs to a party already; one key belongs to one party for ever."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 15
    name: ClassVar[str] = "key_exists"


class UnknownKey(Rejected):
    """The party has no such active key."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 16
    name: ClassVar[str] = "unknown_key"


class MandateInvalid(InvalidTransaction):
    """A mandate names foreign keys, or a threshold it can never meet."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 17
    name: ClassVar[str] = "mandate_invalid"


class AlreadySo(Rejected):
    """The party is in that state already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 18
    name: ClassVar[str] = "already_so"


class SponsorFull(Rejected):
    """The member sponsors as many participants as policy lets it answer for."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 19
    name: ClassVar[str] = "sponsor_full"

    def __init__(self, participants_max: int) -> None:
        super().__init__(f"at most {participants_max}; ask another member")
        self.participants_max = participants_max


class NotAsked(Rejected):
    """The participant did not ask this member to become its sponsor."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 20
    name: ClassVar[str] = "not_asked"


class GroupInvalid(Rejected):
    """A group's head votes for itself, and whoever declares it heads no group and is in none."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 21
    name: ClassVar[str] = "group_invalid"


class LostKeyInvalid(Rejected):
    """A lost key is not an active key of the party, is named twice, or signs itself."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 22
    name: ClassVar[str] = "lost_key_invalid"


class TooManyMembers(Rejected):
    """The consortium has as many members as the ledger admits."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 23
    name: ClassVar[str] = "too_many_members"


class NotAParticipant(Rejected):
    """Only a participant has a sponsor."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 24
    name: ClassVar[str] = "not_a_participant"


class RoleUnknown(InvalidTransaction):
    """There is no official role of this name."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 25
    name: ClassVar[str] = "role_unknown"


class RoleHeld(Rejected):
    """The organisation holds this official role already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 26
    name: ClassVar[str] = "role_held"


class RoleNotHeld(Rejected):
    """The organisation does not hold this official role."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 27
    name: ClassVar[str] = "role_not_held"


class NotInRole(Unauthorised):
    """Only a holder of an official role may do this; members give roles by vote."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 28
    name: ClassVar[str] = "not_in_role"


class NotAnOrganisation(Rejected):
    """Only an organisation of the directory holds official roles."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 29
    name: ClassVar[str] = "not_an_organisation"


class RelationInvalid(InvalidTransaction):
    """A relation is of two organisations and of a kind of the closed list."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 30
    name: ClassVar[str] = "relation_invalid"


class RelationRecorded(Rejected):
    """The party recorded a relation of these two already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 31
    name: ClassVar[str] = "relation_recorded"


class RelationNotRecorded(Rejected):
    """The party recorded no relation of these two."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 32
    name: ClassVar[str] = "relation_not_recorded"


class TooManyAttesters(Rejected):
    """As many parties as the ledger takes have recorded a relation of these two."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 33
    name: ClassVar[str] = "too_many_attesters"

    def __init__(self, attesters_max: int) -> None:
        """Tell how many."""
        super().__init__(f"{attesters_max} parties have said so already")
