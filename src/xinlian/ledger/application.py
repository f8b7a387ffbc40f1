"""The application port: what every engine drives, the same way.

An engine orders transactions into blocks; this class applies them and makes them durable.

Rules this file keeps:
 1. ``finalize_block`` computes, ``commit`` stores; a crash between them leaves the old height.
 2. ``check_tx`` is advice against the last committed height: never an outcome.
 3. The signature cache remembers only which bytes verified under which key; cold, warm or
    poisoned with other entries, the application hash is the same.
"""

import dataclasses
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from xinlian.crypto.ed25519 import verify_signature
from xinlian.crypto.merkle import merkle_root
from xinlian.ledger.admission import (
    SignatureFact,
    check_envelope,
    check_unused,
    facts_to_verify,
    signature_facts,
)
from xinlian.ledger.block import (
    Block,
    BlockOutcome,
    EventGroup,
    TransactionResult,
    app_hash,
    event_leaves,
    result_leaves,
    transactions_root,
)
from xinlian.ledger.clock import block_time_ms, chain_meta
from xinlian.ledger.errors import InvalidSignature
from xinlian.ledger.executor import BlockEnvironment, Executor, Quotas
from xinlian.ledger.machine import apply_block
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.ports import CommitBatch, Snapshot, Store
from xinlian.ledger.state_tree import update_tree
from xinlian.ledger.transaction import Transaction, decode_transaction
from xinlian.ledger.upgrade import rules_at, version_at
from xinlian.primitives import LedgerError

SIGNATURE_CACHE_ENTRIES: Final = 50_000


class StoredOutcome(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a store keeps of a height beside its block."""

    results: tuple[TransactionResult, ...]
    event_groups: tuple[EventGroup, ...]


_encode = msgspec.msgpack.Encoder().encode
_decode_outcome = msgspec.msgpack.Decoder(StoredOutcome).decode


def decode_outcome(data: bytes) -> StoredOutcome:
    """Return the outcome of its stored bytes."""
    return _decode_outcome(data)


@dataclasses.dataclass(frozen=True, slots=True)
class FinalizedBlock:
    """A block that was applied and is not yet durable."""

    outcome: BlockOutcome
    transactions_root: bytes
    state_root: bytes
    results_root: bytes
    events_root: bytes
    app_version: int
    app_hash: bytes
    node_writes: dict[bytes, bytes | None]


class GenesisLoader(Protocol):
    """Writes the first state; implemented where all modules are known."""

    def __call__(self, state: Overlay) -> None:
        """Fill an empty state from the genesis file."""


class SignatureCache:
    """Remembers which bytes verified under which key; bounded, the oldest goes first."""

    def __init__(self, entries_max: int = SIGNATURE_CACHE_ENTRIES) -> None:
        self._verified: OrderedDict[tuple[str, bytes, bytes, bytes], None] = OrderedDict()
        self._entries_max = entries_max

    def check(self, suite: str, public_key: bytes, message: bytes, blob: bytes) -> bool:
        """Return whether the signature verifies, asking the library once."""
        fact = (suite, public_key, message, blob)
        if fact in self._verified:
            return True
        if not verify_signature(suite, public_key, message, blob):
            return False
        self.remember(fact)
        return True

    def knows(self, fact: SignatureFact) -> bool:
        """Return whether the signature is known to verify; False says nothing."""
        return fact in self._verified

    def remember(self, fact: SignatureFact) -> None:
        """Note that a signature verified, wherever that was computed."""
        self._verified[fact] = None
        if len(self._verified) > self._entries_max:
            self._verified.popitem(last=False)


class AdmissionView:
    """The last committed height, as admission looks at it; what was read of it is kept.

    One thread at a time may use it, and whoever holds it renews it with every height.
    """

    __slots__ = ("_executor", "_meta", "_quotas", "_snapshot", "_state")

    def __init__(self, snapshot: Snapshot, executor: Executor) -> None:
        """Look at a snapshot, which is closed with the view."""
        self._snapshot = snapshot
        self._executor = executor
        self._state = Overlay(snapshot)  # never written: it remembers what it read
        self._meta = chain_meta(self._state)
        self._quotas: tuple[int, Quotas] | None = None

    def facts(
        self,
        transaction: Transaction,
        engine_time_ms: int | None = None,
    ) -> list[SignatureFact]:
        """Return what must be true of the signatures of a transaction that is otherwise in order.

        Args:
            transaction: decoded.
            engine_time_ms: the engine's time of a block made now; None for the last block's time.

        Raises:
            LedgerError: why it may not be placed in a block.
        """
        meta = self._meta
        time_ms = meta.time_ms if engine_time_ms is None else block_time_ms(meta, engine_time_ms)
        environment = BlockEnvironment(meta.chain_id, meta.height, time_ms, meta.app_version)
        if self._quotas is None or self._quotas[0] != time_ms:
            self._quotas = (time_ms, self._executor.quotas_at(self._state, environment))
        return facts_to_verify(
            self._state, environment, transaction, self._executor, self._quotas[1]
        )

    def claims(self, raws: Sequence[bytes]) -> list[SignatureFact]:
        """Return what the signatures of transactions claim, so far as their keys are known here.

        What is undecodable, or signed with keys that are not registered yet, is left out: this is
        for looking at signatures ahead of time, and says nothing about a transaction.
        """
        found: list[SignatureFact] = []
        for raw in raws:
            try:
                transaction = decode_transaction(raw)
            except LedgerError:
                continue
            keys = [self._executor.signer_key(self._state, key) for key in transaction.signers]
            known = [key for key in keys if key is not None]
            if len(known) == len(keys):
                found += signature_facts(transaction, known)
        return found

    def close(self) -> None:
        """Release the snapshot."""
        self._snapshot.close()


class Application:
    """One chain's state machine over one store."""

    def __init__(self, store: Store, executor: Executor) -> None:
        self._store = store
        self._executor = executor
        self._signatures = SignatureCache()

    @property
    def executor(self) -> Executor:
        """The contracts that run on this chain."""
        return self._executor

    @property
    def store(self) -> Store:
        """The store that holds this chain."""
        return self._store

    @property
    def signatures(self) -> SignatureCache:
        """What is known of signatures; whoever verified one elsewhere may note a yes."""
        return self._signatures

    def init_chain(self, load_genesis: GenesisLoader, app_version: int) -> FinalizedBlock:
        """Return height 0: the state that the genesis file describes."""
        with self._store.snapshot() as snapshot:
            overlay = Overlay(snapshot)
            load_genesis(overlay)
            meta = chain_meta(overlay)
            tree = update_tree(snapshot, overlay.writes())
        outcome = BlockOutcome(
            height=0,
            time_ms=meta.time_ms,
            writes=overlay.writes(),
            results=(),
            event_groups=(EventGroup(()),),
            alarms=(),
        )
        return _finalized(outcome, (), tree.root, tree.node_writes, app_version)

    def environment(self) -> BlockEnvironment:
        """Return the environment of the last committed height."""
        with self._store.snapshot() as snapshot:
            meta = chain_meta(snapshot)
        return BlockEnvironment(meta.chain_id, meta.height, meta.time_ms, meta.app_version)

    def check_tx(self, raw: bytes, engine_time_ms: int | None = None) -> Transaction:
        """Return a transaction that may be placed in a block.

        Args:
            raw: its bytes.
            engine_time_ms: the engine's time of a block made now; without it the last block's
                time is taken, which on a quiet chain may be long ago.

        Raises:
            LedgerError: why not; the idempotency key is not consumed.
        """
        transaction = decode_transaction(raw)
        view = self.admission_view()
        try:
            facts = view.facts(transaction, engine_time_ms)
        finally:
            view.close()
        self.require_signatures(facts)
        return transaction

    def admission_view(self) -> AdmissionView:
        """Return the last committed height for many admissions; its caller closes it."""
        snapshot = self._store.snapshot()
        try:
            return AdmissionView(snapshot, self._executor)
        except BaseException:
            snapshot.close()
            raise

    def require_signatures(self, facts: Sequence[SignatureFact]) -> None:
        """Refuse an envelope whose signatures do not all verify; raises InvalidSignature."""
        for index, fact in enumerate(facts):
            if not self._signatures.check(*fact):
                raise InvalidSignature(index)

    def check_proposed(
        self,
        transactions: Sequence[bytes],
        engine_time_ms: int,
    ) -> list[LedgerError | None]:
        """Return why each transaction has no place in the next block; None where it has one.

        A pure function of the state, the transactions and the time, so that all validators say
        the same of one proposal.

        Args:
            transactions: in the order of the proposal.
            engine_time_ms: the engine's time of the proposal.
        """
        seen: dict[tuple[bytes, bytes], bytes] = {}
        with self._store.snapshot() as snapshot:
            meta = chain_meta(snapshot)
            time_ms = block_time_ms(meta, engine_time_ms)
            environment = BlockEnvironment(meta.chain_id, meta.height, time_ms, meta.app_version)
            quotas = self._executor.quotas_at(snapshot, environment)
            checked = self._signatures.check

            def refusal(raw: bytes) -> LedgerError | None:
                try:
                    transaction = decode_transaction(raw)
                    check_unused(seen, transaction)
                    check_envelope(
                        snapshot, environment, transaction, self._executor, quotas, checked
                    )
                except LedgerError as refused:
                    return refused
                return None

            return [refusal(raw) for raw in transactions]

    def finalize_block(self, block: Block) -> FinalizedBlock:
        """Apply a block to the last committed state; nothing is stored."""
        with self._store.snapshot() as snapshot:
            meta = chain_meta(snapshot)
            app_version = version_at(snapshot, meta, block.height)
            outcome = apply_block(snapshot, block, self._executor, self._signatures.check)
            tree = update_tree(snapshot, outcome.writes)
        return _finalized(outcome, block.transactions, tree.root, tree.node_writes, app_version)

    def dry_run(self, block: Block) -> BlockOutcome:
        """Return what a block would do on the last state, above whatever height that is of now."""
        with self._store.snapshot() as snapshot:
            next_block = dataclasses.replace(block, height=chain_meta(snapshot).height + 1)
            return apply_block(snapshot, next_block, self._executor, self._signatures.check)

    def commit(self, finalized: FinalizedBlock, head: bytes, block: bytes) -> None:
        """Make a finalized block durable."""
        outcome = finalized.outcome
        locations = {
            result.transaction_id: (outcome.height, index)
            for index, result in enumerate(outcome.results)
            if result.consumed
        }
        self._store.commit(
            CommitBatch(
                height=outcome.height,
                head=head,
                block=block,
                outcome=_encode(StoredOutcome(outcome.results, outcome.event_groups)),
                state_writes=outcome.writes,
                node_writes=finalized.node_writes,
                transaction_locations=locations,
            ),
        )

    def require_rules(self) -> None:
        """Refuse to go on when this release lacks the rules of the next block.

        Raises:
            UpgradeRequired: naming the version and the height.
        """
        with self._store.snapshot() as snapshot:
            meta = chain_meta(snapshot)
            height = meta.height + 1
            rules_at(self._executor, version_at(snapshot, meta, height), height)

    def next_due_at_ms(self) -> int | None:
        """Return when the schedule's earliest item is due, or None."""
        with self._store.snapshot() as snapshot:
            return self._executor.next_due_at_ms(snapshot)


def _finalized(
    outcome: BlockOutcome,
    transactions: Sequence[bytes],
    state_root: bytes,
    node_writes: dict[bytes, bytes | None],
    app_version: int,
) -> FinalizedBlock:
    results_root = merkle_root(result_leaves(outcome.results))
    events_root = merkle_root(event_leaves(outcome.event_groups))
    hashed = app_hash(outcome.height, state_root, results_root, events_root, app_version)
    return FinalizedBlock(
        outcome=outcome,
        transactions_root=transactions_root(transactions),
        state_root=state_root,
        results_root=results_root,
        events_root=events_root,
        app_version=app_version,
        app_hash=hashed,
        node_writes=node_writes,
    )
