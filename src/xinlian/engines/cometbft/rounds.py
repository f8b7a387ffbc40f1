"""Who votes and who is silent: the engine's round state, as one node sees it.

Rules this file keeps:
 1. What the engine answers is typed; what is no answer is an ``EngineUnreachable``.
 2. A validator is silent when no vote of it is known in any round of the height that is decided
    now; names are the engine's addresses, as in its own messages.
"""

import statistics
from typing import Final, NamedTuple

import msgspec

from xinlian.engines.cometbft.commits import moment_of
from xinlian.engines.cometbft.rpc import EngineClient, EngineUnreachable
from xinlian.ledger.node import NoReceipt

_NIL_VOTE: Final = "nil-Vote"
_ABSENT_FLAG: Final = 1
_NANOS: Final = 1_000_000_000
VALIDATORS_MAX: Final = 100


class RoundState(NamedTuple):
    """How far the validators are with the next height."""

    height: int
    round: int
    is_catching_up: bool
    last_block_seconds: float
    """The time of the last block, in seconds since the Unix epoch."""
    total_power: int
    voting_power: int
    """Of those of whom a vote is known."""
    missing: tuple[str, ...]
    """Addresses of the silent ones."""
    clocks_ahead: dict[str, float]
    """By how many seconds a validator's last vote was later than the middle one."""


class _Validator(msgspec.Struct, frozen=True):
    address: str
    voting_power: str


class _Validators(msgspec.Struct, frozen=True):
    validators: tuple[_Validator, ...]


class _Votes(msgspec.Struct, frozen=True):
    prevotes: tuple[str, ...] | None = None
    precommits: tuple[str, ...] | None = None


class _Round(msgspec.Struct, frozen=True):
    place: str = msgspec.field(name="height/round/step")
    height_vote_set: tuple[_Votes, ...] | None = None


class _Consensus(msgspec.Struct, frozen=True):
    round_state: _Round


class _Sync(msgspec.Struct, frozen=True):
    latest_block_height: str
    latest_block_time: str
    catching_up: bool


class _Status(msgspec.Struct, frozen=True):
    sync_info: _Sync


class _Vote(msgspec.Struct, frozen=True):
    block_id_flag: int
    validator_address: str
    timestamp: str


class _Commit(msgspec.Struct, frozen=True):
    signatures: tuple[_Vote, ...]


class _SignedHeader(msgspec.Struct, frozen=True):
    commit: _Commit


class _CommitAnswer(msgspec.Struct, frozen=True):
    signed_header: _SignedHeader


def round_state(client: EngineClient) -> RoundState:
    """Return how far the validators are; raises EngineUnreachable."""
    try:
        return _state(client)
    except (msgspec.DecodeError, ValueError, NoReceipt) as error:
        raise EngineUnreachable(f"an answer that is none: {error}") from None


def _state(client: EngineClient) -> RoundState:
    sync = msgspec.json.decode(client.ask("status", {}), type=_Status).sync_info
    now = msgspec.json.decode(client.ask("consensus_state", {}), type=_Consensus).round_state
    found = msgspec.json.decode(
        client.ask("validators", {"per_page": str(VALIDATORS_MAX)}), type=_Validators
    ).validators
    height, round_number, _ = (int(part) for part in now.place.split("/"))
    seen = _seen(now.height_vote_set or (), len(found))
    powers = [int(validator.voting_power) for validator in found]
    return RoundState(
        height=height,
        round=round_number,
        is_catching_up=sync.catching_up,
        last_block_seconds=_seconds(sync.latest_block_time),
        total_power=sum(powers),
        voting_power=sum(power for index, power in enumerate(powers) if index in seen),
        missing=tuple(v.address for index, v in enumerate(found) if index not in seen),
        clocks_ahead=_clocks(client, sync.latest_block_height),
    )


def _seen(rounds: tuple[_Votes, ...], count: int) -> set[int]:
    """Return the places of validators of whom any vote is known."""
    seen: set[int] = set()
    for votes in rounds:
        for kind in (votes.prevotes or (), votes.precommits or ()):
            seen |= {index for index, vote in enumerate(kind[:count]) if vote != _NIL_VOTE}
    return seen


def _clocks(client: EngineClient, height: str) -> dict[str, float]:
    if int(height) < 1:
        return {}
    answer = msgspec.json.decode(client.ask("commit", {"height": height}), type=_CommitAnswer)
    votes = [
        vote
        for vote in answer.signed_header.commit.signatures
        if vote.block_id_flag != _ABSENT_FLAG
    ]
    times = [_seconds(vote.timestamp) for vote in votes]
    if not times:
        return {}
    middle = statistics.median(times)
    return {vote.validator_address: at - middle for vote, at in zip(votes, times, strict=True)}


def _seconds(text: str) -> float:
    moment = moment_of(text)
    return moment.seconds + moment.nanos / _NANOS
