"""The stores under test, and batches for them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from xinlian.ledger.ports import CommitBatch, Store
from xinlian.storage import LmdbStore, MemoryStore
from xinlian.testing.virtual_disk import VirtualDisk
from xinlian.testing.virtual_disk_store import VirtualDiskStore


def memory_store(folder: Path) -> Store:
    """Return an empty store in memory."""
    del folder
    return MemoryStore()


def lmdb_store(folder: Path) -> Store:
    """Return an empty store in a folder, without the sync."""
    return LmdbStore(folder / "store", map_bytes=16 << 20, durable=False)


def virtual_disk_store(folder: Path) -> Store:
    """Return an empty store on a virtual disk of its own."""
    del folder
    return VirtualDiskStore(VirtualDisk())


STORES: list[Callable[[Path], Store]] = [memory_store, lmdb_store, virtual_disk_store]


def batch(
    height: int,
    state: Mapping[bytes, bytes | None] | None = None,
    nodes: Mapping[bytes, bytes | None] | None = None,
) -> CommitBatch:
    """Return the batch of a height with recognisable head, block and outcome."""
    return CommitBatch(
        height=height,
        head=b"head %d" % height,
        block=b"block %d" % height,
        outcome=b"outcome %d" % height,
        state_writes=state or {},
        node_writes=nodes or {},
        transaction_locations={b"transaction %d" % height: (height, 7)},
    )
