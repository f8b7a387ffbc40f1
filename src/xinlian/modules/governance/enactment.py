"""What the schedule does with proposals: it ends those that nobody passed, and enacts the others.

Rules this file keeps:
 1. An item that runs early or twice does nothing: state and time are looked at, not the queue.
 2. Votes and content are checked once more at the moment of enactment; what cannot be enacted any
    more lapses, with the refusal on record, and changes nothing else.
"""

from xinlian.contracts.context import Context
from xinlian.modules.governance import contents, events
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
    match ProposalKind(proposal.kind):
        case ProposalKind.SUSPEND:
            contents.enact_status(context, proposal, PartyStatus.SUSPENDED)
        case ProposalKind.REINSTATE:
            contents.enact_status(context, proposal, PartyStatus.ACTIVE)
        case ProposalKind.POLICY | ProposalKind.ROWS:
            contents.enact_policy(context, proposal_id)
        case ProposalKind.CALENDAR:
            contents.enact_calendar(context, proposal_id)
        case ProposalKind.ADMIT:
            contents.enact_admission(context, proposal_id)
        case ProposalKind.UPGRADE:
            contents.enact_upgrade(context, proposal_id)
        case ProposalKind.CANCEL_UPGRADE:
            contents.enact_cancellation(context, proposal_id)
        case ProposalKind.RETRY:
            contents.enact_retry(context, proposal_id)
        case ProposalKind.RECOVER:
            contents.enact_recovery(context, proposal_id, proposal.party)
