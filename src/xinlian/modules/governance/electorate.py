"""Who votes on a proposal, and whether the votes are enough.

Rules this file keeps:
 1. The electorate of a proposal is that of the moment of its publication: members admitted long
    enough before it, suspended ones among them.  In the first days after genesis, as many as the
    seasoning lasts, every member admitted before it is in.
 2. One vote a member, held by the head of a declared group for all of the group.
 3. Thresholds count all of the electorate: whoever abstains, and the subject, which has no vote on
    its own case, count as no.
 4. With at most two electors all must agree.
 5. After a veto three quarters are asked for, and evidence of identity.

Source: docs/concepts/governance.md.
"""

from typing import NamedTuple

from xinlian.ledger.ports import StateView
from xinlian.ledger.records import integer_part
from xinlian.modules.governance.rules import (
    SEASONING_DAYS,
    THREE_QUARTERS,
    TWELFTHS,
    UNANIMOUS_UP_TO,
    Row,
    number_in_force,
)
from xinlian.modules.governance.types import BALLOTS, FOUNDING, Proposal
from xinlian.modules.members.membership import ELECTORS, Elector, vote_holder
from xinlian.primitives.time import MS_PER_DAY


class Tally(NamedTuple):
    """The votes of a round."""

    electors: int
    cast: int
    in_favour: int


class Electorate(NamedTuple):
    """The electorate of what was published at a moment."""

    published_at_ms: int
    seasoning_ms: int

    def has(self, elector: Elector) -> bool:
        """Return whether a member is in it."""
        return (
            not elector.head and elector.admitted_at_ms + self.seasoning_ms <= self.published_at_ms
        )


def electorate_at(state: StateView, published_at_ms: int) -> Electorate:
    """Return who votes on what is published at a moment."""
    seasoning_ms = number_in_force(state, SEASONING_DAYS, published_at_ms) * MS_PER_DAY
    is_young_chain = published_at_ms < FOUNDING.require(state).founded_at_ms + seasoning_ms
    return Electorate(published_at_ms, 0 if is_young_chain else seasoning_ms)


def is_subject(state: StateView, proposal: Proposal, member: bytes) -> bool:
    """Return whether a member's vote would be one on its own case, or on its group's."""
    return bool(proposal.party) and vote_holder(state, proposal.party) == member


def tally(state: StateView, proposal_id: bytes, proposal: Proposal) -> Tally:
    """Count the votes of the present round."""
    electors = cast = in_favour = 0
    electorate = electorate_at(state, proposal.proposed_at_ms)
    round_part = integer_part(proposal.round_no)
    for (member,), elector in ELECTORS.scan(state):
        if not electorate.has(elector):
            continue
        electors += 1
        ballot = BALLOTS.get(state, proposal_id, round_part, member)
        if ballot is None or is_subject(state, proposal, member):
            continue
        cast += 1
        in_favour += ballot.in_favour
    return Tally(electors, cast, in_favour)


def is_enough(counted: Tally, row: Row, proposal: Proposal) -> bool:
    """Return whether a proposal passes with these votes."""
    if proposal.vetoed_at_ms and not proposal.evidence:
        return False
    if counted.electors <= UNANIMOUS_UP_TO:
        return 0 < counted.electors == counted.in_favour
    asked = max(row.threshold_twelfths, THREE_QUARTERS if proposal.vetoed_at_ms else 0)
    return (
        counted.cast * TWELFTHS >= row.quorum_twelfths * counted.electors
        and counted.in_favour * TWELFTHS >= asked * counted.electors
    )
