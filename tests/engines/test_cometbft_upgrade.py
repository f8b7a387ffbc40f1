"""The members of a live network decide an upgrade; its nodes are real processes.

What is cancelled stops nobody.  What stands stops every old release before its height; the new
one, installed early on one node and late on the others, goes on with the same data.
"""

import contextlib
from collections.abc import Iterator

import pytest

from engines.cometbft_network import engine_missing
from engines.node_processes import COUNT, Four, diagnosis, four_in, wait_for
from engines.release_two import MARK, PARTIES_PER_BLOCK
from engines.release_two import __file__ as release_two_program
from engines.replay import check_whole, stored_block
from xinlian.bootstrap import open_cometbft, open_store
from xinlian.cli.network_places import engine_settings
from xinlian.cli.network_up import end_nodes, state_of
from xinlian.client.builder import SignedTransaction
from xinlian.client.errors import ApiError
from xinlian.client.wire import HeaderAnswer
from xinlian.contracts.message import Message
from xinlian.engines.cometbft import CometEngine
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.node import NodeStopped
from xinlian.ledger.upgrade import is_migrating
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.governance.messages import ProposeUpgrade, ProposeUpgradeCancellation, Vote
from xinlian.modules.governance.types import PROPOSAL
from xinlian.modules.members.types import PARTIES
from xinlian.modules.schedule.messages import AdvanceClock
from xinlian.primitives.time import MS_PER_DAY

pytestmark = pytest.mark.skipif(
    bool(engine_missing()), reason=f"needs the engine: {engine_missing()}"
)
MEMBERS = ("core", "bank", "settle")
NEW_RELEASE = (release_two_program,)
OLD = (0, 1, 2)
HEIGHTS_AHEAD = 30


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Four]:
    with four_in(tmp_path_factory.mktemp("upgrade")) as found:
        yield found


def settle(four: Four, *signed: SignedTransaction) -> int:
    """Hand transactions in and wait for their success; return the last one's height."""
    with four.client(0) as client:
        for one in signed:
            client.submit(one.raw)
        answers = [client.wait_for_outcome(one) for one in signed]
    for answer in answers:
        assert answer.committed is not None, answer
        assert answer.committed.succeeded, answer
    return max(answer.committed.height for answer in answers if answer.committed is not None)


def decide(four: Four, message: Message, *names: str, days: int = 0) -> None:
    """Let members vote for a proposal of core, and time pass until it is enacted."""
    c = four.c
    proposed = c.sign("core", message, roles=("finance-1",))
    ballot = Vote(proposed.created_id(PROPOSAL), 1, in_favour=True)
    settle(four, proposed)
    settle(four, *(c.sign(name, ballot, roles=("finance-1",)) for name in names))
    with four.client(0) as client:
        target_ms = client.head().time_ms + days * MS_PER_DAY + 1_000
        settle(four, c.sign("core", AdvanceClock(target_ms), roles=("operator",)))
        wait_for(lambda: client.head().time_ms >= target_ms, "the time has come")
        c.elsewhere_ms = client.head().time_ms


def pay(four: Four, number: int) -> SignedTransaction:
    """Hand a payment to a node, without waiting."""
    signed = four.c.sign("core", Transfer(four.c.account("core"), four.c.account("bank"), 1))
    with four.client(number) as client:
        client.submit(signed.raw)
    return signed


def head(four: Four, number: int) -> HeaderAnswer:
    """Return the last header of a node, which may have stopped."""
    with four.client(number) as client:
        return client.head()


def pay_until(four: Four, height: int) -> None:
    """Pay at the first node until it has a height, or stops."""

    def is_there() -> bool:
        if not state_of(four.nodes[0]).is_ready or head(four, 0).height >= height:
            return True
        with contextlib.suppress(ApiError):  # it may stop at this moment
            pay(four, 0)
        return False

    wait_for(is_there, f"height {height}")


def finding(four: Four, number: int) -> str:
    """Return why a node stopped, as ``xinlian network doctor`` names it; empty where it did not."""
    findings = diagnosis(four.homes[number])["findings"]
    return "".join(one["detail"] for one in findings if one["name"] == "network/node_stopped")


@contextlib.contextmanager
def opened_by_the_old(four: Four, number: int) -> Iterator[CometEngine]:
    """Open the store of a node that ended by the old release, in this process."""
    data = four.homes[number] / "node"
    store = open_store(data)
    key = four.c["core"].keys["operator"]
    try:
        yield open_cometbft(store, four.genesis_bytes, key, engine_settings(data))
    finally:
        store.close()


def test_a_cancelled_upgrade_stops_nobody(four):
    height = head(four, 0).height + HEIGHTS_AHEAD
    decide(four, ProposeUpgrade(2, height), *MEMBERS, days=7)
    decide(four, ProposeUpgradeCancellation(2), "bank", "settle")
    assert head(four, 0).height < height
    pay_until(four, height + 2)
    for number in range(COUNT):
        four.wait_for_height(number, height + 2)
        assert state_of(four.nodes[number]).is_ready
        with four.client(number) as client:
            assert client.header(height + 1).app_version == 1


def test_the_old_release_stops_before_the_height_and_the_new_one_goes_on_with_its_data(four):
    end_nodes([four.nodes[3]])
    four.start(3, program=NEW_RELEASE)  # early: it carries the present version too
    height = head(four, 0).height + HEIGHTS_AHEAD
    decide(four, ProposeUpgrade(2, height), *MEMBERS, days=7)
    assert head(four, 0).height < height
    pay_until(four, height)
    named = f"height {height} needs application version 2, which this release lacks"
    for number in OLD:
        wait_for(lambda n=number: named in finding(four, n), f"node {number} stops")  # type: ignore[misc] # bound at once
        assert head(four, number).height == height - 1
    assert state_of(four.nodes[3]).is_ready  # it alone is no two thirds
    assert head(four, 3).height == height - 1
    waiting = pay(four, 3)

    end_nodes([four.nodes[number] for number in OLD])
    with pytest.raises(NodeStopped, match=named), opened_by_the_old(four, 0) as engine:
        engine.require_running()
    four.start(*OLD, program=NEW_RELEASE)
    settle(four, waiting)
    pay_until(four, height + 5)
    for number in range(COUNT):
        four.wait_for_height(number, height + 5)
        assert finding(four, number) == ""
    check_stores(four, height)


def check_stores(four: Four, height: int) -> None:
    """End all nodes; check that their stores tell the same, and that all parties migrated."""
    end_nodes(four.nodes)
    stores = [open_store(home / "node") for home in four.homes]
    try:
        common = min(check_whole(store) for store in stores)
        for at in range(1, common + 1):
            headers = {stored_block(store, at).signed_header.header for store in stores}
            assert len(headers) == 1
            assert headers.pop().app_version == (1 if at < height else 2)
        for store in stores:
            with store.snapshot() as snapshot:
                names = [party.name for _, party in PARTIES.scan(snapshot)]
                assert not is_migrating(snapshot)
                assert chain_meta(snapshot).app_version == 2
            assert len(names) > 2 * PARTIES_PER_BLOCK  # so it took several blocks
            assert all(name.endswith(MARK) for name in names)
    finally:
        for store in stores:
            store.close()
