"""The embedded engine: one process orders transactions, groups them in blocks, commits.

It claims no fault tolerance: whoever runs it orders the chain.  Readers trust the operator's
signature on the headers, and whoever countersigns them.

Rules this file keeps:
 1. One thread writes: submissions wait in a bounded queue, blocks are made by size and by time.
 2. A submission is acknowledged with its outcome only after its block is durable.
 3. A failure of the machine or the store stops the engine; every waiting caller is told.
 4. Blocks are made when work is due, even if nobody sends.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, NamedTuple

import structlog

from xinlian.crypto.ed25519 import SigningKey
from xinlian.ledger import limits
from xinlian.ledger.application import Application, FinalizedBlock, GenesisLoader
from xinlian.ledger.block import Block, TransactionResult
from xinlian.ledger.clock import CLOCK_SIMULATED, chain_meta
from xinlian.ledger.errors import Overloaded
from xinlian.ledger.genesis import Genesis
from xinlian.ledger.header import (
    HEADER_VERSION,
    Header,
    SignedHeader,
    StoredBlock,
    decode_head,
    encode_block,
    encode_head,
    header_hash,
    header_signing_bytes,
)

_log = structlog.get_logger(__name__)

WAITING_MAX: Final = 50_000
BLOCK_INTERVAL_SECONDS: Final = 0.02
"""How long the first transaction of a block waits for company."""
IDLE_SECONDS_MAX: Final = 1.0
"""How often the engine looks at the clock when nobody sends."""


class Committed(NamedTuple):
    """The outcome of a submitted transaction, and where it stands."""

    height: int
    position: int
    time_ms: int
    result: TransactionResult


class EngineStopped(RuntimeError):  # noqa: N818 - names the state of the engine
    """The engine does not run: it was closed, or a failure stopped it."""


class _Waiting(NamedTuple):
    raw: bytes
    transaction_id: bytes
    outcome: Future[Committed]


class EmbeddedEngine:
    """Orders and commits the transactions of one chain in one process."""

    def __init__(
        self,
        application: Application,
        genesis: Genesis,
        genesis_hash: bytes,
        operator_key: SigningKey,
        wall_clock: Callable[[], int],
        *,
        block_interval_seconds: float = BLOCK_INTERVAL_SECONDS,
    ) -> None:
        self._application = application
        self._genesis = genesis
        self._genesis_hash = genesis_hash
        self._operator_key = operator_key
        self._wall_clock_ms = wall_clock
        self._interval_seconds = block_interval_seconds
        self._waiting: deque[_Waiting] = deque()
        self._in_flight: list[_Waiting] = []
        self._condition = threading.Condition()
        self._committed = threading.Condition()
        self._failure: BaseException | None = None
        self._closing = False
        self._thread: threading.Thread | None = None
        self._listeners: list[Callable[[int], None]] = []

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
        if self._application.store.head() is None:
            finalized = self._application.init_chain(load_genesis, self._genesis.app_version)
            self._commit(finalized, (), self._genesis.genesis_time_ms)
        self._thread = threading.Thread(target=self._run, name="embedded-engine", daemon=True)
        self._thread.start()

    def submit(self, raw: bytes) -> Future[Committed]:
        """Queue a transaction; the future gives its outcome once durable.

        Raises:
            LedgerError: it was not admitted, which is advice and no outcome.
            EngineStopped: the engine does not run.
        """
        transaction = self._application.check_tx(raw)
        outcome: Future[Committed] = Future()
        with self._condition:
            self._require_running()
            if len(self._waiting) >= WAITING_MAX:
                raise Overloaded
            self._waiting.append(_Waiting(raw, transaction.transaction_id, outcome))
            self._condition.notify_all()
        return outcome

    def wait_until(self, condition: Callable[[], bool], timeout_seconds: float = 60.0) -> None:
        """Block until a condition holds, looking again after each committed block.

        Raises:
            EngineStopped: the engine does not run, or the time is up.
        """
        deadline = time.monotonic() + timeout_seconds
        with self._committed:
            while not condition():
                self.require_running()
                if time.monotonic() > deadline:
                    raise EngineStopped("the condition did not come to hold in time")
                self._committed.wait(IDLE_SECONDS_MAX)

    def close(self) -> None:
        """Finish the waiting blocks and stop."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        if self._thread is not None:
            self._thread.join()

    def require_running(self) -> None:
        """Raise EngineStopped with its cause when the engine does not run."""
        with self._condition:
            self._require_running()

    def _require_running(self) -> None:
        if self._failure is not None:
            raise EngineStopped(f"the engine stopped: {self._failure}") from self._failure
        if self._closing or self._thread is None:
            raise EngineStopped("the engine is not running")

    def _run(self) -> None:
        try:
            while True:
                batch = self._next_batch()
                if batch is None:
                    return
                self._in_flight = batch
                self._make_block(batch)
                self._in_flight = []
        except BaseException as failure:  # noqa: BLE001 - told to every caller, then the thread ends
            self._fail(failure)

    def _next_batch(self) -> list[_Waiting] | None:
        """Wait for transactions or due work; return them, or None when closing."""
        with self._condition:
            while not self._waiting and not self._closing and not self._has_due_work():
                self._condition.wait(IDLE_SECONDS_MAX)
            if self._closing and not self._waiting:
                return None
            if self._waiting and not self._closing and not self._has_due_work():
                self._condition.wait_for(self._block_is_full, self._interval_seconds)
            return self._take_block()

    def _block_is_full(self) -> bool:
        return self._closing or len(self._waiting) >= limits.BLOCK_TRANSACTIONS_MAX

    def _take_block(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size_bytes = 0
        while self._waiting and len(batch) < limits.BLOCK_TRANSACTIONS_MAX:
            size_bytes += len(self._waiting[0].raw)
            if batch and size_bytes > limits.BLOCK_BYTES_MAX:
                break
            batch.append(self._waiting.popleft())
        return batch

    def _has_due_work(self) -> bool:
        """Return whether the next block would have scheduled work, or a clock to move."""
        with self._application.store.snapshot() as snapshot:
            meta = chain_meta(snapshot)
            due_at_ms = self._application.executor.next_due_at_ms(snapshot)
        if meta.clock_target_ms > meta.time_ms:
            return True
        if due_at_ms is None:
            return False
        now_ms = meta.time_ms + 1 if self.is_simulated else self._wall_clock_ms()
        return due_at_ms <= now_ms

    def _make_block(self, batch: list[_Waiting]) -> None:
        height = self._height() + 1
        engine_time_ms = (
            self._genesis.genesis_time_ms + height if self.is_simulated else self._wall_clock_ms()
        )
        transactions = tuple(waiting.raw for waiting in batch)
        finalized = self._application.finalize_block(Block(height, engine_time_ms, transactions))
        self._commit(finalized, transactions, engine_time_ms)
        outcome = finalized.outcome
        for index, (waiting, result) in enumerate(zip(batch, outcome.results, strict=True)):
            waiting.outcome.set_result(Committed(height, index, outcome.time_ms, result))
        for listener in self._listeners:
            listener(height)
        with self._committed:
            self._committed.notify_all()

    def _height(self) -> int:
        head = self._application.store.head()
        return -1 if head is None else decode_head(head).header.height

    def _commit(
        self,
        finalized: FinalizedBlock,
        transactions: tuple[bytes, ...],
        engine_time_ms: int,
    ) -> None:
        for alarm in finalized.outcome.alarms:
            _log.error("internal_fault_rolled_back", height=finalized.outcome.height, fault=alarm)
        head = self._application.store.head()
        previous = self._genesis_hash if head is None else header_hash(decode_head(head).header)
        signed = self._sign(self._header(finalized, len(transactions), previous))
        block = StoredBlock(signed, engine_time_ms, transactions)
        self._application.commit(finalized, encode_head(signed), encode_block(block))

    def _header(self, finalized: FinalizedBlock, count: int, previous_hash: bytes) -> Header:
        return Header(
            version=HEADER_VERSION,
            chain_id=self._genesis.chain_id,
            height=finalized.outcome.height,
            time_ms=finalized.outcome.time_ms,
            simulated=self.is_simulated,
            previous_hash=previous_hash,
            transactions_root=finalized.transactions_root,
            transaction_count=count,
            state_root=finalized.state_root,
            results_root=finalized.results_root,
            events_root=finalized.events_root,
            app_version=finalized.app_version,
            app_hash=finalized.app_hash,
        )

    def _sign(self, header: Header) -> SignedHeader:
        signature = self._operator_key.sign(header_signing_bytes(header_hash(header)))
        return SignedHeader(header, ((self._operator_key.public_key, signature),))

    def _fail(self, failure: BaseException) -> None:
        _log.critical("engine_stopped", cause=str(failure), kind=type(failure).__name__)
        with self._condition:
            self._failure = failure
            waiting = [*self._in_flight, *self._waiting]
            self._waiting.clear()
        for item in waiting:
            if item.outcome.done():
                continue
            item.outcome.set_exception(EngineStopped(f"the engine stopped: {failure}"))
