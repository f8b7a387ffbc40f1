"""Why an engine ended, or can never go on, from its log: a stable name and what to do.

Rules this file keeps:
 1. The end of the log alone is read, a bounded part of it; the newest known cause counts.
 2. Where starting again cannot help, it is said: the node stops at once and names the cause.
 3. What one proposer can make a node write is no cause: a proposal that was voted down is passed
    over, and only what two thirds have signed tells that this node's state is another.
"""

import enum
from pathlib import Path
from typing import Final, NamedTuple

TAIL_BYTES: Final = 64 << 10
LOOK_BYTES_MAX: Final = 1 << 20


class Cause(enum.StrEnum):
    """What is known to end an engine."""

    APP_HASH = "app_hash_mismatch"
    OTHER_GENESIS = "other_genesis"
    PORT = "port_in_use"
    DISK = "disk_full"
    IN_USE = "engine_folder_in_use"
    HALF_JOINED = "half_joined"
    UNKNOWN = "unknown"


class LastWords(NamedTuple):
    """Why an engine ended."""

    cause: Cause
    words: str
    """What its log says, shortened."""

    @property
    def is_hopeless(self) -> bool:
        """True where starting it again cannot help."""
        return self.cause in {Cause.APP_HASH, Cause.OTHER_GENESIS, Cause.HALF_JOINED}

    @property
    def advice(self) -> str:
        """What the operator does next."""
        return _ADVICE[self.cause]


_VOTED_DOWN: Final = "prevoting nil"
"""The engine's words for a proposal that is not valid: its proposer's fault."""
_SIGNS: Final = (
    (".apphash", Cause.APP_HASH),
    ("genesis doc hash", Cause.OTHER_GENESIS),
    ("address already in use", Cause.PORT),
    ("no space left on device", Cause.DISK),
    ("resource temporarily unavailable", Cause.IN_USE),
    ("state and store height mismatch", Cause.HALF_JOINED),
)
_ADVICE: Final[dict[Cause, str]] = {
    Cause.APP_HASH: (
        "本节点的状态与多数验证节点不同 / its app hash is not the validators': stop it, run "
        "`xinlian doctor DATA --genesis G --against OTHER`, repair it from the others"
    ),
    Cause.OTHER_GENESIS: (
        "引擎目录属于另一条链 / the engine's folder is of another genesis file: use the right one"
    ),
    Cause.PORT: "端口被占用 / its port is taken by another process: free it or `network join` anew",
    Cause.DISK: "磁盘已满 / the disk is full: make room, then start the node",
    Cause.IN_USE: "引擎目录被另一进程占用 / another engine runs in this folder: end that one first",
    Cause.HALF_JOINED: (
        "从快照起步未完成 / joining from a snapshot was not finished: empty the data folder but "
        "for node.json and the engine's keys and last vote, and start again"
    ),
    Cause.UNKNOWN: "查看引擎日志 / look into the engine's log",
}


def last_words(log: Path, since_bytes: int = 0) -> LastWords:
    """Return why an engine ended.

    Args:
        log: the engine's log.
        since_bytes: how long it was when the engine began; 0 where that is not known.
    """
    text = _tail(log, since_bytes)
    lines = [line for line in text.splitlines() if line.strip()]
    for line in reversed(lines):
        if _VOTED_DOWN in line:
            continue
        for sign, cause in _SIGNS:
            if sign in line.lower():
                return LastWords(cause, line[:500])
    panics = [line for line in lines if line.startswith(("panic:", "ERROR", "Error"))]
    return LastWords(Cause.UNKNOWN, " | ".join(panics[-1:] or lines[-3:])[:500])


class StuckWatch:
    """Reads what an engine writes while it runs, until it says that it can never go on.

    Its consensus ends after a panic while the process lives on; and one that takes blocks from
    others, each signed by two thirds, refuses the same block for ever when its own state is
    another.
    """

    def __init__(self, log: Path, since_bytes: int) -> None:
        """Begin where the log stood when the engine began."""
        self._log = log
        self._at_bytes = since_bytes

    def look(self) -> bool:
        """Return whether something new says so; what was looked at is not looked at again."""
        try:
            with self._log.open("rb") as stream:
                stream.seek(self._at_bytes)
                new = stream.read(LOOK_BYTES_MAX)
        except OSError:
            return False
        whole, newline, _ = new.rpartition(b"\n")
        if not newline and len(new) < LOOK_BYTES_MAX:
            return False
        self._at_bytes += len(whole) + 1 if newline else len(new)
        return any(_is_stuck(line) for line in whole.splitlines())


def _is_stuck(line: bytes) -> bool:
    if b'"_msg":"CONSENSUS FAILURE!!!"' in line:
        return True
    return (
        b'"_msg":"Error in validation"' in line
        and b".AppHash" in line
        and b'"module":"blocksync"' in line
    )


def _tail(log: Path, since_bytes: int) -> str:
    try:
        with log.open("rb") as stream:
            size = stream.seek(0, 2)
            start = since_bytes if since_bytes <= size else 0  # it began anew
            stream.seek(max(start, size - TAIL_BYTES))
            return stream.read(TAIL_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
