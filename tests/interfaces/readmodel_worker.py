"""The process that is killed: projects a chain and dies at given statements.

``python readmodel_worker.py FOLDER ADDRESS PLAN`` forks one child a moment of the plan, a JSON list
of statement counts, and one more that lives; it prints how each ended, as a JSON list: the number
of the signal, negative, or the status.  A child projects a few blocks a transaction, so that it is
killed between blocks of one transaction too; before each flush of many rows it may die as well.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from xinlian.bootstrap import GenesisState, build_contracts
from xinlian.ledger.genesis import parse_genesis
from xinlian.ledger.overlay import Overlay
from xinlian.readmodels import ReadModel, bulk, model
from xinlian.readmodels.working_set import WorkingSet
from xinlian.storage import LmdbStore, MemoryStore


class Death:
    """Kills this process when so many statements and commits have been counted."""

    def __init__(self, moment: int) -> None:
        self._left = moment

    def count(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, action: Callable[..., Any]) -> Callable[..., Any]:
        """Return an action that is counted before it is done."""

        def counted(*arguments: object) -> object:
            self.count()
            return action(*arguments)

        return counted


def project(folder: Path, address: str, moment: int | None) -> None:
    """Project the chain, and die at the moment if there is one."""
    contracts = build_contracts()
    with MemoryStore().snapshot() as empty:
        genesis = Overlay(empty)
    GenesisState(parse_genesis((folder / "genesis.json").read_bytes()), contracts)(genesis)
    if moment is not None:
        death = Death(moment)
        for event in ("before_cursor_execute", "commit"):
            sa.event.listen(sa.Engine, event, death.count)
        for name in ("insert", "update"):
            setattr(bulk, name, death.before(getattr(bulk, name)))
        for name in ("get", "note_event"):
            setattr(WorkingSet, name, death.before(getattr(WorkingSet, name)))
    model.BLOCKS_PER_TRANSACTION = 2 if moment is None else 1 + moment % 4  # type: ignore[misc]  # few
    store = LmdbStore(folder)
    readmodel = ReadModel(address, contracts, genesis)
    readmodel.project(store)
    readmodel.close()
    store.close()


def ending_of(folder: Path, address: str, moment: int | None) -> int:
    """Return how a child that projects came to its end."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            project(folder, address, moment)
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: Path, address: str, plan: list[int]) -> None:
    """Kill until a child comes to the end of the chain, at the latest with the plan."""
    endings: list[int] = []
    for moment in plan:
        endings.append(ending_of(folder, address, moment))
        if endings[-1] != -signal.SIGKILL:
            break
    else:
        endings.append(ending_of(folder, address, None))
    sys.stdout.write(json.dumps(endings))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))
