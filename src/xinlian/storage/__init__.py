"""Stores of one chain: memory (reference, for tests), LMDB (default); snapshots as folders."""

from xinlian.storage.countersignatures import LmdbCountersignatures
from xinlian.storage.lmdb import LmdbStore
from xinlian.storage.memory import MemoryStore
from xinlian.storage.snapshot_folder import (
    read_chunk,
    read_manifest,
    restore_snapshot,
    write_snapshot,
)

__all__ = [
    "LmdbCountersignatures",
    "LmdbStore",
    "MemoryStore",
    "read_chunk",
    "read_manifest",
    "restore_snapshot",
    "write_snapshot",
]
