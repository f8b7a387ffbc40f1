"""Networks of validators for tests: their genesis, their folders, nodes here or as processes."""

import contextlib
import dataclasses
import functools
import hashlib
import socket
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from xinlian.bootstrap import GenesisState, build_contracts, open_cometbft, open_store
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.engines.cometbft import (
    CometEngine,
    CometNode,
    EngineKeys,
    EngineMissing,
    EngineSettings,
    GenesisValidator,
    Tuning,
    ValidatorsSection,
    abci,
    create_keys,
    find_program,
    validators_of,
)
from xinlian.engines.cometbft.calls import Calls
from xinlian.engines.cometbft.pool import Pool
from xinlian.ledger.application import Application
from xinlian.ledger.block import BlockOutcome, TransactionResult
from xinlian.ledger.genesis import Operator, encode_genesis, parse_genesis, section
from xinlian.ledger.ports import Store
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.members.genesis import GenesisKey, MembersSection
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium

FAST = Tuning(commit_ms=50, propose_ms=1_000, quiet_seconds=2, is_loopback=True)


@functools.cache
def engine_missing() -> str:
    """Return why the engine's program cannot be run here, or an empty text."""
    try:
        find_program()
    except EngineMissing as missing:
        return str(missing)
    return ""


def seed(what: str) -> bytes:
    """Return 32 bytes that are the same in every run."""
    return hashlib.sha256(f"xinlian test validator {what}".encode()).digest()


def operator_key(number: int) -> SigningKey:
    """Return the operator key of a validator."""
    return SigningKey(seed(f"operator {number}"))


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for taken in sockets:
        taken.bind(("127.0.0.1", 0))
    ports = [int(taken.getsockname()[1]) for taken in sockets]
    for taken in sockets:
        taken.close()
    return ports


@dataclasses.dataclass(frozen=True)
class Place:
    """Where one validator lives."""

    number: int
    folder: Path
    settings: EngineSettings


@dataclasses.dataclass
class Network:
    """The genesis of a consortium with validators, and the places of its nodes."""

    genesis_bytes: bytes
    places: list[Place]

    def open(self, number: int) -> CometEngine:
        """Return a running engine of a validator in this process."""
        place = self.places[number]
        store = open_store(place.folder / "chain", history_heights=1_000)
        with contextlib.ExitStack() as undo:
            undo.callback(store.close)
            engine = open_cometbft(store, self.genesis_bytes, operator_key(number), place.settings)
            undo.pop_all()
        return engine


def make_network(
    folder: Path,
    c: Consortium,
    count: int,
    tuning: Tuning = FAST,
    observers: int = 0,
    answering: Sequence[str] = (),
) -> Network:
    """Return a network of so many validators over the genesis of a consortium.

    Observers come after the validators: they have a place and an operator's key, and no vote.
    Of the members that answer for nodes the first answers for the first, and so on.
    """
    validators, count = count, count + observers
    homes = [folder / f"v{number}" / "engine" for number in range(count)]
    keys = [
        create_keys(home, seed(f"node {number}"), seed(f"consensus {number}"))
        for number, home in enumerate(homes)
    ]
    ports = free_ports(2 * count)
    peers = [f"{key.node_id}@127.0.0.1:{port}" for key, port in zip(keys, ports, strict=False)]
    program = find_program()
    places = [
        Place(
            number,
            homes[number].parent,
            EngineSettings(
                program=program,
                home=homes[number],
                listen=f"127.0.0.1:{ports[number]}",
                peers=tuple(peer for other, peer in enumerate(peers) if other != number),
                tuning=tuning,
                light_listen=f"127.0.0.1:{ports[count + number]}",
            ),
        )
        for number in range(count)
    ]
    return Network(with_validators(c, keys, validators, answering), places)


def with_validators(
    c: Consortium,
    keys: list[EngineKeys],
    validators: int | None = None,
    answering: Sequence[str] = (),
) -> bytes:
    """Return the genesis of a consortium with validators added, for whom members may answer."""
    genesis = parse_genesis(c.genesis_bytes)
    members = section(genesis, "members", MembersSection)
    answers = {c[name].uscc: number for number, name in enumerate(answering)}
    parties = tuple(
        msgspec.structs.replace(
            party,
            keys=(
                *party.keys,
                GenesisKey(
                    "validator-operator",
                    SUITE_ED25519,
                    operator_key(answers[party.uscc]).public_key.hex(),
                ),
            ),
        )
        if party.uscc in answers
        else party
        for party in members.parties
    )
    found = ValidatorsSection(
        begins_at_ms=time.time_ns() // 1_000_000,
        validators=tuple(
            GenesisValidator(operator_key(number).public_key.hex(), key.consensus_key.hex(), 10)
            for number, key in enumerate(keys[:validators])
        ),
    )
    operators = tuple(
        Operator(SUITE_ED25519, operator_key(number).public_key.hex())
        for number in range(len(keys))
    )
    return encode_genesis(
        msgspec.structs.replace(
            genesis,
            operators=(*genesis.operators, *operators),
            sections={
                **genesis.sections,
                "members": msgspec.Raw(msgspec.json.encode(MembersSection(parties))),
                "validators": msgspec.Raw(msgspec.json.encode(found)),
            },
        ),
    )


def driven_by(c: Consortium, engine: CometEngine, genesis_bytes: bytes) -> Consortium:
    """Let a consortium's parties act on another engine; its own is closed."""
    c.close()
    c.genesis_bytes = genesis_bytes
    c.engine = engine  # type: ignore[assignment] # what its parties use of an engine is the same
    c.node = CometNode(engine, genesis_bytes)
    return c


class Driven:
    """The engine's side of the calls, without an engine: proposes, decides, commits."""

    def __init__(self, c: Consortium, genesis_bytes: bytes, store: Store | None = None) -> None:
        self.c = c
        self.genesis_bytes = genesis_bytes
        self.store = MemoryStore() if store is None else store
        self.genesis = parse_genesis(genesis_bytes)
        self.committed: list[int] = []
        self.results: list[tuple[int, TransactionResult]] = []
        """Of every transaction in a block, with its height."""
        self.pool = Pool()
        contracts = build_contracts()
        self.application = Application(self.store, contracts)
        self.calls = Calls(
            self.application,
            genesis_bytes,
            operator_key(0),
            self.pool,
            self._committed,
        )
        self.calls.begin(GenesisState(self.genesis, contracts))

    def _committed(self, outcome: BlockOutcome, _: Sequence[bytes]) -> None:
        self.committed.append(outcome.height)
        self.results += [(outcome.height, result) for result in outcome.results]

    @property
    def next_height(self) -> int:
        """The height of the next block."""
        return self.calls.stand.header.height + 1

    def next_time(self) -> abci.Timestamp:
        """Return the engine's time of the next block, a second after the last."""
        found = validators_of(self.genesis)
        assert found is not None
        return timestamp(found.begins_at_ms + 1_000 * self.next_height)

    def check(self, raw: bytes, kind: abci.CheckKind = abci.CheckKind.NEW) -> tuple[str, int]:
        """Return (codespace, code) of a check."""
        answer = self.calls.answer(abci.RequestCheckTx(raw, kind))
        assert isinstance(answer, abci.ResponseCheckTx)
        return answer.codespace, answer.code

    def prepare(self, bytes_max: int = 4 << 20) -> tuple[bytes, ...]:
        """Return what this node would propose."""
        answer = self.calls.answer(
            abci.RequestPrepareProposal(bytes_max, (), self.next_height, self.next_time())
        )
        assert isinstance(answer, abci.ResponsePrepareProposal)
        return answer.txs

    def is_accepted(self, *transactions: bytes) -> bool:
        """Return whether this node would vote for a proposal."""
        answer = self.calls.answer(
            abci.RequestProcessProposal(transactions, self.next_height, self.next_time())
        )
        assert isinstance(answer, abci.ResponseProcessProposal)
        return answer.status == abci.ProposalStatus.ACCEPT

    def finalize(
        self,
        *transactions: bytes,
        at: abci.Timestamp | None = None,
        shown: tuple[abci.Misbehavior, ...] = (),
    ) -> abci.ResponseFinalizeBlock:
        """Apply a decided block."""
        answer = self.calls.answer(
            abci.RequestFinalizeBlock(transactions, self.next_height, at or self.next_time(), shown)
        )
        assert isinstance(answer, abci.ResponseFinalizeBlock)
        return answer

    def commit(self) -> None:
        """Make it durable."""
        assert self.calls.answer(abci.RequestCommit()) == abci.ResponseCommit()

    def block(
        self,
        *transactions: bytes,
        at: abci.Timestamp | None = None,
        shown: tuple[abci.Misbehavior, ...] = (),
    ) -> abci.ResponseFinalizeBlock:
        """Decide a block and make it durable."""
        answer = self.finalize(*transactions, at=at, shown=shown)
        self.commit()
        return answer

    def info(self) -> abci.ResponseInfo:
        """Return where the application says that it stands."""
        answer = self.calls.answer(abci.RequestInfo())
        assert isinstance(answer, abci.ResponseInfo)
        return answer

    def pay(self, amount_minor: int = 1, payer: str = "core", payee: str = "bank") -> bytes:
        """Return a signed payment."""
        transfer = Transfer(self.c.account(payer), self.c.account(payee), amount_minor)
        return self.c.sign(payer, transfer).raw


def timestamp(time_ms: int) -> abci.Timestamp:
    """Return a moment as the engine says it."""
    return abci.Timestamp(time_ms // 1_000, time_ms % 1_000 * 1_000_000)
