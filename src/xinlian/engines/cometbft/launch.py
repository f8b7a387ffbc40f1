"""Become the engine, and die with the node: ``python launch.py PARENT PROGRAM ARGUMENT…``.

The engine that loses its node asks itself to stop, and may hang half stopped for ever: it keeps
its port, takes peers, and does nothing.  So the operating system is asked to kill it.

Rules this file keeps:
 1. It is run as a file, by itself: it imports nothing of this project and is gone once the engine
    has taken its place, under the same process number.
 2. Linux alone offers this.  Elsewhere the next start of the node ends what was left behind.
"""

import ctypes
import os
import signal
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1
"""Source: linux/prctl.h; the signal comes when the thread that started this process ends."""


def die_with(parent: int) -> bool:
    """Ask to be killed when the parent ends; return whether it is still there."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return os.getppid() == parent


def main(parent: str, *command: str) -> None:
    """Replace this process by the command, unless its parent is gone already."""
    if die_with(int(parent)):
        os.execv(command[0], command)  # noqa: S606 - the program was found by find_program


if __name__ == "__main__":
    main(*sys.argv[1:])
