"""Handlers of the governance module."""

import msgspec

from xinlian.contracts.context import Context
from xinlian.contracts.registry import Registry
from xinlian.ledger.records import integer_part
from xinlian.modules.governance import contents, events, validator_handlers
from xinlian.modules.governance.contents import (
    check_cancellation,
    check_candidate,
    check_published_policy,
    check_recovery,
    check_retry,
    check_status,
    check_upgrade,
    check_year,
    key_of,
)
from xinlian.modules.governance.electorate import is_subject
from xinlian.modules.governance.enactment import enact, expire
from xinlian.modules.governance.errors import (
    NotARecovery,
    NotOpen,
    NotTheSubject,
    NotVetoed,
    OwnCase,
    RecoveryOpen,
    VetoedBefore,
    VotedBefore,
    WrongRound,
)
from xinlian.modules.governance.keeper import (
    ENACT_HANDLER,
    EXPIRE_HANDLER,
    cast,
    pass_if_enough,
    publish,
    require_proposal,
    require_proposer,
    require_vote,
    veto,
)
from xinlian.modules.governance.messages import (
    FileIdentityEvidence,
    ProposeCalendarYear,
    ProposeMember,
    ProposePolicy,
    ProposeRecovery,
    ProposeReinstatement,
    ProposeRetry,
    ProposeRole,
    ProposeRoleWithdrawal,
    ProposeSuspension,
    ProposeUpgrade,
    ProposeUpgradeCancellation,
    VetoRecovery,
    Vote,
)
from xinlian.modules.governance.role_contents import check_giving, check_withdrawal
from xinlian.modules.governance.types import (
    BALLOTS,
    CALENDAR_CHANGES,
    CANDIDATES,
    FOUNDING,
    KEY_REPLACEMENTS,
    OPEN_COUNTS,
    POLICY_CHANGES,
    PROPOSALS,
    RECOVERY_CASES,
    RETRY_CHANGES,
    ROLE_CHANGES,
    UPGRADE_CHANGES,
    CalendarChange,
    Candidate,
    KeyReplacement,
    PolicyChange,
    Proposal,
    ProposalKind,
    ProposalStatus,
    RecoveryCase,
    RetryChange,
    RoleChange,
    UpgradeChange,
)
from xinlian.modules.members.keeper import check_possession
from xinlian.modules.members.types import PartyStatus


def propose_suspension(context: Context, message: ProposeSuspension) -> None:
    """Publish a proposal to suspend a member."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    check_status(context, message.member, PartyStatus.SUSPENDED)
    # WRITE and EMIT
    publish(context, ProposalKind.SUSPEND, message.member)


def propose_reinstatement(context: Context, message: ProposeReinstatement) -> None:
    """Publish a proposal to reinstate a member."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    check_status(context, message.member, PartyStatus.ACTIVE)
    # WRITE and EMIT
    publish(context, ProposalKind.REINSTATE, message.member)


def propose_policy(context: Context, message: ProposePolicy) -> None:
    """Publish a proposal of a dated value of a policy row, of governance's own rows too."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    change = PolicyChange(
        message.row,
        message.value,
        message.applies_by,
        message.effective_from_ms,
        message.citation,
        message.verified,
    )
    check_published_policy(context, change)
    # WRITE and EMIT
    proposal = publish(context, contents.policy_kind(message.row))
    POLICY_CHANGES.put(context.state, change, proposal)


def propose_calendar_year(context: Context, message: ProposeCalendarYear) -> None:
    """Publish a proposal of the banking days of a year."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    change = CalendarChange(message.year, message.exceptions)
    check_year(context, change)
    # WRITE and EMIT
    proposal = publish(context, ProposalKind.CALENDAR)
    CALENDAR_CHANGES.put(context.state, change, proposal)


def propose_member(context: Context, message: ProposeMember) -> None:
    """Publish a proposal to admit an organisation as a member."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    candidate = Candidate(
        message.uscc,
        message.name,
        message.suite,
        message.public_key,
        message.role,
    )
    party = check_candidate(context, candidate)
    key = key_of(context, party, candidate)
    check_possession(party, key, message.possession, context.chain_id)
    # WRITE and EMIT
    proposal = publish(context, ProposalKind.ADMIT)
    CANDIDATES.put(context.state, candidate, proposal)


def propose_upgrade(context: Context, message: ProposeUpgrade) -> None:
    """Publish a proposal of the next application version from a height on."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    change = UpgradeChange(message.app_version, message.height)
    check_upgrade(context, change)
    # WRITE and EMIT
    proposal = publish(context, ProposalKind.UPGRADE)
    UPGRADE_CHANGES.put(context.state, change, proposal)


def propose_upgrade_cancellation(context: Context, message: ProposeUpgradeCancellation) -> None:
    """Publish a proposal to take a planned upgrade back."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    check_cancellation(context, message.app_version)
    # WRITE and EMIT
    proposal = publish(context, ProposalKind.CANCEL_UPGRADE)
    UPGRADE_CHANGES.put(context.state, UpgradeChange(message.app_version, 0), proposal)


def propose_retry(context: Context, message: ProposeRetry) -> None:
    """Publish a proposal to run parked work again."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    change = RetryChange(message.parked)
    check_retry(context, change)
    # WRITE and EMIT
    proposal = publish(context, ProposalKind.RETRY)
    RETRY_CHANGES.put(context.state, change, proposal)


def propose_role(context: Context, message: ProposeRole) -> None:
    """Publish a proposal to give an organisation an official role."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    check_giving(context, message.party, message.official_role)
    # WRITE and EMIT
    proposal = publish(context, ProposalKind.GIVE_ROLE, message.party)
    ROLE_CHANGES.put(context.state, RoleChange(message.official_role), proposal)


def propose_role_withdrawal(context: Context, message: ProposeRoleWithdrawal) -> None:
    """Publish a proposal to withdraw an official role."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    check_withdrawal(context, message.party, message.official_role)
    # WRITE and EMIT
    proposal = publish(context, ProposalKind.WITHDRAW_ROLE, message.party)
    ROLE_CHANGES.put(context.state, RoleChange(message.official_role), proposal)


def propose_recovery(context: Context, message: ProposeRecovery) -> None:
    """Give public notice that an organisation's keys are lost and which key would replace them."""
    # AUTHORISE
    require_proposer(context)
    # VALIDATE
    replacement = KeyReplacement(
        message.lost_keys,
        message.suite,
        message.public_key,
        message.role,
    )
    check_recovery(context, message.party, replacement)
    key = key_of(context, message.party, replacement)
    check_possession(message.party, key, message.possession, context.chain_id)
    if RECOVERY_CASES.get(context.state, message.party) is not None:
        raise RecoveryOpen(message.party.hex())
    # WRITE and EMIT
    proposal = publish(context, ProposalKind.RECOVER, message.party)
    KEY_REPLACEMENTS.put(context.state, replacement, proposal)
    RECOVERY_CASES.put(context.state, RecoveryCase(proposal), message.party)


def vote(context: Context, message: Vote) -> None:
    """Cast the acting member's vote, and let the proposal pass when the votes are enough."""
    # AUTHORISE
    proposal = require_proposal(context.state, message.proposal)
    require_vote(context, proposal)
    # VALIDATE
    _require_open(context, proposal)
    if message.round_no != proposal.round_no:
        raise WrongRound(str(proposal.round_no))
    if is_subject(context.state, proposal, context.acting_for):
        raise OwnCase(context.acting_for.hex())
    round_part = integer_part(proposal.round_no)
    if BALLOTS.get(context.state, message.proposal, round_part, context.acting_for) is not None:
        raise VotedBefore(context.acting_for.hex())
    # WRITE and EMIT
    cast(context, message.proposal, proposal, in_favour=message.in_favour)


def veto_recovery(context: Context, message: VetoRecovery) -> None:
    """Let a live key dispute the recovery of its organisation's keys."""
    # AUTHORISE
    proposal = require_proposal(context.state, message.proposal)
    if proposal.kind != ProposalKind.RECOVER:
        raise NotARecovery(message.proposal.hex())
    if proposal.party != context.acting_for:
        raise NotTheSubject(context.acting_for.hex())
    # VALIDATE
    if proposal.vetoed_at_ms:
        raise VetoedBefore(message.proposal.hex())
    if proposal.status != ProposalStatus.PASSED:
        _require_open(context, proposal)
    # WRITE and EMIT
    veto(context, message.proposal, proposal)


def file_identity_evidence(context: Context, message: FileIdentityEvidence) -> None:
    """Commit to evidence of identity in a vetoed recovery."""
    # AUTHORISE
    proposal = require_proposal(context.state, message.proposal)
    require_vote(context, proposal)
    if is_subject(context.state, proposal, context.acting_for):
        raise OwnCase(context.acting_for.hex())
    # VALIDATE
    _require_open(context, proposal)
    if not proposal.vetoed_at_ms or proposal.evidence:
        raise NotVetoed(message.proposal.hex())
    # WRITE and EMIT
    filed = msgspec.structs.replace(proposal, evidence=message.commitment)
    PROPOSALS.put(context.state, filed, message.proposal)
    context.emit(events.IdentityEvidenceFiled(message.proposal, message.commitment))
    pass_if_enough(context, message.proposal, filed)


def register(registry: Registry) -> None:
    """Add the module to the registry."""
    registry.add_collections(PROPOSALS, BALLOTS, OPEN_COUNTS, FOUNDING, RECOVERY_CASES)
    registry.add_collections(POLICY_CHANGES, CALENDAR_CHANGES, CANDIDATES)
    registry.add_collections(UPGRADE_CHANGES, KEY_REPLACEMENTS, RETRY_CHANGES, ROLE_CHANGES)
    registry.add_message(ProposeSuspension, propose_suspension)
    registry.add_message(ProposeReinstatement, propose_reinstatement)
    registry.add_message(ProposePolicy, propose_policy)
    registry.add_message(ProposeCalendarYear, propose_calendar_year)
    registry.add_message(ProposeMember, propose_member)
    registry.add_message(ProposeUpgrade, propose_upgrade)
    registry.add_message(ProposeUpgradeCancellation, propose_upgrade_cancellation)
    registry.add_message(ProposeRecovery, propose_recovery)
    registry.add_message(ProposeRetry, propose_retry)
    registry.add_message(ProposeRole, propose_role)
    registry.add_message(ProposeRoleWithdrawal, propose_role_withdrawal)
    registry.add_message(Vote, vote)
    registry.add_message(VetoRecovery, veto_recovery)
    registry.add_message(FileIdentityEvidence, file_identity_evidence)
    registry.add_events(
        events.ProposalPublished,
        events.VoteCast,
        events.ProposalPassed,
        events.ProposalEnacted,
        events.ProposalExpired,
        events.ProposalLapsed,
        events.RecoveryVetoed,
        events.IdentityEvidenceFiled,
        events.PolicyChanged,
        events.CalendarPublished,
        events.MemberAdmitted,
        events.UpgradeDecided,
        events.UpgradeCancelled,
        events.ParkedRetried,
    )
    validator_handlers.register(registry)
    registry.add_scheduled(EXPIRE_HANDLER, expire)
    registry.add_scheduled(ENACT_HANDLER, enact)


def _require_open(context: Context, proposal: Proposal) -> None:
    """Refuse what comes after the vote is decided or its time is over; raises NotOpen."""
    is_over = context.time_ms >= proposal.expires_at_ms
    if proposal.status != ProposalStatus.OPEN or is_over:
        raise NotOpen(str(proposal.expires_at_ms))
