"""Beginning a node's chain from a snapshot of the others: the engine fetches, this side checks.

The engine's light client follows the validators' signatures from the trusted block; the snapshot's
parts go into a store of their own.  When the engine asks for the first block above it, it has
stored all that it needs to start like any other; then it is ended, and the node starts as usual.

Rules this file keeps:
 1. A node that has a chain never joins; what an interrupted attempt left is removed, keys and the
    last vote excepted, and the next start tries again.
 2. Joining that does not succeed says why, with what the engine last said.
"""

import contextlib
import shutil
import threading
from pathlib import Path
from typing import Final, Protocol

import structlog

from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft.engine import EngineSettings, socket_folder
from xinlian.engines.cometbft.home import VOTES_FILE, write_config, write_genesis
from xinlian.engines.cometbft.last_vote import require_last_vote
from xinlian.engines.cometbft.light import ledger_headers
from xinlian.engines.cometbft.process import EngineProcess
from xinlian.engines.cometbft.server import AbciServer
from xinlian.engines.cometbft.snapshots import RestorationFolder, SnapshotTaker

_log = structlog.get_logger(__name__)

JOIN_SECONDS_MAX: Final = 24 * 3_600.0
LOOK_SECONDS: Final = 0.2


class JoiningFailed(Exception):  # noqa: N818 - names what happened
    """No snapshot could be taken in; the text says why, and what to do."""


class AdoptableFolder(RestorationFolder, Protocol):
    """A store that is being filled, and can be put in its place."""

    def adopt(self) -> None:
        """Put the finished store in its place; raises StoreError."""


def join(
    folder: AdoptableFolder,
    genesis_bytes: bytes,
    operator_key: SigningKey,
    settings: EngineSettings,
    timeout_seconds: float = JOIN_SECONDS_MAX,
) -> int:
    """Fill a folder with the newest snapshot that can be trusted; return its height.

    Args:
        folder: claimed, without a chain.
        genesis_bytes: the genesis file.
        operator_key: vouches for this node's copy of the header.
        settings: where and how the engine runs; they say from whom to begin.
        timeout_seconds: how long to try.

    Raises:
        JoiningFailed: with the cause.
        StoreError: it cannot be written.
    """
    sync = settings.sync
    if sync is None:
        raise JoiningFailed("nothing says from whom to begin: `xinlian network sync` does")
    require_last_vote(settings.home)
    forget_engine_data(settings.home)
    write_genesis(settings.home, genesis_bytes)
    failures: list[BaseException] = []
    ended = threading.Event()

    def fail(failure: BaseException) -> None:
        failures.append(failure)
        ended.set()

    taker = SnapshotTaker(
        genesis_bytes, operator_key, folder, lambda height: ledger_headers(sync.servers, height)
    )
    with contextlib.ExitStack() as undo:
        sockets = socket_folder(settings.home, undo)
        write_config(
            settings.home,
            socket=sockets / "app.sock",
            rpc_socket=sockets / "rpc.sock",
            listen=settings.listen,
            peers=settings.peers,
            tuning=settings.tuning,
            sync=sync,
        )
        server = AbciServer(sockets / "app.sock", taker.answer, fail)
        server.start()
        undo.callback(server.close)
        process = EngineProcess(
            settings.program, settings.home, sockets / "rpc.sock", lambda: None, fail, ends_max=1
        )
        process.start()
        undo.callback(process.close)
        undo.callback(taker.close)
        _wait(taker, ended, timeout_seconds)
    if not taker.decided.is_set():
        cause = failures[0] if failures else "no snapshot was taken in within the time"
        forget_engine_data(settings.home)
        raise JoiningFailed(
            f"{cause}; ask a member for a snapshot that is younger than its oldest block, take the "
            "trusted block anew with `xinlian network sync`, or begin without a snapshot",
        )
    folder.adopt()
    _log.info("joined_from_snapshot", height=taker.height)
    return taker.height


def _wait(taker: SnapshotTaker, ended: threading.Event, timeout_seconds: float) -> None:
    """Wait until the snapshot is in, or the attempt has failed."""
    waited = 0.0
    while waited < timeout_seconds and not ended.is_set():
        if taker.decided.wait(LOOK_SECONDS):
            return
        waited += LOOK_SECONDS


def forget_engine_data(home: Path) -> None:
    """Remove the engine's blocks and state, and nothing else: its keys and last vote stay."""
    data = home / "data"
    for path in sorted(data.iterdir()) if data.is_dir() else ():
        if path == home / VOTES_FILE:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
