"""A node joins from a snapshot of the others, without the blocks before it."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.cometbft_network import (
    FAST,
    Network,
    driven_by,
    engine_missing,
    make_network,
    operator_key,
)
from xinlian.bootstrap import Keeping, RunningNode, run_node
from xinlian.engines.cometbft import JoiningFailed, SyncFrom, trusted_block
from xinlian.engines.cometbft.light import TrustedBlock
from xinlian.engines.cometbft.stand import ANCHOR_HEIGHTS
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.kept import header_at
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.storage import SnapshotKeeper
from xinlian.testing import Consortium

pytestmark = pytest.mark.skipif(
    bool(engine_missing()), reason=f"needs the engine: {engine_missing()}"
)
JOINER = 2
SWIFT = FAST._replace(commit_ms=10)


def run(network: Network, number: int, sync: SyncFrom | None = None) -> RunningNode:
    place = network.places[number]
    return run_node(
        place.folder / "data",
        network.genesis_bytes,
        operator_key(number),
        settings=place.settings._replace(sync=sync),
        keeping=Keeping(history_heights=1_000, snapshots_every=ANCHOR_HEIGHTS),
    )


class OneSpoiled:
    """Spoils the first part of a snapshot that is asked for, of whichever node."""

    def __init__(self) -> None:
        self.asked = 0
        self._lock = threading.Lock()

    def over(self, keeper: SnapshotKeeper) -> None:
        honest = keeper.chunk

        def chunk(height: int, index: int) -> bytes | None:
            with self._lock:
                self.asked += 1
                is_first = self.asked == 1
            found = honest(height, index)
            return found[:-1] + bytes([found[-1] ^ 1]) if is_first and found else found

        keeper.chunk = chunk  # type: ignore[method-assign] # what a traitor would answer


@contextlib.contextmanager
def two_with_a_snapshot(folder: Path) -> Iterator[tuple[Network, Consortium, list[RunningNode]]]:
    c = Consortium()
    network = make_network(folder, c, 2, SWIFT, observers=1)
    with contextlib.ExitStack() as undo:
        nodes = [undo.enter_context(run(network, number)) for number in range(2)]
        engine = nodes[0].engine
        driven_by(c, engine, network.genesis_bytes)  # type: ignore[arg-type] # it is this engine
        pay_until(c, ANCHOR_HEIGHTS + 5)
        for node in nodes:
            assert node.snapshots is not None
            keeper = node.snapshots
            node.engine.wait_until(lambda k=keeper: bool(k.manifests()))  # type: ignore[misc] # bound at once
        yield network, c, nodes


def pay_until(c: Consortium, height: int) -> None:
    while c.engine.height() < height:
        _, outcome = c.send("core", Transfer(c.account("core"), c.account("bank"), 1))
        assert outcome.result.succeeded


def trust(network: Network) -> SyncFrom:
    servers = tuple(network.places[number].settings.light_listen for number in range(2))
    chain_id = parse_genesis(network.genesis_bytes).chain_id
    return SyncFrom(servers, trusted_block(servers, chain_id))


def test_a_node_joins_from_a_snapshot_though_a_part_of_it_came_spoiled(tmp_path: Path):
    with two_with_a_snapshot(tmp_path) as (network, c, nodes):
        spoiled = OneSpoiled()
        for node in nodes:
            assert node.snapshots is not None
            spoiled.over(node.snapshots)
        liar = SyncFrom(trust(network).servers, TrustedBlock(5, "AB" * 32))
        with pytest.raises(JoiningFailed):
            run(network, JOINER, liar)
        assert spoiled.asked == 0  # nothing was taken on the word of a wrong hash
        with run(network, JOINER, trust(network)) as joined:
            assert spoiled.asked > 1
            store = joined.engine.application.store
            begins_at = store.extent().begins_at
            assert begins_at == ANCHOR_HEIGHTS  # nothing below was replayed
            pay_until(c, c.engine.height() + 5)
            height = c.engine.height()
            assert joined.engine.wait_above(height - 1, 60) >= height
            assert joined.projector.wait_for(height, 30)
            with (
                store.snapshot_at(height) as here,
                nodes[0].node.store.snapshot_at(height) as there,
            ):
                balances = [ACCOUNTS.require(s, c.account("bank")) for s in (here, there)]
            assert balances[0] == balances[1]
            for h in range(begins_at, height + 1):
                ours, theirs = header_at(store, h), header_at(nodes[0].node.store, h)
                assert ours is not None
                assert theirs is not None
                assert ours.header == theirs.header
        with run(network, JOINER, trust(network)) as again:  # it has a chain: it does not join
            assert again.engine.wait_above(height, 60) > height
            assert again.engine.application.store.extent().begins_at == ANCHOR_HEIGHTS
