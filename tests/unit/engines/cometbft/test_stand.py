"""Quiet blocks: the engine rests after them, and a restart finds the same hash again."""

import pytest

from xinlian.crypto.ed25519 import SigningKey
from xinlian.engines.cometbft.stand import (
    ANCHOR_HEIGHTS,
    NO_EVENTS_ROOT,
    Stand,
    is_anchor,
    next_stand,
    stand_of,
)
from xinlian.engines.sealing import signed_by
from xinlian.ledger.header import Header, StoredBlock, encode_block, encode_head
from xinlian.ledger.ports import CommitBatch, StoreError
from xinlian.storage import MemoryStore

KEY = SigningKey(b"k" * 32)


def header(
    height: int,
    time_ms: int,
    *,
    transactions: int = 0,
    events_root: bytes = NO_EVENTS_ROOT,
    app_version: int = 1,
) -> Header:
    return Header(
        version=1,
        chain_id="test-quiet",
        height=height,
        time_ms=time_ms,
        simulated=True,
        previous_hash=b"p" * 32,
        transactions_root=b"t" * 32,
        transaction_count=transactions,
        state_root=b"s" * 32,
        results_root=b"r" * 32,
        events_root=events_root,
        app_version=app_version,
        app_hash=height.to_bytes(32, "big"),
    )


BEFORE = Stand(header(7, 1_000, transactions=1), 900, b"hash of 7")


def test_a_block_that_does_nothing_leaves_the_engines_hash_as_it_was():
    assert next_stand(BEFORE, header(8, 1_100), 1_000).engine_hash == b"hash of 7"


@pytest.mark.parametrize(
    ("changed", "engine_time_ms"),
    [
        (header(8, 1_100, transactions=1), 1_000),
        (header(8, 1_100, events_root=b"e" * 32), 1_000),
        (header(8, 1_100, app_version=2), 1_000),
        (header(8, 9_100), 1_000),
    ],
    ids=["a transaction", "an event", "other rules", "a clock on its way"],
)
def test_a_block_that_does_something_gives_the_engine_its_own(changed, engine_time_ms):
    assert next_stand(BEFORE, changed, engine_time_ms).engine_hash == changed.app_hash


def test_every_hundredth_height_gives_the_engine_its_own():
    before = Stand(header(ANCHOR_HEIGHTS - 1, 1_000), 900, b"hash")
    anchor = header(ANCHOR_HEIGHTS, 1_100)
    assert next_stand(before, anchor, 1_000).engine_hash == anchor.app_hash


def test_the_height_after_a_hundredth_counts_too_so_that_a_snapshot_needs_no_engine_time():
    before = Stand(header(ANCHOR_HEIGHTS, 1_000), 900, b"hash")
    after = header(ANCHOR_HEIGHTS + 1, 1_100)
    assert next_stand(before, after, 1_000).engine_hash == after.app_hash
    assert not is_anchor(1)


def test_a_store_that_began_from_a_snapshot_stands_where_the_others_do():
    whole = [(header(h, 10 * h), 10 * h) for h in range(2 * ANCHOR_HEIGHTS + 3)]
    store, begun = stored(*whole), MemoryStore()
    head = whole[ANCHOR_HEIGHTS][0]
    begun.begin_at(ANCHOR_HEIGHTS, encode_head(signed_by(KEY, head)), b"g" * 32)
    assert stand_of(begun, ANCHOR_HEIGHTS).engine_hash == head.app_hash
    for height in range(ANCHOR_HEIGHTS + 1, len(whole)):
        signed = signed_by(KEY, whole[height][0])
        block = encode_block(StoredBlock(signed, whole[height][1], ()))
        begun.commit(CommitBatch(height, encode_head(signed), block, b"", {}, {}, {}))
        assert stand_of(begun, height) == stand_of(store, height)


def stored(*chain: tuple[Header, int]) -> MemoryStore:
    store = MemoryStore()
    for head, engine_time_ms in chain:
        signed = signed_by(KEY, head)
        block = encode_block(StoredBlock(signed, engine_time_ms, ()))
        store.commit(CommitBatch(head.height, encode_head(signed), block, b"", {}, {}, {}))
    return store


def test_a_restart_finds_where_the_chain_stood_however_long_it_was_quiet():
    chain = [(header(0, 0), 0), (header(1, 10, transactions=3), 10)]
    chain += [(header(height, 10 * height), 10 * height) for height in range(2, 30)]
    chain.append((header(30, 300, transactions=1), 300))
    stand = Stand(*chain[0], chain[0][0].app_hash)
    assert ANCHOR_HEIGHTS > 30
    store = stored(*chain)
    assert stand_of(store, 0) == stand
    for head, engine_time_ms in chain[1:]:
        stand = next_stand(stand, head, engine_time_ms)
        assert stand_of(store, head.height) == stand
    assert stand_of(store, 29).engine_hash == header(1, 10).app_hash


def test_a_chain_that_was_quiet_from_the_beginning_has_the_hash_of_its_genesis():
    store = stored((header(0, 0), 0), (header(1, 10), 10))
    assert stand_of(store, 1).engine_hash == header(0, 0).app_hash


def test_a_block_that_is_not_here_is_said_to_be_missing():
    with pytest.raises(StoreError, match="height 3"):
        stand_of(stored((header(0, 0), 0)), 3)
