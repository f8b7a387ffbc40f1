"""Events of the governance module: together they are the public record of every decision."""

from xinlian.contracts.fields import (
    Count,
    DirectoryText,
    Flag,
    Hash,
    Id,
    Name,
    Number,
    OptionalId,
    PublicKey,
    TimeMs,
    Uscc,
)
from xinlian.contracts.message import Event
from xinlian.modules.governance.types import MODULE_NO

_BASE = MODULE_NO * 256


class ProposalPublished(Event, frozen=True, tag=_BASE + 1):
    """A proposal is open; its content is in the message that published it."""

    proposal: Id
    kind: Count
    proposer: Id
    party: OptionalId
    expires_at_ms: TimeMs


class VoteCast(Event, frozen=True, tag=_BASE + 2):
    """A member voted."""

    proposal: Id
    member: Id
    round_no: Count
    in_favour: Flag


class ProposalPassed(Event, frozen=True, tag=_BASE + 3):
    """The votes are enough; it is enacted at its moment."""

    proposal: Id
    enact_at_ms: TimeMs


class ProposalEnacted(Event, frozen=True, tag=_BASE + 4):
    """What was proposed has happened."""

    proposal: Id


class ProposalExpired(Event, frozen=True, tag=_BASE + 5):
    """The voting time ended without enough votes."""

    proposal: Id


class ProposalLapsed(Event, frozen=True, tag=_BASE + 6):
    """It passed but could not be enacted when its moment came; the refusal says why."""

    proposal: Id
    codespace: Name
    code: Count


class RecoveryVetoed(Event, frozen=True, tag=_BASE + 7):
    """A live key says that it is not lost; the party's value is frozen until the case ends."""

    proposal: Id
    party: Id
    round_no: Count
    expires_at_ms: TimeMs


class IdentityEvidenceFiled(Event, frozen=True, tag=_BASE + 8):
    """A commitment to evidence of who the party's people are."""

    proposal: Id
    commitment: Hash


class PolicyChanged(Event, frozen=True, tag=_BASE + 9):
    """A row of policy has another dated value."""

    proposal: Id
    row: Name
    effective_from_ms: TimeMs
    unit: Name
    value: Number
    applies_by: Name
    citation: DirectoryText
    verified: Flag


class CalendarPublished(Event, frozen=True, tag=_BASE + 10):
    """The banking days of a year are published."""

    proposal: Id
    year: Count


class MemberAdmitted(Event, frozen=True, tag=_BASE + 11):
    """An organisation is a member from now on; its key manages its keys and mandates."""

    proposal: Id
    party: Id
    uscc: Uscc
    name: DirectoryText
    key_id: Id
    suite: Name
    public_key: PublicKey
    role: Name


class UpgradeDecided(Event, frozen=True, tag=_BASE + 12):
    """From a height on another version applies; nodes without it stop before."""

    proposal: Id
    app_version: Count
    height: Count


class UpgradeCancelled(Event, frozen=True, tag=_BASE + 13):
    """A planned upgrade was taken back before its height."""

    proposal: Id
    app_version: Count


class ParkedRetried(Event, frozen=True, tag=_BASE + 14):
    """Parked work was queued again; if it fails again it is parked under a new number."""

    proposal: Id
    parked: Count
    handler_no: Count
