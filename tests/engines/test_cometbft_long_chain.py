"""The simulator's long random chain has the same hashes under both engines, at every height.

The blocks of a seeded life (valid, refused, garbled and badly signed transactions, due work, votes,
lateness) go to the embedded application, and over the real socket to the other engine's side of
it: with no signature verified before, with all of them, and with the memory full of others.
"""

import dataclasses
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from conftest import PROFILE
from determinism.replay import RecordedBlock, RecordedChain, replayed
from engines.abci_client import AbciClient
from engines.cometbft_network import seed, timestamp
from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import GenesisValidator, ValidatorsSection, abci
from xinlian.engines.cometbft.calls import Calls
from xinlian.engines.cometbft.pool import Pool
from xinlian.engines.cometbft.server import AbciServer
from xinlian.ledger.application import Application, decode_outcome
from xinlian.ledger.block import TransactionResult
from xinlian.ledger.genesis import encode_genesis, parse_genesis
from xinlian.ledger.header import decode_block
from xinlian.ledger.ports import Store
from xinlian.storage import MemoryStore
from xinlian.testing.simulator import Simulation
from xinlian.testing.virtual_disk import CrashPoint

LONGER = 10 if PROFILE == "soak" else 1
LIVES = {"simulated clock": (12, 480 * LONGER), "live clock, tight quotas": (11, 240 * LONGER)}
NEVER = CrashPoint(1 << 60)
Codes = list[tuple[str, int]]


@dataclasses.dataclass(frozen=True)
class Life:
    """A chain that the simulator made, over a genesis with a validator, and what it led to."""

    chain: RecordedChain
    operator: SigningKey
    codes: list[Codes]
    hashes: list[bytes]


def codes_at(store: Store, height: int) -> Codes:
    """Return how each transaction of a height ended."""
    outcome = store.outcome(height)
    assert outcome is not None
    return [_without_validators(result) for result in decode_outcome(outcome).results]


def _without_validators(result: TransactionResult) -> tuple[str, int]:
    """Return how a transaction ended; the simulator's genesis has no validators to speak of."""
    return result.codespace, 0 if result.codespace == "validators" else result.code


def with_validator(genesis_bytes: bytes) -> bytes:
    """Return a genesis file to which its one operator is added as a validator."""
    genesis = parse_genesis(genesis_bytes)
    consensus_key = SigningKey(seed("the only vote")).public_key.hex()
    section = ValidatorsSection(
        begins_at_ms=genesis.genesis_time_ms,
        validators=(GenesisValidator(genesis.operators[0].public_key, consensus_key, 10),),
    )
    raw = msgspec.Raw(msgspec.json.encode(section))
    sections = {**genesis.sections, "validators": raw}
    return encode_genesis(msgspec.structs.replace(genesis, sections=sections))


@pytest.fixture(scope="module", params=LIVES)
def life(request: pytest.FixtureRequest) -> Life:
    number, steps = LIVES[request.param]
    simulation = Simulation(number, crash=NEVER)
    simulation.run(steps)
    store = simulation.store
    heights = range(store.height + 1)
    blocks = [decode_block(store.block(height) or b"") for height in heights]
    chain = RecordedChain(
        with_validator(simulation.world.genesis_bytes),
        tuple(
            RecordedBlock(
                block.engine_time_ms, block.transactions, block.signed_header.header.app_hash
            )
            for block in blocks
        ),
    )
    codes = [codes_at(store, height) for height in heights[1:]]
    operator = simulation.world.organisations["core"].keys["operator"]
    return Life(chain, operator, codes, replayed(chain))


@dataclasses.dataclass
class Node:
    """An application behind its socket."""

    calls: Calls
    store: Store
    path: Path

    def live(self, blocks: Sequence[RecordedBlock], *, check: Sequence[bytes] = ()) -> list[bytes]:
        """Check transactions, then apply blocks; return the hash of every height."""
        hashes = [self.calls.stand.header.app_hash]
        with AbciClient(self.path) as mempool, AbciClient(self.path) as consensus:
            for raw in check:
                mempool.ask(abci.RequestCheckTx(raw), abci.ResponseCheckTx)
            for height, block in enumerate(blocks[1:], 1):
                decided = abci.RequestFinalizeBlock(
                    block.transactions, height, timestamp(block.engine_time_ms)
                )
                applied = consensus.ask(decided, abci.ResponseFinalizeBlock)
                consensus.ask(abci.RequestCommit(), abci.ResponseCommit)
                header = self.calls.stand.header
                assert header.height == height
                assert len(applied.tx_results) == len(block.transactions)
                hashes.append(header.app_hash)
        return hashes


@pytest.fixture
def node(life: Life, tmp_path: Path) -> Iterator[Node]:
    genesis = parse_genesis(life.chain.genesis_bytes)
    contracts = build_contracts()
    store = MemoryStore()
    application = Application(store, contracts)
    calls = Calls(
        application, life.chain.genesis_bytes, life.operator, Pool(), lambda _outcome, _raw: None
    )
    calls.begin(GenesisState(genesis, contracts))
    failures: list[BaseException] = []
    server = AbciServer(tmp_path / "app.sock", calls.answer, failures.append)
    server.start()
    try:
        yield Node(calls, store, tmp_path / "app.sock")
        assert failures == []
    finally:
        server.close()


def test_with_cold_signatures(life, node):
    assert node.live(life.chain.blocks) == life.hashes
    codes = [codes_at(node.store, height) for height in range(1, len(life.hashes))]
    assert codes == life.codes, "each transaction ends as it did in the simulator"
    ended = [code for of_block in codes for code in of_block]
    assert ended.count(("", 0)) > len(life.hashes) // 4
    assert len(set(ended)) > 20


def test_with_signatures_that_were_checked_before(life, node):
    everything = [raw for block in life.chain.blocks for raw in block.transactions]
    random.Random(len(everything)).shuffle(everything)
    assert node.live(life.chain.blocks, check=everything) == life.hashes


def test_with_signatures_of_spoiled_copies_checked_before(life, node):
    everything = [raw for block in life.chain.blocks for raw in block.transactions if raw]
    spoiled = [raw[:-1] + bytes((raw[-1] ^ 1,)) for raw in everything]
    assert node.live(life.chain.blocks, check=spoiled) == life.hashes
