"""Messages of the governance module.

None of them creates an obligation or moves value: a suspended member, and one whose value is
frozen, may send them all.
"""

from typing import ClassVar

from xinlian.contracts.errors import FieldInvalid
from xinlian.contracts.fields import (
    Count,
    DirectoryText,
    Flag,
    Hash,
    Id,
    Name,
    Number,
    PublicKey,
    Signature,
    TimeMs,
    Uscc,
)
from xinlian.contracts.message import Message
from xinlian.modules.governance.types import MODULE_NO
from xinlian.modules.members.errors import WrongCheckDigit
from xinlian.modules.members.types import LostKeys
from xinlian.modules.members.uscc import is_valid_uscc
from xinlian.modules.policy.types import Exceptions
from xinlian.modules.schedule.types import ParkedNumbers

_BASE = MODULE_NO * 256


class GovernanceMessage(Message, frozen=True):
    """What every message of governance has in common."""

    is_kept_for: ClassVar[bool] = True
    signs: ClassVar[str] = "a member of the electorate"
    observes: ClassVar[str] = "all members"
    remedy: ClassVar[str] = "a proposal to the contrary"
    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False


class ProposeSuspension(GovernanceMessage, frozen=True, tag=_BASE + 1):
    """Propose that a member takes on no new obligations."""

    member: Id


class ProposeReinstatement(GovernanceMessage, frozen=True, tag=_BASE + 2):
    """Propose that a suspended member takes on obligations again."""

    member: Id


class ProposePolicy(GovernanceMessage, frozen=True, tag=_BASE + 3):
    """Propose a new dated value of a policy row; rows of governance ask for three quarters."""

    row: Name
    value: Number
    applies_by: Name
    effective_from_ms: TimeMs
    citation: DirectoryText
    verified: Flag


class ProposeCalendarYear(GovernanceMessage, frozen=True, tag=_BASE + 4):
    """Propose the banking days of a year: its holidays, and its working weekends."""

    year: Count
    exceptions: Exceptions


class ProposeMember(GovernanceMessage, frozen=True, tag=_BASE + 5):
    """Propose to admit an organisation as a member, with its first key."""

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


class ProposeUpgrade(GovernanceMessage, frozen=True, tag=_BASE + 6):
    """Propose that from a height on the next application version applies."""

    remedy: ClassVar[str] = "governance.ProposeUpgradeCancellation, until the height"

    app_version: Count
    height: Count


class ProposeUpgradeCancellation(GovernanceMessage, frozen=True, tag=_BASE + 7):
    """Propose to take a planned upgrade back before its height."""

    app_version: Count


class ProposeRecovery(GovernanceMessage, frozen=True, tag=_BASE + 8):
    """Propose a key in place of an organisation's lost ones, on public notice."""

    remedy: ClassVar[str] = "governance.VetoRecovery by a live key of the organisation"

    party: Id
    lost_keys: LostKeys
    suite: Name
    public_key: PublicKey
    role: Name
    possession: Signature


class ProposeRole(GovernanceMessage, frozen=True, tag=_BASE + 13):
    """Propose that an organisation holds an official role, such as that of a court."""

    remedy: ClassVar[str] = "governance.ProposeRoleWithdrawal"

    party: Id
    official_role: Name


class ProposeRoleWithdrawal(GovernanceMessage, frozen=True, tag=_BASE + 14):
    """Propose that an organisation holds an official role no longer, from now on."""

    remedy: ClassVar[str] = "governance.ProposeRole"

    party: Id
    official_role: Name


class Vote(GovernanceMessage, frozen=True, tag=_BASE + 9):
    """Vote in the present round of a proposal; a vote is final."""

    remedy: ClassVar[str] = "none: a vote is final"

    proposal: Id
    round_no: Count
    """1, or 2 after a veto."""
    in_favour: Flag


class VetoRecovery(GovernanceMessage, frozen=True, tag=_BASE + 10):
    """A live key says that its organisation's keys are not lost."""

    signs: ClassVar[str] = "any live key of the organisation, whatever its mandates"
    observes: ClassVar[str] = "all members, the organisation"
    remedy: ClassVar[str] = "none: the case goes on and asks for more"
    any_live_key: ClassVar[bool] = True

    proposal: Id


class FileIdentityEvidence(GovernanceMessage, frozen=True, tag=_BASE + 11):
    """Commit to evidence of who acts for an organisation whose recovery was vetoed."""

    proposal: Id
    commitment: Hash


class ProposeRetry(GovernanceMessage, frozen=True, tag=_BASE + 12):
    """Propose to run parked work again: what failed by a fault of the software, now mended."""

    parked: ParkedNumbers
    """The numbers under which it is parked, ascending."""

    def validate_basic(self) -> None:
        """Refuse numbers that are not ascending, or named twice."""
        if list(self.parked) != sorted(set(self.parked)):
            raise FieldInvalid("parked", "numbers ascend, each once")
