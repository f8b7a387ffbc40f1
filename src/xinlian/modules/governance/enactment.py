"""What the schedule does with proposals: it ends those that nobody passed, and enacts the others.

Rules this file keeps:
 1. An item that runs early or twice does nothing: state and time are looked at, not the queue.
 2. Votes and content are checked once more at the moment of enactment; what cannot be enacted any
    more lapses, with the refusal on record, and changes nothing else.
"""

from collections.abc import Callable, Mapping
from typing import Final

from xinlian.contracts.context import Context
from xinlian.modules.governance import contents, events, role_contents, validator_contents
from xinlian.modules.governance.electorate import is_enough, tally
from xinlian.modules.governance.errors import VotesGone
from xinlian.modules.governance.keeper import end
from xinlian.modules.governance.rules import row_in_force
from xinlian.modules.governance.types import (
    PROPOSALS,
    Proposal,
    ProposalKind,
    ProposalStatus,
)
from xinlian.modules.members.types import PartyStatus
from xinlian.primitives import LedgerError


def expire(context: Context, proposal_id: bytes) -> None:
    """End an open proposal whose voting time is over."""
    proposal = PROPOSALS.require(context.state, proposal_id)
    if proposal.status != ProposalStatus.OPEN or context.time_ms < proposal.expires_at_ms:
        return
    end(context.state, proposal_id, proposal, ProposalStatus.EXPIRED)
    context.emit(events.ProposalExpired(proposal_id))


def enact(context: Context, proposal_id: bytes) -> None:
    """Enact a passed proposal whose delay is over, or let it lapse."""
    proposal = PROPOSALS.require(context.state, proposal_id)
    if proposal.status != ProposalStatus.PASSED or context.time_ms < proposal.enact_at_ms:
        return
    mark, event_count = context.state.mark(), len(context.events)
    try:
        _require_votes(context, proposal_id, proposal)
        _apply(context, proposal_id, proposal)
    except LedgerError as refusal:
        context.state.rollback(mark)
        del context.events[event_count:]
        end(context.state, proposal_id, proposal, ProposalStatus.LAPSED)
        context.emit(events.ProposalLapsed(proposal_id, refusal.codespace, refusal.code))
        return
    end(context.state, proposal_id, proposal, ProposalStatus.ENACTED)
    context.emit(events.ProposalEnacted(proposal_id))


def _require_votes(context: Context, proposal_id: bytes, proposal: Proposal) -> None:
    """Count again: a group that was declared since has one vote; raises VotesGone."""
    row = row_in_force(context.state, ProposalKind(proposal.kind), proposal.proposed_at_ms)
    counted = tally(context.state, proposal_id, proposal)
    context.charge(counted.electors)
    if not is_enough(counted, row, proposal):
        raise VotesGone(f"{counted.in_favour} of {counted.electors}")


def _apply(context: Context, proposal_id: bytes, proposal: Proposal) -> None:
    """Do what a proposal says; raises what its content meets now."""
    _ENACTORS[ProposalKind(proposal.kind)](context, proposal_id, proposal)


def _enact_suspension(context: Context, _: bytes, proposal: Proposal) -> None:
    contents.enact_status(context, proposal, PartyStatus.SUSPENDED)


def _enact_reinstatement(context: Context, _: bytes, proposal: Proposal) -> None:
    contents.enact_status(context, proposal, PartyStatus.ACTIVE)


def _enact_recovery(context: Context, proposal_id: bytes, proposal: Proposal) -> None:
    contents.enact_recovery(context, proposal_id, proposal.party)


Enactor = Callable[[Context, bytes, Proposal], None]


def _about_nobody(enactor: Callable[[Context, bytes], None]) -> Enactor:
    """Return the enactor of a content that is about no organisation of the directory."""
    return lambda context, proposal_id, _: enactor(context, proposal_id)


_ENACTORS: Final[Mapping[ProposalKind, Enactor]] = {
    ProposalKind.SUSPEND: _enact_suspension,
    ProposalKind.REINSTATE: _enact_reinstatement,
    ProposalKind.POLICY: _about_nobody(contents.enact_policy),
    ProposalKind.CALENDAR: _about_nobody(contents.enact_calendar),
    ProposalKind.ADMIT: _about_nobody(contents.enact_admission),
    ProposalKind.ROWS: _about_nobody(contents.enact_policy),
    ProposalKind.UPGRADE: _about_nobody(contents.enact_upgrade),
    ProposalKind.CANCEL_UPGRADE: _about_nobody(contents.enact_cancellation),
    ProposalKind.RECOVER: _enact_recovery,
    ProposalKind.RETRY: _about_nobody(contents.enact_retry),
    ProposalKind.GIVE_ROLE: role_contents.enact_giving,
    ProposalKind.WITHDRAW_ROLE: role_contents.enact_withdrawal,
    ProposalKind.SET_VALIDATOR: validator_contents.enact_validator,
    ProposalKind.ROTATE_VALIDATOR: validator_contents.enact_validator_key,
}
