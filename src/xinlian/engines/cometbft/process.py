"""The engine's process: found, started, watched, started again, stopped.

Rules this file keeps:
 1. The engine is of one pinned module version, built by ``make engine`` into the project's own
    folder; one on PATH is taken too.  What it says of its version is held against the pinned one.
 2. When it ends by itself it is started again, later each time; after too many ends in a row, or
    where its log says that it can never go on, the node is told.
 3. It dies with its node.  Where the system cannot do that, one that outlived a node that was
    killed is ended before another begins in its folder.
 4. One that runs but can never go on, as its log says, is ended: it counts as one that ended.
 5. Its output goes to a file that begins anew when it has grown too large.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

import structlog

from xinlian.engines.cometbft import launch
from xinlian.engines.cometbft.last_words import LastWords, StuckWatch, last_words

_log = structlog.get_logger(__name__)

VERSION: Final = "0.38.25"
PROGRAM: Final = "cometbft"
PROGRAM_VARIABLE: Final = "XINLIAN_COMETBFT"
TOOLS: Final = Path(__file__).parents[4] / ".tools" / "bin"
"""The project's own folder, where it runs from a checkout."""
LOG_NAME: Final = "engine.log"
PID_NAME: Final = "engine.pid"
LOOK_SECONDS: Final = 0.05
LOG_BYTES_MAX: Final = 64 << 20
STOP_SECONDS: Final = 20.0
ENDS_MAX: Final = 8
RESTART_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
LAUNCHER: Final = (sys.executable, "-I", "-S", launch.__file__)
STUCK_LOOK_SECONDS: Final = 1.0
STEADY_SECONDS: Final = 60.0
"""An engine that ran so long and then ended has not ended in a row."""


class EngineMissing(Exception):  # noqa: N818 - names what is missing
    """The engine's program is not here, or is another version; the text says what to do."""


def find_program() -> Path:
    """Return the engine's program; raises EngineMissing with what to do."""
    named = os.environ.get(PROGRAM_VARIABLE, "")
    found = shutil.which(PROGRAM)
    candidates = [Path(named)] if named else [TOOLS / PROGRAM, *([Path(found)] if found else [])]
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            _check_version(candidate)
            return candidate
    raise EngineMissing(
        f"没有找到共识引擎 {PROGRAM} {VERSION}:请运行 make engine(需要 Go),或用 {PROGRAM_VARIABLE} "
        f"指定 / no engine {PROGRAM} {VERSION}: run `make engine` (needs Go), or name the program "
        f"with {PROGRAM_VARIABLE}",
    )


def _check_version(program: Path) -> None:
    try:
        said = subprocess.run(  # noqa: S603 - the program was found above
            [program, "version"], capture_output=True, text=True, timeout=60, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineMissing(f"{program} does not run: {error}; run `make engine`") from None
    if said != VERSION:
        raise EngineMissing(
            f"{program} 的版本是 {said[:40]},需要 {VERSION} / {program} is version {said[:40]}, "
            f"{VERSION} is needed: run `make engine`",
        )


class EngineEnded(ChildProcessError):  # noqa: N818 - names what happened
    """The engine ended and is not started again; the text says why, and what to do."""

    def __init__(self, said: LastWords, ends: int) -> None:
        super().__init__(
            f"the engine ended {ends} times in a row: {said.cause}; it says: {said.words}; "
            f"{said.advice}"
        )
        self.cause = said.cause


class EngineProcess:
    """One engine in its folder, kept running until it is closed."""

    def __init__(
        self,
        program: Path,
        home: Path,
        rpc_socket: Path,
        on_start: Callable[[], None],
        on_give_up: Callable[[BaseException], None],
        ends_max: int = ENDS_MAX,
    ) -> None:
        """Prepare to run.

        Args:
            program: the engine's program.
            home: its folder, complete.
            rpc_socket: where it will answer; one that was killed leaves it behind, and the next
                one would not begin.
            on_start: is called after each start but the first.
            on_give_up: is called when it ended too often in a row.
            ends_max: how often that is.
        """
        self._ends_max = ends_max
        self._program = program
        self._home = home
        self._rpc_socket = rpc_socket
        self._on_start = on_start
        self._on_give_up = on_give_up
        self._log_began_at = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="cometbft-watch", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        with self._lock:
            process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def start(self) -> None:
        """Run the engine."""
        self._thread.start()

    def close(self) -> None:
        """End the engine and wait for it."""
        with self._lock:
            self._closing.set()
            process = self._process
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        ends = starts = 0
        while process := self._launch(is_first=starts == 0):
            starts += 1
            ran_seconds = self._wait_for_end(process)
            if ran_seconds >= STEADY_SECONDS:
                ends = 0
            if self._closing.is_set():
                return
            ends += 1
            _log.error("engine_process_ended", code=process.returncode, in_a_row=ends)
            said = last_words(self._home / LOG_NAME, self._log_began_at)
            if ends >= self._ends_max or said.is_hopeless:
                self._on_give_up(EngineEnded(said, ends))
                return
            self._closing.wait(RESTART_SECONDS[min(ends, len(RESTART_SECONDS)) - 1])

    def _wait_for_end(self, process: "subprocess.Popen[bytes]") -> float:
        """Wait until the engine ends, or was ended because it is stuck; return how long it ran."""
        began_at = time.monotonic()
        has_ended = threading.Event()
        looking = threading.Thread(
            target=self._end_once_stuck,
            args=(process, has_ended),
            name="cometbft-stuck",
            daemon=True,
        )
        looking.start()
        process.wait()
        has_ended.set()
        looking.join()
        return time.monotonic() - began_at

    def _end_once_stuck(
        self, process: "subprocess.Popen[bytes]", has_ended: threading.Event
    ) -> None:
        watch = StuckWatch(self._home / LOG_NAME, self._log_began_at)
        while not has_ended.wait(STUCK_LOOK_SECONDS):
            if watch.look():
                _log.error("engine_process_stuck", process=process.pid)
                process.kill()

    def _launch(self, *, is_first: bool) -> "subprocess.Popen[bytes] | None":
        """Start the program unless this is closing."""
        with self._lock, self._log_file() as log:
            if self._closing.is_set():
                return None
            self._end_leftover()
            self._rpc_socket.unlink(missing_ok=True)
            self._process = subprocess.Popen(  # noqa: S603 - the program was found by find_program
                [*LAUNCHER, str(os.getpid()), self._program, "start", "--home", self._home],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            process = self._process
            (self._home / PID_NAME).write_text(f"{process.pid}\n", "ascii")
        if not is_first:
            self._on_start()
        return process

    def _end_leftover(self) -> None:
        """End an engine that outlived its node: killed with it, it may hang half stopped."""
        try:
            number = int((self._home / PID_NAME).read_text("ascii"))
        except (OSError, ValueError):
            return
        if number == os.getpid() or not self._is_ours(number):
            return
        _log.warning("leftover_engine_ended", process=number)
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
        deadline = time.monotonic() + STOP_SECONDS
        while self._is_ours(number) and time.monotonic() < deadline:
            self._closing.wait(LOOK_SECONDS)

    def _is_ours(self, number: int) -> bool:
        """Return whether a process is an engine of this folder."""
        try:
            command = Path(f"/proc/{number}/cmdline").read_bytes()
        except OSError:
            return False
        return bytes(self._home) in command.split(b"\0")

    def _log_file(self) -> IO[bytes]:
        path = self._home / LOG_NAME
        if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
            path.replace(path.with_suffix(".log.old"))
        log = path.open("ab")
        self._log_began_at = log.tell()
        return log
