"""Verifying many signatures at once, on another core where there is one.

The library that decides holds the interpreter's lock, so threads verify no more than one of them;
a process does.  What it says is a pure fact about bytes: whether this node asks it or verifies by
itself changes when an answer is known, never which.

Rules this file keeps:
 1. The other process is a help, never a need: until it is ready, and when it is gone, signatures
    are verified here.
 2. What does not have the shape of a request (another suite, another length) is verified here.
 3. The process ends with its node, however the node ends; signals of a terminal are not its own.
"""

import os
import select
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, Self

import structlog

import xinlian
from xinlian.crypto.ed25519 import (
    PUBLIC_KEY_BYTES,
    SIGNATURE_BYTES,
    SUITE_ED25519,
    verify_signature,
)
from xinlian.engines.signature_worker import COUNT_BYTES, FACTS_MAX, MESSAGE_BYTES
from xinlian.ledger.admission import SignatureFact

_log = structlog.get_logger(__name__)

_MODULE: Final = "xinlian.engines.signature_worker"
_STOP_SECONDS: Final = 5.0
START_AFTER: Final = 200
"""So many signatures are verified here first: a process is not worth its start for a few."""
CORES_MIN: Final = 2
"""With fewer a second process would only take turns with the first."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


class SignatureVerifier:
    """Verifies lists of facts, by a process of its own once that is ready; one caller at a time."""

    def __init__(self, *, in_process: bool = False) -> None:
        """Prepare; nothing is started before there is something to do.

        Args:
            in_process: never start another process.
        """
        self._may_start = not in_process and cores() >= CORES_MIN
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        self._seen = 0

    @property
    def is_helped(self) -> bool:
        """True while the other process is ready."""
        return self._process is not None and self._is_ready

    @property
    def process_id(self) -> int | None:
        """The number of the other process while it runs."""
        return None if self._process is None else self._process.pid

    def verify(self, facts: Sequence[SignatureFact]) -> list[bool]:
        """Return which facts are true, in their order."""
        self._seen += len(facts)
        if self._may_start and self._seen > START_AFTER:
            self._start()
        if self._process is None or not self._look_ready(self._process):
            return [verify_signature(*fact) for fact in facts]
        found: list[bool] = []
        for start in range(0, len(facts), FACTS_MAX):
            found += self._verify_there(self._process, facts[start : start + FACTS_MAX])
        return found

    def close(self) -> None:
        """End the process."""
        self._may_start = False
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _start(self) -> None:
        self._may_start = False
        source = str(Path(xinlian.__file__).resolve().parent.parent)
        paths = os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH"))))
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, a module of ours
                [sys.executable, "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": paths},
                start_new_session=True,
            )
        except OSError as error:
            _log.warning("signature_process_not_started", cause=str(error))

    def _look_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Return whether the process has said that it is ready, without waiting for it."""
        if not self._is_ready and process.stdout is not None:
            poll = select.poll()
            poll.register(process.stdout, select.POLLIN)
            if poll.poll(0):
                self._is_ready = bool(process.stdout.read(1))
                if not self._is_ready:
                    self._give_up(process, "it ended before it was ready")
        return self._is_ready and self._process is not None

    def _verify_there(
        self,
        process: subprocess.Popen[bytes],
        facts: Sequence[SignatureFact],
    ) -> list[bool]:
        """Return which facts are true; the process is asked about those that fit a request."""
        fitting = [fact for fact in facts if _fits(fact)]
        answers = self._asked(process, fitting)
        if answers is None:
            return [verify_signature(*fact) for fact in facts]
        if len(fitting) == len(facts):
            return answers
        remaining = iter(answers)
        return [next(remaining) if _fits(fact) else verify_signature(*fact) for fact in facts]

    def _asked(
        self,
        process: subprocess.Popen[bytes],
        facts: Sequence[SignatureFact],
    ) -> list[bool] | None:
        """Return the process's answers, or None when it is gone."""
        if self._process is None or process.stdin is None or process.stdout is None:
            return None
        parts = [len(facts).to_bytes(COUNT_BYTES, "big")]
        for _, public_key, message, blob in facts:
            parts += (public_key, message, blob)
        try:
            process.stdin.write(b"".join(parts))
            process.stdin.flush()
            answers = process.stdout.read(len(facts))
        except OSError as error:
            self._give_up(process, str(error))
            return None
        if len(answers) != len(facts):
            self._give_up(process, "it ended")
            return None
        return [answer == 1 for answer in answers]

    def _give_up(self, process: subprocess.Popen[bytes], cause: str) -> None:
        self._process = None
        _end(process)
        _log.warning(
            "signature_process_lost",
            cause=cause,
            exit_code=process.returncode,
            advice="signatures are verified in the node's own process from now on",
        )


class SignaturesAhead:
    """Verifies one list after the other while its caller does something else."""

    def __init__(self, verifier: SignatureVerifier | None = None) -> None:
        """Prepare; a verifier that is given is closed with it."""
        self._verifier = verifier or SignatureVerifier()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="signatures")
        self._facts: Sequence[SignatureFact] = ()
        self._verdicts: Future[list[bool]] | None = None

    def request(self, facts: Sequence[SignatureFact]) -> None:
        """Begin to verify; returns at once."""
        self._facts = facts
        self._verdicts = self._pool.submit(self._verifier.verify, facts)

    def collect(self) -> list[SignatureFact]:
        """Wait for the last request; return those of its facts that are true."""
        if self._verdicts is None:
            return []
        verdicts, self._verdicts = self._verdicts.result(), None
        return [fact for fact, holds in zip(self._facts, verdicts, strict=True) if holds]

    def close(self) -> None:
        """Finish what was requested, and end the process."""
        self._pool.shutdown()
        self._verifier.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _fits(fact: SignatureFact) -> bool:
    suite, public_key, message, blob = fact
    return (
        suite == SUITE_ED25519
        and len(public_key) == PUBLIC_KEY_BYTES
        and len(message) == MESSAGE_BYTES
        and len(blob) == SIGNATURE_BYTES
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close both ends; a process that does not end by itself is killed."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:  # what was buffered cannot be written any more
                continue
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
