"""The durable engine is killed at any moment, and nothing that it acknowledged is lost."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engines.replay import check_whole, outcome_of, replayed_app_hashes
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import LmdbStore
from xinlian.testing import Consortium

WORKER = Path(__file__).with_name("paying_worker.py")
KILLS_REDUCED = 8
KILLS_SOAK = 200


def run_and_kill(folder: Path, lines_before: int) -> list[tuple[bytes, str, int]]:
    """Kill a worker after it said so many lines; return everything that it acknowledged."""
    with subprocess.Popen(
        [sys.executable, str(WORKER), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdout is not None
        said = [worker.stdout.readline() for _ in range(lines_before)]
        worker.send_signal(signal.SIGKILL)
        rest, _ = worker.communicate(timeout=60)
    assert worker.returncode == -signal.SIGKILL, said
    lines = [*said, *rest.splitlines(keepends=True)]
    assert lines[0] == "opening\n"
    acknowledged = [line.split() for line in lines[1:] if line.endswith("\n")]
    return [(bytes.fromhex(tx), codespace, int(code)) for tx, codespace, code in acknowledged]


def kill_again_and_again(folder: Path, kills: int) -> None:
    moments = random.Random(20261124)
    acknowledged: list[tuple[bytes, str, int]] = []
    last_height = -1
    for kill in range(kills):
        # The first kills hit the opening of the store and the writing of genesis.
        lines_before = 1 if kill < 2 else moments.randrange(2, 150)
        acknowledged += run_and_kill(folder, lines_before)
        store = LmdbStore(folder)
        if store.head() is not None:
            height = check_whole(store)
            assert height >= last_height
            last_height = height
        for transaction_id, codespace, code in acknowledged:
            _, stored_codespace, stored_code = outcome_of(store, transaction_id)
            assert (stored_codespace or "-", stored_code) == (codespace, code)
        store.close()
    assert {codespace for _, codespace, _ in acknowledged} == {"-", "accounts"}
    store = LmdbStore(folder)
    consortium = Consortium(store)
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 1)
    _, committed = consortium.send("core", payment)
    consortium.close()
    assert committed.result.code == 0
    assert committed.height == last_height + 1 == check_whole(store)
    hashes = list(replayed_app_hashes(store, consortium.genesis_bytes))
    assert len(hashes) == last_height + 2
    assert all(stored == replayed for stored, replayed in hashes)
    store.close()


def test_nothing_acknowledged_is_lost_and_every_height_is_whole(tmp_path):
    kill_again_and_again(tmp_path, KILLS_REDUCED)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_two_hundred_kills_lose_nothing(tmp_path):
    kill_again_and_again(tmp_path, KILLS_SOAK)
