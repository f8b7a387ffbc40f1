"""Four validators whose network, clocks and neighbours misbehave; nothing is lost or done twice.

The engines are real processes; the applications run here, and so does what stands between peers.
One network lives through the tests of this file; each of them holds on a fresh one too.  What
machines do to whole nodes is in ``test_cometbft_processes.py``.
"""

import contextlib
import dataclasses
import itertools
import json
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from engines.abci_grammar import CallRecord
from engines.cometbft_network import (
    FAST,
    Network,
    driven_by,
    engine_missing,
    make_network,
    operator_key,
    seed,
)
from engines.relay import Relay
from engines.replay import check_whole_between_blocks, outcome_of, stored_block
from unit.engines.cometbft.test_light import post, question
from xinlian.bootstrap import open_cometbft, open_store
from xinlian.cli.app import build_app
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import (
    CometEngine,
    LastVoteUnknown,
    create_keys,
    newest_height,
    raise_last_vote,
    read_keys,
)
from xinlian.engines.cometbft.home import address_of
from xinlian.engines.cometbft.joining import forget_engine_data
from xinlian.engines.cometbft.rpc import EngineClient
from xinlian.engines.sealing import signed_by
from xinlian.ledger.block import app_hash
from xinlian.ledger.errors import Overloaded
from xinlian.ledger.genesis import encode_genesis, genesis_hash, parse_genesis
from xinlian.ledger.header import decode_head, encode_block, encode_head
from xinlian.ledger.node import Committed, NodeStopped
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.state_tree import update_tree
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.storage import (
    LmdbStore,
    open_to_read,
    read_manifest,
    restore_snapshot,
    write_snapshot,
)
from xinlian.testing import Consortium

pytestmark = pytest.mark.skipif(
    bool(engine_missing()), reason=f"needs the engine: {engine_missing()}"
)
COUNT = 4
WAIT_SECONDS = 90
NOISE = (b"\x00" * 5_000, b"\xff" * 5_000, b"GET / HTTP/1.1\r\n\r\n", os.urandom(3_000), b"\x05")


Sent = tuple[bytes, "Future[Committed]"]
"""A payment that was handed in, and its outcome to come."""


@dataclasses.dataclass
class Cluster:
    """Four validators, what stands between them, and what was asked of them."""

    c: Consortium
    network: Network
    relays: dict[tuple[int, int], Relay]
    engines: list[CometEngine]
    records: list[CallRecord]
    acknowledged: dict[bytes, int] = dataclasses.field(default_factory=dict)

    def submit(self, number: int, amount: int = 1) -> Sent:
        """Hand a payment to a node; return its bytes and its outcome to come."""
        raw = self.c.sign(
            "core", Transfer(self.c.account("core"), self.c.account("bank"), amount)
        ).raw
        return raw, self.engines[number].submit(raw)

    def settle(self, sent: Sequence[Sent]) -> None:
        """Wait for outcomes; all must be good."""
        for raw, outcome in sent:
            committed = outcome.result(WAIT_SECONDS)
            assert committed.result.succeeded
            self.acknowledged[bytes(decode_transaction(raw).transaction_id)] = committed.height

    def pay(self, number: int, count: int) -> None:
        """Pay one after the other."""
        for _ in range(count):
            self.settle([self.submit(number)])

    def cut(self, *between: tuple[int, int]) -> None:
        for pair in between:
            self.relays[pair].cut()

    def heal(self) -> None:
        for relay in self.relays.values():
            relay.heal()

    def all_at(self, height: int) -> None:
        """Wait until every node has a height."""
        for engine in self.engines:
            assert engine.wait_above(height - 1, WAIT_SECONDS) >= height


@contextlib.contextmanager
def cluster_in(folder: Path) -> Iterator[Cluster]:
    c = Consortium()
    network = make_network(folder, c, COUNT, FAST._replace(commit_ms=40))
    relays: dict[tuple[int, int], Relay] = {}
    names: dict[int, str] = {}
    for place in network.places:
        others = [n for n in range(COUNT) if n != place.number]
        names |= dict(zip(others, place.settings.peers, strict=True))
    ports = [int(place.settings.listen.rsplit(":", 1)[1]) for place in network.places]
    for left, right in itertools.combinations(range(COUNT), 2):
        relays[left, right] = Relay(ports[right])
    for number, place in enumerate(network.places):  # the lower number calls the higher
        peers = tuple(
            f"{names[other].split('@')[0]}@127.0.0.1:{relays[number, other].port}"
            for other in range(number + 1, COUNT)
        )
        network.places[number] = dataclasses.replace(
            place, settings=place.settings._replace(peers=peers)
        )
    engines: list[CometEngine] = []
    try:
        for number in reversed(range(COUNT)):  # who is called is there before who calls it
            engines.insert(0, network.open(number))
            wait_for(lambda n=number: listens(ports[n]), f"node {number} listens")  # type: ignore[misc] # bound at once
        wait_for(
            lambda: all(engine.status().peers == COUNT - 1 for engine in engines), "all are peers"
        )
        records = [CallRecord.over(engine) for engine in engines]
        driven_by(c, engines[0], network.genesis_bytes)
        yield Cluster(c, network, relays, engines, records)
    finally:
        for engine in engines:
            engine.close()
            engine.application.store.close()
        for relay in relays.values():
            relay.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster_in(tmp_path_factory.mktemp("chaos")) as found:
        yield found


@pytest.fixture(autouse=True)
def the_same_on_all(cluster: Cluster) -> Iterator[None]:
    """After each test: one chain on all, everything acknowledged is in it, once."""
    yield
    cluster.pay(0, 2)
    height = cluster.engines[0].height()
    cluster.all_at(height)
    stores = [engine.application.store for engine in cluster.engines]
    for at in range(1, height + 1):
        blocks = [stored_block(store, at) for store in stores]
        assert len({block.signed_header.header for block in blocks}) == 1
        assert len({block.transactions for block in blocks}) == 1
    ordered = [
        decode_transaction(raw).transaction_id
        for at in range(1, height + 1)
        for raw in stored_block(stores[0], at).transactions
    ]
    assert len(set(ordered)) == len(ordered)
    for store in stores:
        for transaction_id, acknowledged_at in cluster.acknowledged.items():
            assert outcome_of(store, transaction_id) == (acknowledged_at, "", 0)
    assert all(record.check() > 0 for record in cluster.records)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"waited too long: {what}"
        pause.wait(0.1)


def listens(port: int) -> bool:
    """Return whether somebody takes connections at a port of this machine."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def parted(cluster: Cluster, *between: tuple[int, int]) -> Iterator[None]:
    """Cut pairs of nodes off, and heal whatever happens meanwhile."""
    cluster.cut(*between)
    try:
        yield
    finally:
        cluster.heal()


def test_two_halves_wait_for_each_other_and_a_full_node_says_so(cluster):
    cluster.pay(1, 2)
    with parted(cluster, (0, 2), (0, 3), (1, 2), (1, 3)):
        here, there = stand_still(cluster)
    cluster.settle(here + there)
    cluster.engines[2]._pool._waiting_max = 20_000
    cluster.pay(2, 1)  # and what was refused may come again


def stand_still(cluster: Cluster) -> tuple[list[Sent], list[Sent]]:
    """Hand payments in to both halves; nothing is ordered, and a full node refuses more."""
    wait_for(
        lambda: all(engine.status().peers == 1 for engine in cluster.engines), "peers are cut off"
    )
    pause = threading.Event()
    pause.wait(0.5)  # a block that was decided already may still come
    heights = [engine.height() for engine in cluster.engines]
    cluster.engines[2]._pool._waiting_max = 20  # as 20 000 of a payer that goes on and on
    here = [cluster.submit(0) for _ in range(5)]
    there = [cluster.submit(2) for _ in range(10)]
    refused: list[Overloaded] = []
    while not refused:
        try:
            there.append(cluster.submit(2))
        except Overloaded as full:
            refused.append(full)
        assert len(there) < 20
    assert (refused[0].reference, refused[0].transient) == ("ledger/overloaded", True)
    pause.wait(2)
    assert [engine.height() for engine in cluster.engines] == heights
    assert not any(outcome.done() for _, outcome in here + there)
    return here, there


def test_a_node_that_stands_still_for_a_while_catches_up(cluster):
    engine = cluster.engines[3]
    process = engine.process_id
    assert process is not None
    os.kill(process, signal.SIGSTOP)
    try:
        before = engine.height()
        cluster.pay(0, 6)
        assert engine.height() <= before + 1
    finally:
        os.kill(process, signal.SIGCONT)
    cluster.all_at(cluster.engines[0].height())


def test_an_engine_that_dies_under_its_application_is_started_again(cluster):
    process = cluster.engines[1].process_id
    assert process is not None
    os.kill(process, signal.SIGKILL)
    cluster.settle([cluster.submit(1) for _ in range(5)])
    wait_for(lambda: cluster.engines[1].process_id not in {None, process}, "it runs again")


def test_garbage_on_any_port_disturbs_nobody(cluster):
    for place, engine in zip(cluster.network.places, cluster.engines, strict=True):
        sockets = engine.rpc_socket.parent
        for noise in NOISE:
            host, port = place.settings.listen.rsplit(":", 1)
            with socket.create_connection((host, int(port)), timeout=10) as peer:
                peer.sendall(noise)
            for name in ("rpc.sock", "app.sock"):
                with socket.socket(socket.AF_UNIX) as local, contextlib.suppress(OSError):
                    local.connect(str(sockets / name))
                    local.sendall(noise)
        assert post(place.settings.light_listen, question("broadcast_tx_sync", tx=""))[0] == 403
        assert post(place.settings.light_listen, question("status"))[0] == 200
    cluster.pay(3, 3)
    for engine in cluster.engines:
        engine.require_running()


@contextlib.contextmanager
def stranger(cluster: Cluster, folder: Path, genesis_bytes: bytes) -> Iterator[CometEngine]:
    """Run a node that calls the four and is not one of them."""
    home = folder / "engine"
    create_keys(home, seed("a stranger"), seed("a stranger's votes"))
    theirs = [place.settings for place in cluster.network.places]
    peers = tuple(f"{read_keys(other.home).node_id}@{other.listen}" for other in theirs)
    settings = theirs[0]._replace(home=home, listen="127.0.0.1:0", peers=peers, light_listen="")
    store = open_store(folder / "chain")
    engine = open_cometbft(store, genesis_bytes, operator_key(0), settings)
    try:
        yield engine
    finally:
        engine.close()
        store.close()


def test_a_node_of_another_chain_finds_no_peers(cluster, tmp_path):
    genesis = parse_genesis(cluster.network.genesis_bytes)
    other = encode_genesis(msgspec.structs.replace(genesis, chain_id="test-another"))
    with stranger(cluster, tmp_path, other) as engine:
        cluster.pay(0, 5)
        threading.Event().wait(1)
        assert engine.status().peers == 0
        assert engine.height() == 0


def test_a_node_with_another_genesis_file_takes_no_block(cluster, tmp_path):
    genesis = parse_genesis(cluster.network.genesis_bytes)
    other = encode_genesis(msgspec.structs.replace(genesis, operators=genesis.operators[1:]))
    with stranger(cluster, tmp_path, other) as engine:
        cluster.pay(0, 5)
        threading.Event().wait(2)
        assert engine.height() == 0
        head = engine.application.store.head()
        assert head is not None
        assert decode_head(head).header.height == 0


def edit_balance(store: LmdbStore, account: bytes, key: SigningKey) -> None:
    """Change a balance as one would who knows the store: tree, header and signature too."""
    with store.snapshot() as snapshot:
        record = ACCOUNTS.require(snapshot, account)
        richer = msgspec.structs.replace(record, debits_minor=record.debits_minor + 1)
        overlay = Overlay(snapshot)
        ACCOUNTS.put(overlay, richer, account)
        update = update_tree(snapshot, overlay.writes())
        height = snapshot.height
    block = stored_block(store, height)
    header = block.signed_header.header
    roots = (height, update.root, header.results_root, header.events_root, header.app_version)
    forged = signed_by(
        key, msgspec.structs.replace(header, state_root=update.root, app_hash=app_hash(*roots))
    )
    with store.environment.begin(write=True) as transaction:
        store._write_state(transaction, overlay.writes(), update.node_writes)
        place = height.to_bytes(8, "big")
        changed = encode_block(msgspec.structs.replace(block, signed_header=forged))
        transaction.put(place, changed, db=store.tables["blocks"])
        transaction.put(b"head", encode_head(forged), db=store.tables["meta"])


def test_an_operator_who_edits_its_own_store_is_named_and_cannot_vote_until_it_is_repaired(
    cluster, tmp_path
):
    genesis = tmp_path / "genesis.json"
    genesis.write_bytes(cluster.network.genesis_bytes)
    cluster.pay(3, 1)
    folder = cluster.network.places[3].folder / "chain"
    cluster.engines[3].close()
    cluster.engines[3].application.store.close()
    store = open_store(folder)
    edit_balance(store, cluster.c.account("bank"), operator_key(3))
    store.close()
    cluster.pay(0, 2)  # three of four go on

    edited = cluster.network.open(3)
    wait_for(lambda: not is_running(edited), "the edited node stops")
    with pytest.raises(NodeStopped, match="app_hash_mismatch"):
        edited.require_running()
    assert edited.height() < cluster.engines[0].height()
    edited.close()
    edited.application.store.close()

    with contextlib.closing(open_to_read(folder)) as looked_at:
        height = decode_head(looked_at.head() or b"").header.height
    honest = cluster.engines[0].application.store
    write_snapshot(honest, tmp_path / "snapshot", genesis_hash(genesis.read_bytes()), height)
    honest_folder = tmp_path / "honest"
    restore_snapshot(tmp_path / "snapshot", read_manifest(tmp_path / "snapshot"), honest_folder)
    command = ["doctor", str(folder), "--genesis", str(genesis), "--against", str(honest_folder)]
    done = CliRunner().invoke(build_app(), [*command, "--json"], catch_exceptions=False)
    assert done.exit_code == 1
    difference = json.loads(done.stdout)["first_difference"]
    assert difference["collection"] == "Account"
    assert difference["value"]["debits_minor"] == difference["other_value"]["debits_minor"] + 1

    shutil.rmtree(folder)  # repaired: from the others, with its own keys and last vote
    forget_engine_data(cluster.network.places[3].settings.home)
    cluster.engines[3] = cluster.network.open(3)
    cluster.records[3] = CallRecord.over(cluster.engines[3])
    cluster.all_at(cluster.engines[0].height())


def is_running(engine: CometEngine) -> bool:
    try:
        engine.require_running()
    except NodeStopped:
        return False
    return True


def signs(cluster: Cluster, address: str, height: int) -> bool:
    """Return whether a validator's vote is among those that committed a height."""
    client = EngineClient(cluster.engines[0].rpc_socket)
    try:
        answer = json.loads(client.ask("commit", {"height": str(height)}))
    finally:
        client.close()
    votes = answer["signed_header"]["commit"]["signatures"]
    return any(vote["validator_address"] == address for vote in votes)


def test_a_restored_validator_votes_only_above_all_that_it_can_have_signed(cluster):
    cluster.pay(0, 3)
    place = cluster.network.places[3]
    cluster.engines[3].close()
    cluster.engines[3].application.store.close()
    restored = place.folder.with_name("v3-restored")
    shutil.copytree(place.folder, restored)  # a backup of everything, put back elsewhere
    shutil.rmtree(place.folder)
    cluster.pay(0, 2)
    home = restored / "engine"
    cluster.network.places[3] = dataclasses.replace(
        place, folder=restored, settings=place.settings._replace(home=home)
    )
    with pytest.raises(LastVoteUnknown, match="recover-vote"):
        cluster.network.open(3)
    servers = [other.settings.light_listen for other in cluster.network.places[:3]]
    chain_id = parse_genesis(cluster.network.genesis_bytes).chain_id
    newest = newest_height(servers, chain_id)
    above = raise_last_vote(home, newest)
    assert above > newest >= cluster.engines[0].height()
    cluster.engines[3] = cluster.network.open(3)
    cluster.records[3] = CallRecord.over(cluster.engines[3])
    cluster.all_at(cluster.engines[0].height())
    while cluster.engines[0].height() < above + 4:
        cluster.pay(0, 1)
    cluster.all_at(cluster.engines[0].height())
    address = address_of(read_keys(home).consensus_key).hex().upper()
    assert not any(signs(cluster, address, height) for height in range(newest + 1, above + 1))

    def votes_again() -> bool:
        cluster.pay(0, 1)
        return signs(cluster, address, cluster.engines[0].height() - 1)

    wait_for(votes_again, "the restored validator votes")


def test_the_sum_of_money_is_what_was_acknowledged_and_every_store_is_whole(cluster):
    cluster.pay(2, 1)
    height = cluster.engines[2].height()
    cluster.all_at(height)
    wait_for(
        lambda: len({engine.height() for engine in cluster.engines}) == 1, "they are at one height"
    )
    for engine in cluster.engines:
        store = engine.application.store
        assert check_whole_between_blocks(store) >= height
        with store.snapshot_at(height) as snapshot:
            balance = ACCOUNTS.require(snapshot, cluster.c.account("bank")).balance_minor
        assert balance == 5_000_000_00 + len(cluster.acknowledged)
