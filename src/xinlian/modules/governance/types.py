"""Proposals, ballots, and what a proposal would change.

Rules this file keeps:
 1. A proposal is decided in rounds; a veto begins the second one, and there is no third.
 2. A ballot belongs to a member and a round and is never changed.
 3. What a proposal would change is one of the kinds of content below.  None of them names a leaf,
    an obligation, a balance or a record of another module.

::

    OPEN ── enough votes ──► PASSED ── delay over ──► ENACTED
     │  ▲                       │  └── cannot apply any more ──► LAPSED
     │  └───── veto of a live key (recovery only, once) ──┘
     └── voting time over ──► EXPIRED
"""

import enum
from typing import Final

from xinlian.contracts.fields import (
    Count,
    DirectoryText,
    Flag,
    Id,
    Name,
    Number,
    OptionalHash,
    OptionalId,
    PublicKey,
    TimeMs,
    Uscc,
)
from xinlian.ledger.records import INTEGER_KEY_BYTES, Collection, Record
from xinlian.modules.members.types import LostKeys
from xinlian.modules.policy.types import Exceptions
from xinlian.modules.schedule.types import ParkedNumbers
from xinlian.modules.validators.types import OptionalKey
from xinlian.primitives import ID_BYTES

MODULE_NO: Final = 12
PROPOSAL: Final = "proposal"
"""The kind of a proposal's id."""


class ProposalKind(enum.IntEnum):
    """What a proposal is about; each kind has its own row of rules."""

    SUSPEND = 1
    REINSTATE = 2
    POLICY = 3
    CALENDAR = 4
    ADMIT = 5
    ROWS = 6
    UPGRADE = 7
    CANCEL_UPGRADE = 8
    RECOVER = 9
    RETRY = 10
    GIVE_ROLE = 11
    WITHDRAW_ROLE = 12
    SET_VALIDATOR = 13
    ROTATE_VALIDATOR = 14


class ProposalStatus(enum.IntEnum):
    """Where a proposal stands."""

    OPEN = 1
    PASSED = 2
    ENACTED = 3
    EXPIRED = 4
    LAPSED = 5


TRANSITIONS: Final = {
    ProposalStatus.OPEN: frozenset({ProposalStatus.PASSED, ProposalStatus.EXPIRED}),
    ProposalStatus.PASSED: frozenset(
        {ProposalStatus.ENACTED, ProposalStatus.LAPSED, ProposalStatus.OPEN},
    ),
    ProposalStatus.ENACTED: frozenset(),
    ProposalStatus.EXPIRED: frozenset(),
    ProposalStatus.LAPSED: frozenset(),
}


class Proposal(Record, frozen=True):
    """A proposal and where it stands."""

    kind: Count
    status: Count
    proposer: Id
    party: OptionalId
    """Whom it is about; empty where it is about no organisation of the directory."""
    proposed_at_ms: TimeMs
    expires_at_ms: TimeMs
    enact_at_ms: TimeMs
    """Not enacted before this; 0 until it passes."""
    round_no: Count
    vetoed_at_ms: TimeMs
    evidence: OptionalHash
    """A commitment to evidence of identity, asked for after a veto."""


class Ballot(Record, frozen=True):
    """The vote of a member in a round."""

    in_favour: Flag


class OpenCount(Record, frozen=True):
    """How many proposals of a member have not ended."""

    proposals: Count


class Founding(Record, frozen=True):
    """When the consortium began."""

    founded_at_ms: TimeMs


class RecoveryCase(Record, frozen=True):
    """Which recovery of a party's keys has not ended."""

    proposal: Id


class PolicyChange(Record, frozen=True):
    """A dated value that a row would get."""

    name: Name
    value: Number
    applies_by: Name
    effective_from_ms: TimeMs
    citation: DirectoryText
    verified: Flag


class CalendarChange(Record, frozen=True):
    """The calendar that a year would get."""

    year: Count
    exceptions: Exceptions


class Candidate(Record, frozen=True):
    """An organisation that would become a member, with its first key."""

    uscc: Uscc
    name: DirectoryText
    suite: Name
    public_key: PublicKey
    role: Name


class UpgradeChange(Record, frozen=True):
    """From which height on a version would apply, or a plan that would be cancelled."""

    app_version: Count
    height: Count


class RetryChange(Record, frozen=True):
    """Parked work that would be queued again."""

    parked: ParkedNumbers


class RoleChange(Record, frozen=True):
    """The official role that would be given to the party of the proposal, or withdrawn."""

    official_role: Name


class ValidatorChange(Record, frozen=True):
    """A validator that would be added, get another power, or hand it over to another key."""

    public_key: PublicKey
    power: Count
    is_new: Flag
    accepts_below_four: Flag = False
    successor: OptionalKey = b""


class KeyReplacement(Record, frozen=True):
    """The key that would replace an organisation's lost ones."""

    lost_keys: LostKeys
    suite: Name
    public_key: PublicKey
    role: Name


PROPOSALS: Final = Collection(MODULE_NO, 1, Proposal, (ID_BYTES,))
BALLOTS: Final = Collection(MODULE_NO, 2, Ballot, (ID_BYTES, INTEGER_KEY_BYTES, ID_BYTES))
OPEN_COUNTS: Final = Collection(MODULE_NO, 3, OpenCount, (ID_BYTES,))
FOUNDING: Final = Collection(MODULE_NO, 4, Founding, ())
RECOVERY_CASES: Final = Collection(MODULE_NO, 5, RecoveryCase, (ID_BYTES,))
POLICY_CHANGES: Final = Collection(MODULE_NO, 6, PolicyChange, (ID_BYTES,))
CALENDAR_CHANGES: Final = Collection(MODULE_NO, 7, CalendarChange, (ID_BYTES,))
CANDIDATES: Final = Collection(MODULE_NO, 8, Candidate, (ID_BYTES,))
UPGRADE_CHANGES: Final = Collection(MODULE_NO, 9, UpgradeChange, (ID_BYTES,))
KEY_REPLACEMENTS: Final = Collection(MODULE_NO, 10, KeyReplacement, (ID_BYTES,))
RETRY_CHANGES: Final = Collection(MODULE_NO, 11, RetryChange, (ID_BYTES,))
ROLE_CHANGES: Final = Collection(MODULE_NO, 12, RoleChange, (ID_BYTES,))
VALIDATOR_CHANGES: Final = Collection(MODULE_NO, 13, ValidatorChange, (ID_BYTES,))
