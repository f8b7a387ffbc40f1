"""The projector is killed at any statement, and its rows are exactly those of a rebuild.

A worker opens the chain's durable store and the database, projects, and kills itself with SIGKILL
just before the n-th statement or bulk of rows that it sends, the n-th row that it looks up, or just
before or after a commit: no handler runs, no transaction is closed.  A transaction is of one to
four blocks.  The moments are drawn from a seed.
"""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PROFILE
from unit.readmodels.stories import Told, open_model, sqlite_address, tell_paid
from xinlian.readmodels import ReadModel
from xinlian.storage import LmdbStore

WORKER = Path(__file__).with_name("readmodel_worker.py")
KILLS = 400 if PROFILE == "soak" else 25
SEED = 20261124


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> tuple[Path, Told]:
    """Return the folder of a closed store with a whole story, and the story."""
    folder = tmp_path_factory.mktemp("chain")
    told = tell_paid(LmdbStore(folder))
    told.consortium.close()
    told.store.close()
    (folder / "genesis.json").write_bytes(told.consortium.genesis_bytes)
    return folder, told


def run_and_kill(folder: Path, address: str) -> list[int]:
    """Let workers project the chain and die; return the signals and codes that ended them."""
    moments = random.Random(SEED)
    plan = [moments.randrange(1, 90) for _ in range(KILLS)]
    done = subprocess.run(
        [sys.executable, str(WORKER), str(folder), address, json.dumps(plan)],
        capture_output=True,
        text=True,
        timeout=250,
        check=True,
        cwd=WORKER.parent.parent,
    )
    endings: list[int] = json.loads(done.stdout)
    return endings


def check_rows(folder: Path, told: Told, address: str, tmp_path: Path) -> None:
    """Compare what the killed workers left with a projection in one go and with a rebuild."""
    store = LmdbStore(folder)
    survivor = open_model(address, told.consortium)
    height = survivor.height
    fresh: ReadModel = open_model(sqlite_address(tmp_path, "fresh.db"), told.consortium)
    assert fresh.project(store) == height > 50
    rows = survivor.dump()
    assert rows == fresh.dump()
    assert survivor.rebuild(store) == height
    assert survivor.dump() == rows
    for model in (survivor, fresh):
        model.close()
    store.close()


def test_on_sqlite_kills_lose_and_repeat_nothing(chain, tmp_path):
    folder, told = chain
    address = sqlite_address(tmp_path)
    endings = run_and_kill(folder, address)
    assert endings[-1] == 0
    assert endings.count(-signal.SIGKILL) == len(endings) - 1 >= 10
    check_rows(folder, told, address, tmp_path)


def test_on_postgresql_kills_lose_and_repeat_nothing(chain, empty_postgres_url, tmp_path):
    folder, told = chain
    endings = run_and_kill(folder, empty_postgres_url)
    assert endings[-1] == 0
    assert endings.count(-signal.SIGKILL) == len(endings) - 1 >= 10
    check_rows(folder, told, empty_postgres_url, tmp_path)
