"""Stores of one chain: memory (reference, for tests), LMDB (default); what is done to them."""

from xinlian.storage.compaction import Compaction, compact
from xinlian.storage.countersignatures import LmdbCountersignatures
from xinlian.storage.lmdb import LmdbStore, StoreInUse, is_in_use, open_to_read
from xinlian.storage.memory import MemoryStore
from xinlian.storage.pruner import Pruner
from xinlian.storage.snapshot_folder import (
    read_chunk,
    read_manifest,
    restore_snapshot,
    write_snapshot,
)
from xinlian.storage.snapshot_shelf import RestoringFolder, SnapshotKeeper

__all__ = [
    "Compaction",
    "LmdbCountersignatures",
    "LmdbStore",
    "MemoryStore",
    "Pruner",
    "RestoringFolder",
    "SnapshotKeeper",
    "StoreInUse",
    "compact",
    "is_in_use",
    "open_to_read",
    "read_chunk",
    "read_manifest",
    "restore_snapshot",
    "write_snapshot",
]
