"""Refusals of the governance module.

Order of precedence::

    proposing   1 NotInElectorate   2 TooManyOpen   then what the content meets: 3 to 12, 30,
                policy/*, members/*
    voting     20 UnknownProposal  21 NotInElectorate (1)  22 NotOpen  23 WrongRound
               24 OwnCase  25 VotedBefore
    veto       20 UnknownProposal  26 NotARecovery  27 NotTheSubject  28 VetoedBefore
    evidence   20 UnknownProposal   1 NotInElectorate  29 NotVetoed
"""

from typing import ClassVar, Final

from xinlian.primitives import Rejected, Unauthorised

CODESPACE: Final = "governance"


class NotInElectorate(Unauthorised):
    """No vote here: a participant, a group's member beside its head, or admitted too lately."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 1
    name: ClassVar[str] = "not_in_electorate"


class TooManyOpen(Rejected):
    """The member has as many open proposals as policy lets it have; wait for one to end."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 2
    name: ClassVar[str] = "too_many_open"


class NotAMember(Rejected):
    """Members decide about members; a participant is its sponsor's affair."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 3
    name: ClassVar[str] = "not_a_member"


class StandsSo(Rejected):
    """What the proposal asks for is so already."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 4
    name: ClassVar[str] = "stands_so"


class VersionNotNext(Rejected):
    """An upgrade goes to the version after the present one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 5
    name: ClassVar[str] = "version_not_next"


class UpgradePlanned(Rejected):
    """An upgrade is planned already; cancel it first."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 6
    name: ClassVar[str] = "upgrade_planned"


class HeightReached(Rejected):
    """The height of the upgrade has been reached."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 7
    name: ClassVar[str] = "height_reached"


class NothingPlanned(Rejected):
    """No upgrade to this version is planned."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 8
    name: ClassVar[str] = "nothing_planned"


class RecoveryOpen(Rejected):
    """Another recovery of this party's keys has not ended."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 9
    name: ClassVar[str] = "recovery_open"


class OwnRecovery(Rejected):
    """A party replaces its own keys with members.RecoverOwnKeys, not by a proposal."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 10
    name: ClassVar[str] = "own_recovery"


class VotesGone(Rejected):
    """The votes are not enough any more."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 11
    name: ClassVar[str] = "votes_gone"


class UnknownProposal(Rejected):
    """There is no such proposal."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 20
    name: ClassVar[str] = "unknown_proposal"


class NotOpen(Rejected):
    """The proposal has passed or ended, or its voting time is over."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 22
    name: ClassVar[str] = "not_open"


class WrongRound(Rejected):
    """The vote is for another round of the proposal; read what happened since and vote again."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 23
    name: ClassVar[str] = "wrong_round"


class OwnCase(Unauthorised):
    """A party has no vote on its own case, nor has the head of its group."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 24
    name: ClassVar[str] = "own_case"


class VotedBefore(Rejected):
    """The member has voted in this round; a vote is final."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 25
    name: ClassVar[str] = "voted_before"


class NotARecovery(Rejected):
    """Only a recovery of lost keys is vetoed by a live one."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 26
    name: ClassVar[str] = "not_a_recovery"


class NotTheSubject(Unauthorised):
    """Only a live key of the party whose keys are said to be lost vetoes their recovery."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 27
    name: ClassVar[str] = "not_the_subject"


class VetoedBefore(Rejected):
    """The recovery was vetoed before; it needs evidence and three quarters now."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 28
    name: ClassVar[str] = "vetoed_before"


class NotVetoed(Rejected):
    """Evidence of identity is asked for once, after a veto."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 29
    name: ClassVar[str] = "not_vetoed"


class NothingParked(Rejected):
    """No due work is parked under this number; the operator's alarm and ``doctor`` name them."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 30
    name: ClassVar[str] = "nothing_parked"
