"""The embedded engine as a node: submissions, outcomes, dry runs, headers, receipts."""

from collections.abc import Sequence
from concurrent.futures import Future

from xinlian.crypto.codec import Value, encode
from xinlian.engines.embedded.attestation import attested
from xinlian.engines.embedded.receipts import build_expiry_proof, build_receipt
from xinlian.engines.embedded.submission import Submission
from xinlian.engines.port import Engine
from xinlian.ledger import limits
from xinlian.ledger.block import Block
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.countersignature import CountersignatureStore, MemoryCountersignatures
from xinlian.ledger.genesis import Genesis, parse_genesis
from xinlian.ledger.header import SignedHeader, decode_head
from xinlian.ledger.kept import committed_at, header_at
from xinlian.ledger.node import Committed, DryRun, NodeStopped, Outcome, OutcomeStatus
from xinlian.ledger.ports import Store
from xinlian.verifier import root_of_genesis


class EmbeddedNode:
    """One embedded engine with what interfaces ask of it."""

    def __init__(
        self,
        engine: Engine,
        genesis_bytes: bytes,
        countersignatures: CountersignatureStore | None = None,
    ) -> None:
        """Take an engine; countersignatures are in memory unless a store of them is given."""
        self._engine = engine
        self._genesis_bytes = genesis_bytes
        self._genesis = parse_genesis(genesis_bytes)
        self._genesis_keys = frozenset(root_of_genesis(genesis_bytes).parties)
        self._countersignatures = countersignatures or MemoryCountersignatures()

    @property
    def genesis_bytes(self) -> bytes:
        """The genesis file."""
        return self._genesis_bytes

    @property
    def genesis(self) -> Genesis:
        """The genesis file, checked."""
        return self._genesis

    @property
    def store(self) -> Store:
        """The store, for reading."""
        return self._engine.application.store

    @property
    def countersignatures(self) -> CountersignatureStore:
        """Members' countersignatures of its heads."""
        return self._countersignatures

    def submit(self, raw: bytes) -> Future[Committed]:
        """Queue a transaction; raises LedgerError or NodeStopped."""
        outcome = self._engine.submit(raw)
        if isinstance(outcome, Submission):
            outcome.require_admitted()
        return outcome

    def dry_run(self, raw: bytes) -> DryRun:
        """Return what a signed transaction would do; raises LedgerError."""
        engine_time_ms = self._engine.engine_time_ms()
        self._engine.application.check_tx(raw, engine_time_ms)
        block = Block(self._engine.height() + 1, engine_time_ms, (raw,))
        outcome = self._engine.application.dry_run(block)
        return DryRun(outcome.height - 1, outcome.results[0], outcome.event_groups[1].events)

    def outcome(self, transaction_id: bytes, valid_until_ms: int | None = None) -> Outcome:
        """Return what is known of a submission."""
        was_pending = self._engine.is_pending(transaction_id)
        with self.store.snapshot() as snapshot:
            meta = chain_meta(snapshot)
        committed = committed_at(self.store, transaction_id)
        if committed is not None:
            return Outcome(OutcomeStatus.COMMITTED, max(meta.height, committed.height), committed)
        if was_pending:
            return Outcome(OutcomeStatus.PENDING, meta.height)
        begins_at = self.store.extent().begins_at
        if begins_at and self._may_be_older(begins_at, valid_until_ms):
            status = OutcomeStatus.UNKNOWN_BEFORE
            return Outcome(status, meta.height, since_height=begins_at)
        if valid_until_ms is not None and meta.time_ms > valid_until_ms:
            return Outcome(OutcomeStatus.EXPIRED, meta.height)
        return Outcome(OutcomeStatus.UNKNOWN, meta.height)

    def head(self) -> SignedHeader:
        """Return the last committed header."""
        head = self.store.head()
        if head is None:
            raise NodeStopped("the chain has no genesis block yet")
        return decode_head(head)

    def header(self, height: int) -> SignedHeader | None:
        """Return the header of a height, or None."""
        return header_at(self.store, height)

    def attested_header(self, signed: SignedHeader) -> bytes:
        """Return a header as receipts carry it, with who countersigned it or a later one."""
        return encode(self._attest(signed))

    def receipt(
        self,
        transaction_id: bytes | None,
        state_keys: Sequence[bytes] = (),
        at_height: int | None = None,
    ) -> bytes:
        """Return a receipt file; raises NoReceipt, BodyPruned, StateNotKept."""
        return build_receipt(self.store, transaction_id, state_keys, self._attest, at_height)

    def expiry_proof(self, raw: bytes) -> bytes:
        """Return a receipt file that a transaction has expired; raises LedgerError, NoReceipt."""
        return build_expiry_proof(self.store, raw, self._attest)

    def wait_above(self, height: int, timeout_seconds: float) -> int:
        """Block until the head is above a height or time is up; return the head's height."""
        return self._engine.wait_above(height, timeout_seconds)

    def require_running(self) -> None:
        """Raise NodeStopped with its cause when the node does not run."""
        self._engine.require_running()

    def _attest(self, signed: SignedHeader) -> Value:
        return attested(signed, self.header, self._countersignatures, self._genesis_keys)

    def _may_be_older(self, begins_at: int, valid_until_ms: int | None) -> bool:
        """Return whether a transaction may be in a block up to the one the store began from."""
        began = self.header(begins_at)
        if valid_until_ms is None or began is None:
            return True
        return valid_until_ms - limits.VALIDITY_MS_MAX <= began.header.time_ms
