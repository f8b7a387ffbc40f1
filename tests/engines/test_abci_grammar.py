"""The check of the call grammar finds what it is for: without this it might pass for nothing."""

import pytest

from engines.abci_grammar import CallRecord
from xinlian.engines.cometbft import abci
from xinlian.engines.cometbft.wire import Message

INFO, INIT, COMMIT = abci.RequestInfo(), abci.RequestInitChain(), abci.RequestCommit()


def prepare(height: int) -> Message:
    return abci.RequestPrepareProposal(height=height)


def process(height: int) -> Message:
    return abci.RequestProcessProposal(height=height)


def finalize(height: int) -> Message:
    return abci.RequestFinalizeBlock(height=height)


def recorded(*calls: Message) -> CallRecord:
    record = CallRecord(lambda request: request)
    for call in calls:
        assert record.handle(call) is call
    return record


def test_rounds_decisions_commits_and_a_life_after_a_crash_are_in_order():
    record = recorded(
        *(INFO, INIT, prepare(1), process(1), process(1), finalize(1), COMMIT),
        *(process(2), finalize(2), INFO, finalize(2), COMMIT, abci.RequestEcho("any time")),
    )
    assert record.check() == 2


@pytest.mark.parametrize(
    "calls",
    [
        (INFO, INIT, COMMIT),
        (INFO, finalize(1), finalize(1), COMMIT),
        (INFO, finalize(1), process(2), COMMIT),
        (INFO, finalize(1), COMMIT, INIT),
        (INFO, finalize(1), COMMIT, finalize(1), COMMIT),
        (INFO, finalize(1), COMMIT, finalize(3), COMMIT),
        (INFO, finalize(1), COMMIT, process(3)),
    ],
    ids=["commits nothing", "decides twice", "judges in between", "begins again", "applies twice",
         "leaves one out", "judges ahead"],
)  # fmt: skip
def test_every_break_of_the_order_is_found(calls):
    with pytest.raises(AssertionError):
        recorded(*calls).check()
