"""A network of real processes under faults drawn from a seed; nothing is lost or done twice.

Four whole nodes, and between each two of them a connection that can be cut.  Fault after fault one
or two of them are killed, paused, cut off or restarted while payments are handed in.  After each:
one chain on all, every payment in it once and at the same height on every node.

``make soak`` draws many faults of several seeds; a failure names its seed and what happened so far.
"""

import contextlib
import dataclasses
import itertools
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec
import pytest

from conftest import PROFILE
from engines.cometbft_network import engine_missing
from engines.node_processes import COUNT, Four, end_and_compare, engine_of, made, running
from engines.relay import Relay
from xinlian.cli.network_places import read_place, write_place
from xinlian.cli.network_up import end_nodes

pytestmark = pytest.mark.skipif(
    bool(engine_missing()), reason=f"needs the engine: {engine_missing()}"
)
IS_SOAK = PROFILE == "soak"
SEEDS = range(1, 4) if IS_SOAK else (1,)
FAULTS_COUNT = 60 if IS_SOAK else 4
PAUSE_SECONDS_MAX = 4.0 if IS_SOAK else 1.0
PAYMENTS_MAX = 20 if IS_SOAK else 6
HEADERS_PAGE = 100


@dataclasses.dataclass
class Troubled:
    """A network, what stands between its nodes, and what was seen of it so far."""

    four: Four
    relays: dict[tuple[int, int], Relay]
    chance: random.Random
    compared: int = 0
    """Up to this height all nodes were seen to have the same headers."""
    ordered: int = 0
    """How many transactions are in the blocks up to there."""
    amounts: "itertools.count[int]" = dataclasses.field(default_factory=lambda: itertools.count(1))

    def processes(self, victims: Sequence[int]) -> list[int]:
        """Return the processes of nodes and of their engines."""
        nodes = [self.four.nodes[number].process.pid for number in victims]
        return [*map(engine_of, nodes), *nodes]

    def cut(self, victims: Sequence[int]) -> None:
        """Cut nodes off from all the others, not from one another."""
        for (left, right), relay in self.relays.items():
            if (left in victims) != (right in victims):
                relay.cut()

    def pay(self, number: int) -> list[bytes]:
        """Hand some payments to a node."""
        count = self.chance.randint(1, PAYMENTS_MAX)
        first = next(self.amounts)
        for _ in range(count):
            last = next(self.amounts)
        return self.four.pay(number, range(first, last))


@contextlib.contextmanager
def killed(network: Troubled, victims: Sequence[int]) -> Iterator[None]:
    """Kill nodes at once, like a machine that loses its power."""
    for number in victims:
        network.four.kill(number)
    yield
    network.four.start(*victims)


@contextlib.contextmanager
def restarted(network: Troubled, victims: Sequence[int]) -> Iterator[None]:
    """Stop nodes in order, and start them later."""
    end_nodes([network.four.nodes[number] for number in victims])
    yield
    network.four.start(*victims)


@contextlib.contextmanager
def engine_killed(network: Troubled, victims: Sequence[int]) -> Iterator[None]:
    """Kill the engines under their nodes, which start them again."""
    for number in victims:
        os.kill(engine_of(network.four.nodes[number].process.pid), signal.SIGKILL)
    yield


@contextlib.contextmanager
def paused(network: Troubled, victims: Sequence[int]) -> Iterator[None]:
    """Let nodes stand still."""
    processes = network.processes(victims)
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


@contextlib.contextmanager
def cut_off(network: Troubled, victims: Sequence[int]) -> Iterator[None]:
    """Cut nodes off from the others."""
    network.cut(victims)
    yield
    for relay in network.relays.values():
        relay.heal()


FAULTS: tuple[Callable[[Troubled, Sequence[int]], AbstractContextManager[None]], ...] = (
    paused,
    cut_off,
    killed,
    restarted,
    engine_killed,
)


def relayed(four: Four) -> dict[tuple[int, int], Relay]:
    """Put a connection that can be cut between each two nodes; the lower number calls."""
    places = [read_place(home / "node") for home in four.homes]
    relays = {
        (left, right): Relay(int(places[right].listen.rsplit(":", 1)[1]))
        for left, right in itertools.combinations(range(COUNT), 2)
    }
    for number, place in enumerate(places):
        others = [other for other in range(COUNT) if other != number]
        ids = dict(zip(others, (peer.split("@")[0] for peer in place.peers), strict=True))
        peers = tuple(
            f"{ids[other]}@127.0.0.1:{relays[number, other].port}"
            for other in range(number + 1, COUNT)
        )
        write_place(four.homes[number] / "node", msgspec.structs.replace(place, peers=peers))
    return relays


def suffer(network: Troubled, number: int) -> str:
    """Let one fault happen while payments are handed in; return what it was."""
    chance, four = network.chance, network.four
    fault = FAULTS[number % len(FAULTS)] if number < len(FAULTS) else chance.choice(FAULTS)
    victims = sorted(chance.sample(range(COUNT), chance.choice((1, 1, 2))))
    sent: list[bytes] = []
    with fault(network, victims):
        well = [node for node in range(COUNT) if node not in victims]
        sent += network.pay(chance.choice(well))
        if len(victims) == 1:  # the other three go on meanwhile
            four.settle(chance.choice(well), sent)
        sent += network.pay(chance.choice(well))
        threading.Event().wait(chance.random() * PAUSE_SECONDS_MAX)
    sent += network.pay(chance.randrange(COUNT))
    heights = [four.settle(node, sent) for node in range(COUNT)]
    assert all(found == heights[0] for found in heights)
    compare(network, max(heights[0]))
    return f"{fault.__name__}{victims}"


def compare(network: Troubled, height: int) -> None:
    """Check that all nodes have the same headers up to a height, and each payment once."""
    four = network.four
    for number in range(COUNT):
        four.wait_for_height(number, height)
    while network.compared < height:
        first = network.compared + 1
        count = min(HEADERS_PAGE, height - network.compared)
        pages = []
        for number in range(COUNT):
            with four.client(number) as client:
                pages.append(client.headers(first, count).items)
        told = [[(header.hash, header.app_hash) for header in page] for page in pages]
        assert all(page == told[0] for page in told)
        assert len(told[0]) == count
        network.ordered += sum(header.transaction_count for header in pages[0])
        network.compared += count
        four.c.elsewhere_ms = pages[0][-1].time_ms
    assert network.ordered == len(four.paid), "a payment is missing, or was ordered twice"


@pytest.fixture
def network(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Troubled]:
    four = made(tmp_path)
    relays = relayed(four)
    try:
        with running(four):
            chance = random.Random(f"xinlian network faults {request.param}")
            yield Troubled(four, relays, chance)
    finally:
        for relay in relays.values():
            relay.close()


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("network", SEEDS, indirect=True)
def test_whatever_fails_every_payment_is_on_every_node_once(network):
    story: list[str] = []
    for number in range(FAULTS_COUNT):
        try:
            story.append(suffer(network, number))
        except BaseException as failure:
            failure.add_note(f"after {'; '.join(story)}")
            raise
    end_and_compare(network.four)
