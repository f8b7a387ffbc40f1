"""The process that is killed while it snapshots, restores, prunes or compacts.

``python upkeep_worker.py WORK …`` prints a line a step and then ``done``.  It stops after each line
until a byte comes in, so that a kill hits the step that was asked for.
"""

import sys
from pathlib import Path

from xinlian.ledger import pruning
from xinlian.ledger.pruning import prune
from xinlian.storage import (
    LmdbStore,
    compact,
    compaction,
    read_manifest,
    restore_snapshot,
    write_snapshot,
)

CHUNK_BYTES = 2_000
HEIGHTS_PER_STEP = 3
BATCH_ENTRIES = 40


def main(work: str, *arguments: str) -> None:
    """Do one piece of work in small steps."""
    paths = [Path(argument) for argument in arguments]
    match work:
        case "snapshot":
            store = LmdbStore(paths[0], shared=True)
            write_snapshot(store, paths[1], bytes.fromhex(arguments[2]), progress=say_step)
        case "restore":
            restore_snapshot(paths[0], read_manifest(paths[0]), paths[1], say_step)
        case "prune":
            pruning.HEIGHTS_PER_STEP = HEIGHTS_PER_STEP  # type: ignore[misc] # small steps
            store = LmdbStore(paths[0])
            for bodies_from in prune(store, int(arguments[1])):
                say_step(bodies_from, 0)
            store.close()
        case "compact":
            compaction.BATCH_ENTRIES = BATCH_ENTRIES  # type: ignore[misc] # small steps
            compact(paths[0], say_step)
    sys.stdout.write("done\n")
    sys.stdout.flush()


def say_step(done: int, of: int) -> None:
    """Tell of a step and wait to be let on, or killed."""
    sys.stdout.write(f"{done} {of}\n")
    sys.stdout.flush()
    sys.stdin.read(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
