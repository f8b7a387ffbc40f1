"""What a command says of a vote for a moment of the clock, from the events of its transaction."""

from collections.abc import Generator

import msgspec
import pytest

from xinlian.bootstrap import build_registry
from xinlian.cli.clock_votes import VoteStanding, standing_of, vote_words
from xinlian.client.wire import LedgerEvent
from xinlian.contracts.message import type_name
from xinlian.modules.schedule.events import ClockAdvancing, ClockVoted
from xinlian.readmodels.text import event_json

MINE, OTHER = "aa" * 32, "bb" * 32


class Node:
    """Tells events that happened, from behind one on, and counts open streams."""

    def __init__(self, *told: tuple[int, str, ClockAdvancing | ClockVoted]) -> None:
        self._told = told
        self.asked_after: str | None = None
        self.open_streams = 0

    def events(self, after: str | None = None) -> Generator[LedgerEvent, None, None]:
        """Yield them as a node's stream does."""
        self.asked_after = after
        self.open_streams += 1
        try:
            for position, (height, transaction_id, event) in enumerate(self._told):
                row = {
                    "height": height,
                    "transaction_id": transaction_id,
                    "data": msgspec.Raw(event_json(event, {}, build_registry()).encode()),
                }
                yield LedgerEvent(
                    f"{height}.{position}",
                    type_name(type(event)),
                    msgspec.Raw(msgspec.json.encode(row)),
                )
        finally:
            self.open_streams -= 1


VOTED = ClockVoted(b"p" * 20, 9, 2, 3)
MOVED = ClockAdvancing(9)


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        ([(7, OTHER, MOVED), (7, MINE, VOTED), (7, MINE, MOVED)], VoteStanding(2, 3)),
        ([(7, MINE, MOVED)], None),
        ([(7, OTHER, VOTED), (8, OTHER, VOTED)], None),
        ([], None),
    ],
    ids=["a vote", "one decides alone", "not of this height", "nothing told"],
)
def test_the_vote_is_the_one_of_the_own_transaction(told, standing):
    node = Node(*told)
    assert standing_of(node, MINE, 7) == standing
    assert (node.asked_after, node.open_streams) == ("6.999999999", 0)


@pytest.mark.parametrize(
    ("standing", "in_english", "in_chinese"),
    [
        (VoteStanding(2, 3), "2 of 3 that are needed", "2/3"),
        (VoteStanding(3, 3), "3 votes, 3 were needed", "已获 3 票(需 3 票)"),
    ],
)
def test_how_many_votes_there_are_and_how_many_are_needed_is_said_in_both_languages(
    standing, in_english, in_chinese
):
    words = vote_words(standing)
    assert (words["votes"], words["votes_needed"]) == standing
    assert in_english in str(words["vote_said"])
    assert in_chinese in str(words["vote_said"])
