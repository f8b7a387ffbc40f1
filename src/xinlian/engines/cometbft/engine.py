"""The engine as a node runs it: the application's socket, the engine's process, submissions.

Rules this file keeps:
 1. A submission is acknowledged with its outcome only after its block is durable here.
 2. One that is not ordered by its ``valid_until`` has expired: its caller is told so, never
    before consensus time has passed it.  One that became inadmissible while it waited is told as
    not admitted.
 3. A failure of the machine, the store or the engine stops the node; every waiting caller is told.
 4. It stops before a height whose version its release lacks: the last block is durable on both
    sides of the socket.
"""

import contextlib
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.advances import Advances
from xinlian.engines.cometbft.broadcast import Broadcaster
from xinlian.engines.cometbft.calls import Calls
from xinlian.engines.cometbft.home import Tuning, write_config, write_genesis
from xinlian.engines.cometbft.last_vote import require_last_vote
from xinlian.engines.cometbft.light import LightServer, SyncFrom
from xinlian.engines.cometbft.omissions import Omission, Omissions
from xinlian.engines.cometbft.pool import Pool
from xinlian.engines.cometbft.process import EngineProcess
from xinlian.engines.cometbft.rpc import EngineClient, EngineStatus
from xinlian.engines.cometbft.server import AbciServer
from xinlian.engines.cometbft.set_changes import SetChanges
from xinlian.engines.cometbft.snapshots import SnapshotShelf
from xinlian.ledger.application import Application, GenesisLoader
from xinlian.ledger.block import BlockOutcome
from xinlian.ledger.clock import CLOCK_SIMULATED, block_time_ms, chain_meta
from xinlian.ledger.errors import Duplicate, Expired, Overloaded
from xinlian.ledger.genesis import Genesis, parse_genesis
from xinlian.ledger.header import SignedHeader, decode_head
from xinlian.ledger.kept import committed_at, header_at
from xinlian.ledger.node import Committed, NodeStopped
from xinlian.ledger.transaction import Transaction, decode_transaction
from xinlian.ledger.upgrade import UpgradeRequired, is_migrating
from xinlian.primitives import LedgerError

_log = structlog.get_logger(__name__)

SOCKET_PATH_BYTES_MAX: Final = 100
"""The operating system allows little more for the path of a local socket."""
LOOK_SECONDS: Final = 1.0


class EngineSettings(NamedTuple):
    """Where and how an engine runs."""

    program: Path
    home: Path
    listen: str
    """``host:port`` for peers."""
    peers: tuple[str, ...]
    """``id@host:port`` of the other nodes."""
    tuning: Tuning
    light_listen: str = ""
    """``host:port`` where headers are told to whoever asks; empty for nowhere."""
    sync: SyncFrom | None = None
    """From where a node that has no chain yet begins; None for the first block."""


class _Submitted(NamedTuple):
    transaction: Transaction
    outcome: Future[Committed]


class CometEngine:
    """Applies and commits the blocks on which the validators agree."""

    def __init__(
        self,
        application: Application,
        genesis_bytes: bytes,
        operator_key: SigningKey,
        settings: EngineSettings,
        shelf: SnapshotShelf | None = None,
    ) -> None:
        """Prepare to run; raises GenesisInvalid where the chain has no validators.

        Args:
            application: the state machine.
            genesis_bytes: the genesis file.
            operator_key: signs this node's copy of the headers.
            settings: where and how the engine runs.
            shelf: the snapshots that this node keeps for others; none by default.
        """
        self._application = application
        self._genesis_bytes = genesis_bytes
        self._genesis: Genesis = parse_genesis(genesis_bytes)
        self._settings = settings
        self._pool = Pool()
        self._omissions = Omissions(self._pool)
        self._calls = Calls(
            application,
            genesis_bytes,
            operator_key,
            self._pool,
            self._committed,
            self._dropped,
            shelf,
        )
        self.set_changes = SetChanges(
            settings.home,
            application.store,
            genesis_bytes,
            lambda: self._rpc_socket,
            () if settings.sync is None else settings.sync.servers,
        )
        self._lock = threading.Lock()
        self._pending: dict[bytes, _Submitted] = {}
        self._advances = Advances(self.height, self.require_running, LOOK_SECONDS)
        self._failure: BaseException | None = None
        self._is_running = False
        self._listeners: list[Callable[[int], None]] = []
        self._undo = contextlib.ExitStack()

    @property
    def application(self) -> Application:
        """The state machine that this engine drives."""
        return self._application

    @property
    def is_simulated(self) -> bool:
        """True when the chain's clock is simulated."""
        return self._genesis.clock == CLOCK_SIMULATED

    def on_commit(self, listener: Callable[[int], None]) -> None:
        """Call ``listener`` with each committed height, on the consensus thread."""
        self._listeners.append(listener)

    def start(self, load_genesis: GenesisLoader) -> None:
        """Write height 0 if there is none, then run the engine.

        Raises:
            GenesisInvalid: the engine's folder is of another chain.
            LastVoteUnknown: the engine's folder is a copy: it might vote twice.
        """
        self._calls.begin(load_genesis)
        try:
            self._application.require_rules()
        except UpgradeRequired as needed:  # the node can still be read
            _log.critical("engine_stopped", cause=str(needed), kind="UpgradeRequired")
            self._failure = needed
            return
        settings = self._settings
        require_last_vote(settings.home)
        write_genesis(settings.home, self._genesis_bytes)
        with contextlib.ExitStack() as undo:
            sockets = socket_folder(settings.home, undo)
            self._rpc_socket = sockets / "rpc.sock"
            write_config(
                settings.home,
                socket=sockets / "app.sock",
                rpc_socket=self._rpc_socket,
                listen=settings.listen,
                peers=settings.peers,
                tuning=settings.tuning,
            )
            self._server = AbciServer(sockets / "app.sock", self._calls.answer, self._fail)
            self._server.start()
            undo.callback(self._server.close)
            self._process = EngineProcess(
                settings.program,
                settings.home,
                self._rpc_socket,
                self._hand_in_again,
                self._fail,
            )
            self._process.start()
            undo.callback(self._process.close)
            self._broadcaster = Broadcaster(self._rpc_socket, self._is_wanted, self._refused)
            self._broadcaster.start()
            undo.callback(self._broadcaster.close)
            if settings.light_listen:
                light = LightServer(
                    settings.light_listen, self._rpc_socket, self._head_of, self.set_changes.proof
                )
                undo.callback(light.close)
                light.start()
            self.set_changes.start()
            undo.callback(self.set_changes.close)
            self._undo = undo.pop_all()
        self._is_running = True

    def submit(self, raw: bytes) -> Future[Committed]:
        """Hand a transaction in; the future gives its outcome once durable here.

        Raises:
            LedgerError: it was not admitted, which is advice and no outcome.
            NodeStopped: the engine does not run.
        """
        self.require_running()
        transaction = decode_transaction(raw)
        with self._lock:
            submitted = self._pending.get(transaction.transaction_id)
        if submitted is not None and submitted.transaction.raw == raw:
            return submitted.outcome  # other bytes of the same id may be badly signed
        self._pool.require_room(transaction.payer, len(raw))
        self._calls.admit(raw)
        outcome: Future[Committed] = Future()
        outcome.set_running_or_notify_cancel()  # an ordered transaction cannot be called back
        fresh = _Submitted(transaction, outcome)
        with self._lock:
            submitted = self._pending.setdefault(transaction.transaction_id, fresh)
        if submitted is fresh:
            self._broadcaster.put([raw])
            self._settle_if_committed(fresh)
        return submitted.outcome

    def _settle_if_committed(self, submitted: _Submitted) -> None:
        """Tell a caller whose transaction came into a block before it was noted here."""
        store, transaction_id = self._application.store, submitted.transaction.transaction_id
        if store.locate(transaction_id) is None:
            return
        with self._lock:
            waiting = self._pending.pop(transaction_id, None)
        if waiting is None:  # told already
            return
        committed = committed_at(store, transaction_id)
        if committed is None:  # pruned since: the caller asks the node
            waiting.outcome.set_exception(NodeStopped("its block was pruned; ask for its outcome"))
        else:
            waiting.outcome.set_result(committed)

    def is_pending(self, transaction_id: bytes) -> bool:
        """Return whether a transaction that was submitted here waits for its block."""
        with self._lock:
            return transaction_id in self._pending

    def engine_time_ms(self) -> int:
        """Return the engine's time of a block made now, as far as this machine knows."""
        now_ms = self._calls.time.of(time.time_ns() // 1_000_000)
        return max(now_ms, self._calls.stand.engine_time_ms)

    def is_idle(self) -> bool:
        """Return whether nothing submitted here waits to be ordered and nothing is due."""
        with self._lock:
            if self._pending:
                return False
        with self._application.store.snapshot() as snapshot:
            meta = chain_meta(snapshot)
            due_at_ms = self._application.executor.next_due_at_ms(snapshot)
            if is_migrating(snapshot) or meta.clock_target_ms > meta.time_ms:
                return False
        return due_at_ms is None or due_at_ms > block_time_ms(meta, self.engine_time_ms())

    def height(self) -> int:
        """Return the height of the last commit; -1 before genesis."""
        head = self._application.store.head()
        return -1 if head is None else decode_head(head).header.height

    def status(self) -> EngineStatus:
        """Return how the engine's process is; raises EngineUnreachable."""
        client = EngineClient(self._rpc_socket)
        try:
            return client.status()
        finally:
            client.close()

    @property
    def waiting_count(self) -> int:
        """How many transactions wait on this node."""
        return len(self._pool)

    def left_out(self) -> list[Omission]:
        """Return what blocks left out as this node saw it, the newest first."""
        return self._omissions.newest()

    def proposer_of(self, height: int) -> str:
        """Return the address of who proposed a block; raises EngineUnreachable."""
        client = EngineClient(self._rpc_socket)
        try:
            return client.proposer(height)
        finally:
            client.close()

    @property
    def process_id(self) -> int | None:
        """The number of the engine's process while it runs."""
        return self._process.pid

    @property
    def rpc_socket(self) -> Path:
        """Where the engine answers on this machine."""
        return self._rpc_socket

    def _head_of(self, height: int) -> SignedHeader | None:
        return header_at(self._application.store, height) if height >= 0 else None

    def wait_above(self, height: int, timeout_seconds: float) -> int:
        """Block until the head is above a height or time is up; return the head's height."""
        return self._advances.wait_above(height, timeout_seconds, lambda: self._failure is not None)

    def wait_until(self, condition: Callable[[], bool], timeout_seconds: float = 60.0) -> None:
        """Block until a condition holds, looking again after each committed block.

        Raises:
            NodeStopped: the engine does not run, or the time is up.
        """
        self._advances.wait_until(condition, timeout_seconds)

    def close(self) -> None:
        """Stop handing in, end the engine, then the socket; waiting callers are told."""
        self._is_running = False
        self._undo.close()
        self._tell_all(NodeStopped("the engine is not running"))

    def require_running(self) -> None:
        """Raise NodeStopped with its cause when the engine does not run."""
        if self._failure is not None:
            raise NodeStopped(f"the engine stopped: {self._failure}") from self._failure
        if not self._is_running:
            raise NodeStopped("the engine is not running")

    def _committed(self, outcome: BlockOutcome, transactions: Sequence[bytes]) -> None:
        """Tell who waits what became of it, on the consensus thread."""
        self._omissions.committed(outcome.height, transactions)
        self.set_changes.notify(outcome)
        with self._lock:
            settled = [
                (self._pending.pop(result.transaction_id), index)
                for index, result in enumerate(outcome.results)
                if result.transaction_id in self._pending
            ]
            expired = [
                self._pending.pop(transaction_id)
                for transaction_id, waiting in list(self._pending.items())
                if waiting.transaction.body.valid_until_ms < outcome.time_ms
            ]
        for waiting, index in settled:
            result = outcome.results[index]
            committed = Committed(outcome.height, index, outcome.time_ms, result)
            waiting.outcome.set_result(committed)
        for waiting in expired:
            valid_until_ms = waiting.transaction.body.valid_until_ms
            waiting.outcome.set_exception(Expired(valid_until_ms, outcome.time_ms))
        for listener in self._listeners:
            listener(outcome.height)
        self._advances.tell()
        try:
            self._application.require_rules()
        except UpgradeRequired as needed:
            self._fail(needed)

    def _is_wanted(self, raw: bytes) -> bool:
        return raw in self._pool

    def _hand_in_again(self) -> None:
        """Hand in everything that waits: the engine's process forgot it when it ended."""
        self._broadcaster.put(self._pool.waiting())

    def _refused(self, raw: bytes, problem: str) -> None:
        """Let a transaction go that the engine does not take."""
        _log.warning("engine_refused", problem=problem[:500])
        self._pool.remove([raw])
        self._dropped(raw, Overloaded())

    def _dropped(self, raw: bytes, refusal: LedgerError) -> None:
        """Tell a caller that its transaction is no longer admitted: advice, and no outcome.

        Where other bytes of the same transaction are in a block, that block tells its outcome.
        """
        if isinstance(refusal, Duplicate):
            return
        with self._lock:
            waiting = self._pending.pop(decode_transaction(raw).transaction_id, None)
        if waiting is not None:
            waiting.outcome.set_exception(refusal)

    def _fail(self, failure: BaseException) -> None:
        """Note why the node stops, tell everybody who waits, and end the engine."""
        if self._failure is not None:
            return
        self._failure = failure
        _log.critical("engine_stopped", cause=str(failure), kind=type(failure).__name__)
        self._tell_all(NodeStopped(f"the engine stopped: {failure}"))
        self._advances.tell()
        # Not on this thread: it may be one that the engine's process waits for.
        threading.Thread(target=self._process.close, name="cometbft-stop", daemon=True).start()

    def _tell_all(self, problem: NodeStopped) -> None:
        with self._lock:
            waiting = list(self._pending.values())
            self._pending.clear()
        for submitted in waiting:
            submitted.outcome.set_exception(problem)


def socket_folder(home: Path, undo: contextlib.ExitStack) -> Path:
    """Return a folder for local sockets: the engine's own, or another where its path is long."""
    if len(bytes(home.resolve())) + len("/rpc.sock") <= SOCKET_PATH_BYTES_MAX:
        return home.resolve()
    return Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="xinlian-")))
