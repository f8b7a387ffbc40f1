"""The same blocks give the same hashes: on every store, twice, under every hash seed."""

import os
import subprocess
import sys
from pathlib import Path

from engines.replay import check_whole, replayed_app_hashes
from xinlian.ledger.application import Application, SignatureCache
from xinlian.storage import LmdbStore, MemoryStore
from xinlian.testing import Consortium
from xinlian.testing.trade import EVENING_MS, Trade

REPLAY = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from engines.replay import replayed_app_hashes
from xinlian.storage import LmdbStore
store = LmdbStore(Path(sys.argv[1]))
for stored, replayed in replayed_app_hashes(store, Path(sys.argv[2]).read_bytes()):
    print(stored.hex(), replayed.hex())
"""


def live_through_everything(consortium: Consortium) -> None:
    """Issue, split, finance, default, pay late, refuse: a chain with a bit of everything."""
    trade = Trade(consortium)
    trade.register()
    _, leaf = trade.certify(600_000_00)
    _, rest = trade.split(leaf, 100_000_00)
    trade.finance(rest)
    consortium.send("supplier2", trade.proposal())
    trade.certify(200_000_00)
    trade.drain(50_000_00)
    trade.to_due_day(EVENING_MS)
    trade.to_due_day(days_later=3)
    trade.credit(900_000_00)
    assert consortium.broken_invariants() == []


def replay_under_seed(folder: Path, genesis: Path, seed: str) -> list[list[str]]:
    finished = subprocess.run(
        [sys.executable, "-c", REPLAY, str(folder), str(genesis), str(Path(__file__).parents[1])],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
        timeout=120,
    )
    return [line.split() for line in finished.stdout.splitlines()]


def test_blocks_replay_to_the_same_hashes_under_every_hash_seed(tmp_path):
    store = LmdbStore(tmp_path / "chain", durable=False)
    consortium = Consortium(store)
    live_through_everything(consortium)
    consortium.close()
    height = check_whole(store)
    store.close()
    genesis = tmp_path / "genesis.json"
    genesis.write_bytes(consortium.genesis_bytes)
    runs = [replay_under_seed(tmp_path / "chain", genesis, seed) for seed in ("0", "1", "4242")]
    assert len(runs[0]) == height + 1
    assert all(stored == replayed for run in runs for stored, replayed in run)
    assert runs[0] == runs[1] == runs[2]


def test_memory_and_lmdb_hold_the_same_chain(tmp_path):
    heads = []
    lmdb_store = LmdbStore(tmp_path, durable=False)
    for store in (MemoryStore(), lmdb_store):
        consortium = Consortium(store)
        live_through_everything(consortium)
        consortium.close()
        heads.append(store.head())
    lmdb_store.close()
    assert heads[0] == heads[1]


def test_a_poisoned_or_tiny_signature_cache_changes_no_hash(tmp_path, monkeypatch):
    store = MemoryStore()
    consortium = Consortium(store)
    live_through_everything(consortium)
    consortium.close()
    plain = list(replayed_app_hashes(store, consortium.genesis_bytes))

    class Poisoned(SignatureCache):
        """A cache full of facts about other bytes."""

        def __init__(self) -> None:
            super().__init__(entries_max=64)
            for number in range(64):
                self._verified["ed25519", bytes((number,)) * 32, b"m" * 32, b"s" * 64] = None

    original = Application.__init__

    def poisoned(self, *arguments):
        original(self, *arguments)
        self._signatures = Poisoned()

    monkeypatch.setattr(Application, "__init__", poisoned)
    assert list(replayed_app_hashes(store, consortium.genesis_bytes)) == plain
