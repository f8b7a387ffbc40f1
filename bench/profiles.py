"""Where the time goes: a profile of each workload, on one thread, through the application alone."""

import cProfile
import io
import pstats
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.transfers import Rounds, run_application
from xinlian.client import SignedTransaction
from xinlian.ledger.application import Application

FUNCTIONS: Final = 30
_SOURCE: Final = str(Path(__file__).resolve().parent.parent) + "/"


def profile(
    application: Application,
    batch: Sequence[SignedTransaction],
    transfers_each: int,
) -> str:
    """Return the table of the functions that take most of a block's time themselves.

    The profiler itself slows calls of Python functions more than calls into C: read the order and
    the shares, never the seconds.
    """
    profiler = cProfile.Profile()
    profiler.enable()
    run_application(application, batch, transfers_each, Rounds())
    profiler.disable()
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).sort_stats("tottime").print_stats(FUNCTIONS)
    return text.getvalue().replace(_SOURCE, "").strip() + "\n"
