"""Where the operators of a chain agree to send its simulated clock.

Rules this file keeps:
 1. An organisation has one vote, whatever its keys: the one to which an operator's key of the
    genesis file belongs.  A key that no organisation has registered cannot sign and counts nowhere.
 2. A vote for a moment is one for every earlier moment: the clock goes to the latest moment that
    more than two thirds of the organisations have named.
 3. A vote stands until its organisation names another moment, or the clock has come to it.
 4. Where one organisation operates the chain its word is enough, and no vote is kept.

Source: docs/concepts/time.md (a simulated clock).
"""

from typing import NamedTuple

from xinlian.contracts.context import Context
from xinlian.crypto.ed25519 import SUITE_ED25519
from xinlian.ledger.ports import StateView
from xinlian.modules.members.types import KEYS, KeyStatus, key_id_of
from xinlian.modules.schedule.types import CLOCK_VOTES, OPERATORS, ClockVote


class Tally(NamedTuple):
    """How a vote for a moment stands."""

    votes: int
    """Organisations that named it or a later one."""
    needed: int
    """More than two thirds of those that operate the chain."""
    agreed_ms: int
    """The latest moment that enough have named; 0 when they have named none that is to come."""


def operating_parties(state: StateView) -> tuple[bytes, ...]:
    """Return the organisations whose active keys are operators' of the genesis file, each once."""
    found: dict[bytes, None] = {}
    for _, operator in OPERATORS.scan(state):
        key = KEYS.get(state, key_id_of(SUITE_ED25519, operator.public_key))
        if key is not None and key.status == KeyStatus.ACTIVE:
            found[key.party] = None
    return tuple(found)


def voting_parties(context: Context) -> tuple[bytes, ...]:
    """Return the acting organisation where a key of an operator of its own signed, else none.

    Others that sign beside it have not acted by their own mandates.
    """
    operators = [operator.public_key for _, operator in OPERATORS.scan(context.state)]
    signers = [KEYS.require(context.state, key_id) for key_id in context.signers]
    votes = any(key.party == context.acting_for and key.public_key in operators for key in signers)
    return (context.acting_for,) if votes else ()


def has_voted(state: StateView, party: bytes, target_ms: int) -> bool:
    """Return whether an organisation's standing vote is for this very moment."""
    vote = CLOCK_VOTES.get(state, party)
    return vote is not None and vote.target_ms == target_ms


def cast_vote(context: Context, party: bytes, target_ms: int) -> None:
    """Let an organisation name a moment instead of what it named before."""
    CLOCK_VOTES.put(context.state, ClockVote(target_ms), party)


def drop_past_votes(context: Context) -> None:
    """Remove the votes for moments to which the clock has come."""
    past = [party for (party,), vote in _votes(context) if vote.target_ms <= context.time_ms]
    for party in past:
        CLOCK_VOTES.delete(context.state, party)


def tally_of(context: Context, target_ms: int) -> Tally:
    """Return how the vote for a moment stands now."""
    parties = operating_parties(context.state)
    needed = 2 * len(parties) // 3 + 1
    named = sorted(
        (
            vote.target_ms
            for (party,), vote in _votes(context)
            if party in parties and vote.target_ms > context.time_ms
        ),
        reverse=True,
    )
    votes = sum(1 for moment_ms in named if moment_ms >= target_ms)
    agreed_ms = named[needed - 1] if len(named) >= needed else 0
    return Tally(votes, needed, agreed_ms)


def _votes(context: Context) -> list[tuple[tuple[bytes, ...], ClockVote]]:
    """Return the votes that are kept: at most one for each that ever operated the chain."""
    return list(CLOCK_VOTES.scan(context.state))
