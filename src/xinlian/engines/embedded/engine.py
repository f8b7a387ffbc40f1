"""The embedded engine: one process orders transactions, groups them in blocks, commits.

It claims no fault tolerance: whoever runs it orders the chain.  Readers trust the operator's
signature on the headers, and whoever countersigns them.

Rules this file keeps:
 1. One thread writes: submissions wait in a bounded queue, in which every payer has room and its
    turn (``proposals.py``); blocks are made by size and by time.
 2. A submission is acknowledged with its outcome only after its block is durable.
 3. A failure of the machine or the store stops the engine; every waiting caller is told.
 4. Blocks are made when work is due, even if nobody sends.
 5. It stops before a height whose version its release lacks.
 6. While a live clock is not confirmed no block is made but for the operator's confirmation.
 7. Nothing is queued before its signatures are known to verify.  Under load they become known after
    ``submit`` has returned (``intake.py``): one that is badly signed then fails with the refusal
    that it would have got, and has no outcome.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import structlog

from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.advances import Advances
from xinlian.engines.embedded.clock import ClockNotConfirmed, WatchedClock
from xinlian.engines.embedded.intake import Intake, Unverified
from xinlian.engines.embedded.proposals import ProposalQueue, Waiting
from xinlian.engines.embedded.submission import Submission, told_to
from xinlian.engines.sealing import header_of, signed_by
from xinlian.engines.signatures import SignatureVerifier
from xinlian.ledger import limits
from xinlian.ledger.admission import SignatureFact
from xinlian.ledger.application import (
    AdmissionView,
    Application,
    FinalizedBlock,
    GenesisLoader,
)
from xinlian.ledger.block import Block
from xinlian.ledger.clock import CLOCK_SIMULATED, block_time_ms, chain_meta
from xinlian.ledger.errors import ClockUnconfirmed, InvalidSignature, Overloaded
from xinlian.ledger.genesis import Genesis
from xinlian.ledger.header import (
    Header,
    StoredBlock,
    decode_head,
    encode_block,
    encode_head,
    header_hash,
)
from xinlian.ledger.node import Committed, NodeStopped
from xinlian.ledger.transaction import Transaction, decode_transaction
from xinlian.ledger.upgrade import is_migrating
from xinlian.modules.schedule.messages import ConfirmClock

_log = structlog.get_logger(__name__)

BLOCK_INTERVAL_SECONDS: Final = 0.02
"""How long the first transaction of a block waits for company."""
IDLE_SECONDS_MAX: Final = 1.0
"""How often the engine looks at the clock when nobody sends."""
INTAKE_FROM: Final = 32
"""With so many transactions waiting, the signatures of further ones are verified in batches."""
_CONFIRMATION_HEAD: Final = msgspec.msgpack.encode(ConfirmClock(0))[:-1]
"""How the bytes of every ``ConfirmClock`` begin: the array's header and the type's number."""


class _Draft(NamedTuple):
    """What the next block is made of."""

    engine_time_ms: int
    batch: list[Waiting]


class EmbeddedEngine:
    """Orders and commits the transactions of one chain in one process."""

    def __init__(
        self,
        application: Application,
        genesis: Genesis,
        genesis_hash: bytes,
        operator_key: SigningKey,
        clock: WatchedClock,
        *,
        block_interval_seconds: float = BLOCK_INTERVAL_SECONDS,
        verifier: SignatureVerifier | None = None,
    ) -> None:
        """Prepare to run.

        Args:
            application: the state machine.
            genesis: the genesis file, checked.
            genesis_hash: the hash of its bytes.
            operator_key: signs the headers.
            clock: the wall clock.
            block_interval_seconds: how long the first transaction of a block waits for company.
            verifier: verifies signatures under load; its default has a process of its own.
        """
        self._application = application
        self._genesis = genesis
        self._genesis_hash = genesis_hash
        self._operator_key = operator_key
        self._clock = clock
        self._interval_seconds = block_interval_seconds
        self._waiting = ProposalQueue()
        self._pending: dict[bytes, Submission] = {}
        self._condition = threading.Condition()
        self._advances = Advances(self.height, self.require_running, IDLE_SECONDS_MAX)
        self._failure: BaseException | None = None
        self._closing = False
        self._thread: threading.Thread | None = None
        self._listeners: list[Callable[[int], None]] = []
        self._height = -1
        self._last_header: Header | None = None
        self._view: AdmissionView | None = None
        self._intake = Intake(verifier or SignatureVerifier(), self._settle, self._fail)

    @property
    def application(self) -> Application:
        """The state machine that this engine drives."""
        return self._application

    @property
    def is_simulated(self) -> bool:
        """True when the chain's clock is simulated."""
        return self._genesis.clock == CLOCK_SIMULATED

    def on_commit(self, listener: Callable[[int], None]) -> None:
        """Call ``listener`` with each committed height, on the engine's thread."""
        self._listeners.append(listener)

    def start(self, load_genesis: GenesisLoader) -> None:
        """Write height 0 if there is none, then make blocks on a thread of its own."""
        head = self._application.store.head()
        if head is None:
            finalized = self._application.init_chain(load_genesis, self._genesis.app_version)
            self._commit(finalized, _Draft(self._genesis.genesis_time_ms, []))
        else:
            self._last_header = decode_head(head).header
            self._height = self._last_header.height
        if not self.is_simulated:
            self._clock.check_downtime(self._application.next_due_at_ms())
        self._thread = threading.Thread(target=self._run, name="embedded-engine", daemon=True)
        self._thread.start()

    def submit(self, raw: bytes) -> Submission:
        """Queue a transaction; the future gives its outcome once durable.

        Under load the signatures are looked at after this returned: then the future fails with
        InvalidSignature, which is advice and no outcome; ``require_admitted`` waits for that.

        Raises:
            LedgerError: it was not admitted, which is advice and no outcome.
            NodeStopped: the engine does not run.
        """
        transaction = decode_transaction(raw)
        with self._condition:  # a flood is told to wait before its signatures are looked at
            self._require_running()
            if transaction.transaction_id not in self._pending:
                self._require_room(transaction.payer, len(raw))
            facts = self._facts(transaction)
            unknown = [fact for fact in facts if not self._application.signatures.knows(fact)]
            if not unknown:
                return self._queued(transaction)
            if self._has_intake_room(transaction):
                submission = Submission()
                waiting = self._waiting_of(transaction, submission)
                self._intake.add(Unverified(waiting, facts), submission)
                return submission
        self._application.require_signatures(facts)
        with self._condition:
            return self._queued(transaction)

    def _queued(self, transaction: Transaction) -> Submission:
        """Queue a verified transaction, or find it queued; raises Overloaded or NodeStopped."""
        self._require_running()
        pending = self._pending.get(transaction.transaction_id)
        if pending is not None:
            return pending
        self._require_room(transaction.payer, len(transaction.raw))
        submission = Submission()
        self._enqueue(self._waiting_of(transaction, submission))
        return submission

    def _waiting_of(self, transaction: Transaction, submission: Submission) -> Waiting:
        submission.set_running_or_notify_cancel()  # an ordered transaction cannot be called back
        return Waiting(
            raw=transaction.raw,
            transaction_id=transaction.transaction_id,
            payer=transaction.payer,
            work=len(transaction.body.calls),
            is_kept_for=self._application.executor.is_kept_for(transaction),
            outcome=submission,
        )

    def _enqueue(self, waiting: Waiting) -> None:
        self._waiting.add(waiting, time.monotonic())
        self._pending[waiting.transaction_id] = waiting.outcome
        if len(self._waiting) == 1 or self._block_is_full():  # else nobody waits for this one
            self._condition.notify_all()

    def _has_intake_room(self, transaction: Transaction) -> bool:
        """Return whether signatures are verified in batches now, and this one may wait for it."""
        if not self._intake and len(self._waiting) < INTAKE_FROM:
            return False
        size_bytes = len(transaction.raw)
        with_held = size_bytes + self._intake.held_bytes(transaction.payer)
        return self._intake.has_room(size_bytes) and self._waiting.has_room(
            transaction.payer, with_held
        )

    def _settle(self, found: Sequence[tuple[Unverified, Sequence[bool]]]) -> None:
        """Queue what turned out to be well signed; refuse the rest."""
        refused: list[tuple[Waiting, Exception]] = []
        repeated: list[tuple[Waiting, Submission]] = []
        with self._condition:
            self._intake.release([unverified for unverified, _ in found])
            for (waiting, facts), verdicts in found:
                pending = self._pending.get(waiting.transaction_id)
                if self._failure is not None:
                    refused.append((waiting, NodeStopped(f"the engine stopped: {self._failure}")))
                elif not all(verdicts):
                    refused.append((waiting, InvalidSignature(verdicts.index(False))))
                elif pending is not None:
                    repeated.append((waiting, pending))
                else:
                    for fact in facts:
                        self._application.signatures.remember(fact)
                    self._enqueue(waiting)
            self._condition.notify_all()
        for waiting, problem in refused:
            waiting.outcome.set_exception(problem)
        for waiting, first in repeated:
            first.add_done_callback(told_to(waiting.outcome))

    def _require_room(self, payer: bytes, size_bytes: int) -> None:
        """Refuse a transaction for which its payer has no room in the queue; raises Overloaded."""
        if not self._waiting.has_room(payer, size_bytes):
            raise Overloaded

    def is_pending(self, transaction_id: bytes) -> bool:
        """Return whether a transaction waits for its block, or for its block to be durable."""
        with self._condition:
            return transaction_id in self._pending

    def engine_time_ms(self) -> int:
        """Return the engine's time of a block made now.

        Raises:
            ClockNotConfirmed: the clock is live and an operator must confirm it first.
        """
        if self.is_simulated:
            return self._genesis.genesis_time_ms + self._height + 1
        return self._clock.read()

    def is_idle(self) -> bool:
        """Return whether nothing waits to be ordered and nothing is due."""
        with self._condition:
            if self._pending or self._intake:
                return False
        return not self._has_due_work(self.engine_time_ms())

    def wait_above(self, height: int, timeout_seconds: float) -> int:
        """Block until the head is above a height or time is up; return the head's height."""
        return self._advances.wait_above(height, timeout_seconds)

    def wait_until(self, condition: Callable[[], bool], timeout_seconds: float = 60.0) -> None:
        """Block until a condition holds, looking again after each committed block.

        Raises:
            NodeStopped: the engine does not run, or the time is up.
        """
        self._advances.wait_until(condition, timeout_seconds)

    def close(self) -> None:
        """Finish the waiting blocks and stop."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        if self._thread is not None:
            self._thread.join()
        self._intake.close()
        with self._condition:
            self._renew_view()
            left = list(self._pending.values())
            self._pending.clear()
        for submission in left:  # no block could be made any more: the clock was never confirmed
            if not submission.done():
                submission.set_exception(NodeStopped("the engine stopped before it was ordered"))

    def require_running(self) -> None:
        """Raise NodeStopped with its cause when the engine does not run."""
        with self._condition:
            self._require_running()

    def _require_running(self) -> None:
        if self._failure is not None:
            raise NodeStopped(f"the engine stopped: {self._failure}") from self._failure
        if self._closing or self._thread is None:
            raise NodeStopped("the engine is not running")

    def _run(self) -> None:
        try:
            while True:
                self._application.require_rules()
                draft = self._next_draft()
                if draft is None:
                    return
                begun = time.monotonic()
                self._make_block(draft)
                self._waiting.note_speed(draft.batch, time.monotonic() - begun)
        except BaseException as failure:  # noqa: BLE001 - told to every caller, then the thread ends
            self._fail(failure)

    def _next_draft(self) -> _Draft | None:
        """Wait for transactions or due work, and a confirmed clock; None when closing."""
        with self._condition:
            while True:
                if self._failure is not None:  # told by another thread
                    return None
                if self._closing and not self._waiting and not self._intake:
                    return None
                engine_time_ms = self._confirmed_time_ms()
                if engine_time_ms is None and self._closing:
                    return None
                is_due = engine_time_ms is not None and self._has_due_work(engine_time_ms)
                if engine_time_ms is not None and (self._waiting or is_due):
                    break
                self._condition.wait(IDLE_SECONDS_MAX)
            is_hurried = is_due or self._closing or self._waiting.has_backlog
            if self._waiting and not is_hurried:
                self._condition.wait_for(self._block_is_full, self._interval_seconds)
            return _Draft(engine_time_ms, self._waiting.take_block(time.monotonic()))

    def _confirmed_time_ms(self) -> int | None:
        """Return the engine's time, or None while its clock must be confirmed."""
        try:
            return self.engine_time_ms()
        except ClockNotConfirmed:
            return None

    def _block_is_full(self) -> bool:
        return self._closing or len(self._waiting) >= limits.BLOCK_TRANSACTIONS_MAX

    def _has_due_work(self, engine_time_ms: int) -> bool:
        """Return whether the next block would have scheduled work, or a clock to move."""
        with self._application.store.snapshot() as snapshot:
            meta = chain_meta(snapshot)
            due_at_ms = self._application.executor.next_due_at_ms(snapshot)
            migrating = is_migrating(snapshot)
        if migrating or meta.clock_target_ms > meta.time_ms:
            return True
        return due_at_ms is not None and due_at_ms <= block_time_ms(meta, engine_time_ms)

    def _make_block(self, draft: _Draft) -> None:
        """Execute a block, make it durable, and only then tell its outcomes."""
        transactions = tuple(waiting.raw for waiting in draft.batch)
        block = Block(self._height + 1, draft.engine_time_ms, transactions)
        finalized = self._application.finalize_block(block)
        self._commit(finalized, draft)
        outcome = finalized.outcome
        with self._condition:
            self._renew_view()
            for waiting in draft.batch:
                self._pending.pop(waiting.transaction_id, None)
        for index, (waiting, result) in enumerate(zip(draft.batch, outcome.results, strict=True)):
            if not waiting.outcome.done():  # else it was told that the engine stopped
                committed = Committed(outcome.height, index, outcome.time_ms, result)
                waiting.outcome.set_result(committed)
        for listener in self._listeners:
            listener(outcome.height)
        self._advances.tell()

    def _commit(self, finalized: FinalizedBlock, draft: _Draft) -> None:
        """Sign a finalized block's header, with its place in the chain, and store both."""
        for alarm in finalized.outcome.alarms:
            _log.error("internal_fault_rolled_back", height=finalized.outcome.height, fault=alarm)
        last = self._last_header
        header = header_of(
            finalized,
            len(draft.batch),
            self._genesis_hash if last is None else header_hash(last),
            chain_id=self._genesis.chain_id,
            simulated=self.is_simulated,
        )
        signed = signed_by(self._operator_key, header)
        transactions = tuple(waiting.raw for waiting in draft.batch)
        block = StoredBlock(signed, draft.engine_time_ms, transactions)
        self._application.commit(finalized, encode_head(signed), encode_block(block))
        self._last_header = header
        self._height = header.height

    def height(self) -> int:
        """Return the height of the last commit; -1 before genesis."""
        return self._height

    def _renew_view(self) -> None:
        """Let the next admission look at the last committed height anew."""
        view, self._view = self._view, None
        if view is not None:
            view.close()

    def _fail(self, failure: BaseException) -> None:
        """Note why the engine stops and tell everybody who waits; the first cause is kept."""
        _log.critical("engine_stopped", cause=str(failure), kind=type(failure).__name__)
        with self._condition:
            self._failure = self._failure or failure
            waiting = list(self._pending.values())
            self._waiting = ProposalQueue()
            self._pending.clear()
            self._condition.notify_all()
        for outcome in waiting:
            if not outcome.done():
                outcome.set_exception(NodeStopped(f"the engine stopped: {failure}"))

    def _facts(self, transaction: Transaction) -> list[SignatureFact]:
        """Return what must be true of the signatures of a transaction; raises LedgerError."""
        try:
            engine_time_ms = self.engine_time_ms()
        except ClockNotConfirmed as problem:
            if not _confirms_clock(transaction):
                raise ClockUnconfirmed(str(problem)) from None
            self._confirm_clock(transaction.raw, str(problem))
            return []
        if self._view is None:
            self._view = self._application.admission_view()
        return self._view.facts(transaction, engine_time_ms)

    def _confirm_clock(self, raw: bytes, problem: str) -> None:
        """Accept the clock if the contracts accept the operator's message about it."""
        block = Block(self.height() + 1, self._clock.unconfirmed_ms(), (raw,))
        if not self._application.dry_run(block).results[0].succeeded:
            raise ClockUnconfirmed(f"{problem}; the confirmation was not accepted")
        self._clock.confirm()
        _log.warning("clock_confirmed", problem=problem)


def _confirms_clock(transaction: Transaction) -> bool:
    calls = transaction.body.calls
    return len(calls) == 1 and calls[0].message.startswith(_CONFIRMATION_HEAD)
