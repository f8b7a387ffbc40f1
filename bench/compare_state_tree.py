"""The page tree against a compact binary Merkle tree: `python -m bench.compare_state_tree`.

Both are updated in batches of changed keys, nodes held in memory, then the touched nodes are
committed to LMDB with a sync.  ``--full`` adds a million keys.  The binary tree is a sketch for
this comparison: every inner node has two children and hashes them; it only replaces values.
"""

import argparse
import bisect
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

import lmdb

from bench.floor import counted_hashes
from bench.hardware import describe
from bench.tables import print_table
from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.crypto.state_proof import entry_hash, key_hash
from xinlian.ledger.state_tree import prove, update_tree

CHANGED: Final = 10_000
ROUNDS: Final = 3
VAR: Final = Path(__file__).resolve().parent.parent / "var"
_Changes = list[tuple[bytes, bytes]]
_HASH_BITS: Final = 256


class _Pages:
    """The ledger's tree, its nodes in a dictionary."""

    def __init__(self) -> None:
        self._nodes: dict[bytes, bytes] = {}

    def get_node(self, path: bytes) -> bytes | None:
        return self._nodes.get(path)

    def update(self, writes: dict[bytes, bytes | None]) -> dict[bytes, bytes]:
        touched = update_tree(self, writes).node_writes
        present = {path: node for path, node in touched.items() if node is not None}
        self._nodes.update(present)
        return {b"/" + path: node for path, node in present.items()}

    def proof_bytes(self, key: bytes) -> int:
        return len(prove(self, key))


class _Node:
    """An inner node that splits its keys at one bit, or a leaf."""

    __slots__ = ("bit", "digest", "first", "left", "right")

    def __init__(self, first: bytes, digest: bytes) -> None:
        self.first = first
        self.digest = digest
        self.bit = _HASH_BITS
        self.left = self
        self.right = self


class _Binary:
    """A compact binary tree over key hashes."""

    def __init__(self, entries: _Changes) -> None:
        self._root = self._built(entries)

    def update(self, writes: dict[bytes, bytes | None]) -> dict[bytes, bytes]:
        changes = sorted((key_hash(k), entry_hash(k, v)) for k, v in writes.items() if v)
        touched: dict[bytes, bytes] = {}
        self._apply(self._root, changes, touched)
        return touched

    def proof_bytes(self, key: bytes) -> int:
        hashed = key_hash(key)
        node, siblings = self._root, 0
        while node.bit < _HASH_BITS:
            node = node.right if _bit(hashed, node.bit) else node.left
            siblings += 1
        return siblings * 32

    def _built(self, entries: _Changes) -> _Node:
        first, last = entries[0][0], entries[-1][0]
        if len(entries) == 1:
            return _Node(first, entries[0][1])
        node = _Node(first, b"")
        node.bit = _first_difference(first, last)
        at = bisect.bisect(entries, 0, key=lambda entry: _bit(entry[0], node.bit))
        node.left, node.right = self._built(entries[:at]), self._built(entries[at:])
        node.digest = tagged_hash(Domain.MERKLE_NODE, node.left.digest, node.right.digest)
        return node

    def _apply(self, node: _Node, changes: _Changes, touched: dict[bytes, bytes]) -> None:
        if node.bit == _HASH_BITS:
            node.digest = changes[0][1]
        else:
            at = bisect.bisect(changes, 0, key=lambda entry: _bit(entry[0], node.bit))
            if at:
                self._apply(node.left, changes[:at], touched)
            if at < len(changes):
                self._apply(node.right, changes[at:], touched)
            node.digest = tagged_hash(Domain.MERKLE_NODE, node.left.digest, node.right.digest)
        touched[node.bit.to_bytes(2, "big") + node.first[:16]] = node.digest + bytes(36)


def main() -> None:
    """Print one table a size."""
    parser = argparse.ArgumentParser(description="page tree against binary tree")
    parser.add_argument("--full", action="store_true", help="a million keys too")
    sizes = (10_000, 100_000, 1_000_000) if parser.parse_args().full else (10_000, 100_000)
    print(describe())
    for size in sizes:
        print(f"\n{size:,} keys, batches of {CHANGED:,} changed keys\n")
        print_table(
            (
                "tree",
                "update µs/key",
                "with LMDB commit µs/key",
                "hashes/key",
                "nodes/key",
                "node bytes/key",
                "proof bytes",
            ),
            _measure(size),
        )


def _measure(size: int) -> list[tuple[object, ...]]:
    keys = [b"\0\4\2" + tagged_hash(Domain.ACCOUNT_ID, i.to_bytes(8, "big")) for i in range(size)]
    value = bytes(97)
    pages = _Pages()
    for start in range(0, size, 250_000):
        pages.update(dict.fromkeys(keys[start : start + 250_000], value))
    binary = _Binary(sorted((key_hash(key), entry_hash(key, value)) for key in keys))
    trees: dict[str, _Pages | _Binary] = {
        "16-ary, pages of up to 64 entries": pages,
        "compact binary": binary,
    }
    draw = random.Random(1)
    update_us: dict[str, list[float]] = {name: [] for name in trees}
    commit_us: dict[str, list[float]] = {name: [] for name in trees}
    nodes: dict[str, dict[bytes, bytes]] = {}
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=VAR) as folder:
        stores = {name: _store(Path(folder) / str(at)) for at, name in enumerate(trees)}
        for _ in range(ROUNDS):
            writes: dict[bytes, bytes | None] = {
                key: draw.randbytes(97) for key in draw.sample(keys, min(CHANGED, size))
            }
            for name, tree in trees.items():
                begin = time.perf_counter()
                nodes[name] = tree.update(writes)
                between = time.perf_counter()
                _commit(stores[name], nodes[name])
                end = time.perf_counter()
                update_us[name].append((between - begin) / len(writes) * 1e6)
                commit_us[name].append((end - begin) / len(writes) * 1e6)
    rows: list[tuple[object, ...]] = []
    for name, tree in trees.items():
        with counted_hashes() as counts:
            tree.update(writes)
        rows.append(
            (
                name,
                statistics.median(update_us[name]),
                statistics.median(commit_us[name]),
                counts.hashes / len(writes),
                len(nodes[name]) / len(writes),
                sum(len(k) + len(v) for k, v in nodes[name].items()) / len(writes),
                tree.proof_bytes(keys[0]),
            ),
        )
    return rows


def _store(folder: Path) -> lmdb.Environment:
    return lmdb.open(str(folder), map_size=8 << 30)


def _commit(store: lmdb.Environment, nodes: dict[bytes, bytes]) -> None:
    with store.begin(write=True) as transaction:
        for key, node in sorted(nodes.items()):
            transaction.put(key, node)


def _bit(hashed: bytes, at: int) -> int:
    return hashed[at >> 3] >> (7 - (at & 7)) & 1


def _first_difference(one: bytes, other: bytes) -> int:
    return _HASH_BITS - (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_length()


if __name__ == "__main__":
    main()
