"""What a vote for a moment of a simulated clock came to, where several operate a chain.

Rules this file keeps:
 1. The answer is of the transaction's own events, as the node tells them: never counted here.
"""

import contextlib
from collections.abc import Generator
from typing import Final, NamedTuple, Protocol

import msgspec

from xinlian.client.wire import LedgerEvent
from xinlian.contracts.message import type_name
from xinlian.modules.schedule.events import ClockVoted

_LAST_POSITION: Final = 999_999_999
"""Behind every event of a height."""


class VoteStanding(NamedTuple):
    """How many have named a moment, or a later one, and how many must."""

    votes: int
    needed: int

    @property
    def is_open(self) -> bool:
        """True while the clock does not go there yet."""
        return self.votes < self.needed


class TellsEvents(Protocol):
    """The part of a node's client that is asked."""

    def events(self, after: str | None = None) -> Generator[LedgerEvent, None, None]:
        """Yield events from behind one on."""


class _Votes(msgspec.Struct, frozen=True):
    votes: int = 0
    needed: int = 0


class _Told(msgspec.Struct, frozen=True):
    height: int
    transaction_id: str
    data: _Votes


def standing_of(node: TellsEvents, transaction_id: str, height: int) -> VoteStanding | None:
    """Return how the vote of a transaction stood; None where one organisation decides alone."""
    with contextlib.closing(node.events(f"{height - 1}.{_LAST_POSITION}")) as events:
        for event in events:
            told = msgspec.json.decode(event.data, type=_Told)
            if told.height > height:
                break
            if told.transaction_id == transaction_id:
                is_vote = event.type == type_name(ClockVoted)
                return VoteStanding(told.data.votes, told.data.needed) if is_vote else None
    return None


def vote_words(standing: VoteStanding) -> dict[str, object]:
    """Return the numbers of a vote, and a sentence."""
    votes, needed = standing
    if standing.is_open:
        said = (
            f"已记录贵方投票:{votes}/{needed},须其他运营者以同一或更晚时刻投票 / "
            f"your vote is recorded: {votes} of {needed} that are needed; the other operators "
            "send the same or a later moment"
        )
    else:
        said = f"已获 {votes} 票(需 {needed} 票) / {votes} votes, {needed} were needed"
    return {"votes": votes, "votes_needed": needed, "vote_said": said}
