"""Snapshot, restore, pruning and compaction are killed (SIGKILL) at every step.

What is left is what was there before, or what was to be there, whole; the work can be done again.
"""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xinlian.ledger import snapshot as snapshot_format
from xinlian.ledger.genesis import genesis_hash
from xinlian.ledger.ports import StoreError
from xinlian.ledger.soundness import faults, require_sound_state
from xinlian.modules.accounts.messages import Transfer
from xinlian.storage import LmdbStore, read_manifest, restore_snapshot, write_snapshot
from xinlian.testing import Consortium

WORKER = Path(__file__).with_name("upkeep_worker.py")
BLOCKS = 14
BEFORE = 12
KILLS_SOAK = 60


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """(folder with a stopped node and a snapshot of it in small chunks, genesis bytes)."""
    folder = tmp_path_factory.mktemp("chain")
    store = LmdbStore(folder / "node", history_heights=4)
    consortium = Consortium(store)
    for _ in range(BLOCKS):
        consortium.send("core", Transfer(consortium.account("core"), consortium.account("bank"), 5))
    consortium.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot_format, "CHUNK_BYTES", 2_000)
        write_snapshot(store, folder / "taken", genesis_hash(consortium.genesis_bytes))
    store.close()
    return folder, consortium.genesis_bytes


def killed_at(step, *arguments):
    """Let a worker do so many steps and kill it; return whether it was still at work."""
    command = [sys.executable, str(WORKER), *map(str, arguments)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdin is not None
        for _ in range(step):
            if worker.stdout.readline() in {"done\n", ""}:
                worker.wait()
                assert worker.returncode == 0
                return False
            worker.stdin.write(".")
            worker.stdin.flush()
        worker.stdout.readline()
        worker.send_signal(signal.SIGKILL)
    return worker.returncode == -signal.SIGKILL


def killed_after(seconds, *arguments):
    """Start a worker that is never held up and kill it at a moment of its work."""
    command = [sys.executable, str(WORKER), *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as worker:
        try:
            worker.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGKILL)


def finish(*arguments):
    """Do the work again, to its end."""
    command = [sys.executable, str(WORKER), *map(str, arguments)]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=120)


def head_of(folder, genesis_bytes, bodies_from=None):
    """Open a folder as a node does after a crash; return its head once all of it is sound."""
    store = LmdbStore(folder)
    try:
        require_sound_state(store)
        assert list(faults(store, genesis_bytes)) == []
        if bodies_from is not None:
            assert store.extent().bodies_from == bodies_from
        return store.head()
    finally:
        store.close()


def steps(first, last, count):
    """Return steps at which to kill: the first ones, the last, and some between."""
    between = random.Random(20261125).sample(range(first, last), min(count, last - first))
    return sorted({first, *between, last})


def test_a_killed_snapshot_leaves_no_folder_and_the_next_one_is_whole(chain, tmp_path):
    folder, genesis_bytes = chain
    arguments = ("snapshot", folder / "node", tmp_path / "taken", genesis_hash(genesis_bytes).hex())
    assert killed_at(0, *arguments)
    assert not (tmp_path / "taken").exists()
    finish(*arguments)
    manifest = read_manifest(tmp_path / "taken")
    restore_snapshot(tmp_path / "taken", manifest, tmp_path / "node")
    assert head_of(tmp_path / "node", genesis_bytes) == head_of(folder / "node", genesis_bytes)


def test_a_restore_killed_at_any_chunk_serves_nothing_and_is_done_again(chain, tmp_path):
    folder, genesis_bytes = chain
    chunks = len(read_manifest(folder / "taken").chunk_hashes)
    assert chunks > 5
    node = tmp_path / "node"
    arguments = ("restore", folder / "taken", node)
    for step in steps(0, chunks - 1, 2):
        assert killed_at(step, *arguments)
        assert not (node / "chain.lmdb").exists()
        with pytest.raises(StoreError, match="interrupted"):
            LmdbStore(node)
    finish(*arguments)
    assert head_of(node, genesis_bytes) == head_of(folder / "node", genesis_bytes)


def test_pruning_killed_at_any_step_leaves_a_sound_store_and_is_done_again(chain, tmp_path):
    folder, genesis_bytes = chain
    head = head_of(folder / "node", genesis_bytes)
    for step in range(BEFORE // 3):
        node = shutil.copytree(folder / "node", tmp_path / f"node-{step}")
        assert killed_at(step, "prune", node, BEFORE)
        assert head_of(node, genesis_bytes, bodies_from=3 * (step + 1)) == head
        finish("prune", node, BEFORE)
        assert head_of(node, genesis_bytes, bodies_from=BEFORE) == head


def test_a_compaction_killed_at_any_step_leaves_the_old_file_or_the_new_one(chain, tmp_path):
    folder, genesis_bytes = chain
    head = head_of(folder / "node", genesis_bytes)
    node = shutil.copytree(folder / "node", tmp_path / "node")
    size = (node / "chain.lmdb").stat().st_size
    for step in (0, 4, 12):
        assert killed_at(step, "compact", node)
        assert (node / "chain.lmdb").stat().st_size == size
        assert head_of(node, genesis_bytes) == head
        assert not (node / "chain.lmdb.compacting").exists()
    finish("compact", node)
    assert (node / "chain.lmdb").stat().st_size < size
    assert head_of(node, genesis_bytes) == head


def time_of(*arguments):
    """Do the work to its end; return how many seconds that takes."""
    started = time.monotonic()
    finish(*arguments)
    return time.monotonic() - started


def restores_killed_at_random(chain, tmp_path, moments, kills):
    folder, genesis_bytes = chain
    head = head_of(folder / "node", genesis_bytes)
    node = tmp_path / "restored"
    arguments = ("restore", folder / "taken", node)
    whole_seconds = time_of(*arguments)
    for _ in range(kills):
        shutil.rmtree(node)
        killed_after(moments.uniform(0.3, 1.1) * whole_seconds, *arguments)
        if (node / "chain.lmdb").exists():
            assert head_of(node, genesis_bytes) == head
        elif (node / "restoring").exists():
            with pytest.raises(StoreError, match="interrupted"):
                LmdbStore(node)
        finish_unless_there(node, *arguments)
        assert head_of(node, genesis_bytes) == head


def finish_unless_there(node, *arguments):
    if not (node / "chain.lmdb").exists():
        finish(*arguments)


def kill_at_random_moments(chain, tmp_path, kills):
    """Kill each kind of work at moments of its own choosing, among them renames and syncs."""
    folder, genesis_bytes = chain
    head = head_of(folder / "node", genesis_bytes)
    moments = random.Random(20261126)
    restores_killed_at_random(chain, tmp_path, moments, kills)
    for work, *more in (("prune", BEFORE), ("compact",)):
        node = shutil.copytree(folder / "node", tmp_path / work)
        whole_seconds = time_of(work, node, *more)
        for _ in range(kills):
            shutil.rmtree(node)
            shutil.copytree(folder / "node", node)
            killed_after(moments.uniform(0.3, 1.1) * whole_seconds, work, node, *more)
            assert head_of(node, genesis_bytes) == head
            finish(work, node, *more)
            assert head_of(node, genesis_bytes) == head


def test_killed_at_random_moments_nothing_half_done_is_served(chain, tmp_path):
    kill_at_random_moments(chain, tmp_path, 1)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_killed_again_and_again_nothing_half_done_is_served(chain, tmp_path):
    kill_at_random_moments(chain, tmp_path, KILLS_SOAK)
