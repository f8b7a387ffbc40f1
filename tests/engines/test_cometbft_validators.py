"""Validators change by vote on a running network: one joins, one leaves, a key is exchanged.

At the end two of them vote twice: their keys sign votes for blocks that never were, and the engine
is shown both.

The engines are real processes, the applications run here; the tests are one story, in order.
"""

import contextlib
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
    seed,
)
from engines.double_votes import show_double_vote
from engines.replay import replayed_app_hashes
from xinlian.bootstrap import Keeping, RunningNode, run_node
from xinlian.contracts.message import Message
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import CometEngine, CometNode, SyncFrom, read_keys, trusted_block
from xinlian.engines.cometbft.home import draw_successor, use_successor
from xinlian.engines.cometbft.stand import ANCHOR_HEIGHTS
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.header import decode_block
from xinlian.ledger.node import Committed
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.governance.messages import Vote
from xinlian.modules.governance.types import PROPOSAL, PROPOSALS, ProposalStatus
from xinlian.modules.governance.validator_messages import (
    ProposeValidator,
    ProposeValidatorKey,
    ProposeValidatorPower,
)
from xinlian.modules.members.types import possession_bytes
from xinlian.modules.validators.keeper import all_validators, are_votes_suspended
from xinlian.modules.validators.types import ROLE, Validator
from xinlian.testing import Consortium
from xinlian.testing.trade import reference_of
from xinlian.verifier import Report, verify_receipt

pytestmark = pytest.mark.skipif(
    bool(engine_missing()), reason=f"needs the engine: {engine_missing()}"
)
MEMBERS = ("core", "bank", "settle", "mill", "port")
VALIDATORS, JOINER, LATE = 4, 4, 5
SWIFT = FAST._replace(commit_ms=10)


class Story:
    """A network whose members decide, and what its parties see of it."""

    def __init__(self, folder: Path) -> None:
        self.c = Consortium(more_members=MEMBERS[3:])
        self.network: Network = make_network(
            folder, self.c, VALIDATORS, SWIFT, observers=2, answering=MEMBERS
        )
        self.nodes: dict[int, RunningNode] = {}
        for number in range(VALIDATORS):
            self.run(number)
        driven_by(self.c, self.engine(1), self.network.genesis_bytes)

    def run(self, number: int, sync: SyncFrom | None = None) -> None:
        place = self.network.places[number]
        self.nodes[number] = run_node(
            place.folder / "data",
            self.network.genesis_bytes,
            operator_key(number),
            settings=place.settings._replace(sync=sync),
            keeping=Keeping(history_heights=1_000, snapshots_every=ANCHOR_HEIGHTS),
        )

    def stop(self, number: int) -> None:
        self.nodes.pop(number).close()

    def close(self) -> None:
        for number in sorted(self.nodes):
            self.stop(number)

    def engine(self, number: int) -> CometEngine:
        engine = self.nodes[number].engine
        assert isinstance(engine, CometEngine)
        return engine

    def home(self, number: int) -> Path:
        return self.network.places[number].settings.home

    def key(self, number: int) -> bytes:
        return read_keys(self.home(number)).consensus_key

    def pay_until(self, height: int) -> Committed:
        committed = self.pay()
        while committed.height < height:
            committed = self.pay()
        return committed

    def pay(self) -> Committed:
        c = self.c
        _, committed = c.send("core", Transfer(c.account("core"), c.account("bank"), 1))
        assert committed.result.succeeded
        return committed

    def decide(self, name: str, message: Message, *voters: str) -> None:
        signed, committed = self.c.send(name, message, roles=("finance-1",))
        assert committed.result.succeeded, reference_of(committed.result)
        proposal = signed.created_id(PROPOSAL)
        for voter in voters:
            vote = Vote(proposal, 1, in_favour=True)
            _, committed = self.c.send(voter, vote, roles=("finance-1",))
            assert committed.result.succeeded, reference_of(committed.result)
        self.c.engine.wait_until(lambda: self.is_in_force(proposal))

    def is_in_force(self, proposal: bytes) -> bool:
        with self.c.engine.application.store.snapshot() as snapshot:
            status = PROPOSALS.require(snapshot, proposal).status
        return status == ProposalStatus.ENACTED and self.powers() is not None

    def powers(self) -> dict[bytes, int] | None:
        """Return the powers in force, None while one is on its way."""
        with self.c.engine.application.store.snapshot() as snapshot:
            found = dict(all_validators(snapshot))
        if any(validator.order_no for validator in found.values()):
            return None
        return {key: validator.power for key, validator in found.items() if validator.power}

    def possession(self, name: str, key: SigningKey) -> bytes:
        return key.sign(possession_bytes(self.c.chain_id, self.c[name].party, ROLE))

    def trust(self) -> SyncFrom:
        servers = tuple(self.network.places[number].settings.light_listen for number in (1, 2))
        chain_id = parse_genesis(self.network.genesis_bytes).chain_id
        return SyncFrom(servers, trusted_block(servers, chain_id))

    def receipt(self, number: int) -> Report:
        """Return what a receipt of a payment proves, from a node to a stranger with the genesis."""
        committed = self.pay()
        engine = self.engine(number)
        engine.wait_above(committed.height, 60)  # the next header carries its hash
        file = CometNode(engine, self.network.genesis_bytes).receipt(
            committed.result.transaction_id
        )
        return verify_receipt(file, self.network.genesis_bytes, allow_simulated=True)

    def voted(self, key: bytes) -> bool:
        return key.hex() in self.receipt(1).headers[0].validators


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Iterator[Story]:
    with contextlib.ExitStack() as undo:
        told = Story(tmp_path_factory.mktemp("validators"))
        undo.callback(told.close)
        yield told


def test_a_fifth_node_joins_by_a_snapshot_and_becomes_a_validator_by_vote(story):
    story.pay_until(ANCHOR_HEIGHTS + 3)
    for number in (1, 2):
        snapshots = story.nodes[number].snapshots
        assert snapshots is not None
        story.engine(number).wait_until(lambda k=snapshots: bool(k.manifests()))
    story.run(JOINER, story.trust())
    assert story.nodes[JOINER].node.store.extent().begins_at == ANCHOR_HEIGHTS
    consensus = SigningKey(seed(f"consensus {JOINER}"))
    assert consensus.public_key == story.key(JOINER)
    addition = ProposeValidator(consensus.public_key, story.possession("port", consensus))
    story.decide("port", addition, "core", "bank", "settle", "mill")
    assert story.powers() == {story.key(number): 10 for number in range(5)}
    assert any(story.voted(consensus.public_key) for _ in range(50))


def test_a_validator_is_removed_by_vote_and_the_network_goes_on_without_it(story):
    gone = story.key(3)
    removal = ProposeValidatorPower(gone, 0, accepts_below_four=False)
    story.decide("bank", removal, "core", "bank", "settle", "port")
    story.stop(3)
    for _ in range(5):
        assert gone.hex() not in story.receipt(1).headers[0].validators
    assert len(story.powers()) == 4


def test_a_key_is_exchanged_and_the_new_one_votes(story):
    successor = draw_successor(story.home(0), seed("successor of 0"))
    exchange = ProposeValidatorKey(
        story.key(0), successor.public_key, story.possession("core", successor)
    )
    story.decide("core", exchange, "core", "bank", "settle", "port")
    story.stop(0)
    assert use_successor(story.home(0)) == successor.public_key == story.key(0)
    story.run(0)
    assert any(story.voted(successor.public_key) for _ in range(100))


def test_receipts_after_all_of_it_verify_against_the_genesis_file(story):
    for number in (0, 1, JOINER):
        report = story.receipt(number)
        assert report.headers[0].set_changes == 4  # one to add, one to remove, two for the key


def test_a_node_that_joins_after_the_changes_shows_them_too(story):
    story.pay_until(2 * ANCHOR_HEIGHTS + 3)
    for number in (1, 2):
        snapshots = story.nodes[number].snapshots
        assert snapshots is not None
        story.engine(number).wait_until(
            lambda k=snapshots: any(m.height == 2 * ANCHOR_HEIGHTS for m in k.manifests())
        )
    story.run(LATE, story.trust())
    assert story.nodes[LATE].node.store.extent().begins_at == 2 * ANCHOR_HEIGHTS
    assert story.receipt(LATE).headers[0].set_changes == 4


def shown(story: Story, number: int) -> Validator:
    """Let the engine prove that a validator voted twice; return its record when all have it."""
    key = SigningKey(seed(f"consensus {number}"))
    chain_id = parse_genesis(story.network.genesis_bytes).chain_id
    height = story.pay().height
    story.engine(1).wait_above(height, 60)
    show_double_vote(story.engine(1).rpc_socket, chain_id, key, height)

    def record() -> Validator:
        with story.engine(1).application.store.snapshot() as snapshot:
            return dict(all_validators(snapshot))[key.public_key]

    for _ in range(50):
        if record().double_signed:
            return record()
        story.pay()
    raise AssertionError("what was shown is in no block")


def test_one_of_five_that_votes_twice_loses_its_power_and_the_network_goes_on(story):
    consensus = SigningKey(seed(f"consensus {LATE}"))
    addition = ProposeValidator(consensus.public_key, story.possession("mill", consensus))
    story.decide("mill", addition, "core", "bank", "settle", "port")
    assert len(story.powers()) == 5
    assert shown(story, 1).target == 0
    story.c.engine.wait_until(lambda: story.key(1) not in (story.powers() or {story.key(1): 1}))
    for _ in range(5):
        assert story.key(1).hex() not in story.receipt(2).headers[0].validators


def test_one_that_votes_twice_where_four_are_needed_stays_and_its_member_has_no_vote(story):
    settle = shown(story, 2)
    assert settle.power == 10
    with story.engine(1).application.store.snapshot() as snapshot:
        assert are_votes_suspended(snapshot, settle.party)


def test_every_node_and_a_replay_from_genesis_come_to_the_same_verdicts(story):
    height = story.pay().height
    for number in story.nodes:
        story.engine(number).wait_above(height - 1, 60)
    hashes = list(replayed_app_hashes(story.nodes[1].node.store, story.network.genesis_bytes))
    assert [stored for stored, _ in hashes] == [computed for _, computed in hashes]
    for number in story.nodes:
        store = story.nodes[number].node.store
        assert (
            decode_block(store.block(height) or b"").signed_header.header.app_hash
            == (hashes[height][0])
        )
