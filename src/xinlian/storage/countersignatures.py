"""Countersignatures in an LMDB file of their own, beside the chain.

Rules this file keeps:
 1. They are no part of the chain: losing the file loses what strengthens receipts, no record.
 2. An entry is durable when ``add`` returns; the first of a height and key stays.
"""

import contextlib
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

import lmdb

from xinlian.ledger.countersignature import (
    Countersignature,
    CountersignatureMalformed,
    decode_countersignature,
    encode_countersignature,
)
from xinlian.ledger.ports import StoreError
from xinlian.storage.lmdb import FILE_MODE

FILE_NAME: Final = "countersignatures.lmdb"
MAP_BYTES: Final = 16 << 30
"""Address space that is set aside; the file grows only as it is filled."""
_HEIGHT_BYTES: Final = 8
_READERS_MAX: Final = 512


class LmdbCountersignatures:
    """Durable countersignatures of one node; thread-safe."""

    def __init__(self, folder: Path, *, map_bytes: int = MAP_BYTES) -> None:
        """Open or create the file of a node's folder; raises StoreError."""
        with _store_errors("opened"):
            self._environment = lmdb.open(
                str(folder / FILE_NAME),
                subdir=False,
                map_size=map_bytes,
                max_readers=_READERS_MAX,
                mode=FILE_MODE,
            )

    def add(self, entry: Countersignature) -> None:
        """Keep an entry, durably; raises StoreError."""
        key = _key(entry.height, entry.public_key)
        with _store_errors("written"), self._environment.begin(write=True) as transaction:
            transaction.put(key, encode_countersignature(entry), overwrite=False)

    def between(
        self,
        first: int,
        last: int,
        count_max: int,
        keys: AbstractSet[bytes] | None = None,
    ) -> Sequence[Countersignature]:
        """Return the first entries of the heights first … last, ascending; raises StoreError.

        With ``keys`` only theirs: others are passed over, not counted.
        """
        found: list[Countersignature] = []
        end = _key(last + 1, b"")
        with (
            _store_errors("read"),
            self._environment.begin() as transaction,
            transaction.cursor() as cursor,
        ):
            more = cursor.set_range(_key(first, b""))
            while more and cursor.key() < end and len(found) < count_max:
                if keys is None or cursor.key()[_HEIGHT_BYTES:] in keys:
                    found.append(decode_countersignature(cursor.value()))
                more = cursor.next()
        return found

    def close(self) -> None:
        """Release the file."""
        self._environment.close()


def _key(height: int, public_key: bytes) -> bytes:
    return height.to_bytes(_HEIGHT_BYTES, "big") + public_key


@contextlib.contextmanager
def _store_errors(what: str) -> Iterator[None]:
    try:
        yield
    except (lmdb.Error, OSError, CountersignatureMalformed) as error:
        raise StoreError(f"{FILE_NAME} cannot be {what}: {error}") from error
