"""Four validators as real processes, killed in the ways that machines die; nothing is lost.

Each node is what ``xinlian node start`` runs: the API, the read model, the application and the
engine's own process.  One network lives through the tests of this file; each of them holds on a
fresh one too, so they may be spread over workers.
"""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from engines.cometbft_network import engine_missing
from engines.node_processes import (
    COUNT,
    PASSPHRASE,
    Four,
    diagnosis,
    end_and_compare,
    engine_of,
    four_in,
    wait_for,
)
from xinlian.cli.network_questions import ask_node
from xinlian.cli.network_up import end_nodes

pytestmark = pytest.mark.skipif(
    bool(engine_missing()), reason=f"needs the engine: {engine_missing()}"
)


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Four]:
    with four_in(tmp_path_factory.mktemp("four")) as found:
        yield found


def test_a_payment_handed_to_one_node_is_final_on_all(four):
    sent = four.pay(0, range(1, 21))
    for number in range(COUNT):
        four.settle(number, sent)
    wait_for(lambda: len({four.height(number) for number in range(COUNT)}) == 1, "equal heights")
    assert diagnosis(four.homes[0])["well"]
    metrics = (ask_node(four.homes[0] / "node", "/metrics") or b"").decode()
    for line in ("xinlian_up 1", "xinlian_ready 1", "xinlian_engine_peers 3"):
        assert f"\n{line}\n" in metrics
    for secret in (PASSPHRASE, four.c["core"].party.hex(), four.c["core"].uscc):
        assert secret not in metrics
        assert secret not in four.nodes[0].log.read_text("utf-8")


def test_one_of_four_is_killed_and_commits_go_on(four):
    waiting = four.pay(3, range(100, 120))
    four.kill(3)
    sent = four.pay(0, range(200, 220))
    four.settle(1, sent)
    # What was handed to the dead node alone may be lost or ordered; the same bytes settle it.
    four.settle(2, waiting)
    four.start(3)
    four.settle(3, sent)


def test_an_engine_killed_under_its_node_comes_back_and_its_payments_are_ordered(four):
    engine = engine_of(four.nodes[1].process.pid)
    os.kill(engine, signal.SIGKILL)
    sent = four.pay(1, range(300, 310))
    four.settle(1, sent)


def unreachable_for(home):
    """Return how many of the others' ports a node finds shut."""
    names = [finding["name"] for finding in diagnosis(home)["findings"]]
    return names.count("network/port_unreachable")


def test_two_of_four_are_killed_and_the_chain_waits_for_them_and_loses_nothing(four):
    four.kill(2)
    four.kill(3)
    pause = threading.Event()
    pause.wait(1)  # a block that was decided already may still come
    height = four.height(0)
    sent = four.pay(0, range(400, 410))
    pause.wait(4)
    assert four.height(0) <= height + 1  # two of four are no majority of more than two thirds
    with four.client(0) as client:
        answer = client.submit(sent[-1])
        assert (answer.status, answer.committed) == ("pending", None)
    # An engine is killed with its node; a moment later its port is shut.
    wait_for(lambda: unreachable_for(four.homes[0]) == 2, "both engines are gone")
    told = diagnosis(four.homes[0])
    assert (told["well"], told["running"], told["waiting"]) == (False, True, len(sent))
    names = [finding["name"] for finding in told["findings"]]
    assert names == ["network/too_few_validators", *["network/port_unreachable"] * 2]
    assert "20 of 40 power" in told["findings"][0]["detail"]
    assert diagnosis(four.homes[2])["findings"][0]["name"] == "network/not_running"
    four.start(2, 3)
    four.settle(0, sent)
    four.settle(3, sent)


def test_all_are_stopped_and_go_on_where_they_were(four):
    end_nodes(four.nodes)
    four.start(*range(COUNT))
    four.settle(2, four.pay(2, range(500, 505)))


def test_after_all_of_it_every_store_tells_the_same_and_money_is_conserved(four):
    end_and_compare(four)
