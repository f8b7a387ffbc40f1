"""Ways to keep old heights provable: `python -m bench.compare_history`.

Blocks change random entries of a large state.  Each representation commits the same blocks in
turns, block by block, without the sync; then a key is proven as of the oldest height that is kept.

    head only       nothing is kept
    whole nodes     what a block replaces is kept as it was
    differences     a node is kept as its difference to the new one (what the store does)
    entries alone   only old entries are kept; the tree is undone from them when it is asked for
"""

import dataclasses
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

import lmdb

from bench.hardware import describe
from bench.tables import print_table
from xinlian.crypto.state_proof import verify_state_proof
from xinlian.ledger.ports import CommitBatch, NodeView
from xinlian.ledger.state_tree import prove, tree_root, update_tree
from xinlian.storage import LmdbStore, history

KEYS: Final = 200_000
CHANGED_PER_BLOCK: Final = 600
BLOCKS: Final = 60
VALUE_BYTES: Final = 120
PROOFS: Final = 20
SEED: Final = 1
VAR: Final = Path(__file__).resolve().parent.parent / "var"
WAYS: Final = ("head only", "whole nodes", "differences", "entries alone")


def _whole(old: bytes | None, new: bytes | None) -> bytes:
    del new
    return b"\x00" if old is None else b"\x01" + old


class _EntriesAlone(LmdbStore):
    """A store that keeps no old nodes."""

    def _keep_history(self, transaction: lmdb.Transaction, batch: CommitBatch) -> None:
        super()._keep_history(transaction, dataclasses.replace(batch, node_writes={}))


class _Way:
    """A store that keeps old heights in one of the ways."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        window = 0 if name == "head only" else BLOCKS
        store_type = _EntriesAlone if name == "entries alone" else LmdbStore
        self.store = store_type(folder, durable=False, history_heights=window)
        self.commit_ms: list[float] = []
        self.roots: list[bytes] = []

    def commit(self, writes: dict[bytes, bytes | None], *, is_timed: bool) -> None:
        """Commit a block; the tree's own work is not counted."""
        with self.store.snapshot() as snapshot:
            height = snapshot.height + 1
            update = update_tree(snapshot, writes)
        nodes = update.node_writes
        batch = CommitBatch(height, b"", b"", b"", writes, nodes, {})
        as_it_is = history.replaced
        if self.name == "whole nodes":
            history.replaced = _whole
        started = time.process_time()
        self.store.commit(batch)
        if is_timed:
            self.commit_ms.append((time.process_time() - started) * 1_000)
        history.replaced = as_it_is
        self.roots.append(update.root)

    def history_bytes(self) -> int:
        """Return the size of all records, without LMDB's pages."""
        with self.store.environment.begin() as transaction:
            cursor = transaction.cursor(db=self.store.tables["history"])
            return sum(len(key) + len(value) for key, value in cursor)

    def prove_ms(self, height: int, keys: list[bytes]) -> float:
        """Return how long a proof as of a height takes."""
        started = time.process_time()
        for key in keys:
            if self.name == "entries alone":
                _prove_undone(self.store, height, key, self.roots[height])
                continue
            with self.store.snapshot_at(height) as past:
                value, proof = past.get(key), prove(past, key)
                verify_state_proof(tree_root(past), key, value, proof)
        return (time.process_time() - started) * 1_000 / len(keys)


class _Undone:
    """The nodes of the head, with those that undoing changed."""

    def __init__(self, nodes: NodeView, writes: dict[bytes, bytes | None]) -> None:
        self._nodes = nodes
        self._update = update_tree(nodes, writes)

    def get_node(self, path: bytes) -> bytes | None:
        """Return a node by its path, or None."""
        if path in self._update.node_writes:
            return self._update.node_writes[path]
        return self._nodes.get_node(path)


def _prove_undone(store: LmdbStore, height: int, key: bytes, root: bytes) -> None:
    with store.environment.begin() as transaction, store.snapshot() as snapshot:
        table = store.tables["history"]
        undone = history.Undone(transaction, table, height, snapshot.height)
        entries = undone.entries()
        nodes = _Undone(snapshot, entries)
        verify_state_proof(root, key, entries.get(key, snapshot.get(key)), prove(nodes, key))


def main() -> None:
    """Fill each store, commit in turns, prove."""
    print(describe(), f"seed {SEED}\n")
    draw = random.Random(SEED)
    keys = [draw.randbytes(23) for _ in range(KEYS)]
    first: dict[bytes, bytes | None] = {key: draw.randbytes(VALUE_BYTES) for key in keys}
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=VAR) as name:
        ways = [_Way(way, Path(name) / way.replace(" ", "-")) for way in WAYS]
        for way in ways:
            way.commit(first, is_timed=False)
        for _ in range(BLOCKS):
            changed = draw.sample(keys, CHANGED_PER_BLOCK)
            writes: dict[bytes, bytes | None] = {
                key: draw.randbytes(VALUE_BYTES) for key in changed
            }
            for way in ways:
                way.commit(writes, is_timed=True)
        rows = [_row(way, ways[0], draw.sample(keys, PROOFS)) for way in ways]
    print_table(("representation", "commit, CPU ms", "bytes a changed key", "proof, CPU ms"), rows)


def _row(way: _Way, bare: _Way, keys: list[bytes]) -> tuple[str, ...]:
    commit_ms = statistics.median(way.commit_ms)
    if way is bare:
        return way.name, f"{commit_ms:.1f}", "0", "-"
    kept = way.history_bytes() / (BLOCKS * CHANGED_PER_BLOCK)
    return way.name, f"{commit_ms:.1f}", f"{kept:.0f}", f"{way.prove_ms(0, keys):.1f}"


if __name__ == "__main__":
    main()
