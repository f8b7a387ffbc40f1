"""Where a chain stands for the engine: the ledger's last header, and the hash the engine is given.

The ledger's headers form a chain of their own that is the same on every node; each node signs its
copy with its operator key, which says who vouches for a store and nothing about consensus:
finality is the engine's commit over the application hash.

Rules this file keeps:
 1. The engine is given the application hash of the last block that did something.  A quiet block
    (no transaction, no event, same rules, and a clock that only followed the engine) changes
    nothing but height and time, so the engine may rest after it; the next block that does
    something binds height and time of all of them.  Every 100th height counts as one that did, and
    the one after it: so a restart looks back a bounded way, something recent can always be proven,
    and a node that begins from a snapshot of such a height needs to know no engine time of it.
 2. Whether a block was quiet follows from stored headers alone, the same on every node and after
    every restart.
"""

from typing import Final, NamedTuple

from xinlian.crypto.merkle import merkle_root
from xinlian.ledger.block import EventGroup, event_leaves
from xinlian.ledger.header import (
    Header,
    StoredBlock,
    decode_block,
)
from xinlian.ledger.kept import header_at
from xinlian.ledger.ports import Store, StoreError

ANCHOR_HEIGHTS: Final = 100
"""Every so many heights the engine is given a fresh hash, whatever the block did."""
NO_EVENTS_ROOT: Final = merkle_root(event_leaves([EventGroup(())]))


class Stand(NamedTuple):
    """Where a chain stands: its last header and what the engine was told of it."""

    header: Header
    engine_time_ms: int
    engine_hash: bytes
    """The application hash that the engine's next header carries."""


def is_anchor(height: int) -> bool:
    """Return whether a height counts as one that did something, whatever its block did."""
    return height >= ANCHOR_HEIGHTS and height % ANCHOR_HEIGHTS <= 1


def next_stand(before: Stand, header: Header, engine_time_ms: int) -> Stand:
    """Return where the chain stands after one more block."""
    is_quiet = (
        header.transaction_count == 0
        and header.events_root == NO_EVENTS_ROOT
        and not is_anchor(header.height)
        and header.app_version == before.header.app_version
        and header.time_ms - engine_time_ms == before.header.time_ms - before.engine_time_ms
    )
    engine_hash = before.engine_hash if is_quiet else header.app_hash
    return Stand(header, engine_time_ms, engine_hash)


def stand_of(store: Store, height: int) -> Stand:
    """Return where a stored chain stood at a height, from its headers.

    Raises:
        StoreError: a block that is needed is not here.
    """
    if height and height == store.extent().begins_at:
        return _begun_at(store, height)
    quiet: list[StoredBlock] = [_block(store, height)]
    while True:
        block = quiet[-1]
        header = block.signed_header.header
        if header.height == 0:
            break
        if is_anchor(header.height):
            break  # the height before may be a snapshot's, without a block
        before = _block(store, header.height - 1)
        assumed = Stand(before.signed_header.header, before.engine_time_ms, b"")
        if next_stand(assumed, header, block.engine_time_ms).engine_hash:
            break
        quiet.append(before)
    last = quiet[0]
    return Stand(
        last.signed_header.header,
        last.engine_time_ms,
        quiet[-1].signed_header.header.app_hash,
    )


def _begun_at(store: Store, height: int) -> Stand:
    """Return where a chain stood at the snapshot from which its store began."""
    signed = header_at(store, height)
    if signed is None:
        raise StoreError(f"the header of height {height} is not here")
    # No engine time is known of it, and none is needed: the next height is never a quiet one.
    return Stand(signed.header, signed.header.time_ms, signed.header.app_hash)


def _block(store: Store, height: int) -> StoredBlock:
    raw = store.block(height)
    if raw is None:
        raise StoreError(f"the block of height {height} is not here")
    return decode_block(raw)
