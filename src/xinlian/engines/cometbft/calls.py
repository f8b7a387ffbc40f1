"""The calls of the engine, answered by the application.

Rules this file keeps:
 1. Finalizing computes, committing stores height, hash and state in one transaction of the store;
    a crash between them leaves the old height, and the engine asks for the block again.
 2. Proposing and judging proposals change nothing, and depend on nothing but the last committed
    state, the transactions and the time of the proposal.
 3. A proposal is rejected when it is too large, or holds a transaction that is undecodable,
    repeated, badly signed or otherwise inadmissible; what an honest node proposes never is.
 4. A signature is verified once, when a transaction is first seen: rechecks never look at it.
 5. A height that was committed is never applied again; one that does not follow stops the node.
 6. Queries read what is committed; what is asked about snapshots is answered in ``snapshots.py``.
 7. The engine is told of validators what the ledger's record of the height says, and no more.
 8. What the engine shows of validators is part of the block: stored with it, and applied first.
 9. The engine may forget the blocks whose bodies the ledger's store has forgotten.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

import structlog

from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft import abci
from xinlian.engines.cometbft.misbehaviour import fault_of, misbehaviours_of
from xinlian.engines.cometbft.network import (
    EngineTime,
    ValidatorsSection,
    app_state,
    require_validators,
    told_at,
    validator_updates,
)
from xinlian.engines.cometbft.pool import Pool
from xinlian.engines.cometbft.snapshots import EmptyShelf, SnapshotAnswers, SnapshotShelf
from xinlian.engines.cometbft.stand import Stand, next_stand, stand_of
from xinlian.engines.cometbft.wire import Message
from xinlian.engines.sealing import header_of, signed_by
from xinlian.ledger import limits
from xinlian.ledger.application import Application, FinalizedBlock, GenesisLoader
from xinlian.ledger.block import Block, BlockOutcome, Misbehaviour
from xinlian.ledger.clock import CLOCK_SIMULATED
from xinlian.ledger.genesis import Genesis, genesis_hash, parse_genesis
from xinlian.ledger.header import StoredBlock, encode_block, encode_head, header_hash
from xinlian.primitives import InvariantViolation, LedgerError

_log = structlog.get_logger(__name__)

NAME: Final = "xinlian"
ACCEPT: Final = abci.ResponseProcessProposal(abci.ProposalStatus.ACCEPT)
REJECT: Final = abci.ResponseProcessProposal(abci.ProposalStatus.REJECT)
ADMITTED: Final = abci.ResponseCheckTx()
CODESPACE: Final = "abci"
GONE_CODE: Final = 1
"""A waiting transaction has left this node's pool."""
UNKNOWN_QUERY_CODE: Final = 2
QUERY_STATE: Final = "/state"


class EngineDiffers(Exception):  # noqa: N818 - names what the operator must look at
    """The engine runs another network than the genesis file describes; the text says in what."""


class _Decided(NamedTuple):
    """A block that was applied and waits to be made durable."""

    finalized: FinalizedBlock
    stand: Stand
    transactions: tuple[bytes, ...]
    misbehaviours: tuple[Misbehaviour, ...] = ()


class _Prepared(NamedTuple):
    """What this node proposed last; judging it again would say the same."""

    height: int
    time: abci.Timestamp
    transactions: tuple[bytes, ...]


RequestT = TypeVar("RequestT", bound=Message)
CommitListener = Callable[[BlockOutcome, Sequence[bytes]], None]
DropListener = Callable[[bytes, LedgerError], None]


def _nothing(_raw: bytes, _refusal: LedgerError) -> None:
    """Tell nobody."""


class Calls:
    """Answers the engine's calls over one application; thread-safe by connection."""

    def __init__(
        self,
        application: Application,
        genesis_bytes: bytes,
        operator_key: SigningKey,
        pool: Pool,
        on_commit: CommitListener,
        on_dropped: DropListener = _nothing,
        shelf: SnapshotShelf | None = None,
    ) -> None:
        """Prepare to answer; raises GenesisInvalid where the chain has no validators.

        Args:
            application: the state machine.
            genesis_bytes: the genesis file.
            operator_key: signs this node's copy of the headers.
            pool: the waiting transactions of this node.
            on_commit: is called with each durable block, on the consensus thread.
            on_dropped: is told which waiting transaction has become inadmissible, and why.
            shelf: the snapshots that this node keeps for others; none by default.
        """
        self._application = application
        self._genesis_bytes = genesis_bytes
        self._genesis: Genesis = parse_genesis(genesis_bytes)
        self._validators: ValidatorsSection = require_validators(self._genesis)
        self.time: Final = EngineTime(self._genesis, self._validators.begins_at_ms)
        self._operator_key = operator_key
        self._pool = pool
        self._on_commit = on_commit
        self._on_dropped = on_dropped
        self._stand: Stand | None = None
        self._decided: _Decided | None = None
        self._prepared: _Prepared | None = None
        snapshots = SnapshotAnswers(shelf or EmptyShelf(), lambda: self.stand.header.height)
        self._answers: dict[type[Message], Callable[..., Message]] = {
            abci.RequestEcho: self._echo,
            abci.RequestInfo: self._info,
            abci.RequestInitChain: self._init_chain,
            abci.RequestQuery: self._query,
            abci.RequestCheckTx: self._check_tx,
            abci.RequestCommit: self._commit,
            abci.RequestListSnapshots: snapshots.listed,
            abci.RequestOfferSnapshot: snapshots.offered,
            abci.RequestLoadSnapshotChunk: snapshots.chunk,
            abci.RequestApplySnapshotChunk: snapshots.given,
            abci.RequestPrepareProposal: self._prepare_proposal,
            abci.RequestProcessProposal: self._process_proposal,
            abci.RequestExtendVote: lambda _: abci.ResponseExtendVote(),
            abci.RequestVerifyVoteExtension: self._verify_vote_extension,
            abci.RequestFinalizeBlock: self._finalize_block,
        }

    def begin(self, load_genesis: GenesisLoader) -> None:
        """Write height 0 if there is none, and see where the chain stands."""
        store = self._application.store
        if store.head() is None:
            finalized = self._application.init_chain(load_genesis, self._genesis.app_version)
            header = header_of(
                finalized,
                0,
                genesis_hash(self._genesis_bytes),
                chain_id=self._genesis.chain_id,
                simulated=self._genesis.clock == CLOCK_SIMULATED,
            )
            begins_ms = self._genesis.genesis_time_ms
            self._store(_Decided(finalized, Stand(header, begins_ms, header.app_hash), ()))
        with store.snapshot() as snapshot:
            self._stand = stand_of(store, snapshot.height)

    @property
    def stand(self) -> Stand:
        """Where the chain stands; raises InvariantViolation before ``begin``."""
        if self._stand is None:
            raise InvariantViolation("chain_begun", "the engine called before the chain began")
        return self._stand

    def answer(self, request: Message) -> Message:
        """Return the answer to a call; what it raises stops the node."""
        return self._answers[type(request)](request)

    def _echo(self, request: abci.RequestEcho) -> Message:
        return abci.ResponseEcho(request.message)

    def _info(self, _: abci.RequestInfo) -> Message:
        stand = self.stand
        return abci.ResponseInfo(
            data=NAME,
            last_block_height=stand.header.height,
            last_block_app_hash=stand.engine_hash if stand.header.height else b"",
        )

    def _init_chain(self, request: abci.RequestInitChain) -> Message:
        """Begin the chain, if the engine means the one of the genesis file."""
        for what, told, ours in (
            ("chain id", request.chain_id, self._genesis.chain_id),
            ("genesis file", request.app_state_bytes, app_state(self._genesis_bytes)),
            ("time of the first block", request.time.ms, self._validators.begins_at_ms),
            ("first height", request.initial_height, 1),
            (
                "validators",
                sorted((v.pub_key.ed25519, v.power) for v in request.validators),
                [(v.pub_key.ed25519, v.power) for v in validator_updates(self._validators)],
            ),
        ):
            if told != ours:
                raise EngineDiffers(f"the engine's {what} is not the genesis file's")
        if self.stand.header.height:
            raise EngineDiffers("the engine begins a chain of which this store has blocks")
        return abci.ResponseInitChain(self.stand.header.app_hash)

    def _query(self, request: abci.RequestQuery) -> Message:
        if request.path != QUERY_STATE:
            return abci.ResponseQuery(UNKNOWN_QUERY_CODE, "no such query", codespace=CODESPACE)
        if not 0 < len(request.data) <= limits.STATE_KEY_BYTES_MAX:
            return abci.ResponseQuery(UNKNOWN_QUERY_CODE, "no such key", codespace=CODESPACE)
        with self._application.store.snapshot() as snapshot:
            value = snapshot.get(request.data) or b""
            return abci.ResponseQuery(key=request.data, value=value, height=snapshot.height)

    def _check_tx(self, request: abci.RequestCheckTx) -> Message:
        """Say whether a transaction may wait; one that waits already was checked."""
        if request.tx in self._pool:
            return ADMITTED
        if request.kind == abci.CheckKind.RECHECK:
            return abci.ResponseCheckTx(GONE_CODE, "no longer admissible", CODESPACE)
        try:
            self.admit(request.tx)
        except LedgerError as refusal:
            return abci.ResponseCheckTx(refusal.code, str(refusal), refusal.codespace)
        return ADMITTED

    def admit(self, raw: bytes) -> None:
        """Take a transaction into the pool; raises LedgerError why it may not wait."""
        transaction = self._application.check_tx(raw)
        is_kept_for = self._application.executor.is_kept_for(transaction)
        self._pool.add(transaction, is_kept_for=is_kept_for)

    def _prepare_proposal(self, request: abci.RequestPrepareProposal) -> Message:
        """Propose what the pool gives; what has become inadmissible leaves the pool."""
        self._prepared = None
        room_bytes = min(limits.BLOCK_BYTES_MAX, request.max_tx_bytes)
        candidates = self._pool.next_block(room_bytes)
        refusals = self._application.check_proposed(candidates, self.time.of(request.time.ms))
        pairs = list(zip(candidates, refusals, strict=True))
        for raw, refusal in pairs:
            if refusal is not None:
                self._pool.remove([raw])
                self._on_dropped(raw, refusal)
        chosen = tuple(raw for raw, refusal in pairs if refusal is None)
        self._prepared = _Prepared(request.height, request.time, chosen)
        return abci.ResponsePrepareProposal(chosen)

    def _process_proposal(self, request: abci.RequestProcessProposal) -> Message:
        if self._prepared == _Prepared(request.height, request.time, request.txs):
            return ACCEPT
        problem = self._problem_of(request)
        if problem:
            _log.warning("proposal_rejected", height=request.height, problem=problem)
            return REJECT
        return ACCEPT

    def _problem_of(self, request: abci.RequestProcessProposal) -> str:
        """Return why a proposal may not be voted for, or an empty text."""
        if len(request.txs) > limits.BLOCK_TRANSACTIONS_MAX:
            return "too many transactions"
        if sum(map(len, request.txs)) > limits.BLOCK_BYTES_MAX:
            return "too large"
        fault = fault_of(request.misbehavior, request.height)
        if fault:
            return fault
        engine_time_ms = self.time.of(request.time.ms)
        for index, refusal in enumerate(
            self._application.check_proposed(request.txs, engine_time_ms)
        ):
            if refusal is not None:
                return f"transaction {index}: {refusal.reference}"
        return ""

    def _verify_vote_extension(self, request: abci.RequestVerifyVoteExtension) -> Message:
        is_empty = not request.vote_extension
        status = abci.ProposalStatus.ACCEPT if is_empty else abci.ProposalStatus.REJECT
        return abci.ResponseVerifyVoteExtension(status)

    def _finalize_block(self, request: abci.RequestFinalizeBlock) -> Message:
        """Apply a decided block; nothing is stored yet."""
        before = self.stand
        if request.height != before.header.height + 1:
            raise InvariantViolation(
                "block_follows", f"{request.height} after {before.header.height}"
            )
        fault = fault_of(request.misbehavior, request.height)
        if fault:
            raise InvariantViolation("engine_speaks", fault)
        engine_time_ms = self.time.of(request.time.ms)
        with self._application.store.snapshot() as snapshot:
            shown = misbehaviours_of(request.misbehavior, snapshot)
        block = Block(request.height, engine_time_ms, request.txs, shown)
        finalized = self._application.finalize_block(block)
        header = header_of(
            finalized,
            len(request.txs),
            header_hash(before.header),
            chain_id=self._genesis.chain_id,
            simulated=before.header.simulated,
        )
        stand = next_stand(before, header, engine_time_ms)
        self._decided = _Decided(finalized, stand, request.txs, shown)
        return abci.ResponseFinalizeBlock(
            tx_results=tuple(
                abci.ExecTxResult(result.code, result.work, result.codespace)
                for result in finalized.outcome.results
            ),
            validator_updates=told_at(request.height, finalized.outcome.writes),
            app_hash=stand.engine_hash,
        )

    def _commit(self, _: abci.RequestCommit) -> Message:
        decided = self._decided
        if decided is None:
            raise InvariantViolation("block_decided", "commit without a block")
        self._store(decided)
        self._stand, self._decided, self._prepared = decided.stand, None, None
        outcome = decided.finalized.outcome
        for alarm in outcome.alarms:
            _log.error("internal_fault_rolled_back", height=outcome.height, fault=alarm)
        for shown in decided.misbehaviours:
            _log.error(
                "validator_signed_twice",
                height=outcome.height,
                public_key=shown.public_key.hex(),
                kind=shown.kind.name.lower(),
                signed_at_height=shown.height,
            )
        self._pool.remove(decided.transactions)
        self._pool.drop_expired(outcome.time_ms)
        self._on_commit(outcome, decided.transactions)
        return abci.ResponseCommit(retain_height=self._application.store.extent().bodies_from)

    def _store(self, decided: _Decided) -> None:
        signed = signed_by(self._operator_key, decided.stand.header)
        block = StoredBlock(
            signed, decided.stand.engine_time_ms, decided.transactions, decided.misbehaviours
        )
        self._application.commit(decided.finalized, encode_head(signed), encode_block(block))
