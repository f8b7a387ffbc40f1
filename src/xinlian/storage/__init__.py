"""Stores of one chain: memory (reference, for tests) and LMDB (default)."""

from xinlian.storage.lmdb import LmdbStore
from xinlian.storage.memory import MemoryStore

__all__ = ["LmdbStore", "MemoryStore"]
