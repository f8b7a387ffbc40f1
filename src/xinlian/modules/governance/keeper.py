"""The life of a proposal; the only code that writes proposals and ballots.

Rules this file keeps:
 1. A member has a bounded number of proposals that have not ended, and each ends by itself.
 2. Enough votes make a proposal pass; it is enacted after its delay, by the schedule alone.
 3. Guards compare time themselves: no vote counts after the voting time, nothing is enacted early.
 4. A veto freezes, begins a second round, and asks for more; it ends nothing.
"""

from typing import Final

import msgspec

from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState, integer_part
from xinlian.modules.governance import events
from xinlian.modules.governance.electorate import electorate_at, is_enough, tally
from xinlian.modules.governance.errors import NotInElectorate, TooManyOpen, UnknownProposal
from xinlian.modules.governance.rules import (
    OPEN_PROPOSALS_MAX,
    VOTING_DAYS,
    number_in_force,
    row_in_force,
)
from xinlian.modules.governance.types import (
    BALLOTS,
    MODULE_NO,
    OPEN_COUNTS,
    PROPOSAL,
    PROPOSALS,
    RECOVERY_CASES,
    TRANSITIONS,
    Ballot,
    OpenCount,
    Proposal,
    ProposalKind,
    ProposalStatus,
)
from xinlian.modules.members.membership import ELECTORS
from xinlian.modules.members.restraint import freeze_value, lift_freeze
from xinlian.modules.schedule.keeper import add_item
from xinlian.modules.validators.errors import VotesFrozen
from xinlian.modules.validators.keeper import are_votes_suspended
from xinlian.primitives import InvariantViolation
from xinlian.primitives.time import MS_PER_DAY

EXPIRE_HANDLER: Final = MODULE_NO * 256 + 1
ENACT_HANDLER: Final = MODULE_NO * 256 + 2
FIRST_ROUND: Final = 1
_NONE: Final = OpenCount(0)


def require_elector(context: Context, published_at_ms: int) -> None:
    """Refuse a party that has no vote on what was published at a moment.

    Raises:
        NotInElectorate: it is no member, its group's head votes for it, or it is too new.
    """
    elector = ELECTORS.get(context.state, context.acting_for)
    if elector is None or not electorate_at(context.state, published_at_ms).has(elector):
        raise NotInElectorate(context.acting_for.hex())


def require_vote(context: Context, proposal: Proposal) -> None:
    """Refuse a party that may not vote on a proposal.

    Raises:
        NotInElectorate: it has no vote.
        VotesFrozen: its validator signed twice; on another key for it, which ends that, it votes.
    """
    require_elector(context, proposal.proposed_at_ms)
    if proposal.kind != ProposalKind.ROTATE_VALIDATOR:
        _require_unfrozen(context)


def require_proposer(context: Context) -> None:
    """Refuse a party that may not publish a proposal now.

    Raises:
        NotInElectorate: it has no vote.
        VotesFrozen: its validator signed twice.
        TooManyOpen: too many of its proposals have not ended.
    """
    require_elector(context, context.time_ms)
    _require_unfrozen(context)
    _require_room(context)


def require_room_to_propose(context: Context) -> None:
    """Refuse what ``require_proposer`` does, but for votes that are suspended."""
    require_elector(context, context.time_ms)
    _require_room(context)


def _require_unfrozen(context: Context) -> None:
    if are_votes_suspended(context.state, context.acting_for):
        raise VotesFrozen(context.acting_for.hex())


def _require_room(context: Context) -> None:
    open_max = number_in_force(context.state, OPEN_PROPOSALS_MAX, context.time_ms)
    if _open_count(context.state, context.acting_for) >= open_max:
        raise TooManyOpen(f"at most {open_max}")


def require_proposal(state: StateView, proposal_id: bytes) -> Proposal:
    """Return a proposal; raises UnknownProposal."""
    proposal = PROPOSALS.get(state, proposal_id)
    if proposal is None:
        raise UnknownProposal(proposal_id.hex())
    return proposal


def publish(context: Context, kind: ProposalKind, party: bytes = b"") -> bytes:
    """Write a checked proposal and announce it; return its id, under which its content goes."""
    proposal_id = context.new_id(PROPOSAL)
    voting_ms = number_in_force(context.state, VOTING_DAYS, context.time_ms) * MS_PER_DAY
    proposal = Proposal(
        kind=kind,
        status=ProposalStatus.OPEN,
        proposer=context.acting_for,
        party=party,
        proposed_at_ms=context.time_ms,
        expires_at_ms=context.time_ms + voting_ms,
        enact_at_ms=0,
        round_no=FIRST_ROUND,
        vetoed_at_ms=0,
        evidence=b"",
    )
    PROPOSALS.put(context.state, proposal, proposal_id)
    _count_open(context.state, context.acting_for, 1)
    add_item(context.state, proposal.expires_at_ms, EXPIRE_HANDLER, proposal_id)
    context.emit(
        events.ProposalPublished(
            proposal_id,
            kind,
            context.acting_for,
            party,
            proposal.expires_at_ms,
        ),
    )
    return proposal_id


def cast(context: Context, proposal_id: bytes, proposal: Proposal, *, in_favour: bool) -> None:
    """Write a checked ballot; let the proposal pass when the votes are enough."""
    round_part = integer_part(proposal.round_no)
    BALLOTS.put(context.state, Ballot(in_favour), proposal_id, round_part, context.acting_for)
    context.emit(
        events.VoteCast(proposal_id, context.acting_for, proposal.round_no, in_favour),
    )
    pass_if_enough(context, proposal_id, proposal)


def pass_if_enough(context: Context, proposal_id: bytes, proposal: Proposal) -> None:
    """Let an open proposal pass when its votes are enough, and queue its enactment."""
    row = row_in_force(context.state, ProposalKind(proposal.kind), proposal.proposed_at_ms)
    counted = tally(context.state, proposal_id, proposal)
    context.charge(counted.electors)
    if not is_enough(counted, row, proposal):
        return
    enact_at_ms = context.time_ms + row.delay_ms
    if proposal.vetoed_at_ms:
        enact_at_ms = max(enact_at_ms, proposal.proposed_at_ms + 2 * row.delay_ms)
    move_on(
        context.state,
        proposal_id,
        msgspec.structs.replace(proposal, enact_at_ms=enact_at_ms),
        ProposalStatus.PASSED,
    )
    add_item(context.state, enact_at_ms, ENACT_HANDLER, proposal_id)
    context.emit(events.ProposalPassed(proposal_id, enact_at_ms))


def veto(context: Context, proposal_id: bytes, proposal: Proposal) -> None:
    """Freeze the party's value and begin the second round of its recovery."""
    voting_ms = number_in_force(context.state, VOTING_DAYS, context.time_ms) * MS_PER_DAY
    expires_at_ms = context.time_ms + voting_ms
    disputed = msgspec.structs.replace(
        proposal,
        expires_at_ms=expires_at_ms,
        enact_at_ms=0,
        round_no=proposal.round_no + 1,
        vetoed_at_ms=context.time_ms,
    )
    if proposal.status == ProposalStatus.OPEN:
        PROPOSALS.put(context.state, disputed, proposal_id)
    else:
        move_on(context.state, proposal_id, disputed, ProposalStatus.OPEN)
    freeze_value(context.state, proposal.party, proposal_id)
    add_item(context.state, expires_at_ms, EXPIRE_HANDLER, proposal_id)
    context.emit(
        events.RecoveryVetoed(proposal_id, proposal.party, disputed.round_no, expires_at_ms),
    )


def end(
    state: WritableState,
    proposal_id: bytes,
    proposal: Proposal,
    status: ProposalStatus,
) -> None:
    """End a proposal: its proposer may publish another, a freeze for it is lifted."""
    move_on(state, proposal_id, proposal, status)
    _count_open(state, proposal.proposer, -1)
    if proposal.kind == ProposalKind.RECOVER:
        RECOVERY_CASES.delete(state, proposal.party)
        lift_freeze(state, proposal.party, proposal_id)


def move_on(
    state: WritableState,
    proposal_id: bytes,
    proposal: Proposal,
    status: ProposalStatus,
) -> None:
    """Write a proposal in another state; a transition that is not in the table is our bug."""
    if status not in TRANSITIONS[ProposalStatus(proposal.status)]:
        raise InvariantViolation("proposal_transition", f"{proposal.status} to {status}")
    PROPOSALS.put(state, msgspec.structs.replace(proposal, status=status), proposal_id)


def _open_count(state: StateView, member: bytes) -> int:
    return (OPEN_COUNTS.get(state, member) or _NONE).proposals


def _count_open(state: WritableState, member: bytes, change: int) -> None:
    OPEN_COUNTS.put(state, OpenCount(_open_count(state, member) + change), member)
